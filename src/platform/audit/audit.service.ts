import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';

import { pageOf, readOrdinal } from '../http/cursor-page.js';
import { Clock } from '../clock/clock.js';
import { BatchedStatement } from '../database/batched-statement.js';
import { sharedPool } from '../database/statement.js';
import { nameOfPrincipal, type Principal } from '../http/authentication/principal.js';

/** An access to personal data. */
export interface Question {
  /** The kind of access, for example `routing.explain`. */
  readonly what: string;
  /** The order's reference, our number, or the call's id that it is about. */
  readonly about?: string | null;
  /** Keyed lookup of the phone that it is about; never the phone. */
  readonly phoneKey?: Buffer | null;
}

export interface AuditEntry {
  readonly id: string;
  readonly at: Date;
  readonly who: string;
  readonly what: string;
  readonly about: string | null;
  readonly phoneKey: Buffer | null;
}

type NewEntry = Omit<AuditEntry, 'id'>;

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  readonly nextCursor: string | null;
}

/**
 * The audit log of access to personal data. Entries are written before the answer, and are changed only when a phone is
 * deleted.
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
  async record(by: Principal, { what, about = null, phoneKey = null }: Question): Promise<void> {
    await this.entries.ask({ at: this.clock.now(), who: nameOfPrincipal(by), what, about, phoneKey });
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
    return this.dataSource.sql<AuditEntry[]>`
      SELECT entry.id, entry.at, entry.who, entry.what, entry.about, entry.phone_key AS "phoneKey"
      FROM audit_log AS entry WHERE entry.phone_key = ${phoneKey} ORDER BY entry.id`;
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
  async list(limit: number, cursor?: string): Promise<AuditPage> {
    const before = readOrdinal(cursor);
    const entries = await this.dataSource.sql<AuditEntry[]>`
      SELECT entry.id, entry.at, entry.who, entry.what, entry.about, entry.phone_key AS "phoneKey"
      FROM audit_log AS entry
      WHERE ${before}::bigint IS NULL OR entry.id < ${before}::bigint
      ORDER BY entry.id DESC LIMIT ${limit + 1}`;
    const { page, nextCursor } = pageOf(entries, limit, ({ id }) => id);
    return { entries: page, nextCursor };
  }

  private async insert(entries: readonly NewEntry[]): Promise<true[]> {
    await sharedPool(this.dataSource).query({
      name: 'record-audit-entry',
      text: `
        INSERT INTO audit_log (at, who, what, about, phone_key)
        SELECT entry.* FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::bytea[]) AS entry`,
      values: [
        entries.map(({ at }) => at),
        entries.map(({ who }) => who),
        entries.map(({ what }) => what),
        entries.map(({ about }) => about),
        entries.map(({ phoneKey }) => phoneKey),
      ],
    });
    return entries.map(() => true);
  }
}
