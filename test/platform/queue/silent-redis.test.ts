import { aPhone, numbers, TestApp } from '../../support/app.js';
import { RedisLine } from '../../support/redis-line.js';
import { describeWithRedis, REDIS } from '../../support/with-redis.js';
import { CalmTime } from '../../support/calm-time.js';

/** An announcement waits a second; the rest is room for a busy machine. Without a bound it would wait for ever. */
const AT_MOST_MS = 3_000;

let app: TestApp;
let line: RedisLine;

beforeAll(async () => {
  if (!REDIS) return;
  line = await RedisLine.to(REDIS);
  app = await TestApp.start({ redisUrl: line.url });
  await app.pool({ name: 'full' }, numbers(2));
  await app.pool({ name: 'dry' });
  await app.order('waiting', aPhone(), undefined, { pool: 'dry' });
  await new Promise((resolve) => setTimeout(resolve, 1_100)); // or the pools' next news would be held back as a repeat
  line.cut();
});
afterAll(async () => {
  line?.mend();
  await app?.stop();
  line?.close();
});

async function within<T extends { status: number }>(work: Promise<T>, status: number): Promise<T> {
  const waited = new CalmTime();
  const answer = await work;
  expect(waited.ms).toBeLessThan(AT_MOST_MS);
  expect(answer.status).toBe(status);
  return answer;
}

describeWithRedis('with a Redis that takes every byte and says nothing more', () => {
  const place = (reference: string, pool: string) =>
    app.api('POST', '/v1/orders', { reference, customer: { phone: aPhone() }, pool });
  const assign = (reference: string) => app.api('PUT', `/v1/orders/${reference}/agent`, { phone: aPhone() });

  it('every answer comes in time, as if the news had been taken', async () => {
    await within(place('order-1', 'full'), 201);
    await within(assign('order-1'), 200);
    await within(app.api('POST', '/v1/orders/order-1/cancel'), 200);
  });

  it('an order that has to wait for numbers is two pieces of news, and no later', async () => {
    expect(await within(assign('waiting'), 202)).toMatchObject({ body: { status: 'awaiting-numbers' } });
  });
});
