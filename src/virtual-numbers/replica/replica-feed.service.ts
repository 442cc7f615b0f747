import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

import { withDeadline } from '../../platform/clock/deadline.js';
import { HostClock } from '../../platform/clock/host-clock.js';
import { DatabaseCheck } from '../../platform/database/database-check.js';
import { gaugeOnScrape } from '../../platform/observability/gauge-on-scrape.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { RestoreWatch } from '../../platform/restoration/restore-watch.js';
import { Replica } from './replica.js';
import { ReplicaFeeder } from './replica-feeder.js';

/** Another process that hangs in its write to the replica can hold up the end of this one. */
const STOPPED_WITHIN_MS = 2_000;

/** Where the replica is, and the database that feeds it. */
export class ReplicaHome {
  /** @param folder null = this process has no replica */
  constructor(
    readonly folder: string | null,
    readonly databaseUrl: string,
  ) {}
}

/** Opens the replica. A process whose replica cannot be opened works without one. */
export async function openReplica({ folder }: ReplicaHome, clock: HostClock, logger: PinoLogger): Promise<Replica> {
  if (folder === null) return Replica.none();
  try {
    return await Replica.open(folder, clock);
  } catch (err) {
    logger.setContext(Replica.name);
    logger.warn({ err, folder }, 'replica not opened');
    return Replica.none();
  }
}

/** Feeds the replica as long as the application runs. */
@Injectable()
export class ReplicaFeed implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private readonly feeder: ReplicaFeeder | null;
  private running: Promise<void> | null = null;

  constructor(
    home: ReplicaHome,
    private readonly replica: Replica,
    private readonly database: DatabaseCheck,
    restores: RestoreWatch,
    clock: HostClock,
    metrics: Metrics,
    logger: PinoLogger,
  ) {
    logger.setContext(ReplicaFeed.name);
    if (restores.hasSeenOne) replica.distrust();
    restores.seen.subscribe(() => replica.distrust());
    const store = replica.writable;
    this.feeder = store && new ReplicaFeeder(home.databaseUrl, store, clock, logger, async () => database.mayBeUsed());
    if (store) measure(replica, metrics);
  }

  /** Why the database does not allow a replica, and what to do; null = it does, as far as is known. */
  get refusal(): string | null {
    return this.feeder?.refusal ?? null;
  }

  onApplicationBootstrap(): void {
    void this.database.prepared().then(() => {
      this.running = this.feeder?.run(this.stopping.signal) ?? null;
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    const stopped = (this.running ?? Promise.resolve()).then(() => this.replica.close());
    await withDeadline(STOPPED_WITHIN_MS, stopped, () => undefined);
  }
}

function measure(replica: Replica, metrics: Metrics): void {
  const help = 'How far the replica of this host may be behind the database; absent while it was never filled';
  gaugeOnScrape(metrics, { name: 'maskline_replica_lag_seconds', help, labelNames: [] }, async () => {
    const ageMs = replica.ageMs();
    return ageMs === null ? [] : [{ labels: {}, value: ageMs / 1_000 }];
  });
}
