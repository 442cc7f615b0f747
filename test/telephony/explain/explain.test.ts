import { randomBytes } from 'node:crypto';

import { aNumber, aPhone, numbers, TestApp, type Body } from '../../support/app.js';

const logged: string[] = [];
let maskline: TestApp;
beforeAll(async () => {
  maskline = await TestApp.start({ logTo: (line) => logged.push(line) });
});
afterAll(() => maskline.stop());

async function anOrder(more: object = {}, owned = numbers(4)) {
  const pool = await maskline.pool({ graceSeconds: 600, ...more }, owned);
  const [customer, agent] = [aPhone(), aPhone()];
  const reference = `order-${randomBytes(4).toString('hex')}`;
  const order = await maskline.order(reference, customer, agent, { pool });
  return { pool, reference, customer, agent, customerDials: order.customer.dials, agentDials: order.agent.dials };
}

async function explain(from: string, to: string, at?: Date): Promise<Body> {
  const { status, body, text } = await maskline.api('POST', '/v1/routing/explain', { from, to, at: at?.toISOString() });
  if (status !== 200) throw new Error(text);
  expect(text).not.toContain(from.slice(-10));
  return body;
}

const audit = async () => (await maskline.api('GET', '/v1/audit?limit=1')).body.entries[0];

describe('as things stand', () => {
  it('tells who would be rung by which order, and what that rests on', async () => {
    const { customer, customerDials, agentDials, reference, pool } = await anOrder();
    const { callSid } = await maskline.call(customer, customerDials);
    const explained = await explain(customer.replace('+91', '0'), customerDials);
    for (const event of explained.order.events) expect(Object.keys(event)).toEqual(['kind', 'at']);
    expect(explained).toMatchObject({
      asOf: 'now',
      from: expect.stringMatching(/^\+91•+\d\d$/),
      to: customerDials,
      decision: 'connect',
      reason: 'CONNECTED',
      shownNumber: agentDials,
      order: { reference, events: [{ kind: 'order.placed' }, { kind: 'order.agent-assigned' }] },
      caller: { role: 'customer', phone: expect.stringContaining('•') },
      callee: { role: 'agent', phone: expect.stringContaining('•') },
      policy: { pool, policy: { direction: 'both' } },
      calls: [{ providerCallId: callSid, from: 'customer', reference, decision: 'connect', outcome: null }],
      words: expect.arrayContaining([expect.stringContaining(`order ${reference}`)]),
    });
  });

  it('tells how a call ended in the words of its list, whatever the end', async () => {
    const { customer, customerDials, reference, pool } = await anOrder();
    const { callSid } = await maskline.call(customer, customerDials);
    await maskline.exotel('GET', 'passthru/answered', { CallSid: callSid, DialCallStatus: 'completed' });
    await maskline.api('PATCH', `/v1/pools/${pool}`, { direction: 'agent-to-customer' });
    const { callSid: refused } = await maskline.call(customer, customerDials);
    await maskline.exotel('GET', 'passthru/not-dialled', { CallSid: refused });
    const { interactions } = (await maskline.api('GET', `/v1/orders/${reference}/interactions`)).body;
    const { calls, words } = await explain(customer, customerDials);
    // The last sentences are those of the calls, so a page that lists these can leave them out.
    for (const [place, call] of calls.entries()) expect(words.at(place - calls.length)).toContain(call.words);
    expect(words.at(-calls.length - 1)).not.toContain('Recorded on');
    const ends = (list: Body[]) => list.map(({ decision, outcome }) => [decision, outcome]);
    expect(ends(calls)).toEqual(ends(interactions));
    expect(ends(calls)).toEqual([
      ['connect', 'completed'],
      ['refuse', 'refused'],
    ]);
  });

  it.each([
    ['a stranger', 'UNKNOWN_CALLER', async () => [aPhone(), (await anOrder()).customerDials]],
    [
      'a participant of another order',
      'NO_SESSION',
      async () => [(await anOrder()).customer, (await anOrder()).customerDials],
    ],
    ['a withheld number', 'CLI_WITHHELD', async () => ['anonymous', (await anOrder()).customerDials]],
    ['a number that is none of ours', 'UNKNOWN_VN', async () => [aPhone(), aNumber()]],
  ] as const)('says why %s reaches nobody', async (_, reason, who) => {
    const [from, to] = (await who()) as [string, string];
    const explained = await explain(from, to);
    expect(explained).toMatchObject({ decision: 'refuse', reason, callee: null });
    const { callSid } = await maskline.call(from, to);
    const [row] = await maskline.dataSource.query('SELECT reason FROM interactions WHERE provider_call_id = $1', [
      callSid,
    ]);
    expect(row.reason).toBe(reason);
  });

  const limited = async (policy: object): Promise<[string, string]> => {
    const { customer, customerDials, pool } = await anOrder();
    await maskline.api('PATCH', `/v1/pools/${pool}`, policy);
    return [customer, customerDials];
  };
  it.each([
    ['a caller of the wrong side', 'DIRECTION_NOT_ALLOWED', () => limited({ direction: 'agent-to-customer' })],
    [
      'a caller in quiet hours', // the tests' clock begins at 11:30 of Kolkata
      'QUIET_HOURS',
      () => limited({ quietHours: { from: '00:00', until: '23:59', timeZone: 'Asia/Kolkata' } }),
    ],
    ['a caller who is to key a PIN', 'PIN_REQUIRED', () => limited({ pin: 'always' })],
    [
      'an unknown caller who is to key a PIN',
      'PIN_REQUIRED',
      async () => [aPhone(), (await limited({ pin: 'unknown-callers' }))[1]],
    ],
    [
      'a caller past the cap',
      'CAP_REACHED',
      async () => {
        const [from, to] = await limited({ maxCallsPerHour: 1 });
        expect((await explain(from, to)).reason).toBe('CONNECTED');
        await maskline.call(from, to);
        return [from, to];
      },
    ],
    [
      'a caller who is blocked',
      'BLOCKED',
      async () => {
        const { customer, customerDials } = await anOrder();
        await maskline.dataSource.query(`UPDATE assignments SET blocked_at = $1 WHERE virtual_number = $2`, [
          maskline.clock.now(),
          customerDials,
        ]);
        return [customer, customerDials];
      },
    ],
  ] as const)('says why %s is not put through, now and afterwards', async (_, reason, who) => {
    const [from, to] = (await who()) as [string, string];
    const explained = await explain(from, to);
    expect(explained.reason).toBe(reason);
    const { callSid } = await maskline.call(from, to);
    const [row] = await maskline.dataSource.query('SELECT reason FROM interactions WHERE provider_call_id = $1', [
      callSid,
    ]);
    expect(row.reason).toBe(reason);
    const then = new Date(maskline.clock.now().getTime() + 1000);
    maskline.clock.push({ seconds: 2 });
    expect((await explain(from, to, then)).reason).toBe(reason);
  });

  it('refuses a question about what is no number', async () => {
    const { status, body } = await maskline.api('POST', '/v1/routing/explain', { from: aPhone(), to: 'the agent' });
    expect([status, body.detail]).toEqual([400, expect.stringContaining('E.164')]);
  });
});

it('refuses a question about the future, whose orders nobody knows yet', async () => {
  const { customer, customerDials } = await anOrder();
  const at = new Date(maskline.clock.now().getTime() + 24 * 3_600_000).toISOString();
  const answer = await maskline.api('POST', '/v1/routing/explain', { from: customer, to: customerDials, at });
  expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('at must not be in the future')]);
});

describe('at an instant that is past', () => {
  it('tells the agent of then, who has been replaced since', async () => {
    const { customer, customerDials, agentDials, reference, agent } = await anOrder();
    const then = maskline.clock.now();
    maskline.clock.push({ minutes: 10 });
    const { body: replaced } = await maskline.api('PUT', `/v1/orders/${reference}/agent`, { phone: aPhone() });
    maskline.clock.push({ minutes: 10 });
    const was = await explain(customer, customerDials, then);
    expect(was).toMatchObject({ asOf: 'then', decision: 'connect', shownNumber: agentDials });
    const is = await explain(customer, customerDials);
    expect(is).toMatchObject({ decision: 'connect', shownNumber: replaced.agent.dials });
    expect(was.callee.participantId).not.toBe(is.callee.participantId);
    expect(await explain(agent, agentDials, then)).toMatchObject({ decision: 'connect' });
    expect(await explain(agent, agentDials)).toMatchObject({ decision: 'refuse', reason: 'ORDER_ENDED' });
  });

  it('knows before, in and after grace apart, although the row has only its last end', async () => {
    const { customer, customerDials, reference } = await anOrder();
    const before = maskline.clock.now();
    maskline.clock.push({ hours: 1 });
    await maskline.api('POST', `/v1/orders/${reference}/complete`);
    maskline.clock.push({ minutes: 5 });
    const inGrace = maskline.clock.now();
    await maskline.pass({ minutes: 30 });
    const after = maskline.clock.now();
    await maskline.pass({ hours: 1 });
    const reasons = [];
    for (const at of [before, inGrace, after]) reasons.push((await explain(customer, customerDials, at)).reason);
    expect(reasons).toEqual(['CONNECTED', 'CONNECTED_IN_GRACE', 'ORDER_ENDED']);
  });

  it('says of an instant before the order that the phone was a stranger then', async () => {
    const before = maskline.clock.now();
    maskline.clock.push({ minutes: 1 });
    const { customer, customerDials } = await anOrder();
    maskline.clock.push({ minutes: 1 });
    const explained = await explain(customer, customerDials, before);
    expect(explained).toMatchObject({ decision: 'refuse', order: null });
  });

  it('says honestly that a phone is forgotten, and tells by order whom the number served', async () => {
    const { customer, customerDials, reference } = await anOrder();
    const then = maskline.clock.now();
    const { callSid } = await maskline.call(customer, customerDials);
    await maskline.api('POST', `/v1/orders/${reference}/complete`);
    await maskline.pass({ hours: 1 });
    await maskline.pass({ days: 2 });
    expect(await maskline.count('assignments', `virtual_number = '${customerDials}'`)).toBe(0);
    const explained = await explain(customer, customerDials, then);
    expect(explained).toMatchObject({
      decision: 'unknown',
      reason: 'FORGOTTEN',
      order: null,
      caller: null,
      forgotten: [{ reference, role: 'customer' }],
      calls: [{ providerCallId: callSid, from: 'customer', reference, decision: 'connect' }],
    });
    expect(explained.words.join(' ')).toContain('deleted');
  });

  it('rests on the policy of then, and says since when that held', async () => {
    const { customer, customerDials, pool } = await anOrder();
    maskline.clock.push({ minutes: 1 });
    const then = maskline.clock.now();
    maskline.clock.push({ minutes: 1 });
    await maskline.api('PATCH', `/v1/pools/${pool}`, { maxCallsPerHour: 3 });
    const changed = maskline.clock.now();
    maskline.clock.push({ minutes: 1 });
    expect((await explain(customer, customerDials, then)).policy).toMatchObject({ policy: { maxCallsPerHour: null } });
    expect((await explain(customer, customerDials)).policy).toMatchObject({
      since: changed.toISOString(),
      policy: { maxCallsPerHour: 3 },
    });
    await maskline.dataSource.query('DELETE FROM pool_policy_changes');
    const { policy, words } = await explain(customer, customerDials, then);
    expect(policy).toMatchObject({ since: null, policy: { maxCallsPerHour: 3 } });
    expect(words.join(' ')).toContain('not stored');
  });
});

describe('who asked', () => {
  it('is written down before the answer, by keyed lookup and without the phone', async () => {
    const { customer, customerDials } = await anOrder();
    await explain(customer, customerDials);
    const first = await audit();
    expect(first).toMatchObject({
      at: maskline.clock.now().toISOString(),
      who: expect.stringMatching(/^key [0-9a-f]{8}$/),
      what: 'routing.explain',
      about: customerDials,
      phone: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    await explain(aPhone(), customerDials);
    expect((await audit()).phone).not.toBe(first.phone);
    await explain(customer, customerDials);
    expect((await audit()).phone).toBe(first.phone);
    expect(logged.join('\n')).not.toContain(customer.slice(3));
  });

  it('is not answered when it cannot be written down', async () => {
    const { customer, customerDials } = await anOrder();
    await maskline.dataSource.query('ALTER TABLE audit_log RENAME TO audit_log_gone');
    const { status, text } = await maskline.api('POST', '/v1/routing/explain', { from: customer, to: customerDials });
    await maskline.dataSource.query('ALTER TABLE audit_log_gone RENAME TO audit_log');
    expect(status).toBe(500);
    expect(text).not.toContain('connect');
  });

  it('comes page by page, newest first', async () => {
    const { customerDials } = await anOrder();
    for (let asked = 0; asked < 3; asked += 1) await explain(aPhone(), customerDials);
    const first = (await maskline.api('GET', '/v1/audit?limit=2')).body;
    expect(first.entries).toHaveLength(2);
    const next = (await maskline.api('GET', `/v1/audit?limit=2&cursor=${first.nextCursor}`)).body;
    expect(next.entries[0].phone).not.toBe(first.entries[1].phone);
    expect((await maskline.api('GET', '/v1/audit?cursor=x')).status).toBe(400);
  });
});
