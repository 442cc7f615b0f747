import { setImmediate as nextTurn } from 'node:timers/promises';

import type { OnApplicationBootstrap, OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { Pool, QueryResultRow } from 'pg';
import { Gauge } from 'prom-client';
import { Subject } from 'rxjs';

import { withDeadline } from '../clock/deadline.js';
import type { Metrics } from '../observability/metrics.js';
import type { Readiness } from '../observability/readiness.js';
import { ConnectionSilent, type Connection } from './connections/connection.js';
import { DatabasePreparation } from './database-preparation.js';
import { connectionOptions, distrustServer, openPool, type Bounds } from './connections/connection-pool.js';
import { sqlStateOf } from './connections/connection-lost.js';
import { IS_READ_ONLY } from './connections/read-only.js';

const LOOKS_EVERY_MS = 1_000;
/** A readiness check has two seconds. */
const ANSWERS_WITHIN_MS = 1_500;
/**
 * On a busy machine, connecting takes a while. But an attempt that a firewall has swallowed must not delay the next one
 * for long.
 */
const BOUNDS: Bounds = { connectMs: 2_000, statementMs: 1_200 };

const SILENT = { wrong: 'does not answer' };

/** A call waits for a look no longer than this. A database that is silent for longer says so itself. */
const DOUBTED_FOR_MS = 300;

/** Runs a statement on the connection of the check. */
export type Ask = <Row extends QueryResultRow>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

/** @returns what is wrong with the database; null = nothing */
type Question = (ask: Ask) => Promise<string | null>;

const CAN_WRITE = `SELECT ${IS_READ_ONLY} AS "isReadOnly"`;

/**
 * Whether the database answers and can be written to; a standby or a read-only primary can not. Looks once a second for
 * the whole process, so that no request has to find out by waiting. Has a connection of its own, so that load on the
 * others does not affect it. Also the readiness check `database`.
 */
export class DatabaseCheck implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly connections: Pool;
  private readonly up: Gauge;
  private looking: Promise<string | null> | null = null;
  private wasSilent = false;
  private timer: NodeJS.Timeout | undefined;
  /** By `performance.now()`. */
  lookedAt = 0;
  passed: boolean;
  /** Whether the server has ended the check's connection since the last look: it may be another database by now. */
  private isDoubted = false;
  /** Whether the last look found a database that nothing may use. */
  private isForbidden = false;
  /** Emits when the check fails after it had passed. */
  readonly failed = new Subject<void>();
  /** What a pooler between us and the database does, if it gives no sessions; null = there is none, or not known yet. */
  pooler: Connection['pooler'] = null;
  private readonly preparation: DatabasePreparation | null;
  private question: Question = async () => null;

  /** @param startsPrepared false = the check fails until `prepareWith` has done its work */
  constructor(
    private readonly databaseUrl: string,
    private readonly readiness: Readiness,
    metrics: Metrics,
    startsPrepared: boolean,
  ) {
    this.passed = startsPrepared;
    this.preparation = startsPrepared ? null : new DatabasePreparation();
    this.up = new Gauge({
      name: 'maskline_database_up',
      help: '1 while the database answers and can be written to, else 0; gauges that are read from it are missing meanwhile',
      registers: [metrics.registry],
    });
    this.connections = openPool(databaseUrl, 1, connectionOptions(BOUNDS));
    this.connections.on('connect', (connection) => {
      this.pooler = (connection as unknown as Connection).pooler;
    });
    this.connections.on('error', () => (this.isDoubted = true));
  }

  onModuleInit(): void {
    this.readiness.add('database', async () => this.look());
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.look(), LOOKS_EVERY_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.connections.end();
  }

  /**
   * Does what the database needs before it can be used, as soon as it answers; again if the work fails, or if the
   * database stops answering meanwhile. So the work must be safe to run twice at once.
   */
  prepareWith(work: () => Promise<void>): void {
    this.preparation?.prepareWith(work);
    void this.preparation?.done.then(async () => this.look());
  }

  /** Asks the database something else each time that it answers. To be used while the modules start. */
  alsoAsk(question: Question): void {
    this.question = question;
  }

  /**
   * Whether the database may be used now, as far as is known. Looks first if the last look failed or its connection is
   * lost: the database that answers next may have been restored.
   */
  async mayBeUsed(): Promise<boolean> {
    if (this.passed && !this.isDoubted) return true;
    await withDeadline(DOUBTED_FOR_MS, this.look(), () => undefined);
    return !this.isForbidden;
  }

  /** Resolves when the database has what it needs; at once if the process started with it. */
  async prepared(): Promise<void> {
    await this.preparation?.done;
  }

  /** Looks now. Callers at the same time share the result. @returns null, or what is wrong */
  async look(): Promise<string | null> {
    this.looking ??= this.ask().then((seen) => {
      this.looking = null;
      const hadPassed = this.passed;
      // On a busy machine a database that works may be silent once.
      const isDoubtful = seen === SILENT && hadPassed && !this.wasSilent;
      const answer = isDoubtful ? null : seen.wrong;
      const wrong = this.preparation ? this.preparation.look(answer) : answer;
      this.wasSilent = seen === SILENT;
      this.passed = wrong === null;
      this.lookedAt = performance.now();
      this.up.set(this.passed ? 1 : 0);
      if (hadPassed && !this.passed) this.failed.next();
      return wrong;
    });
    return this.looking;
  }

  private async ask(): Promise<{ readonly wrong: string | null }> {
    const asked = this.askServer();
    await withDeadline(ANSWERS_WITHIN_MS, asked, () => undefined);
    await nextTurn(); // the answer may have come while this process was busy
    return withDeadline(0, asked, () => SILENT);
  }

  /** Never rejects. */
  private async askServer(): Promise<{ readonly wrong: string | null }> {
    try {
      const { rows } = await this.connections.query<{ isReadOnly: boolean }>(CAN_WRITE);
      if (rows[0]!.isReadOnly) {
        distrustServer(this.databaseUrl); // after a failover, new connections lead to the primary
        return { wrong: 'read-only' };
      }
      const wrong = await this.question(
        async <Row extends QueryResultRow>(text: string, values: readonly unknown[] = []) =>
          (await this.connections.query<Row>(text, [...values])).rows,
      );
      this.isForbidden = wrong !== null;
      this.isDoubted = false;
      return { wrong };
    } catch (failure) {
      if (failure instanceof ConnectionSilent) return SILENT;
      return { wrong: sqlStateOf(failure) === '53300' ? 'too many connections' : 'does not answer' };
    }
  }
}
