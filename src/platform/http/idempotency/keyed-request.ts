import { AsyncLocalStorage } from 'node:async_hooks';

import type { FastifyReply } from 'fastify';
import type { DataSource, EntityManager } from 'typeorm';

import type { AnswerSeal } from './answer-seal.js';
import { IdempotencyKeyInUse } from './idempotency.problems.js';
import { storeAnswer, type Claim } from './idempotent-requests.queries.js';
import { headersOf, type StoredAnswer } from './stored-answer.js';

/**
 * Makes the answer of what was done.
 *
 * @param tx the transaction that did it, to read in; undefined = it is committed
 */
type Show<Done, Answer> = (done: Done, tx?: EntityManager) => Answer | Promise<Answer>;

const current = new AsyncLocalStorage<KeyedRequest>();

/** A request with an Idempotency-Key, while it is worked on. */
export class KeyedRequest {
  private show: Show<unknown, unknown> | null = null;
  private readonly headersBefore: ReadonlySet<string>;
  private done: unknown;
  private body: unknown;
  /** Whether the answer is stored, and committed. */
  isStored = false;

  constructor(
    private readonly claim: Claim,
    private readonly reply: FastifyReply,
    private readonly seal: AnswerSeal,
  ) {
    this.headersBefore = new Set(Object.keys(headersOf(reply)));
  }

  async work<Result>(run: () => Promise<Result>): Promise<Result> {
    return current.run(this, run);
  }

  async answer<Done, Answer>(act: () => Promise<Done>, show: Show<Done, Answer>): Promise<Answer> {
    this.show = show as Show<unknown, unknown>;
    const done = await act();
    if (!this.isStored) return show(done);
    // Or the stored answer would show something else than the one without a key.
    if (done !== undefined && done !== this.done) throw new Error('The work returned not what its transaction did.');
    return this.body as Answer;
  }

  async transaction<Done>(dataSource: DataSource, work: (tx: EntityManager) => Promise<Done>): Promise<Done> {
    const { show } = this;
    if (show === null || this.isStored) return dataSource.transaction(work);
    const done = await dataSource.transaction(async (tx) => {
      const done = await work(tx);
      this.done = done;
      this.forgetHeaders(); // of a try that was rolled back
      this.body = await show(done, tx);
      await this.store(tx, this.shown(this.body));
      return done;
    });
    this.isStored = true;
    return done;
  }

  private forgetHeaders(): void {
    for (const name of Object.keys(headersOf(this.reply)))
      if (!this.headersBefore.has(name)) this.reply.removeHeader(name);
  }

  /** The answer with this body, and with the status and the headers that the handler has set. */
  shown(body: unknown): StoredAnswer {
    const headers = Object.entries(headersOf(this.reply)).filter(([name]) => !this.headersBefore.has(name));
    return { status: this.reply.statusCode, headers: Object.fromEntries(headers), body };
  }

  /** @throws IdempotencyKeyInUse if another try has taken the request over: roll back */
  async store(manager: Pick<EntityManager, 'sql'>, answer: StoredAnswer): Promise<void> {
    const sealed = this.seal.seal(JSON.stringify(answer), this.claim.id);
    if (!(await storeAnswer(manager, this.claim, sealed))) throw new IdempotencyKeyInUse();
  }
}

/**
 * Does the work of a request, and makes its answer. With an Idempotency-Key, the answer is made and stored within the
 * transaction that does the work (`transactionOfRequest`), so that there is never one without the other.
 *
 * @param act does the work in one transaction, and returns what the transaction returned
 * @param show may run more than once, because the transaction may; it sets the status and headers of the answer, too
 */
export async function answered<Done, Answer>(act: () => Promise<Done>, show: Show<Done, Answer>): Promise<Answer> {
  const request = current.getStore();
  return request === undefined ? show(await act()) : request.answer(act, show);
}

/** Runs work in a transaction. If it is the work of a request with an Idempotency-Key, also stores its answer in it. */
export async function transactionOfRequest<Done>(
  dataSource: DataSource,
  work: (tx: EntityManager) => Promise<Done>,
): Promise<Done> {
  return current.getStore()?.transaction(dataSource, work) ?? dataSource.transaction(work);
}
