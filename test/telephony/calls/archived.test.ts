import { createDecipheriv, createHmac } from 'node:crypto';

import { ForgottenPhonesService } from '../../../src/orders/participants/forgotten-phones.service.js';
import type { E164 } from '../../../src/phone-number/e164.js';
import { PhoneVault } from '../../../src/phone-number/phone-vault.js';
import { RecentTries } from '../../../src/telephony/tries/recent-tries.js';
import { RepeatSecrets } from '../../../src/telephony/decisions/repeat-secrets.js';
import { KeptTextsService } from '../../../src/telephony/texts/kept-texts.service.js';
import { WrongPins } from '../../../src/telephony/tries/wrong-pins.js';
import { aPhone, numbers, TestApp } from '../../support/app.js';
import { PushableClock } from '../../support/pushable-clock.js';
import { aCallId, anOrder, participant, wrongPin } from '../calling.js';

/** The keys of the tests' installation. Whoever steals a dump may have stolen them, too. */
const ENCRYPTION_KEY = Buffer.alloc(32, 1);
const LOOKUP_KEY = Buffer.alloc(32, 2);

const clock = new PushableClock();
let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start({ clock, exotelTexts: true });
});
afterAll(() => app.stop());

/** Every row of every table of the database, as its name and its values. */
async function dump(): Promise<{ table: string; values: unknown[] }[]> {
  const tables: { name: string }[] = await app.dataSource.query(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  const rows: { table: string; values: unknown[] }[] = [];
  for (const { name } of tables) {
    for (const row of await app.dataSource.query(`SELECT * FROM ${name}`)) {
      rows.push({ table: name, values: Object.values(row) });
    }
  }
  return rows;
}

/** What a sealed value says, wherever it was sealed for: nobody who has the key need check the seal. */
function unsealed(value: Buffer): string {
  const texts = [value, value.subarray(4)].flatMap((sealed) => {
    if (sealed.length < 4 + 12 + 16) return [];
    const decipher = createDecipheriv('aes-256-gcm', ENCRYPTION_KEY, sealed.subarray(4, 16));
    return [decipher.update(sealed.subarray(16, -16)).toString('latin1')];
  });
  return texts.join(' ');
}

/** All that a row says, to somebody who has both keys. */
function read(values: unknown[]): string {
  return values
    .map((value) =>
      Buffer.isBuffer(value) ? `${value.toString('hex')} ${unsealed(value)}` : (JSON.stringify(value) ?? ''),
    )
    .join(' ');
}

interface Secrets {
  readonly phones: readonly string[];
  readonly pins: readonly string[];
  readonly numbers: readonly string[];
}

/** The forms in which a thief with both keys knows a phone or a PIN again, in a row that names a call or a number. */
function formsOf(vault: PhoneVault, { phones, pins, numbers: ours }: Secrets, callIds: readonly string[]) {
  const forms = new Map<string, string>();
  const know = (who: string, digest: Buffer) => {
    forms.set(digest.toString('hex'), who);
    forms.set(digest.toString('base64url').slice(0, 16), who);
  };
  const hmac = (...parts: string[]) => createHmac('sha256', LOOKUP_KEY).update(parts.join('')).digest();
  const providers = ['exotel', 'twilio'];
  for (const phone of phones) {
    forms.set(phone.slice(3), phone);
    know(phone, vault.keyOf(phone as E164));
    for (const provider of providers) {
      for (const callId of callIds) {
        for (const number of ours) know(phone, hmac('proof\0', [provider, callId, number, phone].join(' ')));
      }
    }
  }
  for (const pin of pins) {
    forms.set(pin, pin);
    for (const number of ours) know(pin, vault.keyOfPin(number as E164, pin));
    for (const callId of callIds) know(pin, hmac('proof\0', `${callId} ${pin}`));
  }
  return forms;
}

/** Whom a thief finds in a dump of now, and in which tables. */
async function found(secrets: Secrets): Promise<Map<string, Set<string>>> {
  const rows = await dump();
  const calls: { id: string; secret: Buffer | null; steps: object }[] = await app.dataSource.query(
    'SELECT provider_call_id AS id, repeat_secret AS secret, steps FROM interactions',
  );
  const forms = formsOf(
    app.vault,
    secrets,
    calls.map(({ id }) => id),
  );
  // While a call has its secret, whoever has that too can try its callers.
  for (const { id, secret } of calls) {
    if (!secret) continue;
    for (const phone of secrets.phones) {
      for (const number of secrets.numbers) {
        for (const provider of ['exotel', 'twilio']) {
          forms.set(app.vault.proofOf([provider, id, number, phone].join(' '), secret), phone);
        }
      }
    }
    for (const pin of secrets.pins) forms.set(app.vault.proofOf(pin, secret), pin);
  }
  const people = new Map<string, Set<string>>();
  for (const { table, values } of rows) {
    const text = read(values);
    for (const [form, who] of forms) {
      if (text.includes(form)) people.set(who, (people.get(who) ?? new Set()).add(table));
    }
  }
  return people;
}

it('nobody is found in a dump of archived orders, by whoever has both keys', async () => {
  const policy = { graceSeconds: 60, cancelGraceSeconds: 0, quarantineSeconds: 3_600, pin: 'unknown-callers' as const };
  const texting = { texts: 'redacted' as const, textsKeptSeconds: 3_600, recordCalls: true, maxCallsPerHour: 9 };
  const order = await anOrder(app, { ...policy, ...texting, claimByPin: true });
  const other = await anOrder(app, { ...policy, provider: 'twilio', pin: 'always' });
  const [declared, claimed, newAgent, newPhone, stranger, asked, refused] = Array.from({ length: 7 }, aPhone);
  const pins: string[] = [];
  const connect = (
    from: string,
    to: string,
    callSid = aCallId(),
    more: Record<string, string> = {},
    path = 'connect',
  ) => app.exotel('GET', path, { CallSid: callSid, CallFrom: from, From: from, To: to, CallTo: to, ...more });
  const key = async (from: string, to: string, digits: string) => {
    pins.push(digits);
    const callSid = aCallId();
    await connect(from, to, callSid);
    return connect(from, to, callSid, { digits: `"${digits}"` }, 'connect-pin');
  };

  // Calls that connect, ended and not, recorded, repeated; and those of strangers.
  const ended = aCallId();
  await connect(order.customer, order.customerDials, ended);
  await connect(order.customer, order.customerDials, ended);
  const end = {
    CallSid: ended,
    DialCallStatus: 'completed',
    RecordingUrl: `${app.exchange.url}/recordings/acme1/x.mp3`,
  };
  await app.exotel('GET', 'passthru/answered', end);
  await connect(order.agent, order.agentDials);
  await connect(stranger!, order.agentDials);
  await app.twilio('voice', { CallSid: `CA${aCallId()}`, From: other.customer, To: other.customerDials });
  await app.twilio('voice', { CallSid: `CA${aCallId()}`, From: refused!, To: other.customerDials });

  // PINs, right and wrong, which claim a phone; other phones; texts with phones in them.
  const pin = await participant(app, order.reference, 'customer').pin();
  await key(claimed!, order.customerDials, pin);
  for (let count = 0; count < 2; count += 1) await key(stranger!, order.customerDials, wrongPin(pin));
  const twilioPin = await participant(app, other.reference, 'customer').pin();
  pins.push(twilioPin);
  const callSid = `CA${aCallId()}`;
  await app.twilio('voice', { CallSid: callSid, From: other.customer, To: other.customerDials });
  await app.twilio('voice/pin/1', {
    CallSid: callSid,
    From: other.customer,
    To: other.customerDials,
    Digits: twilioPin,
  });
  await participant(app, order.reference, 'customer').declare(declared!);
  for (const [from, to] of [
    [order.customer, order.customerDials],
    [stranger!, order.customerDials],
  ] as const) {
    await app.exotel('GET', 'sms', {
      SmsSid: aCallId(),
      From: from,
      To: to,
      Body: `call me on ${stranger}, long words`,
    });
  }

  // An ordered call, questions of support, an agent who is replaced, a phone that is corrected, events.
  await app.request(
    'POST',
    `/v1/orders/${order.reference}/calls`,
    { authorization: 'Bearer mk_the_key_of_the_tests', 'idempotency-key': 'tap-1', 'content-type': 'application/json' },
    JSON.stringify({ from: 'agent' }),
  );
  for (const from of [order.customer, order.agent, other.customer, asked!]) {
    await app.api('POST', '/v1/routing/explain', { from, to: order.customerDials });
  }
  await app.api('PUT', `/v1/orders/${order.reference}/agent`, { phone: newAgent });
  await connect(order.customer, order.customerDials);
  await participant(app, other.reference, 'customer').correct(newPhone!);
  await app.api('POST', '/v1/events', [{ type: 'order.placed', data: { customer: { phone: asked } } }]);

  const { body: replaced } = await app.api('GET', `/v1/orders/${order.reference}`);
  const secrets: Secrets = {
    phones: [
      ...[order.customer, order.agent, other.customer, other.agent],
      ...[declared!, claimed!, newAgent!, newPhone!, stranger!, asked!, refused!],
    ],
    pins,
    numbers: [order, other]
      .flatMap(({ customerDials, agentDials }) => [customerDials, agentDials])
      .concat(replaced.agent.dials),
  };
  // The thief is no fool: while all goes on, everybody is found.
  expect([...(await found(secrets)).keys()]).toEqual(expect.arrayContaining([...secrets.phones, pin, twilioPin]));

  await app.api('POST', `/v1/orders/${order.reference}/complete`);
  await app.api('POST', `/v1/orders/${other.reference}/cancel`);
  await app.pass({ minutes: 2 });
  await app.pass({ minutes: 61 });
  await app.get(RepeatSecrets).deleteOld();
  await app.get(KeptTextsService).forgetWhatIsDue();
  // Those who were on the orders are gone at once; of strangers the limits of a day may still know.
  const strangers = new Set([stranger, asked, refused]);
  const left = [...(await found(secrets))].filter(([who]) => !strangers.has(who as never));
  expect(left.filter(([, tables]) => ![...tables].every((table) => table === 'public.recent_tries'))).toEqual([]);

  clock.push({ hours: 25 });
  await app.get(RecentTries).forget();
  await app.get(WrongPins).forget();
  await app.get(ForgottenPhonesService).forgetStrangers();
  expect([...(await found(secrets))]).toEqual([]);

  // What happened is still told.
  const { interactions } = (await app.api('GET', `/v1/orders/${order.reference}/interactions`)).body;
  expect(interactions.length).toBeGreaterThan(4);
  expect((await app.api('GET', '/v1/audit')).body.entries.length).toBeGreaterThan(3);
}, 60_000);

it('the audit knows a phone for as long as it has a pair in another order', async () => {
  const pool = await app.pool({ graceSeconds: 0, quarantineSeconds: 60 }, numbers(8));
  const one = await anOrder(app, { pool });
  await app.order(`also-${one.reference}`, one.customer, aPhone(), { pool });
  await app.api('POST', '/v1/routing/explain', { from: one.customer, to: one.customerDials });
  const audited = async () =>
    app.count('audit_log', `phone_key = '\\x${app.vault.keyOf(one.customer as E164).toString('hex')}'`);
  await app.api('POST', `/v1/orders/${one.reference}/complete`);
  await app.pass({ seconds: 1 });
  await app.pass({ minutes: 2 });
  expect(await audited()).toBe(1);
  await app.api('POST', `/v1/orders/also-${one.reference}/complete`);
  await app.pass({ seconds: 1 });
  await app.pass({ minutes: 2 });
  expect(await audited()).toBe(0);
});
