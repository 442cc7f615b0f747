import { Client } from 'pg';

import { aPhone, TestApp } from '../../support/app.js';
import { ProviderAccount } from '../../support/provider-account.js';
import type { E164 } from '../../../src/phone-number/e164.js';
import { aCallId, anOrder, caller, connect } from '../calling.js';
import { CalmTime } from '../../support/calm-time.js';

/** What an expert expects of calls in odd cases. A test is named after its case, and what happens then. */

let maskline: TestApp;
let call: ReturnType<typeof caller>;
beforeAll(async () => {
  maskline = await TestApp.start();
  call = caller(maskline);
});
afterAll(() => maskline.stop());

const post = (reference: string, what: string) => maskline.api('POST', `/v1/orders/${reference}/${what}`);
const interactionsOf = async (reference: string) =>
  (await maskline.api('GET', `/v1/orders/${reference}/interactions`)).body.interactions;
const report = (callSid: string, exit: string, more: Record<string, string>) =>
  maskline.exotel('GET', `passthru/${exit}`, { CallSid: callSid, ...more });

describe('what goes wrong', () => {
  it('Database down: nobody is rung on a guess, the caller is told in time to try again, and later it connects', async () => {
    const order = await anOrder(maskline);
    const other = new Client({ connectionString: maskline.database.url });
    await other.connect();
    await other.query('BEGIN; LOCK TABLE assignments IN ACCESS EXCLUSIVE MODE');
    const waited = new CalmTime();
    try {
      expect((await connect(maskline, order.customer, order.customerDials)).rings).toEqual([]);
      expect(waited.ms).toBeLessThan(4_500); // Exotel waits for five seconds
    } finally {
      await other.end();
    }
    expect((await connect(maskline, order.customer, order.customerDials)).rings).toEqual([order.agent]);
  });

  it('Provider timeout while we answer: the second request for the same call hears the same, and is no second call', async () => {
    const order = await anOrder(maskline, { maxCallsPerHour: 1 });
    const callSid = aCallId();
    const [first, second] = await Promise.all(
      [0, 1].map(() => connect(maskline, order.customer, order.customerDials, callSid)),
    );
    expect([first!.rings, second!.rings]).toEqual([[order.agent], [order.agent]]);
    expect(await interactionsOf(order.reference)).toHaveLength(1);
  });

  it('Clock step, DST: grace is counted in seconds of UTC, and a call that was answered hears the same by a clock set back', async () => {
    // Summer time ends in Europe at 01:00 UTC of this day.
    maskline.clock.push({ seconds: (Date.parse('2027-10-31T00:55:00Z') - maskline.clock.now().getTime()) / 1000 });
    const order = await anOrder(maskline, { graceSeconds: 600 });
    const callSid = aCallId();
    expect((await connect(maskline, order.customer, order.customerDials, callSid)).rings).toEqual([order.agent]);
    await post(order.reference, 'complete');
    maskline.clock.push({ seconds: 599 });
    expect(await call(order.customer, order.customerDials)).toMatchObject({ reason: 'CONNECTED_IN_GRACE' });
    maskline.clock.push({ seconds: 1 });
    expect(await call(order.customer, order.customerDials)).toMatchObject({ reason: 'ORDER_ENDED' });
    maskline.clock.push({ hours: -1 });
    expect((await connect(maskline, order.customer, order.customerDials, callSid)).rings).toEqual([order.agent]);
    maskline.clock.push({ hours: 1 });
  });

  it('Provider takes a number back: the order gets another one, and calls go on by that', async () => {
    const pool = await maskline.pool({ lowWater: 4, target: 4, maxNumbers: 8, region: 'DL' });
    await maskline.replenish(pool);
    const [customer, agent] = [aPhone(), aPhone()];
    const before = await maskline.order('taken-back', customer, agent, { pool });
    await maskline.replenish(pool);
    await new ProviderAccount(maskline).takeAway(before.customer.dials);
    await maskline.replenish(pool);
    const after = (await maskline.api('GET', '/v1/orders/taken-back')).body;
    expect(after.customer.dials).not.toBe(before.customer.dials);
    expect(await connect(maskline, customer, after.customer.dials)).toEqual({ rings: [agent], reason: 'CONNECTED' });
  });

  it('Right to erasure: no phone is left of an order’s calls, and its totals are', async () => {
    const order = await anOrder(maskline, { graceSeconds: 0, quarantineSeconds: 60 });
    const callSid = aCallId();
    await connect(maskline, order.customer, order.customerDials, callSid);
    await report(callSid, 'answered', { DialCallStatus: 'completed', 'Legs[0][OnCallDuration]': '61' });
    await post(order.reference, 'complete');
    await maskline.pass({ seconds: 1 });
    await maskline.pass({ seconds: 61 });
    for (const table of ['interactions', 'participants', 'assignments', 'assignment_history', 'order_events']) {
      const rows = JSON.stringify(await maskline.dataSource.query(`SELECT to_jsonb(one) AS row FROM ${table} AS one`));
      for (const phone of [order.customer, order.agent]) {
        expect(rows).not.toContain(phone.slice(3));
        expect([table, rows.includes(maskline.vault.keyOf(phone as E164).toString('hex'))]).toEqual([table, false]);
      }
    }
    expect(await interactionsOf(order.reference)).toMatchObject([{ from: 'customer', talkSeconds: 61 }]);
  });
});
