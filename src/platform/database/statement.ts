import type { DataSource, EntityManager } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import type { Pool, PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg';

/** A frequent statement. PostgreSQL parses and plans it once for each connection, under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /**
   * Outside of a transaction, PostgreSQL keeps one plan for all parameters. Statements that read months need it. Where
   * months are full, PostgreSQL would plan each execution anew, which takes longer than the execution.
   */
  readonly plan?: 'once' | undefined;
}

/**
 * A parameter with an instant that bounds the months of a partitioned table, in SQL. PostgreSQL leaves the other months
 * aside when the statement begins. By the cast it does not see the instant while it plans. Its estimates do, so such
 * statements have `plan: 'once'`.
 */
export function monthBound(parameter: string): string {
  return `${parameter}::text::timestamptz`;
}

/** Runs single statements: a pool, or the connections reserved for calls. */
export interface Connections {
  query<Row extends QueryResultRow>(statement: QueryConfig & Pick<Statement, 'plan'>): Promise<QueryResult<Row>>;
}

/** Runs a statement within the transaction `tx`, on its connection. */
export async function runIn<Row extends QueryResultRow>(
  tx: EntityManager,
  statement: Statement,
  values: readonly unknown[],
): Promise<Row[]> {
  return (await (await connectionOf(tx)).query<Row>({ ...statement, values: [...values] })).rows;
}

/** The connection of the transaction `tx`. */
export async function connectionOf(tx: EntityManager): Promise<Connections> {
  return (await tx.queryRunner!.connect()) as PoolClient;
}

/** TypeORM's pool, for requests and jobs that need no entity. */
export function sharedPool(dataSource: DataSource): Pool {
  return (dataSource.driver as PostgresDriver).master as Pool;
}
