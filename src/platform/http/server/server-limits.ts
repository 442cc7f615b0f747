import type { FastifyHttpOptions, RawServerDefault } from 'fastify';

const SECOND_MS = 1_000;

/**
 * How long and how much one connection may ask for, before and after it has proved who it is. Every limit is met by what
 * our clients send; docs/decisions/0082 has the reason of each.
 */
export const SERVER_LIMITS = {
  /** A whole request, headers and body, must arrive within this time. */
  requestTimeout: 30 * SECOND_MS,
  /** A connection on which nothing moves in either direction is closed. */
  connectionTimeout: 120 * SECOND_MS,
  /** Longer than the idle time of the load balancers in use (AWS 60 s, nginx 60 s, Google Cloud 600 s), so that they close first. */
  keepAliveTimeout: 620 * SECOND_MS,
  http: {
    /** A connection must send its first whole header within this time, counted from its opening. */
    headersTimeout: 10 * SECOND_MS,
    /** How often the two time-outs above are looked at. */
    connectionsCheckingInterval: 2 * SECOND_MS,
  },
} as const satisfies FastifyHttpOptions<RawServerDefault>;

/** More connections at once are closed as they open. */
export const MOST_CONNECTIONS = 10_000;
