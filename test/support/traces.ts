import { BOUND } from '../../src/phone-number/phone-vault.js';
import { SEALED_COLUMNS } from '../../src/phone-number/sealed-columns.js';
import { answerOf, webhookSecretOf, type SealedPlace } from '../../src/phone-number/sealed-place.js';
import type { TestApp } from './app.js';
import { leaksIn } from './leaks.js';

type Row = Readonly<Record<string, unknown>>;

/** What is known of a database by whoever has a dump of it and both keys. */
export interface Dump {
  /** Where a phone is found: in clear, keyed or sealed, as `table.column`, sorted. */
  of(phone: string): string[];
  /** The tables that have rows, and those that have none; a partition counts for its table. */
  readonly filled: ReadonlySet<string>;
  readonly empty: ReadonlySet<string>;
}

/** Sealed values that no earlier version has sealed without their place. */
const MORE_SEALED = [
  { table: 'webhook_endpoints', column: 'secret', place: ({ id }: Row) => webhookSecretOf(id as string) },
  { table: 'webhook_endpoints', column: 'previous_secret', place: ({ id }: Row) => webhookSecretOf(id as string) },
  { table: 'idempotent_requests', column: 'answer', place: ({ id }: Row) => answerOf((id as string).slice(2)) },
];

/** Reads every column of every table, and opens every sealed value. @throws Error for one whose place is not known */
export async function dumpOf(maskline: TestApp): Promise<Dump> {
  const tables: { schema: string; name: string }[] = await maskline.dataSource.query(
    `SELECT schemaname AS schema, tablename AS name FROM pg_tables
     WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  const [filled, empty] = [new Set<string>(), new Set<string>()];
  const values: { at: string; text: string }[] = [];
  for (const { schema, name } of tables) {
    const table = name.replace(/_\d{4}_\d{2}$/, '');
    const rows: { row: Row }[] = await maskline.dataSource.query(
      `SELECT to_jsonb(one) AS row FROM "${schema}"."${name}" AS one`,
    );
    (rows.length > 0 ? filled : empty).add(table);
    for (const { row } of rows) {
      for (const [column, value] of Object.entries(row)) {
        values.push({ at: `${table}.${column}`, text: opened(maskline, table, column, row) ?? JSON.stringify(value) });
      }
    }
  }
  for (const table of filled) empty.delete(table);
  return {
    filled,
    empty,
    of: (phone) => {
      const key = maskline.vault.keyOf(phone as never);
      const keyed = [key.toString('hex'), key.toString('base64'), key.toString('base64url')];
      const isFoundIn = (text: string) => keyed.some((one) => text.includes(one)) || leaksIn(text, [phone]).length > 0;
      return [...new Set(values.filter(({ text }) => isFoundIn(text)).map(({ at }) => at))].sort();
    },
  };
}

/** Null if the value is not sealed. */
function opened(maskline: TestApp, table: string, column: string, row: Row): string | null {
  const value = row[column];
  if (typeof value !== 'string' || !value.startsWith(`\\x${BOUND.toString('hex')}`)) return null;
  const known = [...SEALED_COLUMNS, ...MORE_SEALED].find((one) => one.table === table && one.column === column);
  if (!known) throw new Error(`${table}.${column} is sealed, and it is not said for which place`);
  const place = known.place as (row: Row) => SealedPlace;
  return maskline.vault.openText(Buffer.from(value.slice(2), 'hex'), place(row));
}
