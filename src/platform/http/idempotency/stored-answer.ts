import type { FastifyReply } from 'fastify';

import { Problem } from '../problem.js';

/** An answer as it is stored, and given again. */
export interface StoredAnswer {
  readonly status: number;
  /** Those that belong to this answer, for example `location`. */
  readonly headers: Readonly<Record<string, string>>;
  /** As JSON says it. Undefined = none. */
  readonly body?: unknown;
}

/** In each answer that is given again. */
const REPLAYED = 'idempotency-replayed';

/**
 * Statuses of refusals that say the request was not understood or not allowed, or ask to repeat it. Nothing was done, so
 * the next request with the key is a first one again. The same holds for failures on our side, 500 and above.
 */
const NOT_STORED = [400, 401, 403, 408, 413, 415, 429];

/** @returns null if it is not stored */
export function answerOfProblem(failure: unknown): StoredAnswer | null {
  if (!(failure instanceof Problem)) return null;
  const { kind, detail, facts, headers } = failure;
  const { slug, status, title } = kind;
  if (status >= 500 || NOT_STORED.includes(status) || 'retryAfterSeconds' in facts) return null;
  return { status, headers, body: { slug, title, detail, facts } };
}

/** Gives a stored answer. @returns the body to send. @throws the problem that it is */
export function giveAgain({ status, headers, body }: StoredAnswer, reply: FastifyReply): unknown {
  void reply.header(REPLAYED, 'true');
  if (status >= 400) throw new StoredProblem(status, headers, body as ProblemParts);
  void reply.status(status).headers(headers);
  return body;
}

interface ProblemParts {
  readonly slug: string;
  readonly title: string;
  readonly detail: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

class StoredProblem extends Problem {
  constructor(status: number, headers: StoredAnswer['headers'], { slug, title, detail, facts }: ProblemParts) {
    super({ slug, status, title }, detail, facts, headers);
  }
}

/** The headers of a reply by name, as far as they are set. */
export function headersOf(reply: FastifyReply): Record<string, string> {
  const set = Object.entries(reply.getHeaders()).filter(([, value]) => value !== undefined);
  return Object.fromEntries(set.map(([name, value]) => [name, String(value)]));
}
