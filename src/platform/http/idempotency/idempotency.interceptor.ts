import { randomUUID } from 'node:crypto';

import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PinoLogger } from 'nestjs-pino';
import { from, lastValueFrom, of, type Observable } from 'rxjs';
import type { DataSource } from 'typeorm';

import { addSeconds, Clock } from '../../clock/clock.js';
import { DatabaseOutages } from '../../database/database-outages.js';
import { Metrics } from '../../observability/metrics.js';
import { nameOfPrincipal } from '../authentication/principal.js';
import { AnswerSeal } from './answer-seal.js';
import { IDEMPOTENCY_KEY, readIdempotencyKey } from './idempotency-key.js';
import { IdempotencyKeyInUse, IdempotencyKeyReused, InvalidIdempotencyKey } from './idempotency.problems.js';
import {
  findRequest,
  insertClaim,
  release,
  renew,
  takeOver,
  type Claim,
  type IdempotentRequest,
} from './idempotent-requests.queries.js';
import { KeyedRequest } from './keyed-request.js';
import { answerOfProblem, giveAgain, type StoredAnswer } from './stored-answer.js';

/** How long an answer is kept, from the beginning of the first request. */
const KEPT_SECONDS = 24 * 60 * 60;
/**
 * After this time without renewal, the process that works on a request counts as dead, and the next request with the key
 * is worked on. If it lives after all, what it does in the transaction of its answer is rolled back.
 */
const CLAIM_SECONDS = 30;
const RENEWED_EVERY_MS = 10_000;

/** How a request with a key began. */
interface Begun {
  /** first: worked on; repeated: answered as before; taken-over: worked on, as the process of the first one died */
  readonly result: 'first' | 'repeated' | 'taken-over';
  /** The answer to give again, sealed; null = the request is to be worked on. */
  readonly stored: Buffer | null;
}

const REFUSED = [
  { by: InvalidIdempotencyKey, result: 'invalid' },
  { by: IdempotencyKeyInUse, result: 'in-use' },
  { by: IdempotencyKeyReused, result: 'reused' },
] as const;

/**
 * Answers a request with an Idempotency-Key once, and each further one with the same answer.
 * docs/decisions/0117-a-repeated-request-gets-the-first-answer.md
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  /** Whether keys need to be unique only among the requests to one path. */
  protected readonly isUniqueByPath: boolean = false;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly seal: AnswerSeal,
    private readonly outages: DatabaseOutages,
    private readonly metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(IdempotencyInterceptor.name);
  }

  /** @throws InvalidIdempotencyKey, IdempotencyKeyInUse, IdempotencyKeyReused */
  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const header = request.headers[IDEMPOTENCY_KEY];
    if (header === undefined) return next.handle();
    const reply = http.getResponse<FastifyReply>();
    const { claim, stored } = await this.claimed(request, header);
    if (stored !== null) {
      const answer = JSON.parse(this.seal.open(stored, claim.id)) as StoredAnswer;
      return of(giveAgain(answer, reply));
    }
    return from(this.workOn(claim, reply, next));
  }

  /** Counts what becomes of the request. @throws InvalidIdempotencyKey, IdempotencyKeyInUse, IdempotencyKeyReused */
  private async claimed(request: FastifyRequest, header: string | string[]): Promise<{ claim: Claim } & Begun> {
    try {
      const claim = this.claimOf(request, readIdempotencyKey(header));
      const begun = await this.begin(claim);
      this.metrics.idempotentRequests.inc({ result: begun.result });
      return { claim, ...begun };
    } catch (failure) {
      const refused = REFUSED.find(({ by }) => failure instanceof by);
      if (refused) this.metrics.idempotentRequests.inc({ result: refused.result });
      throw failure;
    }
  }

  private async workOn(claim: Claim, reply: FastifyReply, next: CallHandler): Promise<unknown> {
    const keyed = new KeyedRequest(claim, reply, this.seal);
    const renewing = setInterval(() => this.renew(claim), RENEWED_EVERY_MS);
    try {
      const body = await keyed.work(async () => lastValueFrom(next.handle(), { defaultValue: undefined }));
      if (!keyed.isStored) await this.storeAfterwards(keyed, keyed.shown(body));
      return body;
    } catch (failure) {
      const refusal = keyed.isStored ? null : answerOfProblem(failure);
      if (refusal !== null) await this.storeAfterwards(keyed, refusal);
      else await release(this.dataSource, claim).catch((err: unknown) => this.failed(err));
      throw failure;
    } finally {
      clearInterval(renewing);
    }
  }

  private renew(claim: Claim): void {
    const until = addSeconds(this.clock.now(), CLAIM_SECONDS);
    renew(this.dataSource, claim, until).catch((err: unknown) => this.failed(err));
  }

  private claimOf(request: FastifyRequest, key: string): Claim {
    const { principal, method, url, body } = request;
    if (principal === null) throw new Error('A request without a principal cannot have an Idempotency-Key.');
    const now = this.clock.now();
    return {
      id: this.seal.hashOf(['key', nameOfPrincipal(principal), key, this.isUniqueByPath ? url : ''].join('\0')),
      fingerprint: this.seal.hashOf(
        ['request', method, url, mediaTypeOf(request), attributesIn(request), canonical(body)].join('\0'),
      ),
      claim: randomUUID(),
      claimedUntil: addSeconds(now, CLAIM_SECONDS),
      expiresAt: addSeconds(now, KEPT_SECONDS),
    };
  }

  private async begin(claim: Claim): Promise<Begun> {
    for (;;) {
      if (await insertClaim(this.dataSource, claim)) return { result: 'first', stored: null };
      const known = await findRequest(this.dataSource, claim.id);
      if (known === null) continue; // the first one was released meanwhile
      if (this.isOver(known)) {
        if (await takeOver(this.dataSource, claim, known)) return { result: 'first', stored: null };
        continue;
      }
      if (!known.fingerprint.equals(claim.fingerprint)) throw new IdempotencyKeyReused();
      if (known.answer !== null) return { result: 'repeated', stored: known.answer };
      if (known.claimedUntil > this.clock.now()) throw new IdempotencyKeyInUse();
      if (await takeOver(this.dataSource, claim, known)) return { result: 'taken-over', stored: null };
    }
  }

  private isOver({ expiresAt }: IdempotentRequest): boolean {
    return expiresAt <= this.clock.now();
  }

  /** After work that is not one transaction, or that was refused. The answer is given in any case. */
  private async storeAfterwards(keyed: KeyedRequest, answer: StoredAnswer): Promise<void> {
    await keyed.store(this.dataSource, answer).catch((failure: unknown) => {
      if (!(failure instanceof IdempotencyKeyInUse)) this.failed(failure);
    });
  }

  private failed(err: unknown): void {
    this.outages.failed(this.logger, { err }, 'answer not stored');
  }
}

/** For an endpoint that had the header before the others, with keys that are unique in one order. */
@Injectable()
export class IdempotencyByPathInterceptor extends IdempotencyInterceptor {
  protected override readonly isUniqueByPath = true;
}

/** The same body means something else as another type. */
function mediaTypeOf({ headers }: FastifyRequest): string {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  return type.trim().toLowerCase();
}

/** The attributes of a CloudEvent in binary mode, which has only its data in the body. */
function attributesIn({ headers }: FastifyRequest): string {
  const names = Object.keys(headers).filter((name) => name.startsWith('ce-'));
  return canonical(Object.fromEntries(names.map((name) => [name, headers[name]])));
}

/** The same text for bodies that differ only in the order of their fields. */
function canonical(value: unknown): string {
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  const fields = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${fields.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join()}}`;
}
