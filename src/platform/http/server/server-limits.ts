import type { FastifyHttpOptions, RawServerDefault } from 'fastify';

const SECOND_MS = 1_000;

/**
 * Limits of time and size for each connection, before and after authentication. Our clients stay within all of them;
 * docs/decisions/0082 gives the reason for each.
 */
export const SERVER_LIMITS = {
  /** A whole request, headers and body, must arrive within this time. */
  requestTimeout: 30 * SECOND_MS,
  /** A connection on which nothing moves in either direction is closed. */
  connectionTimeout: 120 * SECOND_MS,
  /**
   * Longer than the idle time of common load balancers (AWS 60 s, nginx 60 s, Google Cloud 600 s), so that they close
   * first.
   */
  keepAliveTimeout: 620 * SECOND_MS,
  http: {
    /** A connection must send its first complete header within this time after it opened. */
    headersTimeout: 10 * SECOND_MS,
    /** How often the two time-outs above are checked. */
    connectionsCheckingInterval: 2 * SECOND_MS,
  },
} as const satisfies FastifyHttpOptions<RawServerDefault>;

/** Further connections are closed at once. */
export const MOST_CONNECTIONS = 10_000;

/** Characters of a value in a path. The longest one is a reference of 128 characters, some of them encoded. */
export const LONGEST_PATH_VALUE = 200;
