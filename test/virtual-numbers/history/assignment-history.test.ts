import { RetentionService } from '../../../src/platform/retention/retention.service.js';
import { AssignmentHistoryService } from '../../../src/virtual-numbers/history/assignment-history.service.js';
import { aPhone, numbers, TestApp } from '../../support/app.js';

let maskline: TestApp;
beforeEach(async () => {
  maskline = await TestApp.start({ keptMonths: { history: 2 } });
});
afterEach(() => maskline.stop());

const months = async (): Promise<string[]> => {
  const rows = await maskline.dataSource.query(
    `SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = 'assignment_history'::regclass ORDER BY 1`,
  );
  return rows.map(({ relname }: { relname: string }) => relname);
};

/** An order that has come and gone, quarantine included. */
async function anArchivedOrder(reference: string, pool: string) {
  const order = await maskline.order(reference, aPhone(), aPhone(), { pool });
  const activeAt = maskline.clock.now();
  maskline.clock.push({ seconds: 30 });
  await maskline.api('POST', `/v1/orders/${reference}/cancel`);
  await maskline.pass({ hours: 25 });
  return { order, activeAt };
}

const served = async (number: string, at: Date) =>
  (await maskline.api('GET', `/v1/numbers/${number}/served?at=${at.toISOString()}`)).body.served;

it('history lies in months of UTC, each made when its first pair comes', async () => {
  const pool = await maskline.pool({}, numbers(4));
  expect(await months()).toEqual([]);
  await anArchivedOrder('in-november', pool);
  maskline.clock.push({ days: 10 });
  await anArchivedOrder('in-december', pool);
  expect(await months()).toEqual(['assignment_history_2026_11', 'assignment_history_2026_12']);
  expect(await maskline.count('assignment_history')).toBe(4);
  expect(await maskline.count('assignment_history_2026_11')).toBe(2);
});

it('the last instant of a month belongs to it, whatever the zone of the session', async () => {
  const pool = await maskline.pool({}, numbers(4));
  maskline.clock.push({ days: 8, hours: 17, minutes: 59, seconds: 59 }); // it is 2026-11-30T23:59:59Z
  await maskline.dataSource.query(`SET TIME ZONE 'Asia/Kolkata'`);
  await anArchivedOrder('at-midnight', pool);
  expect(await maskline.count('assignment_history_2026_11')).toBe(2);
});

it('months older than the policy keeps are dropped whole, the others stay', async () => {
  const pool = await maskline.pool({}, numbers(4));
  for (const reference of ['november', 'december', 'january', 'february']) {
    await anArchivedOrder(reference, pool);
    maskline.clock.push({ days: 30 });
  }
  // It is March 2027 now: January and February are the two whole months before it.
  expect(maskline.clock.now().toISOString()).toMatch(/^2027-03/);
  const retention = maskline.get(RetentionService);
  expect(await retention.dropMonths()).toEqual(['assignment_history_2026_11', 'assignment_history_2026_12']);
  expect(await months()).toEqual(['assignment_history_2027_01', 'assignment_history_2027_02']);
  expect(await retention.dropMonths()).toEqual([]);
  await anArchivedOrder('march', pool);
  expect(await months()).toContain('assignment_history_2027_03');
});

it('says whom a number served at an instant, long after the phones were forgotten', async () => {
  const pool = await maskline.pool({}, numbers(2));
  const first = await anArchivedOrder('first-on-it', pool);
  const second = await maskline.order('second-on-it', aPhone(), aPhone(), { pool });
  const number = first.order.customer.dials;
  const then = await served(number, first.activeAt);
  expect(then).toMatchObject([{ reference: 'first-on-it', dialler: 'customer', shownNumber: first.order.agent.dials }]);
  expect(then[0].diallerId).toEqual(expect.stringMatching(/^[0-9a-f-]{36}$/));
  expect(await served(number, maskline.clock.now())).toMatchObject([{ reference: 'second-on-it' }]);
  maskline.clock.push({ minutes: -60 });
  expect(await served(number, maskline.clock.now())).toEqual([]); // nobody's, between the two
  expect(second.status).toBe('active');
  expect((await maskline.api('GET', `/v1/numbers/nonsense/served?at=2026-11-22T06:00:00Z`)).status).toBe(404);
  expect((await maskline.api('GET', `/v1/numbers/${number}/served?at=yesterday`)).status).toBe(400);
});

it('names the callee of that time, who was replaced or had not joined yet', async () => {
  const pool = await maskline.pool({ assignNumbers: 'when-one-known' }, numbers(4));
  const agentId = async () => (await served(number, maskline.clock.now()))[0].calleeId;
  const placed = { reference: 'handed-over', pool, customer: { phone: aPhone() } };
  const { body: order } = await maskline.api('POST', '/v1/orders', placed);
  const number = order.customer.dials;
  const halfOpen = maskline.clock.now();
  maskline.clock.push({ minutes: 1 });
  await maskline.api('PUT', '/v1/orders/handed-over/agent', { phone: aPhone() });
  const [firstAgent, first] = [await agentId(), maskline.clock.now()];
  const [{ shownNumber }] = await served(number, first);
  maskline.clock.push({ minutes: 1 });
  await maskline.api('PUT', '/v1/orders/handed-over/agent', { phone: aPhone() });
  const [secondAgent, second] = [await agentId(), maskline.clock.now()];
  maskline.clock.push({ minutes: 1 });
  await maskline.api('DELETE', '/v1/orders/handed-over/participants/agent');
  expect(secondAgent).not.toBe(firstAgent);
  const seen = async () => {
    const callees = [];
    for (const at of [halfOpen, first, second]) callees.push((await served(number, at))[0].calleeId);
    return callees;
  };
  expect(await agentId()).toBe(null);
  expect(await seen()).toEqual([null, firstAgent, secondAgent]);
  expect(await served(number, first)).toMatchObject([{ dialler: 'customer', shownNumber }]);
  await maskline.api('POST', '/v1/orders/handed-over/cancel');
  await maskline.pass({ hours: 50 });
  expect(await maskline.count('assignments')).toBe(0);
  expect(await seen()).toEqual([null, firstAgent, secondAgent]);
});

it('two processes that archive at once make a month once and move each pair once', async () => {
  const pool = await maskline.pool({}, numbers(80));
  for (let index = 0; index < 40; index += 1) {
    await maskline.order(`many-${index}`, aPhone(), aPhone(), { pool });
    await maskline.api('POST', `/v1/orders/many-${index}/cancel`);
  }
  maskline.clock.push({ hours: 25 });
  const history = maskline.get(AssignmentHistoryService);
  const moved = await Promise.all(
    [1, 2, 3].map(() => history.archive(maskline.clock.now(), 500, async () => undefined)),
  );
  expect(moved.reduce((sum, count) => sum + count)).toBe(80);
  expect(await maskline.count('assignment_history')).toBe(80);
  expect(await maskline.count('assignments')).toBe(0);
});

it('archiving that PostgreSQL ends because of a deadlock is repeated', async () => {
  const pool = await maskline.pool({}, numbers(2));
  await maskline.order('deadlocked', aPhone(), aPhone(), { pool });
  await maskline.api('POST', '/v1/orders/deadlocked/cancel');
  maskline.clock.push({ hours: 25 });
  let tries = 0;
  const archived = await maskline.get(AssignmentHistoryService).archive(maskline.clock.now(), 500, async (tx) => {
    tries += 1;
    if (tries === 1) await tx.query(`DO $$ BEGIN RAISE EXCEPTION 'staged' USING ERRCODE = 'deadlock_detected'; END $$`);
  });
  expect([tries, archived]).toEqual([2, 2]);
  expect(await maskline.count('assignment_history')).toBe(2);
});
