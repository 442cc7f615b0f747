import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import type { PinoLogger } from 'nestjs-pino';

import { collectGarbage } from './collect-garbage.js';
import type { HostClock, HostInstant } from '../../platform/clock/host-clock.js';
import type { Publication } from '../../platform/replication/publication.js';
import { ReplicationRefused, SlotTaken } from '../../platform/replication/replication-trouble.js';
import type { Snapshot } from '../../platform/replication/snapshot.js';
import { streamTables, type Receiver } from '../../platform/replication/table-stream.js';
import { TABLES, type TableName } from './replica-columns.js';
import { ReplicaTakenOver, type ReplicaStore } from './replica-store.js';

/** What call decisions read. */
export const PUBLICATION: Publication = { name: 'maskline_decisions', tables: Object.keys(TABLES) };

/** Copying them leaves much more garbage, and more mapped pages, than the process otherwise has. */
const MANY_ROWS = 20_000;

const FEEDER_ELSEWHERE_MS = 1_000;
const REFUSED_MS = 60_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Feeds the replica of this host from the database. Of several processes with the same folder, the one that has the
 * slot feeds; the others try again every second, and take over when it ends or falls silent. Copies no database that was
 * restored before what is in doubt is marked in it.
 */
export class ReplicaFeeder {
  private isLost = false;
  private failures = 0;
  private whyRefused: string | null = null;

  constructor(
    private readonly databaseUrl: string,
    private readonly store: ReplicaStore,
    private readonly clock: HostClock,
    private readonly logger: Pick<PinoLogger, 'info' | 'warn'>,
    private readonly mayBegin = async () => true,
  ) {}

  /** Why the database does not allow a replica, and what to do; null = it does, as far as is known. */
  get refusal(): string | null {
    return this.whyRefused;
  }

  /** Feeds until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const pauseMs = await this.feed(signal).catch((failure: unknown) => this.pauseAfter(failure, signal));
      await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async feed(signal: AbortSignal): Promise<never> {
    const { databaseUrl, clock } = this;
    if (!(await this.mayBegin())) throw new Error('The database was restored and is not prepared yet.');
    const slot = await this.slotName();
    return streamTables({ databaseUrl, publication: PUBLICATION, slot, clock }, this.receiver(), signal);
  }

  private receiver(): Receiver {
    let generation = 0;
    return {
      copy: async (snapshot, asOf, signal) => {
        generation = await this.store.takeOver();
        await this.copy(generation, snapshot, asOf, signal);
      },
      apply: async (changes, asOf) => this.store.apply(generation, changes, asOf),
    };
  }

  private async copy(generation: number, snapshot: Snapshot, asOf: HostInstant, signal: AbortSignal): Promise<void> {
    const begun = performance.now();
    this.logger.info({ generation }, 'replica copy started');
    let copied = 0;
    for (const table of Object.keys(TABLES) as TableName[]) {
      const { key, columns } = TABLES[table];
      const names = columns.map(({ name }) => name);
      // In the order of the key, LMDB fills its pages and changes few of them at once.
      for await (const rows of snapshot.read(table, key, names)) {
        signal.throwIfAborted();
        await this.store.copy(generation, table, rows);
        copied += rows.length;
      }
    }
    await this.store.removeOlder(generation);
    await this.store.removeOtherFormats();
    await this.store.apply(generation, [], asOf);
    if (copied > MANY_ROWS) {
      await this.store.reopen();
      await collectGarbage();
    }
    this.isLost = false;
    this.failures = 0;
    this.whyRefused = null;
    this.logger.info({ generation, rows: copied, copyMs: Math.round(performance.now() - begun) }, 'replica copied');
  }

  private pauseAfter(failure: unknown, signal: AbortSignal): number {
    if (signal.aborted) return 0;
    if (failure instanceof SlotTaken || failure instanceof ReplicaTakenOver) return FEEDER_ELSEWHERE_MS;
    if (failure instanceof ReplicationRefused) {
      if (failure.message !== this.whyRefused) this.logger.warn({ why: failure.message }, 'replica not allowed');
      this.whyRefused = failure.message;
      return REFUSED_MS;
    }
    if (!this.isLost) this.logger.warn({ err: failure }, 'replica feed lost');
    this.isLost = true;
    this.failures += 1;
    return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.failures - 1));
  }

  /** One for each folder of each host, also if the folder was copied. */
  private async slotName(): Promise<string> {
    const host = this.clock.now().bootId ?? hostname();
    const name = createHash('sha256')
      .update(`${host} ${await this.store.identity()}`)
      .digest('hex');
    return `maskline_replica_${name.slice(0, 16)}`;
  }
}
