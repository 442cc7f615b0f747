import { request as httpRequest } from 'node:http';
import { randomBytes } from 'node:crypto';

import { HOOK_SECRET, TestApp } from '../../../support/app.js';

// The cast of the samples: A the customer, D the agent, X a stranger; the numbers that stand for A and for D.
const [A, D, X] = ['+919000000001', '+919000000002', '+919000000009'];
const [FOR_A, FOR_D] = ['+918000000101', '+918000000102'];
const CARRIED_ON = '08000000777';

let maskline: TestApp;
let dialsToReachD: string;
let dialsToReachA: string;

beforeAll(async () => {
  maskline = await TestApp.start();
  const pool = await maskline.pool({ graceSeconds: 60 }, [FOR_A, FOR_D]);
  const order = await maskline.order('ord-1001', A, D, { pool });
  [dialsToReachD, dialsToReachA] = [order.customer.dials, order.agent.dials];
});
afterAll(() => maskline.stop());

const sid = () => randomBytes(15).toString('hex') + '1a';
const national = (number: string) => number.replace('+91', '0');

/** S1: every parameter of a first fetch, in the usual spelling. */
const s1 = (more: Record<string, string> = {}) => ({
  CallSid: sid(),
  CallFrom: national(A),
  CallTo: national(dialsToReachD),
  Direction: 'incoming',
  Created: 'Sun, 22 Nov 2026 11:30:00',
  DialCallDuration: '0',
  StartTime: '2026-11-22 11:30:00',
  EndTime: '1970-01-01 05:30:00',
  CallType: 'call-attempt',
  DialWhomNumber: '',
  flow_id: '700001',
  tenant_id: '90001',
  From: national(A),
  To: national(dialsToReachD),
  CurrentTime: '2026-11-22 11:30:02',
  ...more,
});

const connected = () => ({
  fetch_after_attempt: false,
  destination: { numbers: [D] },
  outgoing_phone_number: dialsToReachA,
  record: false,
  max_ringing_duration: 45,
  max_conversation_duration: 3600,
  music_on_hold: { type: 'operator_tone' },
});
const refused = { fetch_after_attempt: false, destination: { numbers: [] } };

const interactionOf = async (callSid: string) =>
  (await maskline.api('GET', '/v1/orders/ord-1001/interactions')).body.interactions.find(
    (one: { providerCallId: string }) => one.providerCallId === callSid,
  );

describe('Connect', () => {
  it('answers a first fetch with the callee and the number to show', async () => {
    const { status, headers, body } = await maskline.exotel('GET', 'connect', s1());
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^application\/json/);
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toEqual(connected());
  });

  it('takes E.164, another Created and a CallTo that names what the operator carries our number on', async () => {
    const query = {
      CallSid: sid(),
      CallFrom: A,
      CallTo: CARRIED_ON.slice(1),
      Direction: 'incoming',
      Created: '2026-11-22 11:31:00',
      From: A,
      To: national(dialsToReachD),
      flow_id: '700001',
      CurrentTime: '2026-11-22 11:31:01',
      HangupLatencyStartTime: '',
      HangupLatencyStartTimeExocc: '',
    };
    expect((await maskline.exotel('GET', 'connect', query)).body).toEqual(connected());
  });

  it('looks the number up by CallTo when To names none of ours', async () => {
    const query = s1({ To: CARRIED_ON, CallTo: national(dialsToReachD) });
    expect((await maskline.exotel('GET', 'connect', query)).body).toEqual(connected());
  });

  it.each([
    ['a stranger', () => s1({ From: national(X), CallFrom: national(X) })],
    ['a number that is none of ours', () => s1({ To: CARRIED_ON, CallTo: CARRIED_ON })],
    ['a withheld caller', () => s1({ From: '', CallFrom: '' })],
    ['a caller spelt as a word', () => s1({ From: 'anonymous', CallFrom: 'Unknown' })],
    ['a caller spelt on the keypad', () => s1({ From: '+266696687', CallFrom: '+266696687' })],
    [
      'a caller of the right last digits in another country',
      () => s1({ From: '+19000000001', CallFrom: '+19000000001' }),
    ],
    ['a caller with one digit too few', () => s1({ From: '0900000000', CallFrom: '0900000000' })],
    ['a request without a call id', () => s1({ CallSid: '' })],
    ['a call id that no provider gives', () => s1({ CallSid: 'x'.repeat(65) })],
    ['a call id with a quote in it', () => s1({ CallSid: "'; DROP TABLE orders; --" })],
    ['an empty query', () => ({})],
  ])('refuses %s with 200, an empty list and nothing else', async (_, query) => {
    const { status, body } = await maskline.exotel('GET', 'connect', query());
    expect(status).toBe(200);
    expect(body).toEqual(refused);
  });

  it('lets D call back: the direction reversed', async () => {
    const query = s1({
      CallFrom: national(D),
      From: national(D),
      To: national(dialsToReachA),
      CallTo: national(dialsToReachA),
    });
    const { body } = await maskline.exotel('GET', 'connect', query);
    expect(body).toEqual({ ...connected(), destination: { numbers: [A] }, outgoing_phone_number: dialsToReachD });
  });

  const spellings: [string, (number: string) => string][] = [
    ['0 and ten digits', (n) => n.replace('+91', '0')],
    ['ten digits', (n) => n.replace('+91', '')],
    ['E.164', (n) => n],
    ['country code without plus', (n) => n.replace('+', '')],
    ['+0', (n) => n.replace('+91', '+0')],
    ['00 for the plus', (n) => n.replace('+', '00')],
    ['a plus that became a space', (n) => n.replace('+', ' ')],
    ['spaces and dashes', (n) => n.replace('+91', '+91 ').replace(/(\d{5})$/, '-$1')],
  ];
  it.each(spellings)('understands caller and dialled number written as %s', async (_, spell) => {
    const query = s1({ From: spell(A), CallFrom: spell(A), To: spell(dialsToReachD), CallTo: spell(dialsToReachD) });
    expect((await maskline.exotel('GET', 'connect', query)).body).toEqual(connected());
  });

  it('reads a raw + in the query, which decodes to a space, as a plus', async () => {
    const path = `/hooks/exotel/${HOOK_SECRET}/connect?CallSid=${sid()}&From=+919000000001&To=+${dialsToReachD.slice(1)}`;
    expect((await maskline.request('GET', path, {})).body).toEqual(connected());
  });

  it('needs no parameter but the call id, a caller and a called number', async () => {
    const queries: Record<string, string>[] = [
      { CallSid: sid(), CallFrom: national(A), CallTo: national(dialsToReachD) },
      { CallSid: sid(), From: national(A), To: national(dialsToReachD) },
    ];
    for (const query of queries) {
      expect((await maskline.exotel('GET', 'connect', query)).body).toEqual(connected());
    }
  });

  it('ignores keys it does not know, a repeated parameter and keys that look like paths', async () => {
    const query = new URLSearchParams(
      s1({ '__proto__[polluted]': '1', 'constructor[prototype][x]': '1', passthru: '' }),
    );
    query.append('From', national(X));
    const { status, body } = await maskline.request('GET', `/hooks/exotel/${HOOK_SECRET}/connect?${query}`, {});
    expect({ status, body }).toEqual({ status: 200, body: connected() });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('answers HEAD with the headers of GET and decides nothing', async () => {
    const query = s1();
    const before = await maskline.count('interactions');
    const { status, headers, text } = await maskline.exotel('HEAD', 'connect', query);
    expect({ status, type: headers['content-type'], text }).toEqual({
      status: 200,
      type: expect.stringMatching(/^application\/json/),
      text: '',
    });
    expect(await maskline.count('interactions')).toBe(before);
  });
});

describe('the secret in the path', () => {
  it('lets both the old and the new one in while one replaces the other', async () => {
    expect((await maskline.exotel('GET', 'connect', s1(), `${HOOK_SECRET}_2`)).body).toEqual(connected());
  });

  it.each(['connect', 'passthru/answered', 'reason', 'greeting'])(
    'answers 404 on %s to anybody without it',
    async (path) => {
      const { status, text } = await maskline.exotel('GET', path, s1(), 'not-the-secret-but-as-long-as-it');
      expect(status).toBe(404);
      for (const phone of [A, D]) expect(text).not.toContain(phone.slice(3));
    },
  );

  it('is not asked for an API key', async () => {
    expect((await maskline.request('GET', `/hooks/exotel/${HOOK_SECRET}/greeting`, {})).status).toBe(200);
  });
});

/** S6: talk happened, recorded, one leg. */
const s6 = (callSid: string, more: Record<string, string> = {}) => ({
  ...s1({ CallSid: callSid, ForwardedFrom: 'null', DialCallDuration: '74' }),
  RecordingUrl: `https://recordings.example.test/acme1/${callSid}.mp3`,
  DialCallStatus: 'completed',
  CallType: 'completed',
  DialWhomNumber: national(D),
  ProcessStatus: 'null',
  RecordingAvailableBy: 'Sun, 22 Nov 2026 11:36:20',
  OutgoingPhoneNumber: national(dialsToReachA),
  'Legs[0][Number]': national(D),
  'Legs[0][Type]': 'single',
  'Legs[0][OnCallDuration]': '61',
  'Legs[0][CallerId]': national(dialsToReachA),
  'Legs[0][CauseCode]': 'NORMAL_CLEARING',
  'Legs[0][Cause]': '16',
  ...more,
});

describe('Passthru', () => {
  const aConnectedCall = async () => {
    const callSid = sid();
    await maskline.exotel('GET', 'connect', s1({ CallSid: callSid }));
    return callSid;
  };

  it('records that both talked, for as long as the leg says', async () => {
    const callSid = await aConnectedCall();
    const { status, text } = await maskline.exotel('GET', 'passthru/answered', s6(callSid));
    expect({ status, text }).toEqual({ status: 200, text: '' });
    expect(await interactionOf(callSid)).toMatchObject({
      from: 'customer',
      decision: 'connect',
      outcome: 'completed',
      talkSeconds: 61,
    });
  });

  it('counts a report that comes twice once', async () => {
    const callSid = await aConnectedCall();
    await maskline.exotel('GET', 'passthru/answered', s6(callSid));
    const first = await interactionOf(callSid);
    await maskline.exotel('GET', 'passthru/answered', s6(callSid));
    expect(await interactionOf(callSid)).toEqual(first);
    expect(await maskline.count('interactions', `provider_call_id = '${callSid}'`)).toBe(1);
  });

  it.each([
    ['nobody answered', 'no-answer', { DialCallStatus: 'no-answer', CallType: 'incomplete' }, 'no-answer'],
    ['busy', 'no-answer', { DialCallStatus: 'busy', CallType: 'incomplete' }, 'busy'],
    ['it could not be placed', 'no-answer', { DialCallStatus: 'failed', CallType: 'incomplete' }, 'failed'],
    [
      'the caller hung up while it rang',
      'no-answer',
      { DialCallStatus: 'canceled', CallType: 'client-hangup' },
      'canceled',
    ],
    [
      'the caller hung up, and only CallType tells',
      'no-answer',
      { DialCallStatus: '', CallType: 'client-hangup' },
      'canceled',
    ],
    [
      'we named somebody and nobody was dialled',
      'not-dialled',
      { DialCallStatus: '', CallType: 'call-attempt' },
      'failed',
    ],
  ])('records that %s', async (_, exit, more, outcome) => {
    const callSid = await aConnectedCall();
    const query = s6(callSid, { DialCallDuration: '0', 'Legs[0][OnCallDuration]': '0', ...more });
    await maskline.exotel('GET', `passthru/${exit}`, query);
    expect(await interactionOf(callSid)).toMatchObject({ outcome, talkSeconds: 0 });
  });

  it('records a refused call as refused', async () => {
    const callSid = sid();
    const query = s1({ CallSid: callSid, From: national(X), CallFrom: national(X) });
    await maskline.exotel('GET', 'connect', query);
    await maskline.exotel('GET', 'passthru/not-dialled', query);
    expect(await interactionOf(callSid)).toMatchObject({ from: 'unknown', decision: 'refuse', outcome: 'refused' });
  });

  it('keeps the end of a call it has not heard of, and joins it when the decision comes', async () => {
    const callSid = sid();
    await maskline.exotel('GET', 'passthru/answered', s6(callSid));
    expect(await interactionOf(callSid)).toBeUndefined();
    await maskline.exotel('GET', 'connect', s1({ CallSid: callSid }));
    expect(await interactionOf(callSid)).toMatchObject({ decision: 'connect', outcome: 'completed', talkSeconds: 61 });
  });

  it.each([
    ['answered', 'not-dialled'],
    ['not-dialled', 'answered'],
  ])('comes to the same end whether %s or %s is reported first', async (first, second) => {
    const callSid = await aConnectedCall();
    await maskline.exotel('GET', `passthru/${first}`, s6(callSid));
    await maskline.exotel('GET', `passthru/${second}`, s6(callSid));
    expect(await interactionOf(callSid)).toMatchObject({ outcome: 'completed', talkSeconds: 61 });
  });

  it('takes the longest leg, counted from 0 or from 1, and without legs the dialled duration', async () => {
    const [byLegs, byDial] = [await aConnectedCall(), await aConnectedCall()];
    await maskline.exotel(
      'GET',
      'passthru/answered',
      s6(byLegs, { 'Legs[0][OnCallDuration]': '0', 'Legs[1][OnCallDuration]': '35' }),
    );
    const noLegs = Object.entries(s6(byDial)).filter(([key]) => !key.startsWith('Legs'));
    await maskline.exotel('GET', 'passthru/answered', Object.fromEntries(noLegs));
    expect((await interactionOf(byLegs)).talkSeconds).toBe(35);
    expect((await interactionOf(byDial)).talkSeconds).toBe(74);
  });

  it.each(['-5', '1e9', 'NaN', '99999999999999999999', ''])('survives %j as a duration', async (duration) => {
    const callSid = await aConnectedCall();
    const query = s6(callSid, { DialCallDuration: duration, 'Legs[0][OnCallDuration]': duration });
    expect((await maskline.exotel('GET', 'passthru/answered', query)).status).toBe(200);
    expect(await interactionOf(callSid)).toMatchObject({ outcome: 'completed', talkSeconds: 0 });
  });

  it.each(['__proto__', 'constructor', 'toString', 'COMPLETED'])('takes %j for no status at all', async (status) => {
    const callSid = await aConnectedCall();
    const query = s6(callSid, { DialCallStatus: status, CallType: status });
    expect((await maskline.exotel('GET', 'passthru/no-answer', query)).status).toBe(200);
    expect(await interactionOf(callSid)).toMatchObject({ outcome: 'no-answer', talkSeconds: 0 });
  });

  it('stores nothing of the phone that was rung', async () => {
    const callSid = await aConnectedCall();
    await maskline.exotel('GET', 'passthru/answered', s6(callSid));
    const rows = await maskline.dataSource.query(
      'SELECT interactions::text AS row FROM interactions WHERE provider_call_id = $1',
      [callSid],
    );
    for (const phone of [A, D]) expect(rows[0].row).not.toContain(phone.slice(3));
  });

  it('answers 200 to an exit or a call id it does not know, and to HEAD, and records nothing', async () => {
    const before = await maskline.count('interactions');
    expect((await maskline.exotel('GET', 'passthru/elsewhere', s6(sid()))).status).toBe(200);
    expect((await maskline.exotel('GET', 'passthru/answered', {})).status).toBe(200);
    expect((await maskline.exotel('HEAD', 'passthru/answered', s6(sid()))).status).toBe(200);
    expect(await maskline.count('interactions')).toBe(before);
  });
});

describe('the words for a refused call', () => {
  const afterRefusal = async (more: Record<string, string>) => {
    const query = s1(more);
    await maskline.exotel('GET', 'connect', query);
    return { CallSid: query.CallSid, From: query.From, To: query.To };
  };

  it('names the flow’s branch in text/plain', async () => {
    const query = await afterRefusal({ From: national(X), CallFrom: national(X) });
    const { status, headers, text } = await maskline.exotel('GET', 'reason', query);
    expect({ status, type: headers['content-type'], text }).toEqual({
      status: 200,
      type: 'text/plain',
      text: '{"select":"unknown_caller"}',
    });
  });

  it.each([
    ['a number out of service', { To: CARRIED_ON, CallTo: CARRIED_ON }, 'inactive_number'],
    ['a withheld caller', { From: '', CallFrom: '' }, 'unknown_caller'],
    ['a caller who dials their own number', { To: 'own', CallTo: 'own' }, 'unknown_caller'],
  ])('chooses the branch of %s', async (_, more, branch) => {
    const own = Object.fromEntries(
      Object.entries(more).map(([key, value]) => [key, value === 'own' ? national(dialsToReachA) : value]),
    );
    const query = await afterRefusal(own);
    expect((await maskline.exotel('GET', 'reason', query)).body).toEqual({ select: branch });
  });

  it('tells who dials the number that stands for them what to dial instead', async () => {
    const query = await afterRefusal({ To: national(dialsToReachA), CallTo: national(dialsToReachA) });
    const { text } = await maskline.exotel('GET', 'greeting', query);
    expect(text).toContain('dial the number that the app shows you');
    expect(text).not.toContain('call from the phone');
  });

  it('chooses the branch of an error for a call nothing is known of', async () => {
    expect((await maskline.exotel('GET', 'reason', { CallSid: sid() })).body).toEqual({ select: 'error' });
    expect((await maskline.exotel('GET', 'reason', {})).body).toEqual({ select: 'error' });
  });

  it('tells only somebody of the order that it has ended', async () => {
    const pool = await maskline.pool({}, ['+918000000111', '+918000000112']);
    const order = await maskline.order('ord-ended', '+919000000011', '+919000000012', { pool });
    await maskline.api('POST', '/v1/orders/ord-ended/cancel');
    const dialled = { To: order.customer.dials, CallTo: order.customer.dials };
    const own = await afterRefusal({ ...dialled, From: '+919000000011', CallFrom: '+919000000011' });
    const strangers = await afterRefusal({ ...dialled, From: X, CallFrom: X });
    expect((await maskline.exotel('GET', 'reason', own)).body).toEqual({ select: 'expired' });
    expect((await maskline.exotel('GET', 'greeting', own)).text).toContain('has ended');
    expect((await maskline.exotel('GET', 'reason', strangers)).body).toEqual({ select: 'unknown_caller' });
    expect((await maskline.exotel('GET', 'greeting', strangers)).text).not.toContain('ended');
  });

  it('answers HEAD and GET of the greeting with the very same headers, text/plain and nothing added', async () => {
    const query = new URLSearchParams(await afterRefusal({ From: national(X), CallFrom: national(X) }));
    const overTheWire = (method: string) =>
      new Promise<{ status?: number; type?: string; length?: string }>((resolve, reject) => {
        const sent = httpRequest(
          `${maskline.url}/hooks/exotel/${HOOK_SECRET}/greeting?${query}`,
          { method },
          (answer) => {
            answer.resume();
            const { 'content-type': type, 'content-length': length } = answer.headers;
            resolve({ status: answer.statusCode, type, length });
          },
        );
        sent.on('error', reject).end();
      });
    const [head, get] = [await overTheWire('HEAD'), await overTheWire('GET')];
    expect(get).toMatchObject({ status: 200, type: 'text/plain' });
    expect(head).toEqual(get);
  });

  it('speaks the same words to a stranger, a participant of another order and a withheld caller', async () => {
    const texts = [];
    const pool = await maskline.pool({}, ['+918000000121', '+918000000122']);
    await maskline.order('ord-other', '+919000000021', '+919000000022', { pool });
    for (const from of [national(X), national('+919000000021'), '']) {
      const query = await afterRefusal({ From: from, CallFrom: from });
      texts.push((await maskline.exotel('GET', 'greeting', query)).text);
    }
    expect(new Set(texts).size).toBe(1);
  });
});

describe('through the exchange, over HTTP', () => {
  it('plays a whole call: asked, answered, rung, shown, reported', async () => {
    const owned = await fetch(`${maskline.exchange.url}/exchange/numbers`);
    expect(owned.status).toBe(200);
    const pool = await maskline.pool({ lowWater: 2, target: 2, maxNumbers: 2 });
    await maskline.replenish(pool);
    const [customer, agent] = ['+919000000021', '+919000000022'];
    const order = await maskline.order('ord-exchange', customer, agent, { pool });
    const transcript = await maskline.place({
      from: customer,
      to: order.customer.dials,
      callee: 'answer',
      talkSeconds: 61,
    });
    expect(transcript).toMatchObject({ connected: true, rang: agent, showed: order.agent.dials, exit: 'answered' });
    const back = await maskline.place({ from: agent, to: transcript.showed, callee: 'no-answer', deliverTwice: true });
    expect(back).toMatchObject({ connected: false, rang: customer, showed: order.customer.dials, exit: 'no-answer' });
    const refusal = await maskline.place({ from: X, to: order.customer.dials });
    expect(refusal).toMatchObject({ connected: false, rang: null, exit: 'not-dialled' });
    expect(refusal.heard.join()).toContain('cannot connect your call');
    const { body } = await maskline.api('GET', '/v1/orders/ord-exchange/interactions');
    expect(body.interactions).toMatchObject([
      { from: 'customer', outcome: 'completed', talkSeconds: 61 },
      { from: 'agent', outcome: 'no-answer', talkSeconds: 0 },
      { from: 'unknown', outcome: 'refused' },
    ]);
    for (const { problem } of [...transcript.steps, ...back.steps, ...refusal.steps]) expect(problem).toBeUndefined();
  });
});
