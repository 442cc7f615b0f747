/** Ends what is due in orders, every second. */
export const ORDERS_DUE = 'orders.due';
