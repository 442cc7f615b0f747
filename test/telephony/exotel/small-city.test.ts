import { readTable } from '../../../src/platform/config/setting-table.js';
import { callbackSettings, EXOTEL_SETTINGS } from '../../../src/telephony/exotel/exotel-settings.js';
import { aPhone, numbers, TestApp } from '../../support/app.js';

const AGENTS = 60;
const ORDERS_OF_AN_AGENT = 5;
const NUMBERS = 8;
/** At dinner each side of an order calls twice within minutes. */
const CALLS_OF_A_SIDE = 2;
const AT_ONCE = 16;

let maskline: TestApp;
beforeAll(async () => {
  maskline = await TestApp.start({ callbacks: callbackSettings(readTable(EXOTEL_SETTINGS, {})) });
});
afterAll(() => maskline.stop());

interface Call {
  readonly from: string;
  readonly to: string;
  readonly reaches: string;
  readonly shows: string;
}

async function inTurns<T>(work: readonly T[], one: (item: T) => Promise<void>): Promise<void> {
  const left = [...work];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let item = left.pop(); item !== undefined; item = left.pop()) await one(item);
    }),
  );
}

it('a small city at dinner, with the settings of npm start: every honest call reaches whom it should', async () => {
  const pool = await maskline.pool({ capacity: 1_000 }, numbers(NUMBERS));
  const agents = Array.from({ length: AGENTS }, aPhone);
  const calls: Call[] = [];
  const orders = Array.from({ length: AGENTS * ORDERS_OF_AN_AGENT }, (_, at) => ({
    reference: `city-${at}`,
    customer: aPhone(),
    agent: agents[at % AGENTS]!,
  }));
  await inTurns(orders, async ({ reference, customer, agent }) => {
    const order = await maskline.order(reference, customer, agent, { pool });
    const [one, other] = [order.customer.dials, order.agent.dials];
    calls.push({ from: customer, to: one, reaches: agent, shows: other });
    calls.push({ from: agent, to: other, reaches: customer, shows: one });
  });
  expect(calls).toHaveLength(2 * AGENTS * ORDERS_OF_AN_AGENT);

  // Among them strangers, people who dial a wrong number, and one who dials without end.
  const nuisance = aPhone();
  const wrong = [
    ...Array.from({ length: 10 }, () => ({ from: aPhone(), to: calls[0]!.to })),
    ...Array.from({ length: 60 }, () => ({ from: nuisance, to: calls[1]!.to })),
  ];
  const dialled = Array.from({ length: CALLS_OF_A_SIDE }, () => calls).flat();
  const refused: Call[] = [];
  const misrouted: Call[] = [];
  const began = performance.now();
  await inTurns<Call | { from: string; to: string }>([...wrong, ...dialled], async (call) => {
    const { rings, shows } = await maskline.call(call.from, call.to);
    if (!('reaches' in call)) expect(rings).toEqual([]);
    else if (rings.length === 0) refused.push(call);
    else if (rings[0] !== call.reaches || shows !== call.shows) misrouted.push(call);
  });
  const minutes = (performance.now() - began) / 60_000;
  expect({ refused, misrouted }).toEqual({ refused: [], misrouted: [] });
  // More than three times the 24 calls a minute that a number has on the average of the simulated city's day.
  expect(dialled.length / NUMBERS / Math.max(minutes, 1)).toBeGreaterThan(72);

  // What is over stays over, as fast as it is said.
  const completed = orders.slice(0, 30);
  await inTurns(completed, async ({ reference }) => {
    await maskline.api('POST', `/v1/orders/${reference}/cancel`);
  });
  await maskline.pass({ hours: 1 });
  const over = new Set(completed.map(({ customer }) => customer));
  await inTurns(
    calls.filter(({ from }) => over.has(from)),
    async ({ from, to }) => {
      expect((await maskline.call(from, to)).rings).toEqual([]);
    },
  );
}, 120_000);
