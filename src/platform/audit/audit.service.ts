import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';

import { pageOf, readOrdinal } from '../http/cursor-page.js';
import { Clock } from '../clock/clock.js';
import { BatchedStatement } from '../database/batched-statement.js';
import { runIn, sharedPool } from '../database/statement.js';
import { nameOfPrincipal, type Principal } from '../http/authentication/principal.js';
import { currentWork } from '../observability/work-context.js';
import {
  auditEntries,
  INSERT_ENTRIES,
  valuesOf,
  type AuditEntry,
  type AuditFilter,
  type NewEntry,
} from './audit.queries.js';

/** What somebody read or changed. */
export interface Deed {
  /** Its kind, `noun.verb`, for example `pools.change`. */
  readonly what: string;
  /** The order's reference, the pool's name, our number, or the call's id that it is about. */
  readonly about?: string | null;
  /** Keyed lookup of the phone that it is about; never the phone. */
  readonly phoneKey?: Buffer | null;
  /** What changed. Contains no phone of a person. */
  readonly details?: Change | null;
}

/** The fields of the configuration that changed. Something new has no `before`. */
export interface Change {
  readonly before?: object;
  readonly after?: object;
}

/** A request that was refused. */
export interface Refusal {
  /** The method and the pattern of the path, which contains no value. */
  readonly route: string;
  readonly address: string;
  readonly requestId: string;
  /** How often since the last entry like this one. */
  readonly times: number;
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  readonly nextCursor: string | null;
}

const ENTRIES_A_READ = 1_000;

/**
 * The audit log: who read something about a person, who changed the configuration, and what was refused. Entries are
 * written before the answer, and are never changed, but that phones and old entries are deleted.
 */
@Injectable()
export class AuditService {
  /** Entries that are written at the same time share a commit. */
  private readonly entries = new BatchedStatement<NewEntry, true>((entries) => this.insert(entries));

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Writes an entry. Await it before answering: without an entry there is no answer. */
  async record(by: Principal, deed: Deed): Promise<void> {
    await this.entries.ask(this.entry(by, deed));
  }

  /** Writes the entry of a change, in the transaction that makes it. */
  async recordIn(tx: EntityManager, by: Principal, deed: Deed): Promise<void> {
    await runIn(tx, INSERT_ENTRIES, valuesOf([this.entry(by, deed)]));
  }

  /** @param by null = nobody who has a key */
  async recordRefusal(by: Principal | null, { route, address, requestId, times }: Refusal): Promise<void> {
    const deed = { what: 'requests.refuse', about: route, details: null };
    const who = by === null ? { who: 'nobody', name: null } : whoIs(by);
    await this.entries.ask({ ...this.at(deed), ...who, address, requestId, result: 'refused', details: { times } });
  }

  /** Deletes from the entries which phones they are about. The rest stays. @returns of how many entries */
  async forgetPhones(tx: EntityManager, phoneKeys: readonly Buffer[]): Promise<number> {
    const [, entries] = await tx.sql<[unknown[], number]>`
      UPDATE audit_log AS entry SET phone_key = NULL
      WHERE entry.phone_key = ANY(${[...phoneKeys]}::bytea[])`;
    return entries;
  }

  /** The entries about a phone (keyed lookup), oldest first. */
  async about(phoneKey: Buffer): Promise<AuditEntry[]> {
    return auditEntries(this.dataSource.manager, { phoneKey }, { order: 'oldest-first', from: null, limit: null });
  }

  /** Some of the phones in entries from before an instant that are not deleted yet. */
  async phonesAskedAbout(before: Date, limit: number, after: Buffer | null): Promise<Buffer[]> {
    const rows = await this.dataSource.sql<{ phoneKey: Buffer }[]>`
      SELECT DISTINCT entry.phone_key AS "phoneKey" FROM audit_log AS entry
      WHERE entry.phone_key IS NOT NULL AND entry.at < ${before}
        AND (${after}::bytea IS NULL OR entry.phone_key > ${after}::bytea)
      ORDER BY entry.phone_key LIMIT ${limit}`;
    return rows.map(({ phoneKey }) => phoneKey);
  }

  /** Newest first. @throws InvalidRequest for an invalid cursor */
  async list(filter: AuditFilter, limit: number, cursor?: string): Promise<AuditPage> {
    const from = readOrdinal(cursor);
    const range = { order: 'newest-first', from, limit: limit + 1 } as const;
    const entries = await auditEntries(this.dataSource.manager, filter, range);
    const { page, nextCursor } = pageOf(entries, limit, ({ id }) => id);
    return { entries: page, nextCursor };
  }

  /** Oldest first, read as they are consumed. */
  async *every(filter: AuditFilter): AsyncGenerator<AuditEntry> {
    for (let from: string | null = null; ;) {
      const range = { order: 'oldest-first', from, limit: ENTRIES_A_READ } as const;
      const entries: AuditEntry[] = await auditEntries(this.dataSource.manager, filter, range);
      yield* entries;
      if (entries.length < ENTRIES_A_READ) return;
      from = entries.at(-1)!.id;
    }
  }

  private entry(by: Principal, deed: Deed): NewEntry {
    const address = by.kind === 'key' ? by.address : null;
    return { ...this.at(deed), ...whoIs(by), address, result: 'done' };
  }

  private at({ what, about = null, phoneKey = null, details = null }: Deed) {
    return { at: this.clock.now(), what, about, phoneKey, details, requestId: currentWork()?.requestId ?? null };
  }

  private async insert(entries: readonly NewEntry[]): Promise<true[]> {
    await sharedPool(this.dataSource).query({ ...INSERT_ENTRIES, values: valuesOf(entries) });
    return entries.map(() => true);
  }
}

function whoIs(by: Principal): Pick<NewEntry, 'who' | 'name'> {
  return { who: nameOfPrincipal(by), name: by.kind === 'key' ? by.name : null };
}
