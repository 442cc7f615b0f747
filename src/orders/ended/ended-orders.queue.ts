/** Moves orders that are over to their month, every ten seconds. */
export const ORDERS_ENDED = 'orders.ended';
