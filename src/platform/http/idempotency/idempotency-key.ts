import { InvalidIdempotencyKey } from './idempotency.problems.js';

/** In the form that a node's HTTP headers have it. */
export const IDEMPOTENCY_KEY = 'idempotency-key';

const LONGEST = 255;
/** A string of structured fields (RFC 8941, section 3.3.3), as the draft of the IETF has it. */
const QUOTED = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/;
/** Without quotes, as most clients send it. */
const BARE = /^[!#-~][!-~]*$/;

/**
 * The key of a header, quoted or not: `"4711"` and `4711` are the same key.
 *
 * @throws InvalidIdempotencyKey, also if the header was sent twice
 */
export function readIdempotencyKey(header: string | readonly string[]): string {
  const text = typeof header === 'string' ? header.trim() : '';
  const [, quoted] = QUOTED.exec(text) ?? [];
  const key = quoted?.replace(/\\(["\\])/g, '$1') ?? (BARE.test(text) ? text : '');
  if (key.length === 0 || key.length > LONGEST) throw new InvalidIdempotencyKey();
  return key;
}
