import { randomBytes } from 'node:crypto';

import { bookedCall } from '../../../src/telephony/exotel/calls/exotel-call-records.js';
import { ReconcileService } from '../../../src/telephony/reconciliation/reconcile.service.js';
import { aPhone, TestApp } from '../../support/app.js';

const logged: string[] = [];
let maskline: TestApp;
let pool: string;
beforeAll(async () => {
  maskline = await TestApp.start({ logTo: (line) => logged.push(line) });
  pool = await maskline.pool({ lowWater: 8, target: 8, maxNumbers: 8, capacity: 50, lifetimeSeconds: 30 * 24 * 3600 });
  await maskline.replenish(pool);
});
afterAll(() => maskline.stop());
afterEach(async () => {
  await faults([]);
  await maskline.dataSource.query('DELETE FROM interactions');
});

const reconcile = (app = maskline) => app.get(ReconcileService).askForEnds();
/** Past the ringing, the talk and the quarter of an hour that news may take. */
const past = () => maskline.clock.push({ hours: 1, minutes: 16 });

const faults = (list: object[]) =>
  fetch(`${maskline.exchange.url}/exchange/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(list),
  });

async function anOrder() {
  const [reference, customer, agent] = [`order-${randomBytes(4).toString('hex')}`, aPhone(), aPhone()];
  const order = await maskline.order(reference, customer, agent, { pool });
  return { reference, customer, agent, customerDials: order.customer.dials as string };
}

/** A call whose end the exchange keeps to itself. */
async function aSilentCall(more: object = {}) {
  const order = await anOrder();
  const { callSid } = await maskline.place({
    from: order.customer,
    to: order.customerDials,
    skipPassthru: true,
    ...more,
  });
  return { ...order, callSid: callSid as string };
}

const shown = async (reference: string) =>
  (await maskline.api('GET', `/v1/orders/${reference}/interactions`)).body.interactions[0];

const count = async (where: string) => maskline.count('interactions', where);

it('asks for an end that was never reported, once its time is over and not before', async () => {
  const { reference } = await aSilentCall({ talkSeconds: 42 });
  maskline.clock.push({ hours: 1 });
  expect(await reconcile()).toMatchObject({ asked: 0 });
  expect(await shown(reference)).toMatchObject({ state: 'decided', outcome: null });
  maskline.clock.push({ minutes: 16 });
  expect(await reconcile()).toEqual({ asked: 1, ended: 1, madeUp: 0 });
  expect(await shown(reference)).toMatchObject({ outcome: 'completed', talkSeconds: 42, genuine: true });
  past();
  expect(await reconcile()).toMatchObject({ asked: 0 });
});

it('takes from the books how the callee’s leg went, not that the caller’s was answered', async () => {
  const { reference } = await aSilentCall({ callee: 'busy' });
  past();
  await reconcile();
  expect(await shown(reference)).toMatchObject({ outcome: 'busy', talkSeconds: 0 });
});

it('asks nothing about calls whose end was reported, or that rang nobody', async () => {
  const { customer, customerDials } = await anOrder();
  await maskline.place({ from: customer, to: customerDials });
  await maskline.place({ from: aPhone(), to: customerDials, skipPassthru: true });
  past();
  expect(await reconcile()).toMatchObject({ asked: 0 });
});

it('believes the second denial, and then tells that somebody made the call up', async () => {
  const { reference, customer, customerDials } = await anOrder();
  const { callSid } = await maskline.call(customer, customerDials); // asked by nobody whom the exchange knows
  past();
  expect(await reconcile()).toEqual({ asked: 1, ended: 0, madeUp: 0 });
  expect(await shown(reference)).toMatchObject({ genuine: null });
  past();
  expect(await reconcile()).toEqual({ asked: 1, ended: 0, madeUp: 1 });
  expect(await shown(reference)).toMatchObject({ providerCallId: callSid, outcome: null, genuine: false });
  const { body } = await maskline.api('GET', `/v1/orders/${reference}/events`);
  expect(body.events.at(-1)).toMatchObject({ kind: 'order.call-made-up' });
  const { text: metrics } = await maskline.api('GET', '/metrics');
  expect(metrics).toMatch(/maskline_calls_made_up_total\{provider="exotel"\} 1/);
  expect(logged.join('\n')).toContain('call unknown to its provider');
  past();
  expect(await reconcile()).toMatchObject({ asked: 0 });
});

it('leaves a provider alone that does not answer, and asks it again later, as if it had not been asked', async () => {
  await aSilentCall();
  await aSilentCall();
  past();
  await faults([{ api: 'calls', kind: 'status', status: 500 }]);
  expect(await reconcile()).toEqual({ asked: 1, ended: 0, madeUp: 0 });
  expect(await count('times_asked = 0 AND ask_at IS NOT NULL')).toBe(2);
  expect(await reconcile()).toMatchObject({ asked: 0 }); // in peace
  await faults([]);
  maskline.clock.push({ minutes: 6 });
  expect(await reconcile()).toEqual({ asked: 2, ended: 2, madeUp: 0 });
});

it('asks for no call twice when two processes do it at once', async () => {
  for (let call = 0; call < 6; call += 1) await aSilentCall();
  const other = await TestApp.start({ database: maskline.database, clock: maskline.clock });
  past();
  const rounds = await Promise.all([reconcile(), reconcile(other), reconcile(), reconcile(other)]);
  await other.stop();
  expect(rounds.reduce((sum, { asked }) => sum + asked, 0)).toBe(6);
});

it('asks again, ever more seldom, about a call that goes on, and gives it up in the end', async () => {
  const { customer, customerDials } = await anOrder();
  const goingOn = maskline.place({ from: customer, to: customerDials, delayMs: 4_000 });
  while ((await count(`decision = 'connect'`)) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const waits: number[] = [];
  for (let asked = 1; asked <= 10; asked += 1) {
    const [{ ask_at: due }] = await maskline.dataSource.query('SELECT ask_at FROM interactions');
    maskline.clock.push({ seconds: Math.max(0, (due.getTime() - maskline.clock.now().getTime()) / 1000) });
    expect(await reconcile()).toEqual({ asked: 1, ended: 0, madeUp: 0 });
    const [{ ask_at: next }] = await maskline.dataSource.query('SELECT ask_at FROM interactions');
    if (next !== null) waits.push((next.getTime() - maskline.clock.now().getTime()) / 60_000);
  }
  expect(waits).toEqual([15, 30, 60, 120, 240, 360, 360, 360, 360]);
  expect(await count('ask_at IS NULL AND outcome IS NULL')).toBe(1);
  await goingOn;
});

describe('a call as Exotel books it', () => {
  const book = (call: object) => bookedCall({ Call: call }, 'the details').end;

  it.each([
    ['talk', { Status: 'completed', Details: { ConversationDuration: 61, Leg2Status: 'completed' } }, 'completed', 61],
    [
      'seconds as text',
      { Status: 'completed', Details: { ConversationDuration: '61', Leg2Status: 'completed' } },
      'completed',
      61,
    ],
    [
      'nobody answered',
      { Status: 'no-answer', Details: { ConversationDuration: 0, Leg2Status: 'no-answer' } },
      'no-answer',
      0,
    ],
    [
      'the caller hung up',
      { Status: 'no-answer', Details: { ConversationDuration: 0, Leg2Status: 'canceled' } },
      'canceled',
      0,
    ],
    ['nobody was dialled', { Status: 'completed', Details: { Leg2Status: null } }, 'not-dialled', 0],
    ['without details', { Status: 'completed', Duration: '78' }, 'completed', null],
  ])('%s', (_, call, outcome, talkSeconds) => {
    expect(book(call)).toMatchObject({ state: 'ended', outcome, talkSeconds });
  });

  it.each(['queued', 'in-progress'])('%s is no end', (Status) => {
    expect(book({ Status })).toBeNull();
  });

  it('of another shape is as if it had not answered', () => {
    expect(() => bookedCall('<html>', 'the details of call 1')).toThrow('has no Status');
  });
});
