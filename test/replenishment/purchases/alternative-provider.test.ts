import { aNumber, aPhone, numbers, TestApp } from '../../support/app.js';
import { expectConservedNumbers } from '../../support/conserved-numbers.js';
import { ProviderAccount } from '../../support/provider-account.js';
import { caller } from '../../telephony/calling.js';

let maskline: TestApp;
let account: ProviderAccount;
beforeEach(async () => {
  maskline = await TestApp.start();
  account = new ProviderAccount(maskline);
});
afterEach(() => maskline.stop());

const providers = async (pool: string) => {
  const rows = await maskline.dataSource.query(
    `SELECT number.provider, count(*)::integer AS numbers
     FROM virtual_numbers AS number JOIN pools AS pool ON pool.id = number.pool_id
     WHERE pool.name = $1 AND number.status = 'available' GROUP BY number.provider`,
    [pool],
  );
  return Object.fromEntries(rows.map((row: { provider: string; numbers: number }) => [row.provider, row.numbers]));
};
const providerOf = async (number: string) =>
  (await maskline.dataSource.query(`SELECT provider FROM virtual_numbers WHERE number = $1`, [number]))[0].provider;
const find = async (reference: string) => (await maskline.api('GET', `/v1/orders/${reference}`)).body;
const addTwilios = (pool: string, count: number) =>
  maskline.api('POST', '/v1/numbers/import', {
    pool,
    numbers: numbers(count).map((number) => ({ number, provider: 'twilio' })),
  });

it('what the pool’s own provider cannot sell is bought of the other, and serves orders by itself', async () => {
  const pool = await maskline.pool({
    country: 'GB',
    alternativeProvider: 'twilio',
    lowWater: 2,
    target: 2,
    maxNumbers: 8,
  });
  await account.faults({ provider: 'exotel', api: 'search', kind: 'empty' });
  await maskline.replenish(pool);
  expect(await providers(pool)).toEqual({ twilio: 2 });
  const [customer, agent] = [aPhone(), aPhone()];
  const order = await maskline.order('by-the-other', customer, agent, { pool });
  expect(order.status).toBe('active');
  expect(order.customer.dials).not.toBe(order.agent.dials);
  const call = JSON.stringify(await maskline.place({ from: customer, to: order.customer.dials }));
  expect(call).toContain(agent.slice(3));

  await account.faults();
  await maskline.replenish(pool);
  expect(await providers(pool)).toEqual({ twilio: 2, exotel: 2 });
  const next = await maskline.order('by-the-first', aPhone(), aPhone(), { pool });
  expect([await providerOf(next.customer.dials), await providerOf(next.agent.dials)]).toEqual(['exotel', 'exotel']);
});

it('an agent who is replaced where the provider has no number left takes the order along to the other', async () => {
  const pool = await maskline.pool({ alternativeProvider: 'twilio', quarantineSeconds: 86_400 }, numbers(2));
  const customer = aPhone();
  const before = await maskline.order('replaced', customer, aPhone(), { pool });
  // No newcomer fits beside the customer's number: it is held, and so is the leaver's by another order.
  await maskline.dataSource.query(`UPDATE virtual_numbers SET capacity = 2 WHERE number = $1`, [before.agent.dials]);
  const newcomer = aPhone();
  const key = maskline.vault.keyOf(newcomer as never);
  for (const number of [before.agent.dials, before.customer.dials])
    await maskline.dataSource.query(
      `INSERT INTO assignments (virtual_number, dialler_key, order_id, dialler_id, dialler_role, callee_id, callee_phone,
                                shown_number, assigned_at, connects_until, released_at, quarantined_until)
       SELECT $1, $2, order_id, gen_random_uuid(), 'agent', callee_id, callee_phone, shown_number, assigned_at, connects_until,
              assigned_at, connects_until + interval '9 days'
       FROM assignments LIMIT 1`,
      [number, key],
    );
  await addTwilios(pool, 2);
  const { status } = await maskline.api('PUT', '/v1/orders/replaced/agent', { phone: newcomer });
  expect(status).toBe(202);
  await maskline.replenish(pool);
  const after = await find('replaced');
  expect(after.status).toBe('active');
  expect([await providerOf(after.customer.dials), await providerOf(after.agent.dials)]).toEqual(['twilio', 'twilio']);
  await expectConservedNumbers(maskline.dataSource);
});

describe('an order that is moved off a lost number', () => {
  it('stays with the provider while that one has numbers', async () => {
    const pool = await maskline.pool({ alternativeProvider: 'twilio', lowWater: 4, target: 4, maxNumbers: 8 });
    await maskline.replenish(pool);
    const before = await maskline.order('stays', aPhone(), aPhone(), { pool });
    await addTwilios(pool, 4);
    await maskline.replenish(pool);
    await account.takeAway(before.customer.dials);
    await maskline.replenish(pool);
    const after = await find('stays');
    expect(after.customer.dials).not.toBe(before.customer.dials);
    expect(after.agent.dials).toBe(before.agent.dials);
    expect(await providerOf(after.customer.dials)).toBe('exotel');
  });

  it('goes to the other with both its numbers when that one has none left, blocks and other phones included', async () => {
    const pool = await maskline.pool({ alternativeProvider: 'twilio', lowWater: 2, target: 2, maxNumbers: 2 });
    await maskline.replenish(pool);
    const [customer, other, agent] = [aPhone(), aPhone(), aPhone()];
    const before = await maskline.order('goes', customer, agent, { pool });
    await maskline.api('POST', '/v1/orders/goes/participants/customer/phones', { phone: other });
    await maskline.api('POST', '/v1/orders/goes/participants/customer/block');
    await addTwilios(pool, 2);
    await maskline.replenish(pool);
    for (const side of ['customer', 'agent']) await account.takeAway(before[side].dials);
    await maskline.replenish(pool);
    expect((await find('goes')).customer.dials).toBe(before.customer.dials); // two at once are not believed at once
    maskline.clock.push({ minutes: 11 });
    await maskline.replenish(pool);

    const after = await find('goes');
    expect(after.status).toBe('active');
    expect([await providerOf(after.customer.dials), await providerOf(after.agent.dials)]).toEqual(['twilio', 'twilio']);
    for (const phone of [customer, other]) {
      const call = await caller(maskline)(phone, after.customer.dials);
      expect(call).toMatchObject({ decision: 'connect', callee: agent, shownNumber: after.agent.dials });
    }
    expect(await maskline.count('assignments', `released_at IS NULL AND blocked_at IS NOT NULL`)).toBe(1);
    const kinds = (await maskline.api('GET', '/v1/orders/goes/events')).body.events.map(
      (event: { kind: string }) => event.kind,
    );
    expect(kinds.filter((kind: string) => kind === 'order.numbers-changed')).toHaveLength(1);
    await expectConservedNumbers(maskline.dataSource);
  });

  it('waits where neither has numbers for both sides', async () => {
    const pool = await maskline.pool({ lowWater: 2, target: 2, maxNumbers: 2 });
    await maskline.replenish(pool);
    const before = await maskline.order('waits', aPhone(), aPhone(), { pool });
    await maskline.replenish(pool);
    for (const side of ['customer', 'agent']) await account.takeAway(before[side].dials);
    await maskline.replenish(pool);
    maskline.clock.push({ minutes: 11 });
    await maskline.replenish(pool);
    expect(await find('waits')).toMatchObject({ status: 'active', customer: { dials: before.customer.dials } });
    await maskline.api('POST', '/v1/numbers/import', { pool, numbers: [{ number: aNumber() }, { number: aNumber() }] });
    await maskline.replenish(pool);
    const after = await find('waits');
    expect(new Set([after.customer.dials, after.agent.dials, before.customer.dials, before.agent.dials]).size).toBe(4);
    await expectConservedNumbers(maskline.dataSource);
  });
});
