/** Sends new events to the webhook, once a second. */
export const ORDER_EVENTS_DELIVER = 'order-events.deliver';
