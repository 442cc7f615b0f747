import { randomInt, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';

import type { FastifyRequest } from 'fastify';

import type { KeyPrincipal } from '../../platform/http/authentication/principal.js';
import { maySeeChange, POOL_CHANGED, STREAM_RESET } from './change.js';
import type { RecentChanges } from './recent-changes.js';

/** After which time clients connect again, at random: those of a process that stops do not all come at once. */
const RETRY_MS = [500, 2_500] as const;
/** A client that reads nothing does not hold up the end. */
const ENDS_WITHIN_MS = 1_000;

export interface StreamOptions {
  /** By `types=`. */
  readonly wants: (type: string) => boolean;
  /** The `Last-Event-ID`; null = the client comes for the first time. */
  readonly after: string | null;
}

/**
 * The stream of one client: server-sent events, as the client reads them. https://html.spec.whatwg.org/#server-sent-events
 * It stores no messages, only its place among the recent changes, and which pools it must be told of.
 */
export class ChangeStream extends Readable {
  /** Whether the client has read enough to get more. */
  private isRead = false;
  private place: number;
  private isIncomplete: boolean;
  private readonly pools = new Set<string>();
  /** Whether the client knows the pools as they were when it connected. */
  knowsPools: boolean;
  /** The last id that the client got. */
  private lastId: string;
  /** The first message; null = it was sent. */
  private opening: string | null;
  private isEnding = false;
  private readonly wants: StreamOptions['wants'];

  constructor(
    readonly request: FastifyRequest,
    public principal: KeyPrincipal,
    private readonly recent: RecentChanges,
    private readonly now: () => Date,
    { wants, after }: StreamOptions,
  ) {
    super();
    const place = after === null ? recent.end : recent.after(after);
    this.isIncomplete = place === null;
    this.place = place ?? recent.end;
    this.knowsPools = after === null;
    this.lastId = place === null || after === null ? recent.position : after;
    this.opening = `retry: ${randomInt(...RETRY_MS)}\nid: ${this.lastId}\n\n`;
    this.wants = wants;
  }

  get seesPools(): boolean {
    return this.principal.scopes.includes('operate') && this.wants(POOL_CHANGED);
  }

  /** To be called when there may be something to tell. */
  flow(): void {
    while (this.isRead && !this.isEnding) {
      const message = this.next();
      if (message === null) return;
      this.isRead = this.push(message);
    }
  }

  poolChanged(name: string): void {
    if (this.seesPools && maySeeChange(this.principal, POOL_CHANGED, name)) this.pools.add(name);
  }

  /**
   * Shows proxies and the client that the connection works, unless something waits to be read. It also says up to where
   * the client has everything, so that it misses nothing after hours without a change of its own.
   */
  beat(): void {
    if (!this.isRead || this.isEnding) return;
    const { position } = this.recent;
    this.isRead = this.push(position === this.lastId ? ':\n\n' : `id: ${position}\n\n`);
    this.lastId = position;
  }

  /** Ends the answer; the client may connect again. */
  end(): void {
    if (this.isEnding) return;
    this.isEnding = true;
    this.push(null);
    setTimeout(() => this.destroy(), ENDS_WITHIN_MS).unref();
  }

  override _read(): void {
    this.isRead = true;
    this.flow();
  }

  private next(): string | null {
    const { opening } = this;
    this.opening = null;
    if (opening !== null) return opening;
    if (this.isIncomplete) return this.reset();
    for (let change = this.recent.at(this.place); change !== null; change = this.recent.at(this.place)) {
      if (change === 'forgotten') return this.reset();
      this.place += 1;
      if (this.wants(change.type) && maySeeChange(this.principal, change.type, change.pool)) {
        this.lastId = change.position;
        return change.message;
      }
    }
    const [pool] = this.pools;
    if (pool === undefined) return null;
    this.pools.delete(pool);
    return this.message(POOL_CHANGED, pool, { pool });
  }

  private reset(): string {
    this.isIncomplete = false;
    this.place = this.recent.end;
    return this.message(STREAM_RESET, 'stream', {});
  }

  /** What is not in the feed has the last place in it, so that a client that resumes after it misses nothing. */
  private message(type: string, subject: string, data: object): string {
    const id = this.place === this.recent.end ? this.recent.position : this.lastId;
    this.lastId = id;
    const event = { specversion: '1.0', source: 'maskline', id: randomUUID(), type, subject };
    return `id: ${id}\ndata: ${JSON.stringify({ ...event, time: this.now().toISOString(), data })}\n\n`;
  }
}
