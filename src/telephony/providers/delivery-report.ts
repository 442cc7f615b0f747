/** Delivery states of a forwarded text, in the order in which a later report may correct an earlier one. */
export const DELIVERIES = ['sent', 'failed', 'delivered'] as const;
export type Delivery = (typeof DELIVERIES)[number];

/** A provider's report on a forwarded text. */
export interface DeliveryReport {
  readonly delivery: Delivery;
  /** The text was not sent because the recipient has sent STOP, which the provider did not report to us. */
  readonly recipientOptedOut: boolean;
}
