import { RepeatSecrets } from '../../../src/telephony/decisions/repeat-secrets.js';
import { PersonsService } from '../../../src/telephony/persons/persons.service.js';
import { EndedOrdersService } from '../../../src/orders/ended/ended-orders.service.js';
import { aPhone, numbers, TestApp, type Body } from '../../support/app.js';
import { dumpOf } from '../../support/traces.js';

let maskline: TestApp;
let pool: string;
beforeAll(async () => {
  maskline = await TestApp.start({ exotelTexts: true });
  pool = await maskline.pool(
    { recordCalls: true, texts: 'on', textsKeptSeconds: 30 * 86_400, pin: 'unknown-callers', claimByPin: true },
    numbers(8),
  );
});
afterAll(async () => maskline?.stop());

const person = async (what: 'export' | 'erase', phone: string): Promise<Body> => {
  const { status, body } = await maskline.api('POST', `/v1/persons/${what}`, { phone });
  expect(status).toBe(200);
  return body;
};

/** An order with a recorded call and a kept text of its customer, who was explained and keyed a wrong PIN. */
async function aLife(reference: string, customer: string): Promise<{ order: Body; callSid: string }> {
  const order = await maskline.order(reference, customer, aPhone(), { pool });
  const { callSid } = await maskline.call(customer, order.customer.dials);
  await report(callSid);
  const text = { From: customer, To: order.customer.dials, SmsSid: `text-${reference}`, Body: `I am at the gate` };
  await maskline.exotel('GET', 'sms', text);
  await maskline.api('POST', '/v1/routing/explain', { from: customer, to: order.customer.dials });
  await maskline.api('GET', `/v1/orders/${reference}/participants/customer/pin`);
  return { order, callSid };
}

const report = (callSid: string) =>
  maskline.exotel('GET', 'passthru/answered', {
    CallSid: callSid,
    CallType: 'completed',
    DialCallStatus: 'completed',
    DialCallDuration: '60',
    RecordingUrl: `${maskline.exchange.url}/recordings/acme1/${callSid}.mp3`,
  });

it('exports what is stored about a person, and erases it: at once, or when the order is over', async () => {
  const customer = aPhone();
  const { order, callSid } = await aLife('erased', customer);
  const other = await aLife('not-erased', aPhone());
  const stored = await person('export', customer);
  expect(stored).toMatchObject({
    orders: [
      { reference: 'erased', role: 'customer', known: 'registered', numbers: [{ dials: order.customer.dials }] },
    ],
    interactions: [
      { kind: 'call', id: callSid, recorded: true, talkSeconds: 60 },
      { kind: 'text', words: 'I am at the gate' },
    ],
    audit: [{ what: 'routing.explain' }, { what: 'persons.export' }],
  });
  expect(JSON.stringify(stored)).not.toContain(customer.slice(-8));
  expect((await person('export', aPhone())).orders).toEqual([]);

  const report1 = await person('erase', customer);
  expect(report1).toMatchObject({
    erased: { texts: 1, recordings: 1, auditEntries: 2 },
    remains: [{ reference: 'erased', until: null, why: expect.stringContaining('active') }],
  });
  const { body: audit } = await maskline.api('GET', '/v1/audit?limit=1');
  expect(audit.entries).toMatchObject([{ what: 'persons.erase', about: report1.id, phone: null }]);
  const after = await person('export', customer);
  expect(after.interactions).toMatchObject([{ recorded: false }, { words: null }]);
  // The order goes on, and calls still connect.
  const again = await maskline.call(customer, order.customer.dials);
  expect(again.rings).toHaveLength(1);
  await report(again.callSid);
  await maskline.exotel('GET', 'sms', {
    From: customer,
    To: order.customer.dials,
    SmsSid: 'after',
    Body: 'still here',
  });

  await maskline.api('POST', '/v1/orders/erased/cancel');
  maskline.clock.push({ hours: 1 });
  expect((await person('erase', customer)).remains).toMatchObject([{ until: expect.any(String) }]);
  await maskline.get(RepeatSecrets).deleteOld();
  await maskline.pass({ hours: 25 });
  expect(await maskline.get(PersonsService).finishErasures()).toBe(2);
  await report(again.callSid); // a late link is not stored any more
  maskline.clock.push({ minutes: 2 });
  expect(await maskline.get(EndedOrdersService).moveWhatIsOver()).toBe(1);
  expect((await dumpOf(maskline)).of(customer)).toEqual([]);
  const { interactions } = (await maskline.api('GET', '/v1/orders/erased/interactions')).body;
  expect(interactions.filter(({ recorded }: Body) => recorded)).toEqual([]);
  expect(await maskline.count('kept_texts')).toBe(1); // the other person's
  expect(await maskline.count('interactions', `recording IS NOT NULL AND provider_call_id = '${other.callSid}'`)).toBe(
    1,
  );
});

it('asks for the phone in E.164', async () => {
  const { status, body } = await maskline.api('POST', '/v1/persons/erase', { phone: 'somebody' });
  expect([status, body.type]).toEqual([400, '/problems/invalid-request']);
});
