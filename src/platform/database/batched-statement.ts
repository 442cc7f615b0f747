import { AsyncResource } from 'node:async_hooks';

import DataLoader from 'dataloader';

import { isDatabaseTrouble, tookTooLong } from './connections/database-trouble.js';

/** PostgreSQL answers this many for little more than the price of one. */
const MOST_IN_A_BATCH = 128;
/** Two at once measured slower: each batch is smaller then, and each needs a commit. */
const BATCHES_UNDER_WAY = 1;
/** A batch that takes longer no longer holds back the next one. Its connection has its own, longer time limits. */
const HOLDS_BACK_MS = 100;

/**
 * Lets requests that are in flight at the same time share a statement. A batch leaves as soon as the one before it has
 * come back, so requests gather only while the database is busy with others; a request to an idle server leaves at once.
 *
 * If a batch fails for a reason that a single request may have caused, its requests run one by one: only a bad request
 * fails. If it took too long, one request may be the slow one, but the database may also be busy: then it is split once,
 * into halves. The statement must therefore be safe to run twice.
 */
export class BatchedStatement<Request, Answer> {
  private readonly loader: DataLoader<Request, Answer>;
  private readonly waiting: (() => void)[] = [];
  private underWay = 0;

  /**
   * @param run runs the statement once. @returns an answer for each request, in their order
   * @param keysOf if given, a statement gets only one request with each key; a later one runs in a later batch
   */
  constructor(
    private readonly run: (requests: readonly Request[]) => Promise<readonly Answer[]>,
    private readonly keysOf: ((request: Request) => readonly string[]) | null = null,
  ) {
    this.loader = new DataLoader((requests) => this.send(requests), {
      cache: false,
      maxBatchSize: MOST_IN_A_BATCH,
      batchScheduleFn: (leave) => {
        const first = new AsyncResource('BatchedStatement');
        this.waiting.push(() => first.runInAsyncScope(leave)); // in the context of its first request, whoever lets it leave
        this.leaveIfFree();
      },
    });
  }

  /** @returns the answer to one request */
  async ask(request: Request): Promise<Answer> {
    return this.loader.load(request);
  }

  /** In the next phase of the event loop, so that the requests that have just arrived share the batch. */
  private leaveIfFree(): void {
    if (this.underWay >= BATCHES_UNDER_WAY) return;
    const leave = this.waiting.shift();
    if (!leave) return;
    this.underWay += 1;
    setImmediate(leave);
  }

  private async send(requests: readonly Request[]): Promise<Answer[]> {
    let holdsBack = true;
    const letNextLeave = () => {
      if (!holdsBack) return;
      holdsBack = false;
      this.underWay -= 1;
      this.leaveIfFree();
    };
    const slow = setTimeout(letNextLeave, HOLDS_BACK_MS);
    try {
      const [now, later] = this.keysOf === null ? [requests, NONE] : firstsByKey(requests, this.keysOf);
      const answers = await this.answer(now);
      if (later.size === 0) return [...answers] as Answer[];
      let next = 0;
      // A promise among the answers settles the request's own promise.
      return requests.map((request, index) =>
        later.has(index) ? this.loader.load(request) : answers[next++]!,
      ) as Answer[];
    } finally {
      clearTimeout(slow);
      letNextLeave();
    }
  }

  private async answer(requests: readonly Request[]): Promise<readonly (Answer | Error)[]> {
    try {
      return await this.run(requests);
    } catch (failure) {
      if (requests.length === 1) throw failure;
      if (tookTooLong(failure)) return this.answerParts(halvesOf(requests));
      if (isDatabaseTrouble(failure)) throw failure;
    }
    return this.answerParts(requests.map((request) => [request]));
  }

  /** Runs the statement once for each part. The requests of a part that fails get its failure. */
  private async answerParts(parts: readonly (readonly Request[])[]): Promise<(Answer | Error)[]> {
    const answered = await Promise.allSettled(parts.map((part) => this.run(part)));
    return answered.flatMap((one, index): (Answer | Error)[] =>
      one.status === 'fulfilled' ? [...one.value] : parts[index]!.map(() => one.reason as Error),
    );
  }
}

function halvesOf<Request>(requests: readonly Request[]): Request[][] {
  const half = Math.ceil(requests.length / 2);
  return [requests.slice(0, half), requests.slice(half)];
}

const NONE: ReadonlySet<number> = new Set();

/** The first request with each key, and the positions of the others. */
function firstsByKey<Request>(
  requests: readonly Request[],
  keysOf: (request: Request) => readonly string[],
): [firsts: readonly Request[], others: ReadonlySet<number>] {
  const taken = new Set<string>();
  const others = new Set<number>();
  requests.forEach((request, index) => {
    const keys = keysOf(request);
    if (keys.some((key) => taken.has(key))) others.add(index);
    else keys.forEach((key) => taken.add(key));
  });
  return others.size === 0 ? [requests, NONE] : [requests.filter((_, index) => !others.has(index)), others];
}
