/** The clock of the orders: every few seconds, what is due. */
export const ORDERS_DUE = 'orders.due';
