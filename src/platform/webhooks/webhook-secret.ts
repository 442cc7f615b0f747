import { randomBytes } from 'node:crypto';

/** As in Standard Webhooks. */
const PREFIX = 'whsec_';
const BYTES = 32;
const SHORTEST_BYTES = 24;
const LONGEST_BYTES = 64;

export function newWebhookSecret(): string {
  return PREFIX + randomBytes(BYTES).toString('base64');
}

/** `whsec_` and 24 to 64 bytes in base64. */
export function isWebhookSecret(text: unknown): boolean {
  if (typeof text !== 'string' || !/^whsec_[A-Za-z\d+/]+={0,2}$/.test(text)) return false;
  const key = Buffer.from(text.slice(PREFIX.length), 'base64');
  return key.length >= SHORTEST_BYTES && key.length <= LONGEST_BYTES && PREFIX + key.toString('base64') === text;
}
