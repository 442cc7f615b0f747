import { randomUUID } from 'node:crypto';

import { OrderEventFeedService } from '../../src/orders/feed/order-event-feed.service.js';
import { SCOPES } from '../../src/platform/http/authentication/scopes.js';
import { QueueWatch } from '../../src/platform/queue/queue-watch.js';
import { ProviderUnavailable } from '../../src/telephony/providers/provider-errors.js';
import { ProviderCircuits } from '../../src/replenishment/purchases/provider-circuits.service.js';
import { aPhone, numbers, TestApp, type Body } from '../support/app.js';

let maskline: TestApp;
beforeEach(async () => {
  maskline = await TestApp.start();
});
afterEach(() => maskline.stop());

const status = async () => {
  const { status: code, body, text } = await maskline.api('GET', '/v1/status');
  expect([code, text]).toEqual([200, expect.any(String)]);
  return body;
};
const poolOf = ({ pools }: Body, name: string) => pools.find(({ pool }: Body) => pool === name);

describe('the status', () => {
  it('counts the live orders of each pool, and says since when the first one waits', async () => {
    const pool = await maskline.pool({}, numbers(2));
    const dry = await maskline.pool({ buying: 'off' });
    await maskline.order('placed', aPhone(), undefined, { pool });
    await maskline.order('active', aPhone(), aPhone(), { pool });
    const since = maskline.clock.now().toISOString();
    await maskline.order('first', aPhone(), aPhone(), { pool: dry });
    maskline.clock.push({ minutes: 5 });
    await maskline.order('second', aPhone(), aPhone(), { pool: dry });
    const now = await status();
    expect(now.at).toBe(maskline.clock.now().toISOString());
    expect(poolOf(now, pool)).toEqual({
      pool,
      orders: { placed: 1, awaitingNumbers: 0, active: 1, closing: 0 },
      oldestWaitingSince: null,
      spending: { currency: null, today: 0, mostPerDay: null, thisMonth: 0, mostPerMonth: null },
    });
    expect(poolOf(now, dry)).toMatchObject({ orders: { awaitingNumbers: 2 }, oldestWaitingSince: since });
    await maskline.api('POST', '/v1/orders/active/complete');
    expect(poolOf(await status(), pool).orders).toMatchObject({ active: 0, closing: 1 });
  });

  it('says what was spent beside what may be spent', async () => {
    const money = { maxSpendPerDay: 5_000, maxSpendPerMonth: 50_000, currency: 'INR' };
    const pool = await maskline.pool({ lowWater: 2, target: 2, region: 'MH', ...money });
    await maskline.replenish(pool);
    const { spending } = poolOf(await status(), pool);
    expect(spending).toEqual({
      ...{ currency: 'INR', today: 998, mostPerDay: 5_000 },
      ...{ thisMonth: 998, mostPerMonth: 50_000 },
    });
  });

  it('counts calls of whole minutes by decision, and the refused ones by reason', async () => {
    const pool = await maskline.pool({}, numbers(2));
    const [customer, agent] = [aPhone(), aPhone()];
    const order = await maskline.order('called', customer, agent, { pool });
    await maskline.call(customer, order.customer.dials);
    await maskline.call(aPhone(), order.customer.dials);
    await maskline.call(aPhone(), order.customer.dials);
    expect(sumsOf(await status())).toEqual({ connected: 0, refused: 0, pinAsked: 0 }); // the minute is not over
    maskline.clock.push({ minutes: 1 });
    const { installation } = await status();
    const { minutes, refusals } = installation.calls;
    expect(minutes).toHaveLength(15);
    expect(minutes.at(-1)).toMatchObject({ connected: 1, refused: 2, pinAsked: 0 });
    expect(refusals).toEqual([{ reason: 'UNKNOWN_CALLER', because: expect.stringContaining('on no order'), calls: 2 }]);
    maskline.clock.push({ minutes: 15 });
    expect(sumsOf(await status())).toEqual({ connected: 0, refused: 0, pinAsked: 0 });
  });

  it('says which provider is in trouble, what is behind, and whether numbers may be bought', async () => {
    const { id } = (await maskline.api('POST', '/v1/webhook-endpoints', { url: 'http://127.0.0.1:9/' })).body;
    await maskline.order('told', aPhone());
    await maskline.get(QueueWatch).look();
    await maskline.get(OrderEventFeedService).placeAll();
    maskline.clock.push({ minutes: 2 });
    const fail = async () => {
      throw new ProviderUnavailable('Exotel did not answer.');
    };
    for (let times = 0; times < 3; times += 1) {
      await maskline
        .get(ProviderCircuits)
        .ask('exotel', 'purchase', fail)
        .catch(() => undefined);
    }
    const { installation } = await status();
    expect(installation.buying).toBe('on');
    expect(installation.providers).toContainEqual({
      ...{ provider: 'exotel', use: 'purchase', trouble: 'Exotel did not answer.', pausedUntil: expect.any(String) },
    });
    expect(installation.providers).toContainEqual({
      ...{ provider: 'exotel', use: 'inventory', trouble: null, pausedUntil: null },
    });
    expect(installation.webhooks).toEqual([
      { endpoint: id, url: 'http://127.0.0.1:9/', enabled: true, disabledBecause: null, behindSeconds: 120 },
    ]);
    await maskline.api('PATCH', `/v1/webhook-endpoints/${id}`, { enabled: false });
    expect((await status()).installation.webhooks).toMatchObject([{ enabled: false, disabledBecause: 'requested' }]);
    expect(installation.queues.map(({ queue }: Body) => queue)).toContain('orders.intake');
    for (const queue of installation.queues) {
      expect(queue).toMatchObject({ waiting: expect.any(Number), overdueSeconds: expect.any(Number) });
    }
    expect(installation.replica).toEqual({ behindSeconds: null, refusal: null });
  });

  it('tells a key that is limited to pools of these only', async () => {
    const pool = await maskline.pool();
    const name = `key ${randomUUID()}`;
    const { key } = (await maskline.api('POST', '/v1/keys', { name, scopes: SCOPES, pools: [pool] })).body;
    const { body } = await maskline.request('GET', '/v1/status', { authorization: `Bearer ${key}` });
    expect(body.pools.map((one: Body) => one.pool)).toEqual([pool]);
    expect(body.installation).toBeNull();
  });
});

function sumsOf({ installation }: Body) {
  const { minutes } = installation.calls;
  const sum = (kind: string) => minutes.reduce((total: number, one: Body) => total + one[kind], 0);
  return { connected: sum('connected'), refused: sum('refused'), pinAsked: sum('pinAsked') };
}
