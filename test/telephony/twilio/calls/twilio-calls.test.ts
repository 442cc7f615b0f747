import { randomBytes } from 'node:crypto';

import { OutgoingCallsService } from '../../../../src/telephony/outgoing/outgoing-calls.service.js';
import { ReconcileService } from '../../../../src/telephony/reconciliation/reconcile.service.js';
import { bookedCall } from '../../../../src/telephony/twilio/calls/twilio-call-records.js';
import { aPhone, API_KEY, TestApp, TWILIO, type Body } from '../../../support/app.js';

const logged: string[] = [];
let maskline: TestApp;
let pool: string;
beforeAll(async () => {
  maskline = await TestApp.start({ logTo: (line) => logged.push(line) });
  pool = await maskline.pool({
    country: 'US',
    provider: 'twilio',
    lowWater: 4,
    target: 4,
    maxNumbers: 4,
    capacity: 50,
    lifetimeSeconds: 30 * 24 * 3600,
  });
  await maskline.replenish(pool);
});
afterAll(() => maskline?.stop());
afterEach(() => faults([]));

const operator = (method: string, path: string, body?: object) =>
  fetch(`${maskline.exchange.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
const faults = (list: object[]) => operator('PUT', '/exchange/faults', list);

const listed = async (query: Record<string, string>): Promise<Body[]> => {
  const url = `${maskline.exchange.url}/2010-04-01/Accounts/${TWILIO.sid}/Calls.json?${new URLSearchParams(query)}`;
  const authorization = `Basic ${Buffer.from(`${TWILIO.sid}:${TWILIO.authToken}`).toString('base64')}`;
  return ((await (await fetch(url, { headers: { authorization } })).json()) as Body).calls;
};
/** How often that phone was rung because we ordered it. */
const orderedTo = async (To: string) =>
  (await listed({ To })).filter(({ direction }) => direction === 'outbound-api').length;

async function anOrder() {
  const [reference, customer, agent] = [`order-${randomBytes(4).toString('hex')}`, aPhone(), aPhone()];
  const order = await maskline.order(reference, customer, agent, { pool });
  const [customerDials, agentDials] = [order.customer.dials as string, order.agent.dials as string];
  return { reference, customer, agent, customerDials, agentDials };
}

let keys = 0;
const wish = (reference: string) =>
  maskline.request(
    'POST',
    `/v1/orders/${reference}/calls`,
    { authorization: `Bearer ${API_KEY}`, 'idempotency-key': `tap-${(keys += 1)}` },
    { from: 'agent' },
  );
const found = async (reference: string, id: string) =>
  (await maskline.api('GET', `/v1/orders/${reference}/calls/${id}`)).body;

/** Looks again and again, as the exchange rings by itself. */
async function ended(reference: string, id: string): Promise<Body> {
  for (let tries = 0; tries < 100; tries += 1) {
    const call = await found(reference, id);
    if (call.state === 'ended') return call;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw new Error(`call ${id} never ended: ${JSON.stringify(await found(reference, id))}`);
}

describe('a call ordered at Twilio', () => {
  const settle = () => maskline.get(OutgoingCallsService).settleUnknown();
  /** The exchange dates its calls by the real clock, and ours is pushed to it. */
  const toRealTime = () =>
    maskline.clock.push({ seconds: Math.round((Date.now() - maskline.clock.now().getTime()) / 1000) });

  it('shows each side the number that it dials to reach the other, and tells its end', async () => {
    const { reference, customer, agent, customerDials, agentDials } = await anOrder();
    const { status, body, text } = await wish(reference);
    expect([status, body.shownNumber]).toEqual([201, customerDials]);
    const { interaction } = await ended(reference, body.id);
    expect(interaction).toMatchObject({ from: 'agent', decision: 'connect', outcome: 'completed', talkSeconds: 61 });
    const sid = interaction.providerCallId;
    expect((await listed({ To: agent, From: agentDials })).map((call) => call.sid)).toEqual([sid]);
    expect(await listed({ ParentCallSid: sid })).toMatchObject([{ from: customerDials, to: customer }]);
    const { steps } = (await (await operator('GET', `/exchange/calls/${sid}`)).json()) as Body;
    expect(steps.filter((step: Body) => 'problem' in step)).toEqual([]);
    for (const phone of [customer, agent]) expect(text + logged.join('\n')).not.toContain(phone.slice(3));
  });

  it.each([
    ['who wants it', 'agent', 'busy'],
    ['the other side', 'customer', 'no-answer'],
  ] as const)('that %s does not take ends so', async (_, who, whenRung) => {
    const order = await anOrder();
    await operator('PUT', `/exchange/people/${order[who]}`, { whenRung });
    const { body } = await wish(order.reference);
    const { interaction } = await ended(order.reference, body.id);
    expect(interaction).toMatchObject({ outcome: whenRung, talkSeconds: 0 });
  });

  it('that Twilio refuses has failed, and quotes no phone', async () => {
    const { reference, agent } = await anOrder();
    await faults([{ api: 'connect', provider: 'twilio', kind: 'status', status: 402 }]);
    const { body } = await wish(reference);
    expect([body.state, body.reason]).toEqual(['failed', 'the provider refused it with status 402']);
    expect(await orderedTo(agent)).toBe(0);
  });

  it('whose answer was lost is found, and not ordered again', async () => {
    toRealTime();
    const { reference, agent } = await anOrder();
    const earlier = await wish(reference); // of the same two people, and another wish's
    const before = await ended(reference, earlier.body.id);
    await faults([{ api: 'connect', provider: 'twilio', kind: 'hang-after-doing', ms: 0, times: 1 }]);
    const { status, body } = await wish(reference);
    expect([status, body.state]).toEqual([202, 'ordered']);
    maskline.clock.push({ seconds: 61 });
    expect(await settle()).toBe(1);
    const { interaction } = await ended(reference, body.id);
    expect(interaction.outcome).toBe('completed');
    expect(interaction.providerCallId).not.toBe(before.interaction.providerCallId);
    expect(await orderedTo(agent)).toBe(2);
    const basic = Buffer.from(`${TWILIO.sid}:${TWILIO.authToken}`).toString('base64');
    expect(logged.filter((line) => line.includes(agent.slice(3)) || line.includes(basic))).toEqual([]);
  });

  it.each([
    ['cut off', { kind: 'cut' }],
    ['turned away as one too many', { kind: 'status', status: 429 }],
  ])('that was %s is asked for once, believed missing at the second look, and has failed', async (_, fault) => {
    toRealTime();
    const { reference, customer, agent, agentDials } = await anOrder();
    await maskline.place({ from: agent, to: agentDials }); // dialled by oneself it is another call
    await faults([{ api: 'connect', provider: 'twilio', ...fault, times: 1 }]);
    const { body } = await wish(reference);
    await faults([]);
    for (const state of ['ordered', 'failed']) {
      maskline.clock.push({ minutes: 2 });
      await settle();
      expect((await found(reference, body.id)).state).toBe(state);
    }
    expect([await orderedTo(agent), await orderedTo(customer)]).toEqual([0, 0]);
  });
});

describe('Twilio, asked for an end that was never told,', () => {
  beforeEach(() => maskline.dataSource.query('DELETE FROM interactions'));
  const reconcile = () => maskline.get(ReconcileService).askForEnds();
  /** Past the ringing, the talk and the quarter of an hour that news may take. */
  const past = () => maskline.clock.push({ hours: 1, minutes: 16 });
  const shown = async (reference: string) =>
    (await maskline.api('GET', `/v1/orders/${reference}/interactions`)).body.interactions[0];

  it.each([
    ['answer', { outcome: 'completed', talkSeconds: 42 }],
    ['busy', { outcome: 'busy', talkSeconds: 0 }],
  ])('tells it by the leg to the callee: %s', async (callee, end) => {
    const { reference, customer, customerDials } = await anOrder();
    await maskline.place({ from: customer, to: customerDials, skipPassthru: true, callee, talkSeconds: 42 });
    past();
    expect(await reconcile()).toEqual({ asked: 1, ended: 1, madeUp: 0 });
    expect(await shown(reference)).toMatchObject({ ...end, genuine: true });
  });

  it('denies a call that was made up', async () => {
    const { reference, customer, customerDials } = await anOrder();
    await maskline.twilio('voice', {
      AccountSid: TWILIO.sid,
      CallSid: `CA${randomBytes(16).toString('hex')}`,
      CallStatus: 'ringing',
      Direction: 'inbound',
      From: customer,
      To: customerDials,
    });
    past();
    expect(await reconcile()).toEqual({ asked: 1, ended: 0, madeUp: 0 });
    past();
    expect(await reconcile()).toEqual({ asked: 1, ended: 0, madeUp: 1 });
    expect(await shown(reference)).toMatchObject({ outcome: null, genuine: false });
  });
});

describe('a call as Twilio books it', () => {
  const leg = (status: string, duration: string | null = null, direction = 'outbound-dial') => ({
    status,
    duration,
    direction,
  });
  const end = (call: object, ...legs: object[]) =>
    bookedCall(call as never, legs as never, 'the details of call 1').end;

  it.each([
    ['talk', leg('completed', '69', 'inbound'), [leg('completed', '61')], 'completed', 61],
    ['no length told', leg('completed', '69', 'inbound'), [leg('completed', null)], 'completed', null],
    ['nobody answered', leg('no-answer', '0', 'inbound'), [leg('no-answer', '0')], 'no-answer', 0],
    ['nobody was dialled', leg('completed', '9', 'inbound'), [], 'not-dialled', 0],
    ['the first side did not take it', leg('busy', '0', 'outbound-api'), [], 'busy', 0],
    ['the first side took it and hung up', leg('completed', '2', 'outbound-api'), [], 'not-dialled', 0],
  ])('%s', (_, call, legs, outcome, talkSeconds) => {
    expect(end(call, ...legs)).toMatchObject({ state: 'ended', outcome, talkSeconds });
  });

  it.each(['queued', 'ringing', 'in-progress'])('%s is no end, of the call or of its leg', (status) => {
    expect(end(leg(status))).toBeNull();
    expect(end(leg('completed'), leg(status))).toBeNull();
  });

  it('of another shape is as if it had not answered', () => {
    expect(() => end({})).toThrow('has no status');
  });
});
