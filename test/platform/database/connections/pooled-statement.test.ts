import type { Pool } from 'pg';

import { connectionOptions, openPool } from '../../../../src/platform/database/connections/connection-pool.js';
import { SessionNeeded } from '../../../../src/platform/database/connections/connection.js';
import { freshDatabase, type FreshDatabase } from '../../../support/database.js';
import { RENAMED, RenamingPooler } from '../../../support/renaming-pooler.js';

const BOUNDS = { connectMs: 5_000, statementMs: 2_000 };

let database: FreshDatabase;
let pooler: RenamingPooler;
let pool: Pool;

beforeAll(async () => {
  database = await freshDatabase();
  pooler = await RenamingPooler.to(database.url);
  pool = openPool(pooler.url, 1, connectionOptions(BOUNDS, { plans: 'by-key' }));
});
afterAll(async () => {
  await pool.end();
  pooler.close();
  await database.drop();
});

describe('behind a pooler that supports named statements', () => {
  it('a named statement is parsed once, also if it fails between', async () => {
    const client = await pool.connect();
    const half = (of: number) => client.query({ name: 'half', text: 'SELECT 10 / $1::integer AS half', values: [of] });
    const wrong = () => client.query({ name: 'wrong', text: 'SELECT nothing' });
    expect((await half(2)).rows).toEqual([{ half: 5 }]);
    await expect(half(0)).rejects.toMatchObject({ code: '22012' });
    expect((await half(5)).rows).toEqual([{ half: 2 }]);
    for (let time = 0; time < 2; time += 1) await expect(wrong()).rejects.toMatchObject({ code: '42703' });
    const { rows } = await client.query(
      'SELECT name, generic_plans + custom_plans AS runs FROM pg_prepared_statements',
    );
    expect(rows).toEqual([{ name: `${RENAMED}half`, runs: '3' }]);
    client.release();
  });

  it('the settings hold in each statement and in each transaction', async () => {
    const shown = `SELECT current_setting('statement_timeout') AS timeout, current_setting('enable_seqscan') AS seqscan`;
    const settings = [{ timeout: '2s', seqscan: 'off' }];
    expect((await pool.query(shown)).rows).toEqual(settings);
    const client = await pool.connect();
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    expect((await client.query(shown)).rows).toEqual(settings);
    expect((await client.query('SHOW transaction_isolation')).rows).toEqual([
      { transaction_isolation: 'repeatable read' },
    ]);
    await client.query('ROLLBACK');
    client.release();
    await expect(pool.query('SELECT pg_sleep(10)')).rejects.toMatchObject({ code: '57014' });
  });

  it('a connection for what needs a session is refused', async () => {
    const refused = openPool(pooler.url, 1, connectionOptions(BOUNDS, { needsSession: true }));
    await expect(refused.query('SELECT 1')).rejects.toThrow(SessionNeeded);
    await refused.end();
  });
});
