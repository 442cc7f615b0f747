import type { E164 } from '../../../src/phone-number/e164.js';
import { RecentTries } from '../../../src/telephony/tries/recent-tries.js';
import { WRONG_PINS_OF_A_CALLER, wrongPinsOfADay } from '../../../src/telephony/calls/pin-check.service.js';
import { WrongPins } from '../../../src/telephony/tries/wrong-pins.js';
import { setPin } from '../../../src/virtual-numbers/assignments/participant-assignments.queries.js';
import { retryOnConflict } from '../../../src/virtual-numbers/pools/retry-on-conflict.js';
import { aPhone, numbers, TestApp } from '../../support/app.js';
import { PushableClock } from '../../support/pushable-clock.js';
import { aCallId, anOrder, caller, participant, problem, wrongPin } from '../calling.js';

const logged: string[] = [];
const clock = new PushableClock();
let maskline: TestApp;
let call: ReturnType<typeof caller>;
beforeAll(async () => {
  maskline = await TestApp.start({ clock, logTo: (line) => logged.push(line) });
  call = caller(maskline);
});
afterAll(() => maskline.stop());

const ASKS = { decision: 'ask-pin', reason: 'PIN_REQUIRED', digits: 10 };
/** An order whose pool asks callers whom it does not know, and the customer's PIN. */
async function withPin(policy: object = {}) {
  const order = await anOrder(maskline, { pin: 'unknown-callers', ...policy });
  return { ...order, pin: await participant(maskline, order.reference, 'customer').pin() };
}

/** Keys wrong PINs, one a call, until one is not looked at. @returns how many were */
async function guessUntilLocked(from: string | null | (() => string), number: string, pin: string): Promise<number> {
  for (let count = 0; ; count += 1) {
    const who = typeof from === 'function' ? from() : from;
    const { reason } = await call(who, number, { step: 'pin-1', digits: wrongPin(pin) });
    if (reason === 'PIN_LOCKED') return count;
    expect(reason).toBe('PIN_WRONG');
  }
}

const ofPool = (pool: string) => `pool_id = (SELECT id FROM pools WHERE name = '${pool}')`;

/** As if so many wrong PINs had been keyed in a pool within the hour. */
async function wrongPinsKeyed(pool: string, count: number, isWithheld = false): Promise<void> {
  await maskline.dataSource.query(
    `INSERT INTO wrong_pins (pool_id, is_withheld, hour, count)
     SELECT id, $2, date_trunc('hour', $3::timestamptz, 'UTC'), $4 FROM pools WHERE name = $1`,
    [pool, isWithheld, clock.now(), count],
  );
}

describe('a PIN', () => {
  it('has ten digits, stays the same, is each participant’s own, and names the number it is keyed on', async () => {
    const order = await anOrder(maskline);
    const customer = await participant(maskline, order.reference, 'customer').askPin();
    expect(customer).toMatchObject({
      status: 200,
      body: { pin: expect.stringMatching(/^\d{10}$/), dials: order.customerDials },
    });
    expect(customer.headers['cache-control']).toBe('no-store');
    expect((await participant(maskline, order.reference, 'customer').askPin()).body).toEqual(customer.body);
    const agent = await participant(maskline, order.reference, 'agent').askPin();
    expect(agent.body).toMatchObject({ dials: order.agentDials });
    expect(agent.body.pin).not.toBe(customer.body.pin);
  });

  it('is one when it is asked for twenty times at once', async () => {
    const order = await anOrder(maskline);
    const pins = await Promise.all(
      Array.from({ length: 20 }, () => participant(maskline, order.reference, 'agent').pin()),
    );
    expect(new Set(pins).size).toBe(1);
  });

  it('is drawn again where it would lead to somebody else behind the number', async () => {
    const pool = await maskline.pool({ capacity: 5 }, numbers(1));
    const [one, two] = [await anOrder(maskline, { pool }), await anOrder(maskline, { pool })];
    await participant(maskline, one.reference, 'customer').pin();
    const find = `SELECT own.order_id, own.dialler_id, own.pin, own.pin_key FROM assignments AS own
                  JOIN orders ON orders.id = own.order_id WHERE orders.reference = $1 AND own.dialler_role = 'customer'`;
    const [taken] = await maskline.dataSource.query(find, [one.reference]);
    const [other] = await maskline.dataSource.query(find, [two.reference]);
    let draws = 0;
    await retryOnConflict(maskline.dataSource, async (tx) => {
      draws += 1;
      if (draws > 1) return;
      const side = { orderId: other.order_id, diallerId: other.dialler_id, calleeRole: 'agent' };
      await setPin(tx, side, { pin: taken.pin, pinKey: taken.pin_key });
    });
    expect(draws).toBe(2);
  });

  it('is nowhere in clear: not in the database, and not in the log', async () => {
    const { pin, customerDials } = await withPin();
    const callId = aCallId();
    await call(aPhone(), customerDials, { providerCallId: callId });
    await call(aPhone(), customerDials, { step: 'pin-1', digits: pin });
    const wrong = wrongPin(pin);
    await call(aPhone(), customerDials, { step: 'pin-1', digits: wrong });
    for (const table of ['assignments', 'interactions', 'recent_tries']) {
      const rows = await maskline.dataSource.query(`SELECT to_jsonb(one)::text AS row FROM ${table} AS one`);
      const all = JSON.stringify(rows);
      expect(all).not.toContain(`${pin}"`);
      expect(all).not.toMatch(new RegExp(`\\b(${pin}|${wrong})\\b`));
    }
    expect(logged.join('\n')).not.toMatch(new RegExp(`\\b(${pin}|${wrong})\\b`));
  });

  it('is not to be had while there is no number on which to key it', async () => {
    const pool = await maskline.pool();
    await maskline.order(`no-pin-${pool}`, aPhone(), undefined, { pool });
    for (const role of ['customer', 'agent'] as const) {
      expect(problem(await participant(maskline, `no-pin-${pool}`, role).askPin())).toBe(
        '409 /problems/order-without-numbers',
      );
    }
    const order = await anOrder(maskline);
    await maskline.api('POST', `/v1/orders/${order.reference}/cancel`);
    expect(problem(await participant(maskline, order.reference, 'agent').askPin())).toBe(
      '409 /problems/order-without-numbers',
    );
    expect(problem(await participant(maskline, 'no-such', 'agent').askPin())).toBe('404 /problems/order-not-found');
    const active = await anOrder(maskline);
    expect((await maskline.api('GET', `/v1/orders/${active.reference}/participants/boss/pin`)).status).toBe(404);
    expect((await maskline.api('GET', `/v1/orders/${active.reference}/participants/Boss/pin`)).status).toBe(400);
  });

  it('goes with the number when the phone is corrected, and ends with the agent who is replaced', async () => {
    const order = await withPin();
    await participant(maskline, order.reference, 'customer').correct(aPhone());
    expect(await participant(maskline, order.reference, 'customer').pin()).toBe(order.pin);
    const agent = participant(maskline, order.reference, 'agent');
    const before = await agent.pin();
    const { body } = await maskline.api('PUT', `/v1/orders/${order.reference}/agent`, { phone: aPhone() });
    expect(await call(aPhone(), order.agentDials, { step: 'pin-1', digits: before })).toMatchObject({
      decision: expect.stringMatching(/refuse|ask-pin/),
    });
    const after = await agent.pin();
    expect(await call(aPhone(), body.agent.dials, { step: 'pin-1', digits: after })).toMatchObject({
      callee: expect.any(String),
    });
  });
});

describe('who calls from a phone that is not known', () => {
  it.each([
    ['an unknown number', aPhone],
    ['no number at all', () => null],
  ])('is asked for the PIN and reaches the callee with it, from %s', async (_, from) => {
    const order = await withPin();
    const [who, providerCallId] = [from(), aCallId()];
    expect(await call(who, order.customerDials, { providerCallId })).toEqual(ASKS);
    const keyed = { providerCallId, step: 'pin-1', digits: order.pin };
    const connected = await call(who, order.customerDials, keyed);
    expect(connected).toMatchObject({ decision: 'connect', callee: order.agent, shownNumber: order.agentDials });
    expect(await call(who, order.customerDials, keyed)).toEqual(connected);
    const { interactions } = (await maskline.api('GET', `/v1/orders/${order.reference}/interactions`)).body;
    expect(interactions).toHaveLength(1);
    expect(interactions[0]).toMatchObject({
      from: 'customer',
      decision: 'connect',
      steps: [{ reason: 'PIN_REQUIRED' }, { step: 'pin-1' }],
    });
  });

  it('has two tries a call, and a third only in another', async () => {
    const order = await withPin();
    const [who, providerCallId] = [aPhone(), aCallId()];
    const key = (step: string, digits: string) => call(who, order.customerDials, { providerCallId, step, digits });
    expect(await key('pin-1', wrongPin(order.pin))).toEqual({ ...ASKS, reason: 'PIN_WRONG' });
    expect(await key('pin-2', wrongPin(order.pin))).toEqual({ decision: 'refuse', reason: 'PIN_WRONG' });
    expect(await key('pin-3', order.pin)).toEqual({ decision: 'refuse', reason: 'PIN_WRONG' });
    expect(await call(who, order.customerDials, { step: 'pin-1', digits: order.pin })).toMatchObject({
      decision: 'connect',
    });
  });

  it('spends one try on a request that comes twice', async () => {
    const order = await withPin();
    const [who, providerCallId] = [aPhone(), aCallId()];
    const wrong = { providerCallId, step: 'pin-1', digits: wrongPin(order.pin) };
    for (let time = 1; time <= 5; time += 1) {
      expect(await call(who, order.customerDials, wrong)).toEqual({ ...ASKS, reason: 'PIN_WRONG' });
    }
    const right = { providerCallId, step: 'pin-2', digits: order.pin };
    expect(await call(who, order.customerDials, right)).toMatchObject({ decision: 'connect' });
  });

  it('keys nothing, or too little, and is asked once more', async () => {
    const order = await withPin();
    for (const digits of ['', '123', '1234567', '12345678901', 'abcdefghij', '*#*#*#']) {
      const providerCallId = aCallId();
      const key = (step: string) => call(aPhone(), order.customerDials, { providerCallId, step, digits });
      expect(await key('pin-1')).toEqual({ ...ASKS, reason: 'PIN_WRONG' });
    }
    expect(await maskline.count('wrong_pins', ofPool(order.pool))).toBe(0);
  });

  it('cannot use the PIN of the other side, or of another number', async () => {
    const [order, other] = [await withPin(), await withPin()];
    const agents = await participant(maskline, order.reference, 'agent').pin();
    for (const digits of [agents, other.pin]) {
      expect(await call(aPhone(), order.customerDials, { step: 'pin-1', digits })).toMatchObject({
        reason: 'PIN_WRONG',
      });
    }
  });

  it('is refused as ever where the pool asks for no PIN, or the number serves nobody', async () => {
    const order = await anOrder(maskline);
    expect(await call(aPhone(), order.customerDials)).toEqual({ decision: 'refuse', reason: 'UNKNOWN_CALLER' });
    const owned = numbers(1);
    await maskline.pool({ pin: 'unknown-callers' }, owned);
    expect(await call(null, owned[0]!)).toEqual({ decision: 'refuse', reason: 'CLI_WITHHELD' });
  });

  it('hears that the order has ended with the PIN of one that has, and nothing of it after quarantine', async () => {
    const order = await withPin({ graceSeconds: 60, owned: numbers(2) });
    await maskline.api('POST', `/v1/orders/${order.reference}/complete`);
    expect(await call(aPhone(), order.customerDials, { step: 'p', digits: order.pin })).toMatchObject({
      reason: 'CONNECTED_IN_GRACE',
    });
    await maskline.pass({ minutes: 2 });
    await anOrder(maskline, { pool: order.pool }); // both numbers serve other people now
    expect(await call(aPhone(), order.customerDials, { step: 'p', digits: order.pin })).toMatchObject({
      reason: 'ORDER_ENDED',
    });
    await maskline.pass({ hours: 24 });
    await maskline.pass({ hours: 1 });
    expect(await call(aPhone(), order.customerDials, { step: 'p', digits: order.pin })).not.toMatchObject({
      reason: 'ORDER_ENDED',
    });
  });
});

describe('guessing', () => {
  it('ends for a caller after six wrong PINs, on whichever numbers, until a day is over', async () => {
    const [order, other] = [await withPin(), await withPin()];
    const guesser = aPhone();
    await call(guesser, other.customerDials, { step: 'pin-1', digits: wrongPin(other.pin) });
    expect(await guessUntilLocked(guesser, order.customerDials, order.pin)).toBe(WRONG_PINS_OF_A_CALLER - 1);
    // Even the right one is not looked at, and the number is nobody else's worse for it.
    const right = { step: 'pin-1', digits: order.pin };
    expect(await call(guesser, order.customerDials, right)).toMatchObject({ reason: 'PIN_LOCKED' });
    expect(await call(aPhone(), order.customerDials, right)).toMatchObject({ decision: 'connect' });
    clock.push({ hours: 23 });
    expect(await call(guesser, order.customerDials, right)).toMatchObject({ reason: 'PIN_LOCKED' });
    clock.push({ hours: 1, seconds: 1 });
    const later = await withPin();
    expect(await call(guesser, later.customerDials, { step: 'p', digits: later.pin })).toMatchObject({
      decision: 'connect',
    });
  });

  it('leads to a right guess on one day in a thousand at most, on however many numbers of a pool', () => {
    for (const pins of [1, 49, 1_000, 3_400]) {
      const guessesOfADay = 2 * wrongPinsOfADay(pins);
      expect((guessesOfADay * pins) / 10 ** 10).toBeLessThanOrEqual(0.001);
    }
    // Before anybody is locked out, so many wrong PINs are keyed: more than people key by mistake, or a few calls can.
    expect(wrongPinsOfADay(49)).toBe(102_040);
    expect(wrongPinsOfADay(3_400)).toBe(1_470);
  });

  it('ends on all numbers of a pool, whoever guesses on whichever, until a day is over', async () => {
    const pool = await maskline.pool({ pin: 'unknown-callers' }, numbers(8));
    const made = [await anOrder(maskline, { pool }), await anOrder(maskline, { pool })];
    const pins = await Promise.all(made.map(({ reference }) => participant(maskline, reference, 'customer').pin()));
    await wrongPinsKeyed(pool, wrongPinsOfADay(1) - 2);
    for (const [at, { customerDials }] of made.entries()) {
      const wrong = { step: 'pin-1', digits: wrongPin(pins[at]!) };
      expect(await call(aPhone(), customerDials, wrong)).toMatchObject({ reason: 'PIN_WRONG' });
    }
    for (const [at, { customerDials }] of made.entries()) {
      const right = { step: 'pin-1', digits: pins[at]! };
      expect(await call(aPhone(), customerDials, right)).toMatchObject({ reason: 'PIN_LOCKED' });
    }
    clock.push({ hours: 25 });
    const later = await anOrder(maskline, { pool });
    const pin = await participant(maskline, later.reference, 'customer').pin();
    const right = { step: 'pin-1', digits: pin };
    expect(await call(aPhone(), later.customerDials, right)).toMatchObject({ decision: 'connect' });
  });

  it('locks out neither a phone that is known, nor, by callers without a number, those who show theirs', async () => {
    const order = await withPin();
    await wrongPinsKeyed(order.pool, wrongPinsOfADay(1), true);
    const right = { step: 'pin-1', digits: order.pin };
    expect(await call(null, order.customerDials, right)).toMatchObject({ reason: 'PIN_LOCKED' });
    expect(await call(aPhone(), order.customerDials, right)).toMatchObject({ decision: 'connect' });
    await wrongPinsKeyed(order.pool, wrongPinsOfADay(1));
    expect(await call(aPhone(), order.customerDials, right)).toMatchObject({ reason: 'PIN_LOCKED' });
    expect(await call(order.customer, order.customerDials)).toMatchObject({ callee: order.agent });
  });

  it('locks out nobody who keys his own PIN on his own phone, where everybody is asked', async () => {
    const order = await withPin({ pin: 'always' });
    expect(await guessUntilLocked(order.customer, order.customerDials, order.pin)).toBe(WRONG_PINS_OF_A_CALLER);
    await wrongPinsKeyed(order.pool, wrongPinsOfADay(1)).catch(() =>
      maskline.dataSource.query(`UPDATE wrong_pins SET count = $1 WHERE ${ofPool(order.pool)}`, [wrongPinsOfADay(1)]),
    );
    const right = { step: 'pin-1', digits: order.pin };
    expect(await call(order.customer, order.customerDials, right)).toMatchObject({ callee: order.agent });
    expect(await call(aPhone(), order.customerDials, right)).toMatchObject({ reason: 'PIN_LOCKED' });
  });

  it('at a PIN of six digits, of before, ends on its number after twenty', async () => {
    const order = await withPin();
    const old = '123456';
    await maskline.dataSource.query(
      'UPDATE assignments SET pin_key = $2 WHERE virtual_number = $1 AND pin IS NOT NULL',
      [...[order.customerDials, maskline.vault.keyOfPin(order.customerDials as E164, old)]],
    );
    const key = (digits: string) => call(aPhone(), order.customerDials, { step: 'pin-1', digits });
    expect(await key(old)).toMatchObject({ decision: 'connect' });
    for (let count = 1; count <= 20; count += 1)
      expect(await key(String(200_000 + count))).toMatchObject({ reason: 'PIN_WRONG' });
    expect(await key(old)).toMatchObject({ reason: 'PIN_LOCKED' });
  });

  it('is forgotten once it counts no more', async () => {
    const order = await withPin();
    await call(aPhone(), order.customerDials, { step: 'pin-1', digits: wrongPin(order.pin) });
    clock.push({ hours: 25 });
    expect(await maskline.get(RecentTries).forget()).toBeGreaterThan(0);
    expect(await maskline.get(WrongPins).forget()).toBeGreaterThan(0);
    expect(await maskline.count('wrong_pins')).toBe(0);
  });

  it('sounds the same whether a PIN is wrong or not looked at: asked again, then refused', async () => {
    const order = await withPin();
    await wrongPinsKeyed(order.pool, wrongPinsOfADay(1));
    const providerCallId = aCallId();
    const key = (step: string) => call(aPhone(), order.customerDials, { providerCallId, step, digits: order.pin });
    expect(await key('pin-1')).toMatchObject({ decision: 'ask-pin', reason: 'PIN_LOCKED' });
  });

  it('is allowed less where many PINs live on a number', async () => {
    const order = await withPin({ capacity: 200 });
    const ofOrder = `SELECT id FROM orders WHERE reference = $1`;
    await maskline.dataSource.query(
      `INSERT INTO assignments (virtual_number, dialler_key, order_id, dialler_id, dialler_role, callee_id, callee_phone,
                                shown_number, assigned_at, connects_until, pin, pin_key)
       SELECT own.virtual_number, sha256(more::text::bytea), own.order_id, gen_random_uuid(), 'customer', own.callee_id,
              own.callee_phone, own.shown_number, own.assigned_at, own.connects_until, own.pin, sha256(more::text::bytea)
       FROM assignments AS own, generate_series(1, 99) AS more
       WHERE own.order_id = (${ofOrder}) AND own.pin IS NOT NULL`,
      [order.reference],
    );
    await wrongPinsKeyed(order.pool, wrongPinsOfADay(100) - 3);
    expect(await guessUntilLocked(aPhone, order.customerDials, order.pin)).toBe(3);
  });

  it('in parallel gets a caller no further than one after the other', async () => {
    const order = await withPin();
    const guesser = aPhone();
    const guess = () => call(guesser, order.customerDials, { step: 'pin-1', digits: wrongPin(order.pin) });
    const answers = await Promise.all(Array.from({ length: 30 }, guess));
    expect(answers.filter(({ reason }) => reason === 'PIN_WRONG')).toHaveLength(WRONG_PINS_OF_A_CALLER);
    expect(answers.filter(({ reason }) => reason === 'PIN_LOCKED')).toHaveLength(30 - WRONG_PINS_OF_A_CALLER);
  });

  it('gains no new tries from a restart', async () => {
    const order = await withPin();
    const guesser = aPhone();
    await guessUntilLocked(guesser, order.customerDials, order.pin);
    const other = await TestApp.start({ database: maskline.database, clock });
    const answer = await caller(other)(guesser as E164, order.customerDials, { step: 'pin-1', digits: order.pin });
    await other.stop();
    expect(answer).toMatchObject({ reason: 'PIN_LOCKED' });
  });

  it('costs those nothing who are right', async () => {
    const order = await withPin();
    for (let count = 0; count < 30; count += 1) {
      const who = count % 2 ? null : ('+919000099998' as E164);
      expect(await call(who, order.customerDials, { step: 'pin-1', digits: order.pin })).toMatchObject({
        decision: 'connect',
      });
    }
  });
});

describe('where everybody is asked', () => {
  it('a registered phone is no proof, and its PIN is', async () => {
    const order = await withPin({ pin: 'always' });
    const providerCallId = aCallId();
    expect(await call(order.customer, order.customerDials, { providerCallId })).toEqual(ASKS);
    const keyed = { providerCallId, step: 'pin-1', digits: order.pin };
    expect(await call(order.customer, order.customerDials, keyed)).toMatchObject({ callee: order.agent });
  });

  it('the order’s end is still told before any PIN', async () => {
    const order = await withPin({ pin: 'always' });
    await maskline.api('POST', `/v1/orders/${order.reference}/cancel`);
    expect(await call(order.customer, order.customerDials)).toMatchObject({ reason: 'ORDER_ENDED' });
  });
});

describe('where a PIN claims the phone', () => {
  const known = async (reference: string) => (await participant(maskline, reference, 'customer').phones()).body.phones;

  it('the phone is the participant’s from then on, for this order', async () => {
    const order = await withPin({ claimByPin: true });
    const phone = aPhone();
    await call(phone, order.customerDials, { step: 'pin-1', digits: order.pin });
    expect(await call(phone, order.customerDials)).toMatchObject({
      decision: 'connect',
      callee: order.agent,
      shownNumber: order.agentDials,
    });
    expect(await known(order.reference)).toMatchObject([{ known: 'registered' }, { known: 'pin' }]);
  });

  it('it is claimed once, however often and from however many calls at once', async () => {
    const order = await withPin({ claimByPin: true });
    const phone = aPhone();
    const claim = () => call(phone, order.customerDials, { step: 'pin-1', digits: order.pin });
    // No more at once than a caller has tries: each takes one until it is found right.
    const answers = await Promise.all(Array.from({ length: 5 }, claim));
    expect(answers.every(({ decision }) => decision === 'connect')).toBe(true);
    await claim();
    expect(await known(order.reference)).toHaveLength(2);
  });

  it('a wrong PIN, a withheld number and a pool that does not want it claim nothing', async () => {
    const order = await withPin({ claimByPin: true });
    await call(aPhone(), order.customerDials, { step: 'pin-1', digits: wrongPin(order.pin) });
    await call(null, order.customerDials, { step: 'pin-1', digits: order.pin });
    expect(await known(order.reference)).toHaveLength(1);
    const shy = await withPin();
    await call(aPhone(), shy.customerDials, { step: 'pin-1', digits: shy.pin });
    expect(await known(shy.reference)).toHaveLength(1);
  });

  it('a phone that is another order’s behind that number connects by its PIN, and stays the other’s', async () => {
    const pool = await maskline.pool({ capacity: 5, pin: 'always', claimByPin: true }, numbers(1));
    const [one, two] = [await anOrder(maskline, { pool }), await anOrder(maskline, { pool })];
    const pin = await participant(maskline, one.reference, 'customer').pin();
    const keyed = { step: 'pin-1', digits: pin };
    expect(await call(two.customer, one.customerDials, keyed)).toMatchObject({ callee: one.agent });
    expect(await known(one.reference)).toHaveLength(1);
    const theirs = await participant(maskline, two.reference, 'customer').pin();
    expect(await call(two.customer, one.customerDials, { step: 'p', digits: theirs })).toMatchObject({
      callee: two.agent,
    });
  });
});
