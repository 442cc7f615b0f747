import type { Pool } from 'pg';

import { connectionOptions, openPool } from '../../../../src/platform/database/connections/connection-pool.js';
import { freshDatabase, type FreshDatabase } from '../../../support/database.js';
import { RENAMED, RenamingPooler } from '../../../support/renaming-pooler.js';

const BOUNDS = { connectMs: 5_000, statementMs: 2_000 };

let database: FreshDatabase;
let pooler: RenamingPooler;

beforeAll(async () => {
  database = await freshDatabase();
  pooler = await RenamingPooler.to(database.url);
  await withConnection(database.url, async (pool) => {
    await pool.query(`
      CREATE TABLE things AS SELECT 1 AS kind FROM generate_series(1, 50000);
      CREATE INDEX things_by_kind ON things (kind);
      ANALYZE things`);
  });
});
afterAll(async () => {
  pooler.close();
  await database.drop();
});

/** Its plan depends on the value: most rows have kind 1, so PostgreSQL estimates that others cost next to nothing. */
const count = { name: 'count', text: 'SELECT count(*)::integer AS rows FROM things WHERE kind = $1' };

async function withConnection(url: string, work: (pool: Pool) => Promise<void>): Promise<void> {
  const pool = openPool(url, 1, connectionOptions(BOUNDS));
  await work(pool).finally(() => pool.end());
}

describe.each([
  ['a connection', () => database.url, 'count'],
  ['a connection through a pooler', () => pooler.url, `${RENAMED}count`],
] as const)('on %s', (_, url, name) => {
  const plansOf = async (pool: Pool) => {
    const { rows } = await pool.query(
      `SELECT custom_plans::integer AS anew, generic_plans::integer AS once FROM pg_prepared_statements WHERE name = $1`,
      [name],
    );
    return rows[0];
  };

  it('a statement is planned anew if PostgreSQL expects to gain by it', () =>
    withConnection(url(), async (pool) => {
      for (let time = 0; time < 8; time += 1) await pool.query({ ...count, values: [2] });
      expect(await plansOf(pool)).toEqual({ anew: 8, once: 0 });
    }));

  it('one that is to be planned once is not, and other statements are as usual', () =>
    withConnection(url(), async (pool) => {
      const once = { ...count, plan: 'once', values: [1] };
      for (let time = 0; time < 8; time += 1) expect((await pool.query(once)).rows).toEqual([{ rows: 50000 }]);
      expect(await plansOf(pool)).toEqual({ anew: 0, once: 8 });
      expect((await pool.query('SHOW plan_cache_mode')).rows).toEqual([{ plan_cache_mode: 'auto' }]);
    }));

  it('one that fails leaves the connection as it was', () =>
    withConnection(url(), async (pool) => {
      const wrong = { name: 'wrong', plan: 'once', text: 'SELECT 1 / $1::integer AS one', values: [0] };
      for (let time = 0; time < 2; time += 1) await expect(pool.query(wrong)).rejects.toMatchObject({ code: '22012' });
      expect((await pool.query({ ...wrong, values: [1] })).rows).toEqual([{ one: 1 }]);
      expect((await pool.query('SHOW plan_cache_mode')).rows).toEqual([{ plan_cache_mode: 'auto' }]);
    }));
});
