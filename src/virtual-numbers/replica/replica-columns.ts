import { createHash } from 'node:crypto';

import type { Row } from '../../platform/replication/snapshot.js';

/** How a column is kept: compact, and without its name. Null stays null. */
interface Column {
  readonly name: string;
  readonly keep: (value: never) => unknown;
}

const asIs = (value: unknown): unknown => value;
const isSet = (): boolean => true;
const instant = (value: Date): number => value.getTime();
const json = (value: unknown): string => JSON.stringify(value);

/** 22 characters. Reading many small buffers takes much longer than reading short texts. */
function packUuid(uuid: string): string {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex').toString('base64url');
}

export function unpackUuid(packed: string): string {
  const hex = Buffer.from(packed, 'base64url').toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

const column = <T>(name: string, keep: (value: T) => unknown = asIs as (value: T) => unknown): Column => ({
  name,
  keep: keep as Column['keep'],
});

/** A table of the replica: the columns of its key, and those that are kept, in the order in which they are kept. */
export interface KeptTable {
  readonly key: readonly string[];
  readonly columns: readonly Column[];
}

const ASSIGNMENT_COLUMNS = [
  column('order_id', packUuid),
  column('dialler_id', packUuid),
  column('dialler_role'),
  column('callee_role'),
  column('callee_id', packUuid),
  column('callee_phone'),
  column('shown_number'),
  column('may_dial'),
  column('connects_until', instant),
  column('quarantined_until', isSet),
  column('ended_early'),
  column('blocked_at', isSet),
  column('quarantine_seconds'),
  column('unconfirmed'),
] as const;

const NUMBER_COLUMNS = [column('pool_id'), column('status')] as const;

const POOL_COLUMNS = [
  column('pin'),
  column('direction'),
  column('max_call_seconds'),
  column('max_ring_seconds'),
  column('max_calls_per_hour'),
  column('quiet_hours', json),
  column('claim_by_pin'),
  column('record_calls'),
  column('decide_without_database_seconds'),
] as const;

/** By their names in the database. Tables that others refer to come first. */
export const TABLES = {
  pools: { key: ['id'], columns: POOL_COLUMNS },
  virtual_numbers: { key: ['number'], columns: NUMBER_COLUMNS },
  assignments: { key: ['virtual_number', 'dialler_key'], columns: ASSIGNMENT_COLUMNS },
} as const satisfies Readonly<Record<string, KeptTable>>;

export type TableName = keyof typeof TABLES;

export function isKept(table: string): table is TableName {
  return Object.hasOwn(TABLES, table);
}

/** Names what is kept and in which order. Another version, which keeps something else, has another folder. */
export const FORMAT = createHash('sha256')
  .update(JSON.stringify(Object.entries(TABLES).map(([name, { columns }]) => [name, columns.map((one) => one.name)])))
  .digest('hex')
  .slice(0, 8);

/** The values of a row: its generation first, then its columns. */
export type Packed = readonly [generation: number, ...values: unknown[]];

/**
 * @param stored the row as it is kept now, for values that the stream did not repeat because they did not change
 * @throws Error if such a value is not kept
 */
export function pack(table: TableName, row: Row, generation: number, stored: () => Packed | undefined): Packed {
  const values = TABLES[table].columns.map(({ name, keep }, index) => {
    const value = row[name];
    if (value !== undefined) return value === null ? null : keep(value as never);
    if (!(name in row)) return null; // a table of another version lacks the column
    const kept = stored();
    if (kept === undefined) throw new Error(`The stream left out ${name} of a row that the replica does not have.`);
    return kept[index + 1];
  });
  return [generation, ...values];
}
