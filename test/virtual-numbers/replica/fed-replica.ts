import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { HostClock } from '../../../src/platform/clock/host-clock.js';
import { Replica } from '../../../src/virtual-numbers/replica/replica.js';
import { ReplicaFeeder } from '../../../src/virtual-numbers/replica/replica-feeder.js';
import { databasesFolder } from '../../support/databases-folder.js';
import { eventually } from '../../support/eventually.js';

/** A line of the feeder's log. */
export interface Line {
  readonly level: 'info' | 'warn';
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A replica in a folder of its own, fed in this process. */
export class FedReplica {
  readonly lines: Line[] = [];
  private feeding: { stop: () => void; stopped: Promise<void> } | null = null;

  private constructor(
    readonly folder: string,
    readonly replica: Replica,
    readonly feeder: ReplicaFeeder,
  ) {}

  static async open(databaseUrl: string, clock = new HostClock()): Promise<FedReplica> {
    const folder = await mkdtemp(join(databasesFolder(), 'maskline-replica-'));
    const replica = await Replica.open(folder, clock);
    const log = (level: Line['level']) => (fields: object, msg: string) =>
      void fed.lines.push({ level, msg, ...fields } as Line);
    const logger = { info: log('info'), warn: log('warn') } as never;
    const fed: FedReplica = new FedReplica(
      folder,
      replica,
      new ReplicaFeeder(databaseUrl, replica.writable!, clock, logger),
    );
    return fed;
  }

  start(): void {
    const stopping = new AbortController();
    this.feeding = { stop: () => stopping.abort(), stopped: this.feeder.run(stopping.signal) };
  }

  async stop(): Promise<void> {
    this.feeding?.stop();
    await this.feeding?.stopped;
    this.feeding = null;
  }

  /** Waits until the replica has everything that is committed now. */
  async caughtUp(withinMs = 20_000): Promise<void> {
    const now = Date.now();
    await eventually(() => (this.replica.writable!.asOf()?.wallMs ?? 0) >= now, withinMs);
  }

  said(msg: string): number {
    return this.lines.filter((line) => line.msg === msg).length;
  }

  async close(): Promise<void> {
    await this.stop();
    await this.replica.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
