import { API_KEY, aPhone, numbers, TestApp } from '../../support/app.js';
import { OrderIntakeService } from '../../../src/orders/intake/order-intake.service.js';

let app: TestApp;
let pool: string;
const lines: string[] = [];
beforeAll(async () => {
  app = await TestApp.start({ logTo: (line) => lines.push(line) });
  pool = await app.pool({}, numbers(4));
});
afterAll(() => app?.stop());

/** Asks with one phone after another until told to stop. @returns how many were compared */
async function tried(ask: (phone: string) => Promise<{ status: number; body: { type?: string } }>): Promise<number> {
  for (let count = 0; count < 100; count += 1) {
    const { status, body } = await ask(aPhone());
    if (status === 429) {
      expect(body).toMatchObject({ type: '/problems/too-many-phones-tried', retryAfterSeconds: expect.any(Number) });
      return count;
    }
  }
  return 100;
}

it.each([
  [
    'by placing it again',
    'POST',
    (reference: string, phone: string) => app.api('POST', '/v1/orders', { reference, pool, customer: { phone } }),
  ],
  [
    'by its agent',
    'PUT',
    (reference: string, phone: string) => app.api('PUT', `/v1/orders/${reference}/agent`, { phone }),
  ],
  [
    'by a correction',
    'PATCH',
    (reference: string, phone: string) => app.api('PATCH', `/v1/orders/${reference}/participants/customer`, { phone }),
  ],
  [
    'by another phone of a participant',
    'PHONES',
    (reference: string, phone: string) =>
      app.api('POST', `/v1/orders/${reference}/participants/customer/phones`, { phone }),
  ],
])('whoever has the key cannot find out the phone of an order by trying phones: %s', async (_, name, ask) => {
  const reference = `guessed-${name}`;
  const customer = aPhone();
  await app.order(reference, customer, undefined, { pool });
  expect(await tried((phone) => ask(reference, phone))).toBeLessThan(20);
  expect((await ask(reference, aPhone())).status).toBe(429);
  // Another order's phones are not counted with these, and the order's own client is not held up.
  expect((await app.api('POST', '/v1/orders', { reference, pool, customer: { phone: customer } })).status).not.toBe(
    429,
  );
  expect(
    (await app.api('POST', '/v1/orders', { reference: `${reference}-2`, pool, customer: { phone: aPhone() } })).status,
  ).toBe(201);
  expect(lines.join()).not.toContain(customer.slice(1));
});

it('an order’s client may repeat the same phone as often as it likes, and is heard again after the hour', async () => {
  const customer = aPhone();
  const again = () => app.api('POST', '/v1/orders', { reference: 'repeated', pool, customer: { phone: customer } });
  for (let count = 0; count < 50; count += 1) expect((await again()).status).toBeLessThan(300);
  const ask = (phone: string) => app.api('POST', '/v1/orders', { reference: 'repeated', pool, customer: { phone } });
  await tried(ask);
  app.clock.push({ seconds: 3_601 });
  expect((await ask(aPhone())).status).toBe(409);
});

it('a wrong request takes no try from a right one', async () => {
  const reference = 'guessed-wrongly';
  await app.order(reference, aPhone(), undefined, { pool });
  const path = `/v1/orders/${reference}`;
  const twice = () => ['sender', 'sender'].map((role) => ({ role, phone: aPhone() }));
  for (let count = 0; count < 12; count += 1) {
    const wrong = [
      app.api('POST', '/v1/orders', { reference, pool, participants: twice() }),
      app.api('POST', '/v1/orders', { reference, pool: 'no-such-pool', customer: { phone: aPhone() } }),
      app.api('POST', '/v1/orders', {
        reference,
        pool,
        participants: [
          { role: 'sender', phone: aPhone() },
          { role: 'recipient', phone: `123${count}` },
        ],
      }),
      app.api('PUT', `${path}/participants/courier`, { phone: `123${count}` }),
      app.api('PATCH', `${path}/participants/courier`, { phone: aPhone() }),
      app.api('POST', `${path}/participants/courier/phones`, { phone: aPhone() }),
    ];
    for (const { status } of await Promise.all(wrong)) expect([404, 422]).toContain(status);
  }
  expect((await app.api('PUT', `${path}/participants/courier`, { phone: aPhone() })).status).toBe(200);
});

it('events are no way around it, and what is refused is counted', async () => {
  const event = (index: number) => ({
    specversion: '1.0',
    type: 'order.placed',
    source: '/guesser',
    id: `g-${index}`,
    time: app.clock.now().toISOString(),
    data: { reference: 'guessed-by-event', pool, customer: { phone: aPhone() } },
  });
  const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/cloudevents-batch+json' };
  const batch = Array.from({ length: 30 }, (_, index) => event(index));
  expect((await app.request('POST', '/v1/events', headers, JSON.stringify(batch))).status).toBe(202);
  await app.get(OrderIntakeService).applyStored();
  const { events } = (await app.api('GET', '/v1/events/rejected?limit=100')).body;
  const reasons = events.map(({ reason }: { reason: string }) => reason.split(':')[0]);
  expect(reasons.filter((reason: string) => reason.includes('too many different phones'))).toHaveLength(10);
  const { text } = await app.request('GET', '/metrics', headers);
  expect(Number(/^maskline_phone_guesses_refused_total (\d+)$/m.exec(text)?.[1])).toBeGreaterThanOrEqual(10);
});
