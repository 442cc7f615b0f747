import { aPhone, TestApp, TWILIO } from '../../support/app.js';
import { PushableClock } from '../../support/pushable-clock.js';
import { RepeatSecrets } from '../../../src/telephony/decisions/repeat-secrets.js';
import { aCallId, anOrder, participant, type OrderOfTwo } from '../calling.js';

/**
 * Requests of providers that somebody has captured and sends again: the signatures of Twilio's hold for ever, and whoever
 * captured one of Exotel's has its secret. No replay tells a phone that the call would not reach now.
 */

const clock = new PushableClock();
let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start({ clock });
});
afterAll(() => app.stop());

let drawn = 1_000;
/** A pool through which Twilio passes texts on, as it does in the US. */
const TEXTING = () => ({
  ...({ provider: 'twilio', country: 'US', texts: 'on' } as const),
  owned: Array.from({ length: 4 }, () => `+1415200${(drawn += 1)}`),
});

interface Captured {
  readonly order: OrderOfTwo;
  readonly callId: string;
  /** Sends the same request once more. @returns what it is answered */
  readonly replay: () => Promise<string>;
  /** Tells that the call is over, as its provider does. */
  readonly end: () => Promise<unknown>;
}

/** Each request of a provider that is answered with a phone: captured once it was answered so. */
const REQUESTS: Record<string, (policy?: object) => Promise<Captured>> = {
  'Exotel’s Connect': async (policy = {}) => {
    const order = await anOrder(app, policy);
    const callId = aCallId();
    const query = { CallSid: callId, CallFrom: order.customer, To: order.customerDials };
    return exotels(order, callId, 'connect', query);
  },
  'Exotel’s Connect behind a Gather': async (policy = {}) => {
    const order = await anOrder(app, { pin: 'unknown-callers', ...policy });
    const callId = aCallId();
    const pin = await participant(app, order.reference, 'customer').pin();
    const query = { CallSid: callId, CallFrom: aPhone(), To: order.customerDials };
    await app.exotel('GET', 'connect', query);
    return exotels(order, callId, 'connect-pin', { ...query, digits: `"${pin}"` });
  },
  'Twilio’s voice URL': async (policy = {}) => {
    const order = await anOrder(app, { provider: 'twilio', country: 'IN', ...policy });
    const callId = `CA${aCallId()}`;
    return twilios(order, callId, 'voice', { CallSid: callId, From: order.customer, To: order.customerDials });
  },
  'Twilio’s answer to a Gather': async (policy = {}) => {
    const order = await anOrder(app, { provider: 'twilio', country: 'IN', pin: 'unknown-callers', ...policy });
    const callId = `CA${aCallId()}`;
    const pin = await participant(app, order.reference, 'customer').pin();
    const form = { CallSid: callId, From: aPhone(), To: order.customerDials };
    await app.twilio('voice', form);
    return twilios(order, callId, 'voice/pin/1', { ...form, Digits: pin });
  },
  'Twilio’s message URL': async (policy = {}) => {
    const order = await anOrder(app, { ...TEXTING(), ...policy });
    const callId = `SM${aCallId()}`;
    const form = {
      MessageSid: callId,
      AccountSid: TWILIO.sid,
      From: order.customer,
      To: order.customerDials,
      Body: 'hi',
    };
    const replay = async () => (await app.twilio('messages', form)).text;
    expect(await replay()).toContain(order.agent);
    const end = () => app.twilio(`messages/status?of=${callId}`, { MessageSid: 'SM9', MessageStatus: 'delivered' });
    return { order, callId, replay, end };
  },
};

async function exotels(order: OrderOfTwo, callId: string, path: string, query: Record<string, string>) {
  const replay = async () => (await app.exotel('GET', path, query)).text;
  expect(await replay()).toContain(order.agent);
  const end = () => app.exotel('GET', 'passthru/answered', { CallSid: callId, DialCallStatus: 'completed' });
  return { order, callId, replay, end };
}

async function twilios(order: OrderOfTwo, callId: string, path: string, form: Record<string, string>) {
  const replay = async () => (await app.twilio(path, form)).text;
  expect(await replay()).toContain(order.agent);
  const end = () => app.twilio('voice/dial-result', { CallSid: callId, DialCallStatus: 'completed' });
  return { order, callId, replay, end };
}

/** What may happen between a request and its replay. */
const CHANGES: Record<string, (captured: Captured) => Promise<unknown>> = {
  'a block': ({ order }) => participant(app, order.reference, 'agent').block(),
  'a cancellation': ({ order }) => app.api('POST', `/v1/orders/${order.reference}/cancel`),
  'the replacement of the agent': ({ order }) =>
    app.api('PUT', `/v1/orders/${order.reference}/agent`, { phone: aPhone() }),
  'a change of the agent’s phone': ({ order }) => participant(app, order.reference, 'agent').correct(aPhone()),
  'the end of the call': ({ end }) => end(),
  'a minute': async () => clock.push({ seconds: 60 }),
  'an hour in which every secret due is deleted': async () => {
    clock.push({ hours: 1 });
    await app.get(RepeatSecrets).deleteOld();
  },
  'twenty hours': () => app.pass({ hours: 20 }),
};

const phones = (answer: string): string[] => answer.match(/\+9190000\d{5}/g) ?? [];

describe.each(Object.entries(REQUESTS))('%s', (_, capture) => {
  it('asked again within a minute, hears the same, as a provider does that lost the answer', async () => {
    const { order, replay } = await capture();
    const first = await replay();
    clock.push({ seconds: 59 });
    expect(await replay()).toBe(first);
    expect(phones(first)).toEqual([order.agent]);
  });

  it.each(Object.entries(CHANGES))('replayed after %s, is told no phone', async (_name, change) => {
    const captured = await capture({ graceSeconds: 0, cancelGraceSeconds: 0, lifetimeSeconds: 12 * 60 * 60 });
    await change(captured);
    for (let time = 0; time < 3; time += 1) expect(phones(await captured.replay())).toEqual([]);
    const { interactions } = (await app.api('GET', `/v1/orders/${captured.order.reference}/interactions`)).body;
    expect(interactions).toHaveLength(1);
  });
});

it('a call that goes on is decided at its next step for as long as its caller may take', async () => {
  const order = await anOrder(app, { pin: 'unknown-callers' });
  const pin = await participant(app, order.reference, 'customer').pin();
  const query = { CallSid: aCallId(), CallFrom: aPhone(), To: order.customerDials };
  await app.exotel('GET', 'connect', query);
  await app.exotel('GET', 'passthru/not-dialled', query);
  clock.push({ minutes: 2 });
  await app.get(RepeatSecrets).deleteOld();
  const { body } = await app.exotel('GET', 'connect-pin', { ...query, digits: `"${pin}"` });
  expect(body.destination.numbers).toEqual([order.agent]);
});

it('a replayed question for the words of a whisper names no order once the call is over', async () => {
  const whispering = await TestApp.start({ clock, twilioWhisper: 'A call about {order}, from the {role}.' });
  try {
    const order = await anOrder(whispering, { provider: 'twilio', country: 'IN' });
    const callId = `CA${aCallId()}`;
    await whispering.twilio('voice', { CallSid: callId, From: order.customer, To: order.customerDials });
    const ask = async () => (await whispering.twilio('voice/whisper', { ParentCallSid: callId, CallSid: 'CA9' })).text;
    expect(await ask()).toContain(order.reference);
    await whispering.twilio('voice/dial-result', { CallSid: callId, DialCallStatus: 'completed' });
    expect(await ask()).not.toContain(order.reference);
  } finally {
    await whispering.stop();
  }
});

it('a replayed report that a recipient has said STOP takes back no START that came since', async () => {
  const order = await anOrder(app, TEXTING());
  const send = async (from: string, to: string, Body: string) =>
    (await app.twilio('messages', { MessageSid: `SM${aCallId()}`, From: from, To: to, Body })).text;
  const messageId = `SM${aCallId()}`;
  await app.twilio('messages', { MessageSid: messageId, From: order.agent, To: order.agentDials, Body: 'hello' });
  const report = () =>
    app.twilio(`messages/status?of=${messageId}`, { MessageSid: 'SM9', MessageStatus: 'failed', ErrorCode: '21610' });
  await report();
  expect(await send(order.agent, order.agentDials, 'are you there')).not.toContain(order.customer);
  await send(order.customer, order.customerDials, 'START');
  await report();
  expect(await send(order.agent, order.agentDials, 'are you there now')).toContain(order.customer);
});

it('a replayed report of a delivery or an end makes no call over be answered again', async () => {
  const { replay, end } = await REQUESTS['Twilio’s voice URL']!();
  await end();
  await end();
  expect(phones(await replay())).toEqual([]);
});
