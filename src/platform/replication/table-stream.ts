import type { Socket } from 'node:net';

import { LogicalReplicationService, type Pgoutput } from 'pg-logical-replication';
import type { Pool } from 'pg';

import type { HostClock, HostInstant } from '../clock/host-clock.js';
import { connectionOptions, openPool, type Bounds } from '../database/connections/connection-pool.js';
import { serverOptions } from '../database/connections/primary-server.js';
import { ConnectionSilent, type Connection } from '../database/connections/connection.js';
import { changesIn, type Change } from './changes.js';
import { formatLsn, parseLsn, type Lsn } from './lsn.js';
import { ensurePublication, type Publication } from './publication.js';
import { asPublicationTrouble, asReplicationTrouble } from './replication-trouble.js';
import { SlotPlugin, type NewSlot } from './slot-plugin.js';
import { Snapshot } from './snapshot.js';

export interface StreamOptions {
  readonly databaseUrl: string;
  readonly publication: Publication;
  /** The name of the slot. PostgreSQL lets one connection at a time have it, so it is a lock as well. */
  readonly slot: string;
  readonly clock: HostClock;
}

/** What a stream hands over. Each call waits for the one before. */
export interface Receiver {
  /** The slot is ours. Takes the tables as they were at `asOf` or later, before the first changes. */
  copy(snapshot: Snapshot, asOf: HostInstant, signal: AbortSignal): Promise<void>;
  /**
   * Takes the changes of whole transactions, in the order of their commits.
   *
   * @param asOf with these changes, everything that was committed before this instant has been handed over; null = not
   *   known yet
   */
  apply(changes: readonly Change[], asOf: HostInstant | null): Promise<void>;
}

/** Of the connection that reads the snapshot, and later asks for positions. */
const BOUNDS: Bounds = { connectMs: 5_000, statementMs: 10_000 };
const TICK_MS = 1_000;
const SILENT_AFTER_MS = 10_000;
/** Creating a slot waits for transactions that run at that time. */
const SLOT_WITHIN_MS = 10 * 60_000;
/** An idle server may write nothing for minutes, and a position at the end of a page is then never passed. */
const STUCK_AFTER_MS = 2_500;
/** Changes that wait to be applied; then the connection is not read for a while. */
const MOST_WAITING = 20_000;
const MOST_AT_ONCE = 2_000;

/** Everything that was committed before `asked` ends at or before `lsn`. */
interface Mark {
  readonly asked: HostInstant;
  readonly askedAt: number;
  readonly lsn: Lsn;
  isPushed: boolean;
}

/** Transactions of the stream, up to the position `end`. */
interface Waiting {
  readonly changes: Change[];
  end: Lsn;
}

/**
 * Hands over a copy of the publication's tables, and then every committed change, until it fails.
 *
 * @throws SlotTaken if another process of this host streams; ReplicationRefused if the database does not allow it
 */
export async function streamTables(options: StreamOptions, receiver: Receiver, signal: AbortSignal): Promise<never> {
  const stream = new TableStream(options, receiver);
  try {
    return await stream.untilItFails(signal);
  } finally {
    await stream.close();
  }
}

class TableStream {
  private readonly service: LogicalReplicationService;
  private readonly connections: Pool;
  private connection: Connection | null = null;
  private readonly server: ReturnType<typeof serverOptions>;
  private readonly closing = new AbortController();
  private readonly failure: Promise<never>;
  private fail!: (failure: unknown) => void;
  private socket: Socket | null = null;
  private copying: Promise<void> | null = null;
  private ticks: NodeJS.Timeout | undefined;
  private beginning: NodeJS.Timeout | undefined;

  private serverStart = '';
  /** By `performance.now()`. */
  private heardAt = 0;
  private transaction: Change[] = [];
  private readonly waiting: Waiting[] = [];
  private countWaiting = 0;
  private isApplying = false;
  private applied: Lsn = 0n;
  private mark: Mark | null = null;
  private isAsking = false;

  constructor(
    private readonly options: StreamOptions,
    private readonly receiver: Receiver,
  ) {
    const { databaseUrl } = options;
    this.failure = new Promise<never>((_resolve, reject) => {
      this.fail = reject;
    });
    this.failure.catch(() => undefined); // it may fail after it was closed
    this.connections = openPool(databaseUrl, 1, connectionOptions(BOUNDS, { needsSession: true }));
    this.connections.on('connect', (client) => (this.connection = client as unknown as Connection));
    this.server = {
      ...serverOptions(databaseUrl),
      application_name: 'maskline replica',
      connectionTimeoutMillis: BOUNDS.connectMs,
      keepAlive: true,
    };
    this.service = new LogicalReplicationService(this.server, {
      acknowledge: { auto: false, timeoutSeconds: 0 },
    });
    this.service.on('error', (failure: unknown) => this.fail(asReplicationTrouble(failure)));
    this.service.on('start', () => this.begin());
    this.service.on('data', (_lsn: string, message: Pgoutput.Message) => this.take(message));
    this.service.on('heartbeat', (lsn: string, _at: number, isAsked: boolean) => {
      this.takePosition(parseLsn(lsn));
      if (isAsked) this.acknowledge(false);
    });
  }

  async untilItFails(signal: AbortSignal): Promise<never> {
    const stop = () => this.fail(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    try {
      signal.throwIfAborted();
      await Promise.race([this.ensurePublication(), this.failure]);
      this.subscribe().catch((failure: unknown) => this.fail(asReplicationTrouble(failure)));
      return await this.failure;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.ticks);
    clearTimeout(this.beginning);
    this.closing.abort();
    this.socket?.destroy();
    this.connection?.discard(); // or the loss of a silent one would be reported when its statement is given up
    await this.service.destroy().catch(() => undefined);
    await this.copying?.catch(() => undefined);
    await this.connections.end();
  }

  private async ensurePublication(): Promise<void> {
    const { name, tables } = this.options.publication;
    const client = await this.connections.connect();
    try {
      await ensurePublication(client, this.options.publication);
    } catch (failure) {
      throw asPublicationTrouble(failure, name, tables);
    } finally {
      client.release();
    }
  }

  private async subscribe(): Promise<void> {
    const { publication, slot, clock } = this.options;
    const asOf = clock.now(); // the snapshot sees everything that was committed before
    const late = setTimeout(() => this.fail(new ConnectionSilent(SLOT_WITHIN_MS)), SLOT_WITHIN_MS);
    const created = async (newSlot: NewSlot) => {
      clearTimeout(late);
      this.copying = this.copy(newSlot, asOf);
      await this.copying;
      const silent = () => this.fail(new ConnectionSilent(SILENT_AFTER_MS));
      this.beginning = setTimeout(silent, SILENT_AFTER_MS); // the stream is to begin now
    };
    const plugin = new SlotPlugin(publication.name, (socket) => (this.socket = socket), created, this.fail);
    try {
      Object.assign(this.server, await this.server.primary?.find()); // of several servers; read when it connects
      await this.service.subscribe(plugin, slot);
    } finally {
      clearTimeout(late);
    }
    throw new Error('PostgreSQL ended the stream');
  }

  private async copy({ snapshot, begins, serverStart }: NewSlot, asOf: HostInstant): Promise<void> {
    this.serverStart = serverStart;
    this.applied = begins;
    const client = await this.connections.connect();
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      await client.query(`SET TRANSACTION SNAPSHOT '${snapshot}'`);
      await this.receiver.copy(new Snapshot(client), asOf, this.closing.signal);
      await client.query('COMMIT');
      client.release();
    } catch (failure) {
      client.release(true);
      throw failure;
    }
  }

  private begin(): void {
    clearTimeout(this.beginning);
    this.heardAt = performance.now();
    this.ticks = setInterval(() => this.tick(), TICK_MS);
    this.tick();
  }

  private tick(): void {
    const now = performance.now();
    const isPaused = this.socket?.isPaused() ?? false;
    if (isPaused) this.heardAt = now;
    if (now - this.heardAt > SILENT_AFTER_MS) return this.fail(new ConnectionSilent(SILENT_AFTER_MS));
    this.acknowledge(true);
    if (this.mark === null && !this.isAsking) void this.ask();
    else if (this.mark && !this.mark.isPushed && now - this.mark.askedAt > STUCK_AFTER_MS) void this.push(this.mark);
  }

  /** Asks where the log ends, to learn from the stream when everything before that has arrived. */
  private async ask(): Promise<void> {
    this.isAsking = true;
    const asked = this.options.clock.now();
    try {
      const { rows } = await this.connections.query<{ lsn: string; start: string }>(
        'SELECT pg_current_wal_insert_lsn()::text AS lsn, pg_postmaster_start_time()::text AS start',
      );
      const { lsn, start } = rows[0]!;
      // Positions of one server say nothing about another.
      if (start !== this.serverStart) return this.fail(new Error('the database has moved to another server'));
      this.mark = { asked, askedAt: performance.now(), lsn: parseLsn(lsn), isPushed: false };
      this.acknowledge(true);
    } catch {
      // the stream itself notices an outage; otherwise the next tick asks again
    } finally {
      this.isAsking = false;
    }
  }

  /**
   * Tells how far the stream was applied. A server that stops waits until this is where the stream ends.
   *
   * @param asks for an answer at once
   */
  private acknowledge(asks: boolean): void {
    void this.service.acknowledge(formatLsn(this.applied - 1n), asks); // the library adds one
  }

  /** Writes a few bytes into the log, so that the position of the mark is passed on an idle server too. */
  private async push(mark: Mark): Promise<void> {
    mark.isPushed = true;
    await this.connections.query(`SELECT pg_logical_emit_message(false, 'maskline', '')`).catch(() => undefined);
  }

  private take(message: Pgoutput.Message): void {
    this.heardAt = performance.now();
    if (message.tag === 'begin') this.transaction = [];
    this.transaction.push(...changesIn(message));
    if (message.tag !== 'commit') return;
    const changes = this.transaction;
    this.transaction = [];
    this.waiting.push({ changes, end: parseLsn(message.commitEndLsn!) });
    this.countWaiting += changes.length;
    if (this.countWaiting > MOST_WAITING) this.socket?.pause();
    void this.applyWaiting();
  }

  /** Everything that was committed before this position has been sent. */
  private takePosition(end: Lsn): void {
    this.heardAt = performance.now();
    const last = this.waiting.at(-1);
    if (last === undefined) this.waiting.push({ changes: [], end });
    else if (end > last.end) last.end = end;
    void this.applyWaiting();
  }

  /** Applies what is waiting. What arrives meanwhile is applied together afterwards. */
  private async applyWaiting(): Promise<void> {
    if (this.isApplying) return;
    this.isApplying = true;
    try {
      while (this.waiting.length > 0 && !this.closing.signal.aborted) {
        const { changes, end } = this.nextBatch();
        const reached = this.mark && this.mark.lsn <= end ? this.mark : null;
        if (changes.length > 0 || reached) await this.receiver.apply(changes, reached?.asked ?? null);
        if (reached) this.mark = null;
        if (end > this.applied) this.applied = end;
        if (this.countWaiting <= MOST_WAITING / 2 && this.socket?.isPaused()) this.socket.resume();
      }
    } catch (failure) {
      this.fail(failure);
    } finally {
      this.isApplying = false;
    }
  }

  /** Whole transactions, usually not more than `MOST_AT_ONCE` changes. */
  private nextBatch(): { changes: readonly Change[]; end: Lsn } {
    const first = this.waiting.shift()!;
    const changes = first.changes;
    let { end } = first;
    while (this.waiting.length > 0 && changes.length + this.waiting[0]!.changes.length <= MOST_AT_ONCE) {
      const next = this.waiting.shift()!;
      for (const change of next.changes) changes.push(change);
      end = next.end;
    }
    this.countWaiting -= changes.length;
    return { changes, end };
  }
}
