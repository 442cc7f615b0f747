import type { ClientBase } from 'pg';

/** A row by the names of its columns, with values as pg reads them. */
export type Row = Readonly<Record<string, unknown>>;

/** Few enough that reading them delays other work of the process by a few milliseconds only. */
const ROWS_AT_ONCE = 1_000;

/** The tables as they were at one instant. */
export class Snapshot {
  /** @param client a connection within a transaction that sees that instant */
  constructor(private readonly client: ClientBase) {}

  /**
   * The rows of a table in batches, in the order of its key.
   *
   * @param columns other columns to read; those that the table does not have are left out
   */
  async *read(table: string, key: readonly string[], columns: readonly string[]): AsyncGenerator<readonly Row[]> {
    const { rows: present } = await this.client.query<{ name: string }>(
      `SELECT attribute.attname AS name FROM pg_attribute AS attribute
       WHERE attribute.attrelid = $1::text::regclass AND attribute.attname = ANY($2::text[])
         AND attribute.attnum > 0 AND NOT attribute.attisdropped`,
      [table, [...key, ...columns]],
    );
    const list = present.map(({ name }) => name).join(', ');
    await this.client.query(
      `DECLARE rows_of_snapshot NO SCROLL CURSOR FOR SELECT ${list} FROM ${table} ORDER BY ${key.join(', ')}`,
    );
    for (;;) {
      const { rows } = await this.client.query<Row>(`FETCH ${ROWS_AT_ONCE} FROM rows_of_snapshot`);
      if (rows.length > 0) yield rows;
      if (rows.length < ROWS_AT_ONCE) break;
    }
    await this.client.query('CLOSE rows_of_snapshot');
  }
}
