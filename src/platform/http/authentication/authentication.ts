import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PinoLogger } from 'nestjs-pino';

import { LogThrottle } from '../../observability/log-throttle.js';
import { Metrics } from '../../observability/metrics.js';
import { KeyUnconfirmed, MissingScope } from './access.problems.js';
import { EnvironmentKeys } from './environment-keys.js';
import { FailedAttempts } from './failed-attempts.js';
import { hashOfKey } from './key-text.js';
import type { KeyPrincipal } from './principal.js';
import { MissingKey, TooManyWrongKeys } from '../request.problems.js';
import { mustHaveScope } from './route-access.js';
import { isFromOwnPage } from './same-origin.js';
import { sessionTokenIn } from './session-cookie.js';
import { ForeignOrigin, SessionEnded } from './session.problems.js';
import { StoredKeys, type KeyRefusal } from './stored-keys.js';
import { StoredSessions, type NewSession } from './stored-sessions.js';

/** Above what a person with a mistyped key, or a client during its setup, sends. */
const WRONG_KEYS_A_MINUTE = 20;

/** Says that a key has expired or was revoked only to a sender of the whole key. */
const WHY: Readonly<Record<Exclude<KeyRefusal, 'unconfirmed'>, string>> = {
  wrong: 'This key is unknown. Compare it with API_KEY, or with the key that POST /v1/keys showed once.',
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
    private readonly sessions: StoredSessions,
    private readonly metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(Authentication.name);
  }

  /**
   * Reads only the headers: the key, or else the cookie of a session. The reply to a refused request gets the headers
   * that RFC 6750 demands.
   *
   * @throws MissingKey, TooManyWrongKeys, MissingScope, SessionEnded, ForeignOrigin, KeyUnconfirmed; DatabaseUnavailable
   *   if whether the key or session is right is unknown
   */
  async authenticate(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const sent = keyIn(request.headers.authorization);
    const token = request.headers.authorization === undefined ? sessionTokenIn(request) : null;
    if (token !== null) return this.accept(await this.sessionOf(token, request, reply), request, reply);
    if (sent === null) return this.refuse(request, reply, 'missing', new MissingKey());
    this.accept(await this.principalOf(sent, request, reply), request, reply);
  }

  /**
   * Who made a request that is still under way; null if the key or session is not accepted any more.
   *
   * @throws DatabaseUnavailable if that is unknown
   */
  async stillAccepted(request: FastifyRequest): Promise<KeyPrincipal | null> {
    const sent = keyIn(request.headers.authorization);
    if (sent === null) return this.sessions.find(sessionTokenIn(request) ?? '');
    const found = this.environment.find(sent) ?? (await this.stored.find(sent));
    return typeof found === 'object' ? found : null;
  }

  /**
   * Exchanges a key for a session.
   *
   * @throws MissingKey, TooManyWrongKeys, KeyUnconfirmed; DatabaseUnavailable
   */
  async signIn(key: string, request: FastifyRequest, reply: FastifyReply): Promise<NewSession & { by: KeyPrincipal }> {
    const by = await this.principalOf(key, request, reply);
    return { by, ...(await this.sessions.begin(by, hashOfKey(key))) };
  }

  /** @throws SessionEnded, ForeignOrigin; DatabaseUnavailable */
  private async sessionOf(token: string, request: FastifyRequest, reply: FastifyReply): Promise<KeyPrincipal> {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead && isFromOwnPage(request) !== true) throw new ForeignOrigin();
    const principal = await this.sessions.find(token);
    return principal ?? this.refuse(request, reply, 'wrong', new SessionEnded());
  }

  /** @throws MissingKey, TooManyWrongKeys, KeyUnconfirmed; DatabaseUnavailable if whether the key is right is unknown */
  private async principalOf(key: string, request: FastifyRequest, reply: FastifyReply): Promise<KeyPrincipal> {
    const found = this.environment.find(key) ?? (await this.stored.find(key));
    if (typeof found === 'object') return found;
    if (found === 'unconfirmed') return this.refuse(request, reply, 'unconfirmed', new KeyUnconfirmed());
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
    why: 'missing' | 'wrong' | 'throttled' | 'unconfirmed',
    problem: MissingKey | TooManyWrongKeys | SessionEnded | KeyUnconfirmed,
  ): never {
    this.metrics.authenticationFailures.inc({ why });
    const times = this.lines.occurrences(`${why} ${request.ip}`);
    if (times !== null) this.logger.warn({ why, address: request.ip, times }, 'request without a valid key refused');
    const isUnauthorized = problem instanceof MissingKey || problem instanceof SessionEnded;
    if (isUnauthorized) challenge(reply, why === 'missing' ? null : 'invalid_token');
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
