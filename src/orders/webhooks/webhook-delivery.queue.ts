/** Begins to send new events to webhook endpoints, once a second. */
export const WEBHOOKS_DELIVER = 'webhooks.deliver';
