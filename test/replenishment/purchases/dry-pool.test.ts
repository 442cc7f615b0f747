import { aPhone, API_KEY, numbers, TestApp } from '../../support/app.js';

const lines: { msg: string; waiting?: number; why?: string; level: number }[] = [];
let maskline: TestApp;
beforeAll(async () => {
  maskline = await TestApp.start({ logTo: (line) => lines.push(JSON.parse(line)) });
});
afterAll(() => maskline?.stop());

const events = async (pool: string): Promise<{ kind: string; detail: string }[]> =>
  (await maskline.api('GET', `/v1/pools/${pool}/events`)).body.events;
const metric = async (name: string, pool: string): Promise<number> => {
  const { text } = await maskline.request('GET', '/metrics', { authorization: `Bearer ${API_KEY}` });
  return Number(text.match(new RegExp(`^${name}\\{pool="${pool}"\\} (\\S+)$`, 'm'))?.[1]);
};

it.each([
  ['has as many numbers as it may', { maxNumbers: 1 }, /has 1 numbers, and may have 1/],
  ['may not buy', { maxNumbers: 9, buying: 'off' as const }, /Buying is off for pool/],
  ['may not spend more', { maxNumbers: 9, maxSpendPerDay: 1, currency: 'INR' }, /may spend 1 INR a day/],
])('a pool that %s says in log, event and metrics that orders wait, and when that is over', async (_, policy, why) => {
  lines.length = 0;
  const pool = await maskline.pool(policy, numbers(1));
  const reference = `waits-${pool}`;
  await maskline.order(`served-${pool}`, aPhone(), aPhone(), { pool });
  expect((await maskline.order(reference, aPhone(), aPhone(), { pool })).status).toBe('awaiting-numbers');
  maskline.clock.push({ seconds: 90 });
  for (let rounds = 0; rounds < 3; rounds += 1) await maskline.replenish(pool);

  const warned = lines.filter(({ msg }) => msg === 'pool cannot serve waiting orders');
  expect(warned).toEqual([expect.objectContaining({ waiting: 1, oldestSeconds: 90, level: 40 })]);
  expect(warned[0]!.why).toMatch(why);
  const dry = (await events(pool)).filter(({ kind }) => kind === 'pool.dry');
  expect(dry).toEqual([expect.objectContaining({ detail: expect.stringMatching(why) })]);
  expect(await metric('maskline_orders_awaiting_numbers', pool)).toBe(1);
  expect(await metric('maskline_oldest_awaiting_order_seconds', pool)).toBe(90);

  maskline.clock.push({ hours: 1 });
  await maskline.replenish(pool);
  expect((await events(pool)).filter(({ kind }) => kind === 'pool.dry')).toHaveLength(2); // told again after an hour

  await maskline.api('POST', `/v1/orders/${reference}/cancel`);
  for (let rounds = 0; rounds < 2; rounds += 1) await maskline.replenish(pool);
  expect((await events(pool)).filter(({ kind }) => kind === 'pool.served')).toHaveLength(1);
  expect(await metric('maskline_orders_awaiting_numbers', pool)).toBe(0);
  expect(await metric('maskline_oldest_awaiting_order_seconds', pool)).toBe(0);
});
