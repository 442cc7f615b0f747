import { randomUUID } from 'node:crypto';

import { makeMonths, monthOf, monthsBefore } from '../../../src/platform/retention/monthly-partitions.js';
import { aPhone, numbers, TestApp, type Body } from '../../support/app.js';
import { SentStatements } from '../../support/sent-statements.js';

const ENDED = 4_000;
const LIMIT = 10;
/** Rows that a page may read for each of its rows: both sides of links, and one more order for the cursor. */
const MOST_READ = 12 * LIMIT;

let maskline: TestApp;
let sent: SentStatements;
let number: string;
let phone: string;

beforeAll(async () => {
  sent = new SentStatements();
  // Queues in PostgreSQL would add their own statements.
  maskline = await TestApp.start({ redisUrl: process.env['TEST_REDIS_URL'] || null });
  const pool = await maskline.pool({ capacity: 1_000 }, numbers(1));
  phone = aPhone();
  number = (await maskline.order('first', phone, aPhone(), { pool })).customer.dials;
  for (let one = 0; one < 20; one += 1) await maskline.order(`live-${one}`, aPhone(), aPhone(), { pool });
  await manyEnded(pool);
  await maskline.dataSource.query('VACUUM ANALYZE');
});
afterAll(async () => {
  await maskline?.stop();
  vi.restoreAllMocks();
});

/** Orders of the last year that the number served, each with a call. */
async function manyEnded(pool: string): Promise<void> {
  const { manager } = maskline.dataSource;
  const now = maskline.clock.now();
  const months = Array.from({ length: 14 }, (_, index) => monthsBefore(monthOf(now), index - 1));
  await makeMonths(manager, ['ended_orders', 'ended_participants', 'ended_interactions', 'assignment_history'], months);
  const times = `generate_series(0, ${ENDED - 1}) AS one (n), LATERAL (SELECT $2::timestamptz - one.n * interval '2 hours' AS at) AS ended`;
  await manager.query(
    `INSERT INTO ended_orders (over_at, id, reference, pool_id, status, lifetime_seconds, grace_seconds, cancel_grace_seconds,
                               quarantine_seconds, assign_numbers, placed_at, active_at, closed_at, connects_until, ended_because)
     SELECT at, md5('order' || n)::uuid, 'ended-' || n, pools.id, 'ended', 86400, 1800, 0, 86400, 'when-both-known',
            at - interval '1 hour', at - interval '1 hour', at, at, 'completed'
     FROM pools, ${times} WHERE pools.name = $1`,
    [pool, new Date(now.getTime() - 2 * 86_400_000)],
  );
  await manager.query(
    `INSERT INTO assignment_history (virtual_number, order_id, dialler_id, dialler_role, callee_role, callee_id, shown_number,
                                     assigned_at, connects_until, released_at, quarantined_until)
     SELECT $1, md5('order' || n)::uuid, gen_random_uuid(), role, 'other', gen_random_uuid(), $1, at - interval '1 hour', at, at,
            at + interval '1 day'
     FROM unnest(ARRAY['customer', 'agent']) AS role, ${times}`,
    [number, new Date(now.getTime() - 2 * 86_400_000)],
  );
  await manager.query(
    `INSERT INTO ended_interactions (over_at, provider, provider_call_id, ordinal, kind, at, order_id, virtual_number, decision, reason, steps)
     SELECT at, 'exotel', 'call-' || n, n, 'call', at - interval '30 minutes', md5('order' || n)::uuid, $1, 'connect', 'CONNECTED', '{}'
     FROM ${times}`,
    [number, new Date(now.getTime() - 2 * 86_400_000)],
  );
}

const search = async (asked: Body, query = `?limit=${LIMIT}`): Promise<Body> => {
  const { status, body } = await maskline.api('POST', `/v1/search${query}`, asked);
  expect(status).toBe(200);
  return body;
};

/** The statements of a search that read, with their plans. */
async function plansOf(ask: () => Promise<unknown>): Promise<{ name: string | undefined; plan: Body }[]> {
  await ask();
  sent.forget();
  await ask();
  const read = sent.all.filter(({ text }) => /^\s*(SELECT|WITH)\b/i.test(text));
  return maskline.dataSource.transaction(async (tx) => {
    await tx.query('SET LOCAL enable_seqscan = off'); // so small a table is read as a large one is
    const plans: { name: string | undefined; plan: Body }[] = [];
    for (const { name, text, values } of read) {
      const [row] = await tx.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, [...(values ?? [])]);
      plans.push({ name, plan: row['QUERY PLAN'][0].Plan });
    }
    return plans;
  });
}

const everyNode = (plan: Body): Body[] => [plan, ...(plan.Plans ?? []).flatMap(everyNode)];

/** How many rows of these tables a plan read, including those that it left out. */
const rowsRead = (plan: Body, tables: RegExp): number =>
  everyNode(plan)
    .filter((node) => tables.test(node['Relation Name'] ?? ''))
    .reduce(
      (sum, node) => sum + node['Actual Loops'] * (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)),
      0,
    );

/** The months whose partitions are in a plan once it has begun, read or not. */
const monthsRead = (plan: Body): string[] =>
  everyNode(plan).flatMap((node) => /_\d{4}_\d{2}$/.exec(node['Relation Name'] ?? '') ?? []);

const LARGE = /^(assignment_history|ended_|orders$|participants$|interactions$)/;
let deep: string;

it.each([
  ['by phone', async () => search({ phone }), 1],
  ['by the reference of an ended order', async () => search({ reference: 'ended-3000' }), 1],
  ['by a reference in other letters', async () => search({ reference: 'ENDED-3000' }), 1],
  ['by number', async () => search({ number }), 10],
  ['by number, far back', async () => search({ number }, `?limit=${LIMIT}&cursor=${await farBack()}`), 10],
  ['by the id of an ended call', async () => search({ providerCallId: 'call-3000' }), 1],
] as const)('reads few rows %s, of an index, however many orders have ended', async (_, ask, least) => {
  expect((await ask()).orders.length).toBeGreaterThanOrEqual(least);
  const plans = await plansOf(ask);
  expect(plans.length).toBeGreaterThan(0);
  for (const { name, plan } of plans) {
    const isFew = rowsRead(plan, LARGE) < MOST_READ;
    expect([name, rowsRead(plan, LARGE), isFew]).toEqual([name, expect.any(Number), true]);
  }
});

it('reads no month of history before those of the page', async () => {
  const recent = await plansOf(async () => search({ number }));
  const months = new Set(recent.flatMap(({ plan }) => monthsRead(plan)));
  const now = maskline.clock.now();
  const newest = [0, 1].map(
    (back) => `_${monthsBefore(monthOf(now), back).toISOString().slice(0, 7).replace('-', '_')}`,
  );
  for (const month of months) expect(newest).toContain(month);
});

/** A cursor in the middle of the year. */
async function farBack(): Promise<string> {
  const at = new Date(maskline.clock.now().getTime() - 180 * 86_400_000);
  deep ??= Buffer.from(`${at.toISOString()} ${randomUUID()}`).toString('base64url');
  return deep;
}
