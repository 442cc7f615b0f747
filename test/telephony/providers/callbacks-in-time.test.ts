import webhooks from 'twilio/lib/webhooks/webhooks.js';

import { aPhone, encodeForm, formHeaders, HOOK_SECRET, numbers, TestApp, TWILIO } from '../../support/app.js';
import { freshDatabase, type FreshDatabase } from '../../support/database.js';
import { DatabaseLine } from '../../support/database-line.js';
import { CalmTime } from '../../support/calm-time.js';

/** How long each waits before it hangs up: https://developer.exotel.com/docs/references/passthru-applet */
const EXOTEL_WAITS_MS = 5_000;
const TWILIO_WAITS_MS = 15_000;

let database: FreshDatabase;
let line: DatabaseLine;
let app: TestApp;
let from: string;
let to: string;

beforeAll(async () => {
  database = await freshDatabase({ lockTimeoutMs: 5_000 });
  line = await DatabaseLine.to(database.url);
  app = await TestApp.start({ database: { ...database, url: line.url }, exotelTexts: true });
  const pool = await app.pool({ texts: 'redacted' }, numbers(2));
  from = aPhone();
  to = (await app.order('order-1', from, aPhone(), { pool })).customer.dials;
});
afterEach(() => line.mend());
afterAll(async () => {
  await app?.stop();
  line?.close();
  await database?.drop();
});

let ids = 0;
const anId = () => `${(ids += 1)}`.padStart(32, '0');

interface Answered {
  readonly status: number;
  readonly text: string;
  readonly tookMs: number;
}

async function timed(path: string, init: RequestInit): Promise<Answered> {
  const waited = new CalmTime();
  const response = await fetch(`${app.url}/hooks/${path}`, init);
  return { status: response.status, text: await response.text(), tookMs: waited.ms };
}

/** One of Exotel's, as a call or a text of its own. */
async function exotel(path: string, form?: object): Promise<Answered> {
  const query = new URLSearchParams({ CallSid: anId(), SmsSid: anId(), of: anId(), From: from, To: to, Body: 'hi' });
  if (form === undefined) return timed(`exotel/${HOOK_SECRET}/${path}?${query}`, {});
  const [headers, body] = [{ 'content-type': 'application/json' }, JSON.stringify({ CallSid: anId(), ...form })];
  return timed(`exotel/${HOOK_SECRET}/${path}?${query}`, { method: 'POST', headers, body });
}

async function twilio(path: string): Promise<Answered> {
  const ids = { AccountSid: TWILIO.sid, CallSid: `CA${anId()}`, MessageSid: `SM${anId()}` };
  const form = { ...ids, From: from, To: to, Body: 'hi', CallStatus: 'completed', MessageStatus: 'sent', Digits: '1' };
  const signature = webhooks.getExpectedTwilioSignature(TWILIO.authToken, `${app.url}/hooks/twilio/${path}`, form);
  return timed(`twilio/${path}`, { method: 'POST', headers: formHeaders(signature), body: encodeForm(form) });
}

it('a caller hears a greeting in time although the connection that should look it up is frozen', async () => {
  const { callSid } = await app.call(aPhone(), to);
  const ask = () => timed(`exotel/${HOOK_SECRET}/greeting?${new URLSearchParams({ CallSid: callSid })}`, {});
  const well = await ask();
  line.silenceOpen();
  const first = await ask();
  expect([first.status, first.tookMs < EXOTEL_WAITS_MS]).toEqual([200, true]);
  expect((await ask()).text).toBe(well.text);

  line.silence();
  const without = await ask();
  expect([without.status, without.tookMs < EXOTEL_WAITS_MS]).toEqual([200, true]);
  expect(without.text).toMatch(/try again/i);
});

it('every callback of a provider is answered in time, all of them at once, while the database says nothing', async () => {
  line.silence();
  const [ofExotel, ofTwilio] = await Promise.all([
    Promise.all([
      ...['connect', 'connect-pin', 'reason', 'gather', 'greeting', 'passthru/answered', 'sms'].map((path) =>
        exotel(path),
      ),
      exotel('call-status', { Status: 'completed', EventType: 'terminal' }),
      exotel('sms-status', { Status: 'sent' }),
    ]),
    Promise.all(
      [
        'voice',
        'voice/pin/1',
        'voice/dial-result',
        'voice/status',
        'voice/recording',
        'voice/whisper',
        'messages',
        'messages/status',
      ].map((path) => twilio(path)),
    ),
  ]);
  for (const { status, tookMs } of ofExotel) {
    expect([200, 503]).toContain(status);
    expect(tookMs).toBeLessThan(EXOTEL_WAITS_MS);
  }
  for (const { status, tookMs } of ofTwilio) {
    expect([200, 204, 503]).toContain(status);
    expect(tookMs).toBeLessThan(TWILIO_WAITS_MS);
  }
});
