/** The clock of the webhook to the order system: every second, what happened since. */
export const ORDER_EVENTS_DELIVER = 'order-events.deliver';
