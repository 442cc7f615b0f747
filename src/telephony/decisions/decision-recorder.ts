import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

import { DatabaseOutages } from '../../platform/database/database-outages.js';
import { sqlStateOf } from '../../platform/database/connections/connection-lost.js';
import { gaugeOnScrape } from '../../platform/observability/gauge-on-scrape.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { Readiness } from '../../platform/observability/readiness.js';
import type { DecisionSource } from './verdict.js';
import { CallJournal } from './call-journal.js';
import type { DecisionJournal, JournaledCall } from './decision-journal.js';
import { DecisionRecords } from './decision-records.js';
import type { Decided } from './interactions.queries.js';
import { PromptDatabase } from './prompt-database.js';

const LOOKS_EVERY_MS = 1_000;
const CALLS_AT_ONCE = 1_024;

/**
 * Records decisions: in the database, or in the journal while the database does not answer. Moves journaled decisions
 * into the database as soon as it can be used again.
 */
@Injectable()
export class DecisionRecorder implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private moving: Promise<void> | null = null;
  /** Whether the journal may hold anything, as far as this process knows. */
  private mayHold = true;
  private readonly journal: DecisionJournal | null;

  constructor(
    private readonly records: DecisionRecords,
    { journal }: CallJournal,
    private readonly database: PromptDatabase,
    private readonly outages: DatabaseOutages,
    metrics: Metrics,
    readiness: Readiness,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(DecisionRecorder.name);
    this.journal = journal;
    const described = {
      name: 'maskline_journal_pending',
      help: 'Calls of this host whose decisions wait on disk to be recorded in the database',
      labelNames: [],
    };
    if (!journal) return;
    gaugeOnScrape(metrics, described, async () => [{ labels: {}, value: (await journal.calls()).length }]);
    readiness.addHarmless('journal', async () => journal.whatIsWrong());
  }

  onApplicationBootstrap(): void {
    if (this.journal) this.timer = setInterval(() => void this.move(), LOOKS_EVERY_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.moving;
  }

  /** What the journal holds of a call; null if nothing. */
  async journaled(provider: string, providerCallId: string): Promise<JournaledCall | null> {
    if (!this.journal || (this.database.isUp && !this.mayHold)) return null;
    return this.journal.find(provider, providerCallId);
  }

  /**
   * Records a decision, once for each call and step. When this resolves, the decision is committed in the database, or
   * on the disk.
   *
   * @param source where the decision comes from: after one from the replica, the database is not asked
   * @returns false, without a change, if the step was decided before or the call can no longer be decided
   * @throws the database's failure, if there is no journal or no replica
   */
  async record(decided: Decided, source: DecisionSource): Promise<boolean> {
    if (!this.journal) return this.records.record(decided);
    const recorded = source === 'database' ? await this.database.ask(() => this.records.record(decided)) : null;
    if (recorded !== null) return recorded;
    this.mayHold = true;
    return this.journal.append(decided);
  }

  /** Moves journaled decisions into the database. */
  async move(): Promise<void> {
    if (!this.database.isUp || !this.journal) return;
    this.moving ??= this.moveAll(this.journal)
      .catch((err: unknown) => this.outages.failed(this.logger, { err }, 'journal not recorded'))
      .finally(() => (this.moving = null));
    return this.moving;
  }

  private async moveAll(journal: DecisionJournal): Promise<void> {
    const calls = await journal.calls();
    this.mayHold = calls.length > 0;
    let recorded = 0;
    for (let at = 0; at < calls.length; at += CALLS_AT_ONCE) {
      const some = calls.slice(at, at + CALLS_AT_ONCE);
      const steps = await Promise.all(some.map((call) => this.recordCall(journal, call)));
      recorded += steps.reduce((sum, one) => sum + one, 0);
    }
    if (recorded > 0) this.logger.info({ decisions: recorded }, 'journaled decisions recorded');
  }

  /** Records the steps of a call in their sequence. @returns how many are no longer in the journal */
  private async recordCall(journal: DecisionJournal, call: string): Promise<number> {
    const steps = Object.values((await journal.read(call)) ?? {});
    const done: string[] = [];
    for (const decided of steps.sort((one, other) => one.at.getTime() - other.at.getTime())) {
      try {
        await this.records.record(decided);
      } catch (err) {
        this.outages.failed(this.logger, { err, callId: decided.providerCallId }, 'journaled decision not recorded');
        if (!isOfTheData(err)) break;
      }
      done.push(decided.stepName);
    }
    await journal.remove(call, done);
    return done.length;
  }
}

/** A value that can never be stored: SQLSTATE classes 22 and 23. */
function isOfTheData(failure: unknown): boolean {
  return /^2[23]/.test(sqlStateOf(failure) ?? '');
}
