import { randomBytes } from 'node:crypto';

import { OutgoingCallsService } from '../../../src/telephony/outgoing/outgoing-calls.service.js';
import type { ProviderName } from '../../../src/virtual-numbers/provider-name.js';
import { aPhone, API_KEY, HOOK_SECRET, TestApp, type Body } from '../../support/app.js';

const logged: string[] = [];
let maskline: TestApp;
let pool: string;
beforeAll(async () => {
  maskline = await TestApp.start({ logTo: (line) => logged.push(line) });
  pool = await maskline.pool({ lowWater: 8, target: 8, maxNumbers: 8, capacity: 50 });
  await maskline.replenish(pool);
});
afterAll(() => maskline.stop());
afterEach(() => faults([]));

const operator = (method: string, path: string, body?: object) =>
  fetch(`${maskline.exchange.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
const faults = (list: object[]) => operator('PUT', '/exchange/faults', list);
const placed = async (): Promise<number> => ((await (await operator('GET', '/exchange')).json()) as Body).callsPlaced;

async function anOrder(of = pool) {
  const [reference, customer, agent] = [`order-${randomBytes(4).toString('hex')}`, aPhone(), aPhone()];
  const order = await maskline.order(reference, customer, agent, { pool: of });
  return { reference, customer, agent, customerDials: order.customer.dials, agentDials: order.agent.dials };
}

let keys = 0;
const aKey = () => `tap-${(keys += 1)}`;

const wish = (reference: string, from = 'agent', key = aKey()) =>
  maskline.request(
    'POST',
    `/v1/orders/${reference}/calls`,
    { authorization: `Bearer ${API_KEY}`, 'idempotency-key': key },
    { from },
  );
const found = async (reference: string, id: string) =>
  (await maskline.api('GET', `/v1/orders/${reference}/calls/${id}`)).body;

/** Looks again and again, as the exchange rings by itself. */
async function until(reference: string, id: string, state: string): Promise<Body> {
  for (let tries = 0; tries < 100; tries += 1) {
    const call = await found(reference, id);
    if (call.state === state) return call;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw new Error(`call ${id} never became ${state}: ${JSON.stringify(await found(reference, id))}`);
}

/** The exchange keeps a call's transcript a moment after it has told us of the end. */
async function transcriptOf(sid: string): Promise<Body> {
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await operator('GET', `/exchange/calls/${sid}`);
    if (answer.status === 200) return (await answer.json()) as Body;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw new Error(`The exchange never kept the transcript of call ${sid}.`);
}

it('rings who wants the call and then the other side, and learns of its end', async () => {
  const { reference, customer, agent, customerDials } = await anOrder();
  const { status, body, text } = await wish(reference);
  expect([status, body.from, body.shownNumber]).toEqual([201, 'agent', customerDials]);
  const call = await until(reference, body.id, 'ended');
  expect(call.interaction).toMatchObject({
    from: 'agent',
    decision: 'connect',
    outcome: 'completed',
    talkSeconds: 98,
    steps: [{ step: 'ordered', decision: 'connect' }],
  });
  const sid = call.interaction.providerCallId;
  const transcript = await transcriptOf(sid);
  expect(transcript).toMatchObject({ from: agent, to: customer, connected: true, showed: customerDials });
  const reported = transcript.steps.filter(({ asked }: Body) => asked?.includes('call-status'));
  expect(reported.map(({ status: answered }: Body) => answered)).toEqual([200, 200]);
  for (const phone of [customer, agent]) expect(text + logged.join('\n')).not.toContain(phone.slice(3));
});

it('tells honestly that the other side did not answer', async () => {
  const { reference, customer } = await anOrder();
  await operator('PUT', `/exchange/people/${customer}`, { whenRung: 'no-answer' });
  const { body } = await wish(reference);
  expect((await until(reference, body.id, 'ended')).interaction).toMatchObject({
    outcome: 'no-answer',
    talkSeconds: 0,
  });
});

it.each<[ProviderName, ProviderName, country: string]>([
  ['exotel', 'twilio', 'GB'],
  ['twilio', 'exotel', 'IN'],
  ['twilio', 'exotel', 'GB'],
])(
  'in a pool of %s is made by %s where the numbers of the order are of that one, in %s',
  async (provider, other, country) => {
    const both = await maskline.pool({
      country,
      provider,
      alternativeProvider: other,
      lowWater: 2,
      target: 2,
      maxNumbers: 2,
    });
    await faults([{ api: 'search', provider, kind: 'empty' }]);
    await maskline.replenish(both);
    const { reference, customerDials } = await anOrder(both);
    const { status, body } = await wish(reference);
    expect([status, body.reason, body.shownNumber]).toEqual([201, null, customerDials]);
    const { interaction } = await until(reference, body.id, 'ended');
    expect(interaction).toMatchObject({ provider: other, outcome: 'completed' });
    expect(await transcriptOf(interaction.providerCallId)).toMatchObject({ connected: true, showed: customerDials });
  },
);

it('is one call however often the same key asks for it, at once or later', async () => {
  const { reference } = await anOrder();
  const before = await placed();
  const key = aKey();
  const answers = await Promise.all(Array.from({ length: 8 }, () => wish(reference, 'agent', key)));
  const first = answers.find(({ status }) => status === 201)!;
  for (const { status, text } of answers.filter((answer) => answer.status !== 409)) {
    expect([status, text]).toEqual([201, first.text]);
  }
  expect((await wish(reference, 'agent', key)).text).toBe(first.text);
  expect(await placed()).toBe(before + 1);
  const other = await wish(reference, 'customer', key);
  expect([other.status, other.body.type]).toEqual([422, '/problems/idempotency-key-reused']);
});

it('is the same call as long as the order is stored, although its first answer is not', async () => {
  const { reference } = await anOrder();
  const before = await placed();
  const key = aKey();
  const first = await wish(reference, 'agent', key);
  await maskline.dataSource.query('DELETE FROM idempotent_requests');
  const again = await wish(reference, 'agent', key);
  expect([again.status, again.body.id]).toEqual([200, first.body.id]);
  await maskline.dataSource.query('DELETE FROM idempotent_requests');
  const other = await wish(reference, 'customer', key);
  expect([other.status, other.body.type]).toEqual([409, '/problems/call-key-taken']);
  expect(await placed()).toBe(before + 1);
});

it('has a key that calls of other orders may have, too', async () => {
  const [one, other] = [await anOrder(), await anOrder()];
  const key = aKey();
  const calls = [await wish(one.reference, 'agent', key), await wish(other.reference, 'agent', key)];
  expect(calls.map(({ status }) => status)).toEqual([201, 201]);
  expect(new Set(calls.map(({ body }) => body.id)).size).toBe(2);
});

it('needs a key', async () => {
  const { reference } = await anOrder();
  const { status, body } = await maskline.api('POST', `/v1/orders/${reference}/calls`, { from: 'agent' });
  expect([status, body.detail]).toEqual([400, expect.stringContaining('Idempotency-Key')]);
});

describe('is not made', () => {
  const refused = async (reference: string, reason: string, from = 'agent') => {
    const before = await placed();
    const { status, body } = await wish(reference, from);
    expect([status, body.type, body.reason]).toEqual([409, '/problems/call-not-allowed', reason]);
    expect(await placed()).toBe(before);
  };

  it('of an order that is over', async () => {
    const { reference } = await anOrder();
    await maskline.api('POST', `/v1/orders/${reference}/cancel`);
    await refused(reference, 'NO_SESSION');
  });

  it('of an order that has no agent', async () => {
    const reference = `order-${randomBytes(4).toString('hex')}`;
    await maskline.order(reference, aPhone(), undefined, { pool });
    await refused(reference, 'NO_SESSION');
    await refused(reference, 'NO_SESSION', 'customer');
  });

  it.each([
    ['against the pool’s direction', 'DIRECTION_NOT_ALLOWED', { direction: 'customer-to-agent' }],
    ['in quiet hours', 'QUIET_HOURS', { quietHours: { from: '00:00', until: '23:59', timeZone: 'Asia/Kolkata' } }],
  ])('%s', async (_, reason, policy) => {
    const { reference } = await anOrder();
    await maskline.api('PATCH', `/v1/pools/${pool}`, policy);
    await refused(reference, reason);
    await maskline.api('PATCH', `/v1/pools/${pool}`, { direction: 'both', quietHours: null });
  });

  it('past the cap, to which calls that are dialled count too', async () => {
    const { reference, agent, agentDials } = await anOrder();
    await maskline.api('PATCH', `/v1/pools/${pool}`, { maxCallsPerHour: 2 });
    expect((await maskline.call(agent, agentDials)).rings).toHaveLength(1);
    expect((await wish(reference)).status).toBe(201);
    await refused(reference, 'CAP_REACHED');
    await maskline.api('PATCH', `/v1/pools/${pool}`, { maxCallsPerHour: null });
  });
});

describe('when the provider', () => {
  const settle = () => maskline.get(OutgoingCallsService).settleUnknown();

  /** The exchange dates its calls by the real clock, and ours is pushed to it. */
  const toRealTime = () =>
    maskline.clock.push({ seconds: Math.round((Date.now() - maskline.clock.now().getTime()) / 1000) });

  it('refuses, the call has failed and says so without a phone', async () => {
    const { reference } = await anOrder();
    await faults([{ api: 'connect', kind: 'status', status: 402 }]);
    const { status, body, text } = await wish(reference);
    expect([status, body.state, body.reason]).toEqual([201, 'failed', 'the provider refused it with status 402']);
    expect(text).not.toMatch(/\+?919000/);
  });

  it('took it and its answer was lost, the call is found and not ordered again', async () => {
    toRealTime();
    const { reference } = await anOrder();
    const before = await placed();
    await faults([{ api: 'connect', kind: 'hang-after-doing', ms: 0, times: 1 }]);
    const { status, body } = await wish(reference);
    expect([status, body.state, body.interaction]).toEqual([202, 'ordered', null]);
    expect(await settle()).toBe(0); // not yet
    maskline.clock.push({ seconds: 61 });
    expect(await settle()).toBe(1);
    expect((await until(reference, body.id, 'ended')).interaction).toMatchObject({ outcome: 'completed' });
    expect(await placed()).toBe(before + 1);
  });

  it('never took it, that is believed at the second look, and the call has failed', async () => {
    toRealTime();
    const { reference } = await anOrder();
    const before = await placed();
    await faults([{ api: 'connect', kind: 'cut' }]);
    const { body } = await wish(reference);
    for (const state of ['ordered', 'failed']) {
      maskline.clock.push({ minutes: 2 });
      await settle();
      expect((await found(reference, body.id)).state).toBe(state);
    }
    expect(await placed()).toBe(before);
  });

  it('does not answer, the look is taken again later', async () => {
    toRealTime();
    const { reference } = await anOrder();
    await faults([{ api: 'connect', kind: 'hang-after-doing', ms: 0, times: 1 }]);
    const { body } = await wish(reference);
    await faults([{ api: 'calls', kind: 'status', status: 500 }]);
    maskline.clock.push({ seconds: 61 });
    await settle();
    expect((await found(reference, body.id)).state).toBe('ordered');
    await faults([]);
    maskline.clock.push({ minutes: 3 });
    await settle();
    await until(reference, body.id, 'ended');
  });
});

it('that a process left behind before asking the provider has failed, and is not made up for', async () => {
  const { reference } = await anOrder();
  const before = await placed();
  const { body } = await wish(reference);
  await maskline.dataSource.query(
    `UPDATE outgoing_calls SET state = 'wanted', provider_call_id = NULL, look_at = $2 WHERE id = $1`,
    [body.id, maskline.clock.now()],
  );
  await maskline.get(OutgoingCallsService).settleUnknown();
  expect(await found(reference, body.id)).toMatchObject({ state: 'failed' });
  expect(await placed()).toBe(before + 1);
});

describe('Exotel’s report of a call', () => {
  const report = (headers: Record<string, string>, body: string, secret = HOOK_SECRET) =>
    fetch(`${maskline.url}/hooks/exotel/${secret}/call-status`, { method: 'POST', headers, body });
  const fields = (sid: string) => ({
    CallSid: sid,
    EventType: 'terminal',
    Status: 'completed',
    ConversationDuration: 12,
    Legs: [{ Status: 'completed' }, { Status: 'busy' }],
  });
  const row = async (sid: string) =>
    (
      await maskline.dataSource.query('SELECT outcome, talk_seconds FROM interactions WHERE provider_call_id = $1', [
        sid,
      ])
    )[0];

  it('is read from JSON: the second leg tells', async () => {
    const sid = randomBytes(16).toString('hex');
    const { status } = await report({ 'content-type': 'application/json' }, JSON.stringify(fields(sid)));
    expect([status, await row(sid)]).toEqual([200, { outcome: 'busy', talk_seconds: 0 }]);
  });

  it('is read from a form with flat keys', async () => {
    const sid = randomBytes(16).toString('hex');
    const form = new FormData();
    for (const [name, value] of Object.entries({ CallSid: sid, Status: 'completed', ConversationDuration: '12' }))
      form.append(name, value);
    form.append('Legs[1][Status]', 'completed');
    const sent = await fetch(`${maskline.url}/hooks/exotel/${HOOK_SECRET}/call-status`, { method: 'POST', body: form });
    expect([sent.status, await row(sid)]).toEqual([200, { outcome: 'completed', talk_seconds: 12 }]);
  });

  it('is let in by the secret only, and what it does not tell changes nothing', async () => {
    const sid = randomBytes(16).toString('hex');
    const json = { 'content-type': 'application/json' };
    expect((await report(json, JSON.stringify(fields(sid)), 'a-secret-that-is-none-of-ours')).status).toBe(404);
    for (const body of ['{}', 'null', '[]', '{"CallSid":7}', `{"CallSid":"${sid}","Status":"queued"}`]) {
      expect([body, (await report(json, body)).status]).toEqual([body, 200]);
    }
    expect(await row(sid)).toBeUndefined();
  });
});

it.each(['00000000-0000-0000-0000-000000000000', 'zzz'])(
  'an ordered call that is not there (%s) is named so',
  async (id) => {
    const { reference } = await anOrder();
    const answer = await maskline.api('GET', `/v1/orders/${reference}/calls/${id}`);
    expect(answer.body).toMatchObject({ status: 404, type: '/problems/ordered-call-not-found' });
  },
);
