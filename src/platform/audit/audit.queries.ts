import type { EntityManager } from 'typeorm';

import type { Statement } from '../database/statement.js';

export const AUDIT_RESULTS = ['done', 'refused'] as const;
export type AuditResult = (typeof AUDIT_RESULTS)[number];

export interface AuditEntry {
  readonly id: string;
  readonly at: Date;
  readonly who: string;
  /** Of the key, when the entry was written; null for other principals. */
  readonly name: string | null;
  readonly what: string;
  readonly about: string | null;
  readonly phoneKey: Buffer | null;
  readonly address: string | null;
  readonly requestId: string | null;
  readonly result: AuditResult;
  readonly details: object | null;
}

export type NewEntry = Omit<AuditEntry, 'id'>;

/** Which entries are wanted; what is missing matches any. */
export interface AuditFilter {
  readonly who?: string;
  readonly what?: string;
  readonly about?: string;
  readonly result?: AuditResult;
  /** The first instant. */
  readonly since?: Date;
  /** The first instant that is left out. */
  readonly until?: Date;
  readonly phoneKey?: Buffer;
}

export interface Range {
  readonly order: 'newest-first' | 'oldest-first';
  /** The id behind which the range begins; null = at the first entry. */
  readonly from: string | null;
  readonly limit: number | null;
}

export const INSERT_ENTRIES: Statement = {
  name: 'record-audit-entry',
  text: `
    INSERT INTO audit_log (at, who, name, what, about, phone_key, address, request_id, result, details)
    SELECT entry.* FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[],
                               $7::text[], $8::text[], $9::text[], $10::jsonb[]) AS entry`,
};

export function valuesOf(entries: readonly NewEntry[]): unknown[] {
  return [
    entries.map(({ at }) => at),
    entries.map(({ who }) => who),
    entries.map(({ name }) => name),
    entries.map(({ what }) => what),
    entries.map(({ about }) => about),
    entries.map(({ phoneKey }) => phoneKey),
    entries.map(({ address }) => address),
    entries.map(({ requestId }) => requestId),
    entries.map(({ result }) => result),
    entries.map(({ details }) => details && JSON.stringify(details)),
  ];
}

const ENTRY = `
  entry.id, entry.at, entry.who, entry.name, entry.what, entry.about, entry.phone_key AS "phoneKey", entry.address,
  entry.request_id AS "requestId", entry.result, entry.details`;

export async function auditEntries(
  tx: EntityManager,
  { who, what, about, result, since, until, phoneKey }: AuditFilter,
  { order, from, limit }: Range,
): Promise<AuditEntry[]> {
  const [isBehind, direction] = order === 'newest-first' ? ['<', 'DESC'] : ['>', 'ASC'];
  return tx.sql<AuditEntry[]>`
    SELECT ${() => ENTRY} FROM audit_log AS entry
    WHERE (${from}::bigint IS NULL OR entry.id ${() => isBehind} ${from}::bigint)
      AND (${who ?? null}::text IS NULL OR entry.who = ${who ?? null}::text)
      AND (${what ?? null}::text IS NULL OR entry.what = ${what ?? null}::text)
      AND (${about ?? null}::text IS NULL OR entry.about = ${about ?? null}::text)
      AND (${result ?? null}::text IS NULL OR entry.result = ${result ?? null}::text)
      AND (${since ?? null}::timestamptz IS NULL OR entry.at >= ${since ?? null}::timestamptz)
      AND (${until ?? null}::timestamptz IS NULL OR entry.at < ${until ?? null}::timestamptz)
      AND (${phoneKey ?? null}::bytea IS NULL OR entry.phone_key = ${phoneKey ?? null}::bytea)
    ORDER BY entry.id ${() => direction} LIMIT ${limit}::bigint`;
}
