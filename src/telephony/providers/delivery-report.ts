/** How far a text got that was passed on, in the order in which a later report may correct an earlier one. */
export const DELIVERIES = ['sent', 'failed', 'delivered'] as const;
export type Delivery = (typeof DELIVERIES)[number];

/** What a provider tells of a text that was passed on. */
export interface DeliveryReport {
  readonly delivery: Delivery;
  /** It was not sent because the recipient has said STOP to the provider, who did not tell us. */
  readonly recipientOptedOut: boolean;
}
