import type { Pool, PoolClient } from 'pg';

import { connectionOptions, openPool } from '../../../../src/platform/database/connections/connection-pool.js';
import { freshDatabase, type FreshDatabase } from '../../../support/database.js';

const BOUNDS = { connectMs: 5_000, statementMs: 2_000 };

let database: FreshDatabase;
let pool: Pool;
let client: PoolClient;

beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, 2, connectionOptions(BOUNDS));
  await pool.query('CREATE TABLE notes (text text NOT NULL)');
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  await pool.query('TRUNCATE notes');
  client = await pool.connect();
});
afterEach(() => client.release());

const note = (text: string) => client.query({ name: 'note', text: 'INSERT INTO notes VALUES ($1)', values: [text] });
const notes = async () => (await pool.query<{ text: string }>('SELECT text FROM notes')).rows.map(({ text }) => text);
const isolation = async () => (await client.query('SHOW transaction_isolation')).rows;

/** The packets that the client sends while `work` runs. */
async function packets(work: () => Promise<unknown>): Promise<number> {
  const { stream } = (client as unknown as { connection: { stream: { _writev: unknown; _write: unknown } } })
    .connection;
  let sent = 0;
  const counted = (method: unknown) =>
    function counts(this: unknown, ...args: unknown[]) {
      sent += 1;
      return (method as (...all: unknown[]) => unknown).apply(this, args);
    };
  const { _writev: writev, _write: write } = stream;
  Object.assign(stream, { _writev: counted(writev), _write: counted(write) });
  await work().finally(() => Object.assign(stream, { _writev: writev, _write: write }));
  return sent;
}

describe('a transaction', () => {
  it('is begun in one packet with its first statement', async () => {
    await note('known');
    const sent = await packets(async () => {
      await client.query('START TRANSACTION');
      await note('one');
      await note('two');
      expect(await notes()).toEqual(['known']);
      await client.query('COMMIT');
    });
    expect(sent).toBe(3);
    expect(await notes()).toEqual(['known', 'one', 'two']);
  });

  it.each([
    ['with values', { text: 'INSERT INTO notes VALUES ($1)', values: ['one'] }],
    ['with a name', { name: 'one', text: `INSERT INTO notes VALUES ('one')` }],
    ['of text alone', { text: `INSERT INTO notes VALUES ('one')` }],
    ['of several texts', { text: `INSERT INTO notes VALUES ('one'); INSERT INTO notes VALUES ('two')` }],
  ])('can be rolled back after a first statement %s', async (_, statement) => {
    await client.query('BEGIN');
    await client.query(statement);
    await client.query('ROLLBACK');
    expect(await notes()).toEqual([]);
  });

  it('has the answers that its first statement has elsewhere', async () => {
    for (const text of ['SELECT 1 AS n', 'SELECT 1 AS n; SELECT 2 AS n', 'VACUUM notes', '']) {
      const ask = () =>
        client.query(text).then(
          (all) => [all].flat().map(({ command, rows, rowCount }) => ({ command, rows, rowCount })),
          (failure: Error) => failure.message,
        );
      const alone = text.startsWith('VACUUM') ? 'VACUUM cannot run inside a transaction block' : await ask();
      await client.query('BEGIN');
      expect(await ask()).toEqual(alone);
      await client.query('ROLLBACK');
    }
  });

  it('has the isolation level that was asked for', async () => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await client.query('SELECT $1::text', ['x']);
    expect(await isolation()).toEqual([{ transaction_isolation: 'repeatable read' }]);
    await client.query('COMMIT');
    expect(await isolation()).toEqual([{ transaction_isolation: 'read committed' }]);
  });

  it('without a statement sends nothing, and leaves nothing for the next one', async () => {
    for (const end of ['COMMIT', 'ROLLBACK']) {
      const sent = await packets(async () => {
        await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
        await client.query(end);
      });
      expect(sent).toBe(0);
      expect(await isolation()).toEqual([{ transaction_isolation: 'read committed' }]);
    }
    await note('one');
    expect(await notes()).toEqual(['one']);
  });

  it('fails with its first statement, and the connection stays usable', async () => {
    const failures = [
      [{ text: 'SELECT 1 / $1::integer', values: [0] }, '22012'],
      [{ name: 'wrong', text: 'SELECT nothing' }, '42703'],
      [{ text: 'SELECT nothing' }, '42703'],
    ] as const;
    for (const [statement, code] of [...failures, ...failures]) {
      await client.query('BEGIN');
      await expect(client.query({ ...statement } as never)).rejects.toMatchObject({ code });
      await expect(note('lost')).rejects.toMatchObject({ code: '25P02' });
      await client.query('ROLLBACK');
      await note('kept');
    }
    expect(new Set(await notes())).toEqual(new Set(['kept']));
  });

  it('fails with a value that cannot be sent, and can be rolled back', async () => {
    const unsendable = {
      toPostgres: () => {
        throw new Error('unsendable');
      },
    };
    await client.query('BEGIN');
    await expect(client.query('INSERT INTO notes VALUES ($1)', [unsendable])).rejects.toThrow('unsendable');
    await client.query('ROLLBACK');
    await note('kept');
    expect(await notes()).toEqual(['kept']);
  });

  it('answers the statements in the order in which they are asked', async () => {
    const answers = await Promise.all([
      client.query('BEGIN'),
      client.query('SELECT 1 AS n'),
      client.query(`SELECT $1::integer AS n`, [2]),
      client.query('COMMIT'),
    ]);
    expect(answers.map(({ rows }) => rows)).toEqual([[], [{ n: 1 }], [{ n: 2 }], []]);
  });
});
