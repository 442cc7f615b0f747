import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { FastifyRequest } from 'fastify';
import { PinoLogger } from 'nestjs-pino';
import { Gauge } from 'prom-client';
import type { DataSource } from 'typeorm';

import { Clock } from '../../platform/clock/clock.js';
import { DatabaseCheck } from '../../platform/database/database-check.js';
import { DatabaseOutages } from '../../platform/database/database-outages.js';
import { sharedPool } from '../../platform/database/statement.js';
import { Authentication } from '../../platform/http/authentication/authentication.js';
import type { KeyPrincipal } from '../../platform/http/authentication/principal.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { feedCloudEvent } from '../feed/order-event-cloud-event.js';
import type { FeedEvent } from '../feed/order-event-feed.queries.js';
import { OrderEventFeedService } from '../feed/order-event-feed.service.js';
import { SEES_CHANGES, type Change } from './change.js';
import { ChangeStream, type StreamOptions } from './change-stream.js';
import { MOST_REMEMBERED, RecentChanges } from './recent-changes.js';
import { StreamUnavailable } from './stream.problems.js';
import { endOfFeed, poolIdsOf } from './stream.queries.js';

const READS_EVERY_MS = 500;
const READS_POOLS_EVERY_MS = 2_000;
/** With what a process remembers of keys and sessions, a stream ends within 5 s after its key or session. */
const CHECKS_ACCESS_EVERY_MS = 1_000;
/** Our configuration of nginx closes a connection on which nothing came for 15 s. */
const BEATS_EVERY_MS = 10_000;
const EVENTS_A_PAGE = 500;

/** A tenth of the connections that the process accepts. */
const MOST_STREAMS = 1_000;
/** A client that opens streams and forgets them leaves room for others. */
export const MOST_STREAMS_OF_A_KEY = 500;

/**
 * The streams of this process. It reads the feed and the pools once for all of them, and only while there are some.
 * docs/decisions/0125-a-stream-is-a-place-in-the-feed.md
 */
@Injectable()
export class ChangeStreams implements BeforeApplicationShutdown {
  private readonly streams = new Set<ChangeStream>();
  private readonly recent = new RecentChanges();
  private hasRead = false;
  private reading: Promise<void> | null = null;
  private poolNames: ReadonlyMap<string, string> = new Map();
  /** Policy and level of each pool by name, as text. */
  private readonly pools = new Map<string, string>();
  private stopWorking: (() => void) | null = null;
  private isStopping = false;
  private readonly openStreams: Gauge;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly feed: OrderEventFeedService,
    private readonly poolsService: PoolsService,
    private readonly authentication: Authentication,
    private readonly check: DatabaseCheck,
    private readonly outages: DatabaseOutages,
    private readonly clock: Clock,
    metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(ChangeStreams.name);
    this.openStreams = new Gauge({
      name: 'maskline_streams_open',
      help: 'Open streams of changes in this process',
      registers: [metrics.registry],
    });
  }

  /** Before the listener's connections are waited for. Clients connect again, and another process serves them. */
  beforeApplicationShutdown(): void {
    this.isStopping = true;
    for (const stream of this.streams) stream.end();
  }

  /** @throws StreamUnavailable */
  async begin(request: FastifyRequest, by: KeyPrincipal, options: StreamOptions): Promise<ChangeStream> {
    if (this.streams.size === 0) await this.read();
    // Another process may have read further than this one, which is behind by one reading at most.
    for (let times = 0; times < 2 && isBehind(this.recent.position, options.after); times += 1) await this.read();
    if (this.isStopping) throw new StreamUnavailable('stopping');
    if (this.streams.size >= MOST_STREAMS) throw new StreamUnavailable({ limit: MOST_STREAMS, of: 'process' });
    const ofThisKey = [...this.streams].filter(({ principal }) => principal.id === by.id).length;
    if (ofThisKey >= MOST_STREAMS_OF_A_KEY) throw new StreamUnavailable({ limit: MOST_STREAMS_OF_A_KEY, of: 'key' });
    const stream = new ChangeStream(request, by, this.recent, () => this.clock.now(), options);
    this.add(stream);
    return stream;
  }

  private add(stream: ChangeStream): void {
    this.streams.add(stream);
    this.openStreams.set(this.streams.size);
    stream.once('close', () => {
      this.streams.delete(stream);
      this.openStreams.set(this.streams.size);
      if (this.streams.size > 0) return;
      this.stopWorking?.();
      this.stopWorking = null;
    });
    this.stopWorking ??= this.work();
  }

  private work(): () => void {
    const timers = [
      this.every(READS_EVERY_MS, async () => this.unlessDown(async () => this.read())),
      this.every(READS_POOLS_EVERY_MS, async () => this.unlessDown(async () => this.readPools())),
      this.every(CHECKS_ACCESS_EVERY_MS, async () => this.checkAccess()),
      this.every(BEATS_EVERY_MS, async () => this.forEach((stream) => stream.beat())),
    ];
    return () => timers.forEach((timer) => clearInterval(timer));
  }

  /** Never twice at once. The next time makes up for a failure. */
  private every(ms: number, work: () => Promise<void>): NodeJS.Timeout {
    let isBusy = false;
    const once = async () => {
      if (isBusy) return;
      isBusy = true;
      await work().catch((err: unknown) => this.outages.failed(this.logger, { err }, 'changes not read'));
      isBusy = false;
    };
    return setInterval(() => void once(), ms).unref();
  }

  private async unlessDown(read: () => Promise<void>): Promise<void> {
    if (this.check.passed) await read();
  }

  private forEach(act: (stream: ChangeStream) => void): void {
    for (const stream of this.streams) act(stream);
  }

  /** Reads what is new in the feed. Callers at the same time share it. */
  private async read(): Promise<void> {
    this.reading ??= this.readNews().finally(() => (this.reading = null));
    return this.reading;
  }

  private async readNews(): Promise<void> {
    const { last, isWaiting } = await endOfFeed(sharedPool(this.dataSource));
    const end = BigInt(isWaiting ? await this.feed.placeAll() : last);
    const ahead = end - BigInt(this.recent.position);
    if (!this.hasRead || ahead < 0n || ahead > MOST_REMEMBERED) {
      this.recent.restart(String(end > MOST_REMEMBERED ? end - BigInt(MOST_REMEMBERED) : 0n));
      this.hasRead = true;
    }
    while (BigInt(this.recent.position) < end) {
      const { events, next } = await this.feed.page(this.recent.position, EVENTS_A_PAGE, null);
      this.recent.add(await this.changesOf(events), next);
      this.forEach((stream) => stream.flow());
    }
  }

  private async changesOf(events: readonly FeedEvent[]): Promise<Change[]> {
    const referenceOf = ({ data }: FeedEvent) => (data['reference'] as string | undefined) ?? null;
    const references = [...new Set(events.map(referenceOf).filter((reference) => reference !== null))];
    const poolIds = await poolIdsOf(sharedPool(this.dataSource), references);
    if ([...poolIds.values()].some((id) => !this.poolNames.has(id))) this.poolNames = await this.poolsService.names();
    return events.map((event) => {
      const { position, type } = event;
      const pool = this.poolNames.get(poolIds.get(referenceOf(event) ?? '') ?? '') ?? null;
      const message = `id: ${position}\ndata: ${JSON.stringify(feedCloudEvent(event))}\n\n`;
      return { position, type, pool, message };
    });
  }

  /** Tells of pools whose policy or level has changed, and those who missed some time of all. */
  private async readPools(): Promise<void> {
    if (![...this.streams].some(({ seesPools }) => seesPools)) return;
    const changed: string[] = [];
    for (const { pool, level } of await this.poolsService.list()) {
      const state = JSON.stringify([pool, level]);
      if (this.pools.get(pool.name) !== state) changed.push(pool.name);
      this.pools.set(pool.name, state);
    }
    for (const stream of this.streams) {
      const news = stream.knowsPools ? changed : this.pools.keys();
      for (const name of news) stream.poolChanged(name);
      stream.knowsPools = true;
      stream.flow();
    }
  }

  /** Ends the streams whose key or session is not accepted any more. If that is unknown, they go on like requests. */
  private async checkAccess(): Promise<void> {
    const check = async (stream: ChangeStream) => {
      const principal = await this.authentication.stillAccepted(stream.request).catch(() => stream.principal);
      if (principal === null || !SEES_CHANGES.some((scope) => principal.scopes.includes(scope))) return stream.end();
      stream.principal = principal;
    };
    await Promise.all([...this.streams].map(check));
  }
}

function isBehind(position: string, after: string | null): boolean {
  return after !== null && BigInt(after) > BigInt(position);
}
