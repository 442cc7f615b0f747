import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PinoLogger } from 'nestjs-pino';

import { LogThrottle } from '../../observability/log-throttle.js';
import { Metrics } from '../../observability/metrics.js';
import { MissingScope } from './access.problems.js';
import { EnvironmentKeys } from './environment-keys.js';
import { FailedAttempts } from './failed-attempts.js';
import type { KeyPrincipal } from './principal.js';
import { MissingKey, TooManyWrongKeys } from '../request.problems.js';
import { mustHaveScope } from './route-access.js';
import { StoredKeys, type KeyRefusal } from './stored-keys.js';

/** Above what a person with a mistyped key, or a client during its setup, sends. */
const WRONG_KEYS_A_MINUTE = 20;

/** Only who has the whole key hears that it was right. */
const WHY: Readonly<Record<KeyRefusal, string | undefined>> = {
  wrong: undefined,
  expired: 'This key has expired. Create another one with POST /v1/keys.',
  revoked: 'This key was revoked. Create another one with POST /v1/keys.',
};

/**
 * Authenticates API requests. A right key is always accepted, whatever else comes from its address, because others may
 * share it. Wrong keys are counted by address; after some within a minute the sender is told to wait.
 */
@Injectable()
export class Authentication {
  private readonly wrongKeys = new FailedAttempts();
  private readonly lines = new LogThrottle();

  constructor(
    private readonly environment: EnvironmentKeys,
    private readonly stored: StoredKeys,
    private readonly metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(Authentication.name);
  }

  /**
   * Reads only the headers. The reply to a refused request gets the headers that RFC 6750 demands.
   *
   * @throws MissingKey, TooManyWrongKeys, MissingScope; DatabaseUnavailable if whether the key is right is unknown
   */
  async authenticate(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const sent = keyIn(request.headers.authorization);
    const found = sent === null ? null : (this.environment.find(sent) ?? (await this.stored.find(sent)));
    if (found !== null && typeof found === 'object') return this.accept(found, request, reply);
    if (found === null) return this.refuse(request, reply, 'missing', new MissingKey());
    if (this.wrongKeys.add(request.ip) <= WRONG_KEYS_A_MINUTE) {
      return this.refuse(request, reply, 'wrong', new MissingKey(WHY[found]));
    }
    const seconds = this.wrongKeys.secondsLeft();
    void reply.header('retry-after', seconds);
    return this.refuse(request, reply, 'throttled', new TooManyWrongKeys(seconds));
  }

  private accept(principal: KeyPrincipal, request: FastifyRequest, reply: FastifyReply): void {
    request.principal = { ...principal, address: request.ip };
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
