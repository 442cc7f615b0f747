import { randomBytes } from 'node:crypto';

import { PROVIDERS } from '../../../src/installation/providers.js';
import { usualSpelling } from '../../../src/telephony/providers/callback-path.js';
import { parseForm } from '../../../src/telephony/twilio/twilio-form.js';
import { API_KEY, encodeForm, formHeaders, HOOK_SECRET, numbers, TestApp, TWILIO } from '../../support/app.js';

const SECRET = 'aB_c-D';
const spelledAsUsual = usualSpelling(PROVIDERS);

describe('a callback’s path', () => {
  it.each([
    [`/hooks/exotel/${SECRET}/connect/`, `/hooks/exotel/${SECRET}/connect`],
    [`/hooks/exotel/${SECRET}/Connect?CallSid=A_b/C`, `/hooks/exotel/${SECRET}/connect?CallSid=A_b/C`],
    [`//hooks//Exotel/${SECRET}//passthru/no_answer/`, `/hooks/exotel/${SECRET}/passthru/no-answer`],
    [`/Hooks/exotel/${SECRET}/CONNECT_PIN`, `/hooks/exotel/${SECRET}/connect-pin`],
    ['/hooks/Twilio/Voice/Dial_Result/', '/hooks/twilio/voice/dial-result'],
    ['/hooks/twilio', '/hooks/twilio'],
  ])('%s is read as %s', (said, usual) => expect(spelledAsUsual(said)).toBe(usual));

  it.each([
    '/v1/orders/A_b/',
    '/hooks/',
    '/hooks/Nobody/Connect',
    '/hooks',
    '/docs/',
    '/v1/x?to=/hooks/exotel/A/B',
    '',
  ])('%s is none and stays as it is', (path) => expect(spelledAsUsual(path)).toBe(path));
});

it('a form is read in a time that grows with its length only, and not at all when it has too many parameters', () => {
  const seconds = (work: () => unknown) => {
    const before = process.cpuUsage();
    work();
    return process.cpuUsage(before).user / 1e6;
  };
  expect(seconds(() => expect(parseForm('a&'.repeat(500_000))).toBeNull())).toBeLessThan(0.2);
  const repeated = Array.from({ length: 200 }, (_, index) => `a=${index}`).join('&');
  expect(parseForm(repeated)!['a']).toHaveLength(200);
  expect(parseForm(`${repeated}&a=1`)).toBeNull();
});

describe('at the door', () => {
  const lines: string[] = [];
  const [CUSTOMER, AGENT] = ['+919000000001', '+919000000002'];
  let app: TestApp;
  let dials: string;
  beforeAll(async () => {
    app = await TestApp.start({ exotelTexts: true, logTo: (line) => lines.push(line) });
    const pool = await app.pool({}, numbers(2));
    dials = (await app.order('order-1', CUSTOMER, AGENT, { pool })).customer.dials;
  });
  afterAll(() => app?.stop());

  const aCall = (more: Record<string, string> = {}) => ({
    CallSid: randomBytes(16).toString('hex'),
    From: CUSTOMER,
    CallFrom: CUSTOMER,
    To: dials,
    CallTo: dials,
    ...more,
  });
  const refusedFor = async (provider: string, why: string): Promise<number> => {
    const { text } = await app.request('GET', '/metrics', { authorization: `Bearer ${API_KEY}` });
    const line = new RegExp(`^maskline_callbacks_refused_total\\{provider="${provider}",why="${why}"\\} (\\d+)$`, 'm');
    return Number(line.exec(text)?.[1] ?? 0);
  };

  it.each(['connect/', 'Connect', '/connect', 'CONNECT//'])('a call is connected by %s', async (path) => {
    expect((await app.exotel('GET', path, aCall())).body.destination.numbers).toEqual([AGENT]);
  });

  it.each(['09000000001', '9000000001', '919000000001', '0919000000001', '00919000000001', '+919000000001'])(
    'a call is connected whose caller is spelt %s',
    async (caller) => {
      const { body } = await app.exotel('GET', 'connect', aCall({ From: caller, CallFrom: caller }));
      expect(body.destination.numbers).toEqual([AGENT]);
    },
  );

  it.each(['passthru/no_answer', 'Passthru/No-Answer/'])('an end is recorded that is told to %s', async (path) => {
    const call = aCall();
    await app.exotel('GET', 'connect', call);
    expect((await app.exotel('GET', path, { ...call, DialCallStatus: 'busy' })).status).toBe(200);
    expect(await app.count('interactions', `provider_call_id = '${call.CallSid}' AND outcome = 'busy'`)).toBe(1);
  });

  it('the secret is to the letter', async () => {
    const before = await refusedFor('exotel', 'secret');
    expect((await app.exotel('GET', 'connect', aCall(), HOOK_SECRET.toUpperCase())).status).toBe(404);
    expect(await refusedFor('exotel', 'secret')).toBe(before + 1);
  });

  it.each([
    ['GET', 'conect', 404, 'path'],
    ['POST', 'connect', 404, 'path'],
    ['GET', 'passthru/engaged', 200, 'path'],
    ['GET', '', 404, 'path'],
    ['GET', 'connect', 200, 'call-id'],
    ['GET', 'passthru/answered', 200, 'call-id'],
    ['GET', 'reason', 200, 'call-id'],
    ['GET', 'gather', 200, 'call-id'],
    ['GET', 'greeting', 200, 'call-id'],
    ['POST', 'call-status', 200, 'call-id'],
    ['GET', 'sms', 200, 'message-id'],
    ['POST', 'sms', 200, 'message-id'],
    ['POST', 'sms-status', 200, 'message-id'],
  ])('%s %s that cannot be understood is counted by reason, and logged', async (method, path, status, why) => {
    const before = await refusedFor('exotel', why);
    const answer = await app.request(method, `/hooks/exotel/${HOOK_SECRET}/${path}`.replace(/\/$/, ''), {});
    expect(answer.status).toBe(status);
    expect(await refusedFor('exotel', why)).toBe(before + 1);
    const told = lines.map((line) => JSON.parse(line)).filter((line) => line.level === 40 && line.why === why);
    expect(told.length).toBeGreaterThan(0);
    expect(lines.join()).not.toContain(HOOK_SECRET);
  });

  it('Twilio’s signature is over the URL as it was asked, so any spelling of it can be signed', async () => {
    const form = { CallSid: `CA${randomBytes(16).toString('hex')}`, From: CUSTOMER, To: dials, AccountSid: TWILIO.sid };
    for (const path of ['voice', 'Voice/', 'voice//']) expect((await app.twilio(path, form)).status).toBe(200);
  });

  it('Twilio’s requests that cannot be understood are counted by reason', async () => {
    const counts = () =>
      Promise.all(['signature', 'form', 'call-id', 'message-id'].map((why) => refusedFor('twilio', why)));
    const before = await counts();
    const post = (body: string, signature: string) =>
      app.request('POST', '/hooks/twilio/voice', formHeaders(signature), body);
    expect((await post('a=1', 'no signature')).status).toBe(403);
    expect((await post('a=1', `${'a'.repeat(27)}=`)).status).toBe(403);
    expect((await post('a&'.repeat(5_000), `${'a'.repeat(27)}=`)).status).toBe(403);
    expect((await post(encodeForm({ a: 'x'.repeat(40_000) }), `${'a'.repeat(27)}=`)).status).toBe(403);
    expect((await app.twilio('voice', { CallSid: '../x' })).status).toBe(200);
    expect((await app.twilio('messages', { MessageSid: '../x' })).status).toBe(200);
    expect(await counts()).toEqual(before.map((count, index) => count + [2, 2, 1, 1][index]!));
  });
});
