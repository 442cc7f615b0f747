import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PinoLogger } from 'nestjs-pino';

import { LogThrottle } from '../../observability/log-throttle.js';
import { Metrics } from '../../observability/metrics.js';
import { MissingScope } from './access.problems.js';
import { ApiKey } from './api-key.js';
import { FailedAttempts } from './failed-attempts.js';
import type { KeyPrincipal } from './principal.js';
import { MissingKey, TooManyWrongKeys } from '../request.problems.js';
import { mustHaveScope } from './route-access.js';

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

  /**
   * Reads only the headers. The reply to a refused request gets the headers that RFC 6750 demands.
   *
   * @throws MissingKey, TooManyWrongKeys, MissingScope
   */
  authenticate(request: FastifyRequest, reply: FastifyReply): void {
    const sent = keyIn(request.headers.authorization);
    if (sent !== null && this.key.matches(sent)) return this.accept(this.key.principal, request, reply);
    if (sent === null) return this.refuse(request, reply, 'missing', new MissingKey());
    if (this.wrongKeys.add(request.ip) <= WRONG_KEYS_A_MINUTE) {
      return this.refuse(request, reply, 'wrong', new MissingKey());
    }
    const seconds = this.wrongKeys.secondsLeft();
    void reply.header('retry-after', seconds);
    return this.refuse(request, reply, 'throttled', new TooManyWrongKeys(seconds));
  }

  private accept(principal: KeyPrincipal, request: FastifyRequest, reply: FastifyReply): void {
    request.principal = principal;
    try {
      mustHaveScope(request, principal.scopes);
    } catch (refusal) {
      if (refusal instanceof MissingScope) challenge(reply, 'insufficient_scope', refusal.scopes);
      throw refusal;
    }
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
    if (problem instanceof MissingKey) challenge(reply, why === 'missing' ? null : 'invalid_token');
    throw problem;
  }
}

/** RFC 6750, section 3. A request without a key gets no error code. */
function challenge(reply: FastifyReply, error: string | null, scopes: readonly string[] = []): void {
  const parameters = [
    ...(error === null ? [] : [`error="${error}"`]),
    ...(scopes.length === 0 ? [] : [`scope="${scopes.join(' ')}"`]),
  ];
  void reply.header('www-authenticate', ['Bearer', parameters.join(', ')].filter((part) => part !== '').join(' '));
}

/** The key of `Authorization: Bearer <key>` (RFC 6750); null if there is none. */
function keyIn(authorization: string | undefined): string | null {
  return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? null;
}
