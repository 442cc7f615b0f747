import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

import { BatchedStatement } from '../../../src/platform/database/batched-statement.js';
import { CallConnections } from '../../../src/platform/database/call-connections.js';
import { connectionOptions, openPool } from '../../../src/platform/database/connections/connection-pool.js';
import type { Connections } from '../../../src/platform/database/statement.js';
import { isDatabaseTrouble } from '../../../src/platform/database/connections/database-trouble.js';
import { DatabaseLine } from '../../support/database-line.js';
import { freshDatabase, type FreshDatabase } from '../../support/database.js';

let database: FreshDatabase;
let line: DatabaseLine;
let connections: CallConnections;
beforeAll(async () => {
  database = await freshDatabase();
  line = await DatabaseLine.to(database.url);
  connections = new CallConnections(line.url);
});
afterAll(async () => {
  await connections.onApplicationShutdown();
  line.close();
  await database.drop();
});

/** Doubles numbers, which PostgreSQL reads; `1.0` waits, if so requested. */
function doubling(
  { waitsSeconds = 0, keyed = false }: { waitsSeconds?: number; keyed?: boolean } = {},
  on: Connections = connections,
) {
  const batches: (readonly string[])[] = [];
  const statement = new BatchedStatement<string, number>(
    async (texts) => {
      batches.push(texts);
      const { rows } = await on.query<{ doubled: number }>({
        name: 'double',
        text: `SELECT asked.number::integer * 2 AS doubled
               FROM (SELECT pg_sleep($2) WHERE $3) AS slept
               RIGHT JOIN unnest($1::text[]) WITH ORDINALITY AS asked (number, position) ON true
               ORDER BY asked.position`,
        values: [texts, waitsSeconds, texts.includes('1')],
      });
      return rows.map(({ doubled }) => doubled);
    },
    keyed ? (text) => [text] : null,
  );
  return { batches, ask: async (text: string) => statement.ask(text) };
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1_000));

it('shares a statement between requests in flight, and answers each with its own', async () => {
  const { batches, ask } = doubling();
  expect(await Promise.all(numbers(50).map(ask))).toEqual(numbers(50).map((text) => Number(text) * 2));
  expect(batches).toEqual([numbers(50)]);
});

it('sends a request to an idle server at once, and those that come meanwhile together as soon as it answers', async () => {
  const { batches, ask } = doubling({ waitsSeconds: 0.08 }); // after 100 ms it would hold back no other
  const first = ask('1');
  while (batches.length === 0) await nextTurn();
  const others = ['2', '3', '4'].map(ask);
  await nextTurn();
  others.push(ask('5'));
  expect(batches).toEqual([['1']]);
  expect(await Promise.all([first, ...others])).toEqual([2, 4, 6, 8, 10]);
  expect(batches).toEqual([['1'], ['2', '3', '4', '5']]);
});

it('puts at most 128 requests into a statement', async () => {
  const { batches, ask } = doubling();
  expect(await Promise.all(numbers(300).map(ask))).toEqual(numbers(300).map((text) => Number(text) * 2));
  expect(batches.map(({ length }) => length)).toEqual([128, 128, 44]);
});

it('never puts two requests with the same key into one statement, and runs them in their order', async () => {
  const { batches, ask } = doubling({ keyed: true });
  expect(await Promise.all(['7', '8', '7', '9', '7'].map(ask))).toEqual([14, 16, 14, 18, 14]);
  expect(batches).toEqual([['7', '8', '9'], ['7'], ['7']]);
});

it('fails only a bad request, and none of those that shared its statement', async () => {
  const { ask } = doubling();
  const answers = await Promise.allSettled(['21', 'a word', '22', 'a NUL \u0000', '23'].map(ask));
  expect(answers.map((one) => (one.status === 'fulfilled' ? one.value : String(one.reason)))).toEqual([
    42,
    expect.stringContaining('invalid input syntax'),
    44,
    expect.stringContaining('invalid byte sequence'),
    46,
  ]);
  expect(await ask('24')).toBe(48);
});

it('does not hold back other requests for long while a statement hangs', async () => {
  const { batches, ask } = doubling({ waitsSeconds: 0.8 });
  const slow = ask('1');
  while (batches.length === 0) await sleep(1);
  const begunAt = performance.now();
  expect(await ask('2')).toBe(4);
  expect(performance.now() - begunAt).toBeLessThan(600);
  expect(await slow).toBe(2);
});

it('splits a statement that took too long, once: a slow request fails those of its half and no others', async () => {
  const impatient = openPool(line.url, 2, connectionOptions({ connectMs: 2_000, statementMs: 300 }));
  const { batches, ask } = doubling({ waitsSeconds: 5 }, impatient);
  const answers = await Promise.allSettled(['1', '2', '3', '4', '5'].map(ask));
  await impatient.end();
  expect(answers.map((one) => (one.status === 'fulfilled' ? one.value : String(one.reason)))).toEqual([
    ...Array.from({ length: 3 }, () => expect.stringContaining('statement timeout')),
    ...[8, 10],
  ]);
  expect(batches).toEqual([
    ['1', '2', '3', '4', '5'],
    ['1', '2', '3'],
    ['4', '5'],
  ]);
});

it('fails all requests of a statement with the reason if the database does not answer, and runs none one by one', async () => {
  const { batches, ask } = doubling();
  line.silence();
  const answers = await Promise.allSettled(numbers(20).map(ask));
  line.mend();
  expect(answers.every((one) => one.status === 'rejected' && isDatabaseTrouble(one.reason))).toBe(true);
  expect(batches).toHaveLength(1);
  expect(await ask('4')).toBe(8);
});
