/** The clock of the pools: every minute, a round of each. */
export const REPLENISHMENT_ROUND = 'replenishment.round';
