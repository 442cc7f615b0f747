import { aPhone, numbers, TestApp, type Body } from '../../support/app.js';
import { SentStatements, type Sent } from '../../support/sent-statements.js';

const ORDERS = 60;
const MOST_STATEMENTS = 4;
const NUMBER_AND_CALLER = { now: 'number-and-caller', then: 'number-and-caller-then' } as const;
const STATEMENTS = [...Object.values(NUMBER_AND_CALLER), 'record-audit-entry', 'calls-around', 'story-and-references'];

let maskline: TestApp;
let customer: string;
let dials: string;
let agent: string;
let endedCustomer: string;
let endedDials: string;
let customerElsewhere: string;
let sent: SentStatements;

beforeAll(async () => {
  sent = new SentStatements();
  // Queues in PostgreSQL would add their own statements.
  maskline = await TestApp.start({ redisUrl: process.env['TEST_REDIS_URL'] || null });
  const pool = await maskline.pool({ capacity: 1000, maxCallsPerHour: 5 }, numbers(2));
  for (let one = 0; one < ORDERS; one += 1) {
    [customer, agent] = [aPhone(), aPhone()];
    dials = (await maskline.order(`shared-${one}`, customer, agent, { pool })).customer.dials;
  }
  for (let one = 0; one < 3; one += 1) {
    endedCustomer = aPhone();
    endedDials = (await maskline.order(`ended-${one}`, endedCustomer, aPhone(), { pool })).customer.dials;
    await maskline.call(endedCustomer, endedDials);
    await maskline.api('POST', `/v1/orders/ended-${one}/cancel`);
  }
  customerElsewhere = aPhone();
  await maskline.order('elsewhere', customerElsewhere, aPhone(), { pool: await maskline.pool({}, numbers(2)) });
  await maskline.call(customer, dials);
  await maskline.call(aPhone(), dials);
});
afterAll(async () => {
  await maskline?.stop();
  vi.restoreAllMocks();
});

/** What an explanation sends. The fewest of several times, because regular work in the background may come between. */
async function explain(
  from: string,
  to: string,
  at?: Date,
): Promise<{ readonly body: Body; readonly all: readonly Sent[] }> {
  let fewest: { body: Body; all: readonly Sent[] } | null = null;
  for (let times = 0; times < 5; times += 1) {
    sent.forget();
    const { status, body } = await maskline.api('POST', '/v1/routing/explain', { from, to, at: at?.toISOString() });
    expect(status).toBe(200);
    if (!fewest || sent.all.length < fewest.all.length) fewest = { body, all: sent.all };
  }
  return fewest!;
}

const minutesAgo = (minutes: number): Date => new Date(maskline.clock.now().getTime() - minutes * 60_000);

describe.each([
  ['now', (): Date | undefined => undefined],
  ['then', (): Date | undefined => minutesAgo(1)],
] as const)('an explanation as of %s takes four statements at most', (asOf, at) => {
  beforeAll(() => maskline.clock.push({ minutes: 2 }));

  it.each([
    ['a call that connects', 'CONNECTED', () => [customer, dials]],
    ['a call of an order that has ended', 'ORDER_ENDED', () => [endedCustomer, endedDials]],
    ['a call of a stranger', 'UNKNOWN_CALLER', () => [aPhone(), dials]],
    ['a call to the number that stands for the caller', 'SELF_CALL', () => [agent, dials]],
    ['a call to a number that is not ours', 'UNKNOWN_VN', () => [customer, aPhone()]],
  ] as const)('for %s', async (_, reason, who) => {
    const [from, to] = who() as [string, string];
    const { body, all } = await explain(from, to, at());
    expect(body).toMatchObject({ asOf, reason });
    expect(all.map(({ name, text }) => name ?? text).toSorted()).toEqual(
      [
        ...[NUMBER_AND_CALLER[asOf], 'record-audit-entry'],
        ...(reason === 'UNKNOWN_VN' ? [] : ['calls-around', 'story-and-references']),
      ].toSorted(),
    );
    expect(all.length).toBeLessThanOrEqual(MOST_STATEMENTS);
  });

  it.each([
    ['a participant', (): string => customer],
    ['a stranger', (): string => aPhone()],
    ['a participant of another order', (): string => customerElsewhere],
  ] as const)('and reads few assignments of a number that serves many orders, for %s', async (_, who) => {
    expect(await maskline.count('assignments', `virtual_number = '${dials}'`)).toBeGreaterThan(ORDERS / 2);
    const { all } = await explain(who(), dials, at());
    const { text, values = [] } = all.find(({ name }) => name === NUMBER_AND_CALLER[asOf])!;
    await maskline.dataSource.query('VACUUM ANALYZE'); // of all tables: the plan must not depend on which of them were analysed
    const [plan] = await maskline.dataSource.transaction(async (tx) => {
      await tx.query('SET LOCAL enable_seqscan = off'); // so small a table is read as a large one is
      return tx.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, [...values]);
    });
    expect(rowsRead(plan['QUERY PLAN'][0].Plan, 'assignments')).toBeLessThan(10);
  });
});

it('explanations that are asked for at the same time share their statements, and each gets its own answer', async () => {
  const asked = Array.from({ length: 8 }, () => [
    { from: customer, to: dials },
    { from: customer, to: dials, at: minutesAgo(1).toISOString() },
    { from: endedCustomer, to: endedDials },
    { from: aPhone(), to: dials },
    { from: 'withheld', to: dials },
    { from: agent, to: dials },
    { from: customer, to: aPhone() },
  ]).flat();
  const ask = async (one: Body): Promise<Body> => (await maskline.api('POST', '/v1/routing/explain', one)).body;
  const alone: Body[] = [];
  for (const one of asked) alone.push(await ask(one));
  sent.forget();
  const together = await Promise.all(asked.map(ask));
  expect(together).toEqual(alone);
  expect(new Set(together.map(({ reason }) => reason)).size).toBe(6);
  const explaining = sent.all.filter(({ name }) => name && STATEMENTS.includes(name));
  expect(explaining.length).toBeLessThan((asked.length * MOST_STATEMENTS) / 2);
});

/** How many rows of a table a plan read, including those that it left out. */
function rowsRead(plan: Body, table: string): number {
  const own: number =
    plan['Relation Name'] === table
      ? plan['Actual Loops'] * (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0))
      : 0;
  return (plan.Plans ?? []).reduce((sum: number, child: Body): number => sum + rowsRead(child, table), own);
}
