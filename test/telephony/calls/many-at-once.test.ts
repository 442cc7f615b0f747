import { vi } from 'vitest';

import { CallConnections } from '../../../src/platform/database/call-connections.js';
import { aPhone, TestApp } from '../../support/app.js';
import { aCallId, anOrder, caller, type OrderOfTwo } from '../calling.js';

/** Calls that arrive together share statements, in a process and beside another one. */

const ORDERS = 12;
const CALLS_OF_EACH = 8;

let first: TestApp;
let second: TestApp;
let orders: OrderOfTwo[];
beforeAll(async () => {
  first = await TestApp.start();
  second = await TestApp.start({ database: first.database });
  orders = await Promise.all(Array.from({ length: ORDERS }, () => anOrder(first)));
});
afterAll(async () => {
  await second.stop();
  await first.stop();
});

interface Placed {
  readonly callSid: string;
  readonly from: string;
  readonly to: string;
  /** Null = nobody. */
  readonly rings: string | null;
  readonly reason: string;
}

/** Calls of known callers, in both directions, and of strangers. */
function calls(): Placed[] {
  return orders.flatMap((order, index) => {
    const { customer, agent, customerDials, agentDials } = order;
    const other = orders[(index + 1) % ORDERS]!;
    return Array.from({ length: CALLS_OF_EACH }, (_, turn): Placed => {
      const callSid = aCallId();
      if (turn % 4 === 0) return { callSid, from: customer, to: customerDials, rings: agent, reason: 'CONNECTED' };
      if (turn % 4 === 1) return { callSid, from: agent, to: agentDials, rings: customer, reason: 'CONNECTED' };
      if (turn % 4 === 2)
        return { callSid, from: customer, to: other.customerDials, rings: null, reason: 'NO_SESSION' };
      return { callSid, from: aPhone(), to: customerDials, rings: null, reason: 'UNKNOWN_CALLER' };
    });
  });
}

const recorded = async () =>
  (await first.dataSource.query(
    `SELECT provider_call_id AS "callSid", reason, (SELECT count(*)::integer FROM jsonb_object_keys(steps)) AS steps
     FROM interactions`,
  )) as { callSid: string; reason: string; steps: number }[];

async function place(app: TestApp, { from, to, callSid }: Placed): Promise<string | null> {
  return (await app.call(from, to, callSid)).rings[0] ?? null;
}

it('answers many calls at once as one at a time, some of them twice and at two processes, and records each once', async () => {
  const placed = calls();
  const requests = placed.flatMap((call, index) => [
    { app: first, call },
    ...(index % 3 === 0 ? [{ app: first, call }] : []),
    ...(index % 2 === 0 ? [{ app: second, call }] : []),
  ]);
  const query = vi.spyOn(first.get(CallConnections), 'query');
  const rung = await Promise.all(requests.map(({ app, call }) => place(app, call)));
  const statements = query.mock.calls.length;
  query.mockRestore();
  expect(rung).toEqual(requests.map(({ call }) => call.rings));
  expect((await recorded()).sort(bySid)).toEqual(
    placed.map(({ callSid, reason }) => ({ callSid, reason, steps: 1 })).sort(bySid),
  );
  expect(statements).toBeLessThan(requests.length);
});

const bySid = (a: { callSid: string }, b: { callSid: string }) => (a.callSid < b.callSid ? -1 : 1);

it('a call whose decision cannot be recorded is refused alone, and not those that arrive together with it', async () => {
  const call = caller(first);
  const answers = await Promise.all(
    orders.flatMap(({ customer, customerDials }, index) => [
      call(customer, customerDials),
      ...(index % 5 === 0 ? [call(customer, customerDials, { providerCallId: `a NUL \u0000 ${index}` })] : []),
    ]),
  );
  const reasons = answers.map(({ reason }) => reason);
  expect(reasons.filter((reason) => reason === 'CONNECTED')).toHaveLength(ORDERS);
  expect(reasons.filter((reason) => reason === 'STALE_STATE')).toHaveLength(Math.ceil(ORDERS / 5));
});

it('the same calls at two processes at the same time are each decided once, and wait for no deadlock', async () => {
  for (let round = 0; round < 5; round += 1) {
    const placed = calls().filter(({ rings }) => rings !== null);
    const backwards = [...placed].reverse();
    const [here, there] = await Promise.all([
      Promise.all(placed.map((call) => place(first, call))),
      Promise.all(backwards.map((call) => place(second, call))),
    ]);
    expect(here).toEqual(placed.map(({ rings }) => rings));
    expect(there).toEqual(backwards.map(({ rings }) => rings));
    const sids = new Set(placed.map(({ callSid }) => callSid));
    expect((await recorded()).filter(({ callSid }) => sids.has(callSid)).map(({ steps }) => steps)).toEqual(
      placed.map(() => 1),
    );
  }
});

it('two callers with one call id are told apart, also when they arrive together: the second reaches nobody', async () => {
  const call = caller(first);
  for (let round = 0; round < 5; round += 1) {
    const [one, other] = [orders[round]!, orders[round + 1]!];
    const providerCallId = aCallId();
    const answers = await Promise.all([
      call(one.customer, one.customerDials, { providerCallId }),
      call(other.customer, other.customerDials, { providerCallId }),
    ]);
    expect(answers.map(({ reason }) => reason)).toEqual(['CONNECTED', 'CALL_ID_REUSED']);
  }
});
