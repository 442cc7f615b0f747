import { randomBytes } from 'node:crypto';

import { KeptTextsService } from '../../../src/telephony/texts/kept-texts.service.js';
import { TextDeliveriesService } from '../../../src/telephony/texts/text-deliveries.service.js';
import { TextRoutingService, type RoutedText } from '../../../src/telephony/texts/text-routing.service.js';
import type { InboundText } from '../../../src/telephony/texts/text-decision.js';
import type { E164 } from '../../../src/phone-number/e164.js';
import { wordsOf } from '../../../src/phone-number/sealed-place.js';
import { aPhone, numbers, TestApp, type Body } from '../../support/app.js';

let maskline: TestApp;
let logged = '';

beforeAll(async () => {
  maskline = await TestApp.start({ exotelTexts: true, logTo: (line) => (logged += line) });
});
afterAll(() => maskline.stop());

const messageId = () => `SM${randomBytes(16).toString('hex')}`;

function aText(
  but: Partial<Omit<InboundText, 'sender' | 'dialled'>> & { from?: string | null; to?: string } = {},
): InboundText {
  const { from = aPhone(), to = '+918047099999', ...more } = but;
  return {
    provider: 'exotel',
    providerMessageId: messageId(),
    body: 'On my way',
    media: 0,
    optOut: null,
    dialled: [to as E164],
    sender: from as E164 | null,
    ...more,
  };
}

const route = (text: InboundText): Promise<RoutedText> => maskline.get(TextRoutingService).route(text);
const send = (from: string, to: string, body = 'On my way', more: Partial<InboundText> = {}) =>
  route(aText({ from, to, body, ...more }));

interface Pair {
  readonly pool: string;
  readonly reference: string;
  readonly customer: { phone: string; dials: string };
  readonly agent: { phone: string; dials: string };
}

async function aPair(policy: object = {}): Promise<Pair> {
  const pool = await maskline.pool({ texts: 'on', ...policy }, numbers(2));
  const reference = `order-${randomBytes(4).toString('hex')}`;
  const [customer, agent] = [aPhone(), aPhone()];
  const order = await maskline.order(reference, customer, agent, { pool });
  return {
    pool,
    reference,
    customer: { phone: customer, dials: order.customer.dials },
    agent: { phone: agent, dials: order.agent.dials },
  };
}

async function interactions(reference: string): Promise<Body[]> {
  return (await maskline.api('GET', `/v1/orders/${reference}/interactions`)).body.interactions;
}

describe('a text that a live order joins', () => {
  it('goes to the other side, from the number that side answers to', async () => {
    const { customer, agent } = await aPair();
    expect(await send(customer.phone, customer.dials, 'Gate code 4411')).toMatchObject({
      decision: 'forward',
      reason: 'FORWARDED',
      to: agent.phone,
      from: agent.dials,
      body: 'Gate code 4411',
    });
    expect(await send(agent.phone, agent.dials, 'ok')).toMatchObject({ to: customer.phone, from: customer.dials });
  });

  it('goes without phone numbers and links where the pool says so, and else as it is', async () => {
    const [plain, redacted] = [await aPair(), await aPair({ texts: 'redacted' })];
    const body = 'Call 98765 43210 or wa.me/919876543210, gate code 4411';
    expect(await send(plain.customer.phone, plain.customer.dials, body)).toMatchObject({ body });
    expect(await send(redacted.customer.phone, redacted.customer.dials, body)).toMatchObject({
      body: 'Call [number removed] or [link removed], gate code 4411',
    });
  });

  it('is listed with its order: who wrote, what was decided, how many segments; never its words', async () => {
    const { customer, reference } = await aPair();
    await send(customer.phone, customer.dials, `${'long '.repeat(40)}words`);
    const [listed] = await interactions(reference);
    expect(listed).toMatchObject({
      kind: 'text',
      from: 'customer',
      decision: 'forward',
      reason: 'FORWARDED',
      segments: 2,
      state: 'decided',
      outcome: null,
    });
    expect(JSON.stringify(listed)).not.toContain('long');
  });

  it('is decided once, however often it is brought: the same answer, one row', async () => {
    const { customer, reference } = await aPair({ texts: 'redacted' });
    const text = aText({ from: customer.phone, to: customer.dials, body: 'call 98765 43210' });
    const [first, second] = [await route(text), await route(text)];
    expect(second).toEqual({ ...first, isRepeat: true });
    expect(await interactions(reference)).toHaveLength(1);
  });

  it('is passed on as new once of several that come at the same time', async () => {
    const { customer } = await aPair();
    const text = aText({ from: customer.phone, to: customer.dials });
    const routed = await Promise.all(Array.from({ length: 8 }, () => route(text)));
    expect(routed.filter((one) => one.decision === 'forward' && !one.isRepeat)).toHaveLength(1);
    expect(routed.every((one) => one.decision === 'forward')).toBe(true);
  });

  it('keeps its answer when the policy has changed meanwhile, and goes to nobody when the order is over', async () => {
    const { customer, agent, pool, reference } = await aPair({ texts: 'redacted' });
    const text = aText({ from: customer.phone, to: customer.dials, body: 'call 98765 43210' });
    await route(text);
    await maskline.api('PATCH', `/v1/pools/${pool}`, { texts: 'on' });
    expect(await route(text)).toMatchObject({ to: agent.phone, body: 'call [number removed]' });
    await maskline.api('POST', `/v1/orders/${reference}/cancel`);
    expect(await route(text)).toEqual({ decision: 'drop', reason: 'ORDER_ENDED' });
  });

  it('goes to nobody when its id was used before, by other words or another sender', async () => {
    const { customer, agent } = await aPair();
    const text = aText({ from: customer.phone, to: customer.dials });
    await route(text);
    for (const other of [
      { ...text, body: 'Other' },
      { ...text, sender: agent.phone as E164, dialled: [agent.dials as E164] },
    ]) {
      expect(await route(other)).toEqual({ decision: 'drop', reason: 'MESSAGE_ID_REUSED' });
    }
  });

  it('goes to nobody when its id is a call’s', async () => {
    const { customer } = await aPair();
    const { callSid } = await maskline.call(customer.phone, customer.dials);
    const text = aText({ from: customer.phone, to: customer.dials, providerMessageId: callSid });
    expect(await route(text)).toEqual({ decision: 'drop', reason: 'MESSAGE_ID_REUSED' });
  });

  it('is cut to what a provider passes on, not within a character', async () => {
    const { customer } = await aPair();
    const routed = await send(customer.phone, customer.dials, `a${'🙂'.repeat(1_000)}`);
    expect(routed).toMatchObject({ body: expect.stringMatching(/^a(🙂)+…$/u) });
    expect((routed as { body: string }).body.length).toBeLessThanOrEqual(1_600);
  });
});

describe('a text that goes to nobody', () => {
  it.each([
    ['the pool passes none on', { texts: 'off' }, 'TEXTS_OFF'],
    ['only the other side may write', { direction: 'agent-to-customer' }, 'DIRECTION_NOT_ALLOWED'],
    ['it is the quiet hours', { quietHours: { from: '00:00', until: '23:59', timeZone: 'UTC' } }, 'QUIET_HOURS'],
  ])('because %s', async (_, policy, reason) => {
    const { customer, reference } = await aPair(policy);
    expect(await send(customer.phone, customer.dials)).toEqual({ decision: 'drop', reason });
    expect(await interactions(reference)).toMatchObject([
      { kind: 'text', decision: 'drop', outcome: 'dropped', segments: null },
    ]);
  });

  it('because its order is over; within grace it still goes', async () => {
    const { customer, reference } = await aPair({ graceSeconds: 60 });
    await maskline.api('POST', `/v1/orders/${reference}/complete`);
    expect(await send(customer.phone, customer.dials)).toMatchObject({ reason: 'FORWARDED_IN_GRACE' });
    maskline.clock.push({ seconds: 61 });
    expect(await send(customer.phone, customer.dials, 'again')).toEqual({ decision: 'drop', reason: 'ORDER_ENDED' });
  });

  it('because nothing joins sender and number', async () => {
    const { customer, agent } = await aPair();
    const other = await aPair();
    expect(await send(aPhone(), customer.dials)).toEqual({ decision: 'drop', reason: 'UNKNOWN_CALLER' });
    expect(await send(other.customer.phone, customer.dials)).toEqual({ decision: 'drop', reason: 'NO_SESSION' });
    expect(await send(customer.phone, agent.dials)).toEqual({ decision: 'drop', reason: 'SELF_CALL' });
    expect(await send(agent.dials, customer.dials)).toEqual({ decision: 'drop', reason: 'LOOP' });
    expect(await send(customer.phone, '+918047088888')).toEqual({ decision: 'drop', reason: 'UNKNOWN_VN' });
    expect(await route(aText({ from: null, to: customer.dials }))).toEqual({
      decision: 'drop',
      reason: 'CLI_WITHHELD',
    });
  });

  it('is asked for no PIN, which a text could not give', async () => {
    const { customer } = await aPair({ pin: 'unknown-callers' });
    expect(await send(aPhone(), customer.dials)).toEqual({ decision: 'drop', reason: 'UNKNOWN_CALLER' });
  });

  it('because it has no words: media are never passed on', async () => {
    const { customer } = await aPair();
    expect(await send(customer.phone, customer.dials, '  ', { media: 1 })).toEqual({
      decision: 'drop',
      reason: 'NOTHING_TO_FORWARD',
    });
  });
});

describe('consent', () => {
  it('is taken back by STOP alone: its sender gets no more texts, and may still write', async () => {
    const { customer, agent, reference } = await aPair();
    expect(await send(customer.phone, customer.dials, 'Stop.')).toEqual({ decision: 'drop', reason: 'OPTED_OUT' });
    expect(await send(agent.phone, agent.dials)).toEqual({ decision: 'drop', reason: 'RECIPIENT_OPTED_OUT' });
    expect(await send(customer.phone, customer.dials, 'stop at the gate')).toMatchObject({ decision: 'forward' });
    expect((await interactions(reference)).map(({ reason }) => reason)).toEqual([
      ...['OPTED_OUT', 'RECIPIENT_OPTED_OUT', 'FORWARDED'],
    ]);
  });

  it('is given again by START, which of anybody else is a text', async () => {
    const { customer, agent } = await aPair();
    expect(await send(customer.phone, customer.dials, 'Yes')).toMatchObject({ decision: 'forward', body: 'Yes' });
    await send(customer.phone, customer.dials, 'STOP');
    expect(await send(customer.phone, customer.dials, 'START')).toEqual({ decision: 'drop', reason: 'OPTED_IN' });
    expect(await send(agent.phone, agent.dials)).toMatchObject({ decision: 'forward' });
  });

  it('follows the provider’s own word, whatever the text says', async () => {
    const { customer, agent } = await aPair();
    const said = await send(customer.phone, customer.dials, 'ARRET', { optOut: 'stop' });
    expect(said).toEqual({ decision: 'drop', reason: 'OPTED_OUT' });
    expect(await send(agent.phone, agent.dials)).toMatchObject({ reason: 'RECIPIENT_OPTED_OUT' });
  });

  it('is taken back even where no texts are passed on', async () => {
    const { customer, agent, pool } = await aPair({ texts: 'off' });
    expect(await send(customer.phone, customer.dials, 'STOP')).toMatchObject({ reason: 'OPTED_OUT' });
    await maskline.api('PATCH', `/v1/pools/${pool}`, { texts: 'on' });
    expect(await send(agent.phone, agent.dials)).toMatchObject({ reason: 'RECIPIENT_OPTED_OUT' });
  });

  it('is of a person in one order', async () => {
    const [first, second] = [await aPair(), await maskline.pool({ texts: 'on' }, numbers(2))];
    const agent = aPhone();
    const other = await maskline.order(`order-${randomBytes(4).toString('hex')}`, first.customer.phone, agent, {
      pool: second,
    });
    await send(first.customer.phone, first.customer.dials, 'STOP');
    expect(await send(agent, other.agent.dials)).toMatchObject({ decision: 'forward' });
  });

  it('is not taken back again by an old STOP that is brought once more', async () => {
    const { customer, agent } = await aPair();
    const stop = aText({ from: customer.phone, to: customer.dials, body: 'STOP' });
    await route(stop);
    await send(customer.phone, customer.dials, 'START');
    expect(await route(stop)).toEqual({ decision: 'drop', reason: 'OPTED_OUT' });
    expect(await send(agent.phone, agent.dials)).toMatchObject({ decision: 'forward' });
  });

  it('is learnt from a provider that refuses to send, having been told STOP itself', async () => {
    const { customer, agent } = await aPair();
    const text = aText({ from: agent.phone, to: agent.dials });
    await route(text);
    const report = { delivery: 'failed', recipientOptedOut: true } as const;
    await maskline.get(TextDeliveriesService).report('exotel', text.providerMessageId, report);
    expect(await send(agent.phone, agent.dials)).toMatchObject({ reason: 'RECIPIENT_OPTED_OUT' });
    expect(await send(customer.phone, customer.dials)).toMatchObject({ decision: 'forward' });
  });
});

describe('the brake on loops', () => {
  it('stops two telephones that answer each other with the same words', async () => {
    const { customer, agent } = await aPair();
    const decisions = [];
    for (let round = 0; round < 4; round += 1) {
      decisions.push((await send(customer.phone, customer.dials, `I'm driving, back in ${round} min`)).decision);
      decisions.push((await send(agent.phone, agent.dials, 'Busy at the moment, will reply later.')).decision);
    }
    expect(decisions).toEqual(['forward', 'forward', 'forward', 'forward', 'drop', 'drop', 'drop', 'drop']);
    maskline.clock.push({ minutes: 10 });
    expect(await send(agent.phone, agent.dials, 'Busy at the moment, will reply later.')).toMatchObject({
      decision: 'forward',
    });
  });

  it('lets people say "ok" as often as they like', async () => {
    const { customer } = await aPair();
    for (let time = 0; time < 5; time += 1) {
      expect(await send(customer.phone, customer.dials, 'ok')).toMatchObject({ decision: 'forward' });
    }
  });

  it('lets no more through between two than people write, however many come at once', async () => {
    const { customer, agent } = await aPair();
    const sides = [customer, agent];
    const routed = await Promise.all(
      Array.from({ length: 40 }, (_, index) => send(sides[index % 2]!.phone, sides[index % 2]!.dials, `text ${index}`)),
    );
    expect(routed.filter(({ decision }) => decision === 'forward')).toHaveLength(30);
    expect(routed).toContainEqual({ decision: 'drop', reason: 'TOO_MANY_TEXTS' });
    maskline.clock.push({ minutes: 11 });
    expect(await send(customer.phone, customer.dials)).toMatchObject({ decision: 'forward' });
  });
});

describe('the words of a text', () => {
  it('are stored nowhere unless the pool keeps them', async () => {
    const { customer } = await aPair();
    await send(customer.phone, customer.dials, 'the-words-of-a-secret');
    expect(await maskline.count('kept_texts')).toBe(0);
    const rows = await maskline.dataSource.query(`SELECT interactions::text AS row FROM interactions`);
    expect(JSON.stringify(rows)).not.toContain('the-words');
  });

  it('are kept sealed, as they were written, for as long as the pool says', async () => {
    const { customer } = await aPair({ texts: 'redacted', textsKeptSeconds: 3_600 });
    await send(customer.phone, customer.dials, 'kept: 98765 43210');
    const [{ words, provider, provider_message_id: id }] = await maskline.dataSource.query('SELECT * FROM kept_texts');
    expect(words.toString('latin1')).not.toContain('98765');
    expect(maskline.vault.openText(words, wordsOf(provider, id))).toBe('kept: 98765 43210');
    maskline.clock.push({ seconds: 3_599 });
    expect(await maskline.get(KeptTextsService).forgetWhatIsDue()).toBe(0);
    maskline.clock.push({ seconds: 1 });
    expect(await maskline.get(KeptTextsService).forgetWhatIsDue()).toBe(1);
    expect(await maskline.count('kept_texts')).toBe(0);
  });

  it('of dropped texts are not kept', async () => {
    const { customer } = await aPair({ texts: 'off', textsKeptSeconds: 3_600 });
    await send(customer.phone, customer.dials, 'dropped words');
    expect(await maskline.count('kept_texts')).toBe(0);
  });

  it('are in no log, nor is a phone', async () => {
    const { customer, agent } = await aPair();
    await send(customer.phone, customer.dials, 'unloggable-words');
    expect(logged).toContain('text decided');
    for (const secret of ['unloggable', customer.phone.slice(3), agent.phone.slice(3)])
      expect(logged).not.toContain(secret);
  });
});

describe('what became of a text', () => {
  it.each([
    [['sent', 'delivered'], 'delivered', 'ended'],
    [['delivered', 'sent'], 'delivered', 'ended'],
    [['failed', 'sent'], 'failed', 'ended'],
    [['failed', 'delivered'], 'delivered', 'ended'],
    [['sent', 'sent'], 'sent', 'decided'],
  ] as const)('of %j comes to %s', async (reports, outcome, state) => {
    const { customer, reference } = await aPair();
    const text = aText({ from: customer.phone, to: customer.dials });
    await route(text);
    for (const delivery of reports) {
      const report = { delivery, recipientOptedOut: false };
      await maskline.get(TextDeliveriesService).report('exotel', text.providerMessageId, report);
    }
    expect(await interactions(reference)).toMatchObject([{ outcome, state }]);
  });

  it('is not believed of a text that was never passed on', async () => {
    const { customer, reference } = await aPair({ texts: 'off' });
    const text = aText({ from: customer.phone, to: customer.dials });
    await route(text);
    const report = { delivery: 'delivered', recipientOptedOut: true } as const;
    await maskline.get(TextDeliveriesService).report('exotel', text.providerMessageId, report);
    await maskline.get(TextDeliveriesService).report('exotel', messageId(), report);
    expect(await interactions(reference)).toMatchObject([{ outcome: 'dropped' }]);
    expect(await maskline.count('text_opt_outs')).toBeGreaterThan(0); // those of the tests above
  });
});
