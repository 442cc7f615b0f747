import type { PinoLogger } from 'nestjs-pino';
import { Subject } from 'rxjs';
import type { DataSource } from 'typeorm';

import type { Ask, DatabaseCheck } from '../database/database-check.js';
import { createDataSource } from '../database/data-source.js';
import { sharedPool } from '../database/statement.js';
import { transactionOfRequest } from '../http/idempotency/keyed-request.js';
import {
  BEAT,
  claimInstallation,
  lockInstallation,
  READ_INSTALLATION,
  type InstallationRow,
} from './installation-row.queries.js';
import { JUMP, jumpSequences } from './jump-sequences.queries.js';
import { lowestUnsuspicious, recognise, type RecognisedBy, type Seen } from './recognition.js';
import type { Recognised, RestorePlan } from './restore-plan.js';
import type { Witnesses } from './witnesses.js';

/**
 * Recognises that the database was restored from a backup, or set back, and puts everything in doubt that may be wrong
 * now: before the process uses the database for the first time, and from then on once a second with `DatabaseCheck`. The
 * check fails meanwhile. Writes the heartbeat of the installation.
 * docs/decisions/0106-a-restored-database-is-recognised.md
 */
export class RestoreWatch {
  private isSettled = false;
  /** Whether a restore was seen, by this process or by another one. */
  hasSeenOne = false;
  /** Emits when a restore is recognised, when what is in doubt is marked, and when another process has done that. */
  readonly seen = new Subject<void>();
  private beginning: Promise<void> | null = null;
  private tending: Promise<void> | null = null;

  constructor(
    private readonly databaseUrl: string,
    private readonly dataSource: DataSource,
    check: DatabaseCheck,
    private readonly plan: RestorePlan,
    private readonly witnesses: Witnesses,
    private readonly logger: Pick<PinoLogger, 'info' | 'warn' | 'error'>,
  ) {
    check.alsoAsk(async (ask) => (this.isSettled ? this.look(ask) : null));
  }

  /**
   * Looks before the process uses the database. The schema must be up to date. Safe to run again.
   *
   * @throws the database's failure
   */
  async settle(): Promise<void> {
    const [row] = (await this.dataSource.query(READ_INSTALLATION)) as [InstallationRow];
    await this.witnesses.recall();
    if (recognise(row, this.witnesses.seen)) await this.begin(null);
    else {
      const ask: Ask = async (text, values = []) => (await sharedPool(this.dataSource).query(text, [...values])).rows;
      await this.witnesses.remember(await this.beat(ask, row));
    }
    this.isSettled = true;
  }

  /** Takes an operator's word for it that the database was restored. @param contentUntil null = unknown */
  async state(contentUntil: Date | null): Promise<void> {
    await this.begin({ by: 'stated', contentUntil });
  }

  /** @returns null, or what is wrong: then nothing may use the database */
  private async look(ask: Ask): Promise<string | null> {
    const [row] = await ask<InstallationRow>(READ_INSTALLATION);
    if (recognise(row!, this.witnesses.seen)) {
      this.tell();
      this.beginning ??= this.begin(null)
        .catch((err: unknown) => this.logger.error({ err }, 'restored database not prepared'))
        .finally(() => (this.beginning = null));
      return 'restored, being prepared';
    }
    void this.witnesses.remember(await this.beat(ask, row!));
    return null;
  }

  /** Writes the next heartbeat if it is due and no other process has. @returns the last one */
  private async beat(ask: Ask, row: InstallationRow): Promise<Seen> {
    const { seen } = this.witnesses;
    if (seen?.id === row.id && row.beat - seen.beat >= JUMP / 2) this.tell(); // another process has recognised it
    const lowest = seen?.id === row.id ? lowestUnsuspicious(seen) : 0;
    const [beaten] = row.isDue ? await ask<InstallationRow>(BEAT, [lowest]) : [];
    if (beaten) this.tend();
    const { id, beat } = beaten ?? row;
    return { id, beat };
  }

  private tell(): void {
    this.hasSeenOne = true;
    this.seen.next();
  }

  private tend(): void {
    this.tending ??= this.dataSource
      .transaction((tx) => this.plan.tend(tx))
      .catch((err: unknown) => this.logger.warn({ err }, 'restoration not tended'))
      .finally(() => (this.tending = null));
  }

  /** @param stated null = only if the row, once it is locked, still shows a restore */
  private async begin(stated: Recognised | null): Promise<void> {
    // Everything open may be in doubt, which takes longer than a statement of the application may.
    const dataSource = await createDataSource(this.databaseUrl).initialize();
    try {
      const told = await transactionOfRequest(dataSource, async (tx) => {
        const row = await lockInstallation(tx);
        const { seen } = this.witnesses;
        const by: RecognisedBy | null = stated?.by ?? recognise(row, seen);
        if (by === null) return null;
        const contentUntil = stated ? stated.contentUntil : row.beat === 0 ? null : row.beatAt;
        const beat = Math.max(row.beat, seen?.beat ?? 0) + JUMP;
        await claimInstallation(tx, beat);
        if (!(await this.plan.isUsed(tx))) return { id: row.id, beat, by: null, contentUntil };
        await jumpSequences(tx);
        await this.plan.begin(tx, { by, contentUntil });
        return { id: row.id, beat, by, contentUntil };
      });
      if (!told) return;
      const { by, contentUntil, ...seen } = told;
      await this.witnesses.replace(seen);
      this.tell();
      if (by !== null) this.logger.error({ recognisedBy: by, contentUntil }, 'database was restored');
    } finally {
      await dataSource.destroy();
    }
  }
}
