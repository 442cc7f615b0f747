/** The schedule of the rounds: once a minute for every pool. */
export const REPLENISHMENT_ROUND = 'replenishment.round';
