import { setTimeout as sleep } from 'node:timers/promises';

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { Clock } from '../clock/clock.js';
import { sqlStateOf } from '../database/connections/connection-lost.js';
import { gaugeOnScrape } from '../observability/gauge-on-scrape.js';
import { Metrics } from '../observability/metrics.js';
import { Readiness } from '../observability/readiness.js';
import {
  EXPIRING_ROWS,
  KEPT_KINDS,
  type KeptKind,
  type KeptMonths,
  type KindName,
  type OldRows,
} from './kept-kinds.js';
import { dropMonth, makeMonths, monthOf, monthsBefore, monthsOf, type Month } from './monthly-partitions.js';

/** For how long each kind of rows is kept. */
export class RetentionPolicy {
  constructor(readonly months: KeptMonths) {}
}

/** Months that are created before they begin. */
const AHEAD = 2;
/** Days of a month after which the months to drop, and the next month, must have been seen to. */
const LATE_AFTER_DAYS = 2;
const ROWS_A_BATCH = 1_000;
const LOCK_NOT_AVAILABLE = '55P03';
/** Tries to drop a month that other transactions use, a second apart. The next run tries again. */
const MOST_TRIES = 60;

interface Table {
  readonly kind: KindName;
  readonly table: string;
}

const TABLES: readonly Table[] = Object.entries<KeptKind>(KEPT_KINDS).flatMap(([kind, { byMonth = [] }]) =>
  byMonth.map((table) => ({ kind: kind as KindName, table })),
);

/** Deletes what is older than the settings allow: months as a whole, rows of small tables in batches. */
@Injectable()
export class RetentionService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly policy: RetentionPolicy,
    metrics: Metrics,
    readiness: Readiness,
  ) {
    const described = {
      name: 'maskline_retention_late_months',
      help: 'Months of tables that should have been created or dropped days ago, by kind',
      labelNames: ['kind'],
    } as const;
    gaugeOnScrape(metrics, described, async () => {
      const late = await this.late();
      return Object.keys(KEPT_KINDS).map((kind) => ({
        labels: { kind },
        value: late.filter((one) => one.kind === kind).length,
      }));
    });
    readiness.addHarmless('retention', async () => {
      const late = await this.late();
      return late.length === 0 ? null : `${late.length} months of tables were not created or dropped in time`;
    });
  }

  /** Creates this month's partition of each table, and those of the next months. */
  async createMonths(): Promise<void> {
    const present = monthOf(this.clock.now());
    const months = Array.from({ length: AHEAD + 1 }, (_, ahead) => monthsBefore(present, -ahead));
    await makeMonths(
      this.dataSource.manager,
      TABLES.map(({ table }) => table),
      months,
    );
  }

  /** Drops the months that are older than the policy keeps. @returns their partitions */
  async dropMonths(): Promise<string[]> {
    const dropped: string[] = [];
    for (const { table, month } of await this.tooOld(this.clock.now())) {
      for (let tries = 1; ; tries += 1) {
        try {
          dropped.push(await dropMonth(this.dataSource, table, month));
          break;
        } catch (failure) {
          const { driverError } = failure as { driverError?: unknown };
          if (sqlStateOf(driverError ?? failure) !== LOCK_NOT_AVAILABLE || tries === MOST_TRIES) throw failure;
          await sleep(1_000);
        }
      }
    }
    return dropped;
  }

  /** Deletes rows of small tables that are older than the policy keeps. @returns how many */
  async deleteRows(): Promise<number> {
    let deleted = 0;
    for (const [kind, { rows = [] }] of Object.entries<KeptKind>(KEPT_KINDS)) {
      const from = this.keptFrom(kind as KindName, this.clock.now());
      if (from === null) continue;
      for (const one of rows) deleted += await this.deleteOld(one, from);
    }
    return deleted;
  }

  /** Deletes rows that name their own end. @returns how many */
  async deleteExpired(): Promise<number> {
    let deleted = 0;
    for (const one of EXPIRING_ROWS) deleted += await this.deleteOld(one, this.clock.now());
    return deleted;
  }

  private async deleteOld({ table, old }: OldRows, from: Date): Promise<number> {
    let deleted = 0;
    for (let batch = ROWS_A_BATCH; batch === ROWS_A_BATCH; deleted += batch) {
      const [, count] = await this.dataSource.query<[unknown, number]>(
        `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(
           SELECT row.ctid FROM ${table} AS row WHERE ${old} LIMIT ${ROWS_A_BATCH} FOR UPDATE SKIP LOCKED))`,
        [from],
      );
      batch = count;
    }
    return deleted;
  }

  /** What should have been done some days ago: a month to drop, or the present one to create. */
  private async late(): Promise<readonly Table[]> {
    const before = new Date(this.clock.now().getTime() - LATE_AFTER_DAYS * 86_400_000);
    const kept = await this.months();
    const present = monthOf(before).getTime();
    const missing = kept.filter(({ months }) => !months.some((month) => month.getTime() >= present));
    return [...(await this.tooOld(before)), ...missing.filter(({ months }) => months.length > 0)];
  }

  private async tooOld(now: Date): Promise<(Table & { readonly month: Month })[]> {
    return (await this.months()).flatMap(({ kind, table, months }) => {
      const from = this.keptFrom(kind, now);
      return months.filter((month) => from !== null && month < from).map((month) => ({ kind, table, month }));
    });
  }

  private async months(): Promise<(Table & { readonly months: readonly Month[] })[]> {
    const all = await monthsOf(
      this.dataSource.manager,
      TABLES.map(({ table }) => table),
    );
    return TABLES.map((one) => ({ ...one, months: all.get(one.table) ?? [] }));
  }

  /** The first instant that is kept; null = everything is. */
  private keptFrom(kind: KindName, now: Date): Month | null {
    const months = this.policy.months[kind];
    return months === null ? null : monthsBefore(monthOf(now), months);
  }
}
