import type { FastifyBodyParser, FastifyInstance } from 'fastify';

import { BodyTooLarge, DEEPEST_NESTING, InvalidJson, MOST_ELEMENTS } from '../request.problems.js';

const [QUOTE, BACKSLASH, COMMA] = ['"', '\\', ','].map((character) => character.charCodeAt(0));
const OPENS = new Set(['{', '['].map((character) => character.charCodeAt(0)));
const CLOSES = new Set(['}', ']'].map((character) => character.charCodeAt(0)));
/** Only an escape can bring half a surrogate pair: of bytes that are no character, reading makes U+FFFD. */
const ESCAPED_SURROGATE = /\\u[dD][89a-fA-F]/;
const HALF_A_PAIR = /\p{Surrogate}/u;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Reads JSON for every route: skips a byte order mark, accepts an empty body as no body, and refuses JSON that is
 * nested deeper or larger than any request of the API, before it is parsed. Also refuses texts with half a surrogate
 * pair, which is no character: PostgreSQL stores it in no JSON value.
 */
export function jsonBody(server: FastifyInstance): FastifyBodyParser<Buffer> {
  const parse = server.getDefaultJsonParser('error', 'error') as unknown as (
    request: unknown,
    text: string,
    done: (failure: Error | null, body?: unknown) => void,
  ) => void;
  return (request, bytes, done) => {
    const json = bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? bytes.subarray(3) : bytes;
    if (json.length === 0) return done(null, undefined);
    const excess = excessOf(json);
    if (excess === 'depth') return done(new InvalidJson('depth'));
    if (excess === 'elements') return done(new BodyTooLarge({ limitElements: MOST_ELEMENTS }));
    const text = json.toString('utf8');
    return parse(request, text, (failure, body) => {
      if (failure) return done(new InvalidJson('syntax'));
      const isBroken = ESCAPED_SURROGATE.test(text) && holdsHalfAPair(body);
      return isBroken ? done(new InvalidJson('surrogate')) : done(null, body);
    });
  };
}

function holdsHalfAPair(value: unknown): boolean {
  if (typeof value === 'string') return HALF_A_PAIR.test(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => HALF_A_PAIR.test(name) || holdsHalfAPair(inner));
}

/** The limit that the JSON exceeds, found in one pass over its bytes; null if none, whether it is valid JSON or not. */
export function excessOf(json: Buffer): 'depth' | 'elements' | null {
  let [depth, elements, isText] = [0, 0, false];
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at]!;
    if (isText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) isText = true;
    else if (byte === COMMA) elements += 1;
    else if (OPENS.has(byte)) {
      elements += 1;
      depth += 1;
      if (depth > DEEPEST_NESTING) return 'depth';
    } else if (CLOSES.has(byte)) depth -= 1;
    if (elements > MOST_ELEMENTS) return 'elements';
  }
  return null;
}
