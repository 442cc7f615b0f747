/** Why an endpoint gets no events. */
export const DISABLED_BECAUSE = [
  'requested', // by a client
  'gone', // it answered 410
  'failing', // no attempt succeeded for three days
  'restored', // the database was restored, and it is not known whether a client removed it since the backup
] as const;
export type DisabledBecause = (typeof DISABLED_BECAUSE)[number];

/** Where events are told. */
export interface WebhookEndpoint {
  readonly id: string;
  readonly url: string;
  /** As chosen: types, `order.*` or `*`. */
  readonly types: readonly string[];
  readonly description: string | null;
  readonly createdAt: Date;
  /** Null = it is enabled. */
  readonly disabledBecause: DisabledBecause | null;
  readonly disabledAt: Date | null;
  /** Since when attempts fail; null = the last one succeeded. */
  readonly firstFailedAt: Date | null;
  /** Failed attempts for the next event. */
  readonly attempts: number;
  readonly nextAttemptAt: Date;
  readonly previousUntil: Date | null;
}

/** Its secrets, sealed. */
export interface SealedSecrets {
  readonly secret: Buffer;
  readonly previousSecret: Buffer | null;
  readonly previousUntil: Date | null;
}

/** An endpoint to which only this process sends, until the claim expires. */
export interface ClaimedEndpoint extends WebhookEndpoint, SealedSecrets {
  readonly claim: string;
  /** A place in the feed. */
  readonly deliveredTo: string;
}
