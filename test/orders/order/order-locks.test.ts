import { randomBytes } from 'node:crypto';

import { OrderLocks } from '../../../src/orders/order/order-locks.service.js';
import { OrderClosed, OrderNotFound } from '../../../src/orders/order/orders.problems.js';
import type { OrderKey } from '../../../src/orders/order/known-orders.queries.js';
import { aPhone, numbers, TestApp } from '../../support/app.js';
import { eventually } from '../../support/eventually.js';

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

/** Whether a transaction waits for a lock. */
async function somebodyWaits(): Promise<boolean> {
  const waiting = await maskline.dataSource.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return waiting.length > 0;
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

it('has the participants and the state of the moment at which it is locked, however long that takes', async () => {
  const { reference, keys } = await anOrder();
  for (const key of keys) {
    const { before, after } = await maskline.dataSource.transaction(async (tx) => {
      const before = await locks.lockOpen(tx, key);
      const { participantId } = before.mustHave('agent');
      const after = open(key);
      await eventually(somebodyWaits);
      await tx.query('UPDATE participants SET left_at = now() WHERE id = $1', [participantId]);
      await tx.query(
        `INSERT INTO participants (order_id, id, role, phone, phone_key, joined_at)
         SELECT order_id, gen_random_uuid(), role, phone, phone_key, now() FROM participants WHERE id = $1`,
        [participantId],
      );
      await tx.query('UPDATE orders SET lifetime_seconds = lifetime_seconds + 1 WHERE reference = $1', [reference]);
      return { before, after };
    });
    const now = await after;
    expect(now.order.lifetimeSeconds).toBe(before.order.lifetimeSeconds + 1);
    expect(now.participants).toHaveLength(2);
    expect(now.mustHave('agent').participantId).not.toBe(before.mustHave('agent').participantId);
    expect(now.participant('customer')).toEqual(before.participant('customer'));
  }
});

it('may have no participants', async () => {
  const { reference, keys } = await anOrder();
  for (const role of ['agent', 'customer']) {
    expect((await maskline.api('DELETE', `/v1/orders/${reference}/participants/${role}`)).status).toBe(200);
  }
  expect((await open(keys[0])).participants).toEqual([]);
  expect((await open(keys[1])).order).not.toHaveProperty('participantId');
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
