import { Problem } from './problem.js';

export class InvalidRequest extends Problem {
  static readonly kind = { slug: 'invalid-request', status: 400, title: 'The request is not of the right form' };
  /**
   * @param errors each names a field or header and the rule that it breaks
   * @param field the path of the first one within the body or query, for example `customer.phone`
   */
  constructor(errors: readonly string[], field?: string) {
    super(InvalidRequest.kind, `${errors.join('; ')}.`, { ...(field === undefined ? {} : { field }), errors });
  }
}

/** Limits of a JSON body, besides its size: found before it is parsed. */
export const DEEPEST_NESTING = 16;
export const MOST_ELEMENTS = 100_000;

const WHY_UNREADABLE = {
  syntax:
    'The body is not valid JSON (RFC 8259), or has a member "__proto__" or "constructor". Write it with a JSON library.',
  depth: `The JSON is nested deeper than ${DEEPEST_NESTING} levels. No request of this API needs so many.`,
  surrogate:
    'A text of the JSON has half a surrogate pair, for example \\ud83d alone, which is no character. Perhaps a text was cut within a character.',
};

export class InvalidJson extends Problem {
  static readonly kind = { slug: 'invalid-json', status: 400, title: 'The body cannot be read as JSON' };
  constructor(why: keyof typeof WHY_UNREADABLE) {
    super(InvalidJson.kind, WHY_UNREADABLE[why]);
  }
}

export class UnsupportedMediaType extends Problem {
  static readonly kind = { slug: 'unsupported-media-type', status: 415, title: 'The body has a type that is not read' };
  /** @param accepts the types that this endpoint reads @param method adds the header that RFC 5789 asks for with PATCH */
  constructor(accepts: readonly string[], method = 'POST') {
    const listed = accepts.join(', ');
    super(
      UnsupportedMediaType.kind,
      `The body needs the header "Content-Type: ${accepts.join('" or "')}": it is missing, or names another type. Compressed bodies are not read.`,
      { accepts },
      { accept: listed, 'accept-encoding': 'identity', ...(method === 'PATCH' ? { 'accept-patch': listed } : {}) },
    );
  }
}

export class BodyTooLarge extends Problem {
  static readonly kind = { slug: 'body-too-large', status: 413, title: 'The body is too large' };
  constructor(limit: { readonly limitBytes: number } | { readonly limitElements: number }) {
    super(
      BodyTooLarge.kind,
      'limitBytes' in limit
        ? `This endpoint reads bodies of up to ${limit.limitBytes} bytes. Send less in one request.`
        : `A JSON body may have up to ${limit.limitElements} members and elements. Send less in one request.`,
      limit,
    );
  }
}

export class EndpointNotFound extends Problem {
  static readonly kind = { slug: 'endpoint-not-found', status: 404, title: 'No endpoint has this path' };
  constructor() {
    super(EndpointNotFound.kind, 'No endpoint has this path. /docs lists all endpoints.');
  }
}

export class MethodNotAllowed extends Problem {
  static readonly kind = { slug: 'method-not-allowed', status: 405, title: 'This path does not take this method' };
  constructor(method: string, allowed: readonly string[]) {
    const listed = allowed.join(', ');
    super(
      MethodNotAllowed.kind,
      `This path does not take ${method}. Allowed: ${listed}.`,
      { allowed },
      { allow: listed },
    );
  }
}

export class InvalidPath extends Problem {
  static readonly kind = { slug: 'invalid-path', status: 400, title: 'The path is not a URL' };
  constructor() {
    super(
      InvalidPath.kind,
      'The path contains a % that begins no character. Encode each value with encodeURIComponent.',
    );
  }
}

export class PathTooLong extends Problem {
  static readonly kind = { slug: 'path-too-long', status: 414, title: 'A value in the path is too long' };
  constructor(limitCharacters: number) {
    super(PathTooLong.kind, `A value in a path has at most ${limitCharacters} characters.`, { limitCharacters });
  }
}

export class HeadersTooLarge extends Problem {
  static readonly kind = { slug: 'headers-too-large', status: 431, title: 'The headers are too large' };
  constructor(limitBytes: number) {
    super(HeadersTooLarge.kind, `The request line and the headers have at most ${limitBytes} bytes together.`, {
      limitBytes,
    });
  }
}

export class RequestTooSlow extends Problem {
  static readonly kind = { slug: 'request-too-slow', status: 408, title: 'The request did not arrive in time' };
  constructor() {
    super(RequestTooSlow.kind, 'The headers must arrive within 10 s and the whole request within 30 s. Send it again.');
  }
}

export class InvalidHttp extends Problem {
  static readonly kind = { slug: 'invalid-http', status: 400, title: 'The request is not valid HTTP' };
  constructor() {
    super(
      InvalidHttp.kind,
      'The request is not valid HTTP/1.1, for example because Content-Length is not the length of the body. Send it with an HTTP library.',
    );
  }
}

export class MissingKey extends Problem {
  static readonly kind = { slug: 'missing-key', status: 401, title: 'No valid API key' };
  constructor(
    detail = 'Send the header "Authorization: Bearer <key>" with a key of this installation, as in API_KEY.',
  ) {
    super(MissingKey.kind, detail);
  }
}

export class TooManyWrongKeys extends Problem {
  static readonly kind = { slug: 'too-many-wrong-keys', status: 429, title: 'Too many wrong API keys' };
  constructor(retryAfterSeconds: number) {
    super(
      TooManyWrongKeys.kind,
      `Your address has sent too many wrong keys. Send the right key, which is accepted at any time, or retry in ${retryAfterSeconds} s.`,
      { retryAfterSeconds },
    );
  }
}

/**
 * The database is unreachable, silent, starting, read-only, full or too slow. Whether the request was done is unknown.
 */
export class DatabaseUnavailable extends Problem {
  static readonly kind = { slug: 'database-unavailable', status: 503, title: 'The database cannot be used now' };
  constructor() {
    super(
      DatabaseUnavailable.kind,
      'The database did not answer in time, or cannot be written to now. Retry; every request may be repeated safely.',
      { retryAfterSeconds: 5 },
    );
  }
}

export class Busy extends Problem {
  static readonly kind = { slug: 'busy', status: 503, title: 'Too many expensive requests at once' };
  constructor() {
    super(
      Busy.kind,
      'A few requests of this kind run at a time, and too many are waiting. Retry, and send fewer at once.',
      {
        retryAfterSeconds: 2,
      },
    );
  }
}
