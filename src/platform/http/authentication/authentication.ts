import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PinoLogger } from 'nestjs-pino';

import { LogThrottle } from '../../observability/log-throttle.js';
import { Metrics } from '../../observability/metrics.js';
import { ApiKey } from './api-key.js';
import { FailedAttempts } from './failed-attempts.js';
import { MissingKey, TooManyWrongKeys } from '../request.problems.js';

/** Above what a person with a mistyped key, or a client during its setup, sends. */
const WRONG_KEYS_A_MINUTE = 20;

/**
 * Authenticates API requests. A right key is always accepted, whatever else comes from its address, because others may
 * share it. Wrong keys are counted by address; after some within a minute the sender is told to wait.
 */
@Injectable()
export class Authentication {
  private readonly wrongKeys = new FailedAttempts();
  private readonly lines = new LogThrottle();

  constructor(
    private readonly key: ApiKey,
    private readonly metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(Authentication.name);
  }

  /** Reads only the headers. @throws MissingKey, TooManyWrongKeys; the reply then has the matching headers */
  authenticate(request: FastifyRequest, reply: FastifyReply): void {
    const sent = keyIn(request.headers.authorization);
    if (sent !== null && this.key.matches(sent)) {
      request.principal = this.key.principal;
      return;
    }
    if (sent === null) return this.refuse(request, reply, 'missing', new MissingKey());
    if (this.wrongKeys.add(request.ip) <= WRONG_KEYS_A_MINUTE) {
      return this.refuse(request, reply, 'wrong', new MissingKey());
    }
    const seconds = this.wrongKeys.secondsLeft();
    void reply.header('retry-after', seconds);
    return this.refuse(request, reply, 'throttled', new TooManyWrongKeys(seconds));
  }

  private refuse(
    request: FastifyRequest,
    reply: FastifyReply,
    why: 'missing' | 'wrong' | 'throttled',
    problem: MissingKey | TooManyWrongKeys,
  ): never {
    this.metrics.authenticationFailures.inc({ why });
    const times = this.lines.occurrences(`${why} ${request.ip}`);
    if (times !== null) this.logger.warn({ why, address: request.ip, times }, 'request without a valid key refused');
    if (problem instanceof MissingKey) void reply.header('www-authenticate', 'Bearer');
    throw problem;
  }
}

/** The key of `Authorization: Bearer <key>` (RFC 6750); null if there is none. */
function keyIn(authorization: string | undefined): string | null {
  return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? null;
}
