import { randomBytes } from 'node:crypto';

import { OrderLocks } from '../../../src/orders/order/order-locks.service.js';
import { OrderClosed, OrderNotFound } from '../../../src/orders/order/orders.problems.js';
import type { OrderKey } from '../../../src/orders/order/known-orders.queries.js';
import { aPhone, numbers, TestApp } from '../../support/app.js';

let maskline: TestApp;
let locks: OrderLocks;
beforeAll(async () => {
  maskline = await TestApp.start();
  locks = maskline.get(OrderLocks);
});
afterAll(() => maskline.stop());

/** An active order, by both of its keys. */
async function anOrder(more: { lifetimeSeconds?: number; graceSeconds?: number } = {}) {
  const pool = await maskline.pool({ graceSeconds: 1_800, ...more }, numbers(2));
  const reference = `order-${randomBytes(4).toString('hex')}`;
  await maskline.order(reference, aPhone(), aPhone(), { pool });
  const [{ id }] = await maskline.dataSource.query('SELECT id FROM orders WHERE reference = $1', [reference]);
  return { id: id as string, reference, keys: [{ id: id as string }, { reference }] as const };
}

const open = (key: OrderKey) => maskline.dataSource.transaction((tx) => locks.lockOpen(tx, key));
const openOrInGrace = (key: OrderKey) => maskline.dataSource.transaction((tx) => locks.lockOpenOrInGrace(tx, key));

it('is the same order with the same participants, by its id and by its reference', async () => {
  const { id, keys } = await anOrder();
  const [byId, byReference] = [await open(keys[0]), await open(keys[1])];
  expect(byId).toEqual(byReference);
  expect(byId.order).toMatchObject({ id, status: 'active' });
  expect(byId.participants.map(({ role }) => role).toSorted()).toEqual(['agent', 'customer']);
  expect(byId.others(byId.mustHave('customer'))).toEqual([byId.participant('agent')]);
});

it('is not found by a key of no order', async () => {
  await expect(open({ reference: 'order-of-nobody' })).rejects.toThrow(OrderNotFound);
  await expect(open({ id: '00000000-0000-4000-8000-000000000000' })).rejects.toThrow(OrderNotFound);
});

it('is closed in its grace, in which it still has its participants, and after it', async () => {
  const { reference, keys } = await anOrder();
  await maskline.api('POST', `/v1/orders/${reference}/complete`);
  for (const key of keys) {
    await expect(open(key)).rejects.toThrow(OrderClosed);
    expect((await openOrInGrace(key))?.order.status).toBe('closing');
  }
  await maskline.pass({ seconds: 1_801 });
  for (const key of keys) {
    await expect(open(key)).rejects.toThrow(OrderClosed);
    expect(await openOrInGrace(key)).toBeNull();
  }
});

it('has expired once its lifetime is over, by either key, before any sweep has found it', async () => {
  for (const at of [0, 1] as const) {
    const { keys } = await anOrder({ lifetimeSeconds: 60 });
    maskline.clock.push({ seconds: 61 });
    expect((await openOrInGrace(keys[at]))?.order).toMatchObject({ status: 'closing', endedBecause: 'expired' });
    await expect(open(keys[at])).rejects.toThrow(OrderClosed);
  }
});
