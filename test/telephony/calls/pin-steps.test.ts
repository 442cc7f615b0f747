import { vi } from 'vitest';

import { CallConnections } from '../../../src/platform/database/call-connections.js';
import type { PhoneVault } from '../../../src/phone-number/phone-vault.js';
import type { E164 } from '../../../src/phone-number/e164.js';
import { readPinSteps } from '../../../src/telephony/calls/pin-steps.queries.js';
import { WRONG_PINS_OF_A_CALLER, wrongPinsOfADay } from '../../../src/telephony/calls/pin-check.service.js';
import { aPhone, TestApp } from '../../support/app.js';
import { PushableClock } from '../../support/pushable-clock.js';
import { aCallId, anOrder, caller, participant, wrongPin } from '../calling.js';

/** What PINs cost, and that the tries hold whatever is asked at once, in a process and beside another one. */

const clock = new PushableClock();
let maskline: TestApp;
let other: TestApp;
let vault: PhoneVault;
beforeAll(async () => {
  maskline = await TestApp.start({ clock });
  other = await TestApp.start({ database: maskline.database, clock });
  vault = maskline.vault;
});
afterAll(async () => {
  await other.stop();
  await maskline.stop();
});

async function withPin(policy: object = {}) {
  const order = await anOrder(maskline, { pin: 'unknown-callers', ...policy });
  return { ...order, pin: await participant(maskline, order.reference, 'customer').pin() };
}
type WithPin = Awaited<ReturnType<typeof withPin>>;

/** Enters digits in a call of its own, at either process in turn. */
let turn = 0;
async function key({ customerDials }: WithPin, digits: string, from: string | null, more: object = {}) {
  const app = (turn += 1) % 2 ? maskline : other;
  return caller(app)(from, customerDials, { step: 'pin-1', digits, ...more });
}

const ofPool = (pool: string) => `pool_id = (SELECT id FROM pools WHERE name = '${pool}')`;
const wrongPinsIn = async (pool: string): Promise<number> => {
  const [row] = await maskline.dataSource.query(
    `SELECT COALESCE(sum(count), 0)::integer AS count FROM wrong_pins WHERE ${ofPool(pool)}`,
  );
  return row.count;
};

it.each([
  ['a right PIN', (order: WithPin) => order.pin, {}],
  ['a right PIN of a capped call', (order: WithPin) => order.pin, { maxCallsPerHour: 3 }],
  ['a wrong PIN', (order: WithPin) => wrongPin(order.pin), {}],
  ['too few digits', () => '12', {}],
])('%s takes two statements', async (_, digits, policy) => {
  const order = await withPin(policy);
  const query = vi.spyOn(maskline.app.get(CallConnections), 'query');
  await caller(maskline)(aPhone(), order.customerDials, { step: 'pin-1', digits: digits(order) });
  const names = query.mock.calls.map(([{ name }]) => name);
  query.mockRestore();
  expect(names).toEqual(['read-pin-step', 'decide-pin-step']);
});

it('many right and wrong PINs at once, some sent twice, are each told right, recorded once and counted once', async () => {
  const orders = await Promise.all(Array.from({ length: 6 }, () => withPin()));
  const guesses = orders.flatMap((order) =>
    Array.from({ length: 8 }, (_, index) => {
      const isRight = index % 2 === 0;
      const digits = isRight ? order.pin : wrongPin(...orders.map(({ pin }) => pin));
      return { order, isRight, digits, from: index % 4 < 2 ? aPhone() : null, more: { providerCallId: aCallId() } };
    }),
  );
  const twice = guesses.flatMap((guess) => [guess, guess]);
  const answers = await Promise.all(twice.map(({ order, digits, from, more }) => key(order, digits, from, more)));
  expect(answers.map(({ reason }) => reason)).toEqual(
    twice.map(({ isRight }) => (isRight ? 'CONNECTED' : 'PIN_WRONG')),
  );
  for (const { pool, reference } of orders) {
    expect(await wrongPinsIn(pool)).toBe(4);
    const { interactions } = (await maskline.api('GET', `/v1/orders/${reference}/interactions`)).body;
    expect(interactions.filter(({ decision }: { decision: string }) => decision === 'connect')).toHaveLength(4);
  }
});

it('a caller who sends a right PIN among many wrong ones at once, at two processes, has no more tries than one after the other', async () => {
  for (let round = 0; round < 4; round += 1) {
    const order = await withPin();
    const guesser = aPhone();
    const wrong = Array.from({ length: 39 }, () => key(order, wrongPin(order.pin), guesser));
    const right = key(order, order.pin, guesser);
    const answers = await Promise.all([...wrong, right]);
    const reasons = answers.map(({ reason }) => reason);
    expect(reasons.filter((reason) => reason === 'PIN_WRONG')).toHaveLength(WRONG_PINS_OF_A_CALLER);
    // The right one was looked at only if it was among the first.
    expect(['PIN_LOCKED', 'CONNECTED']).toContain(reasons.at(-1));
    expect(await key(order, order.pin, guesser)).toMatchObject({ reason: 'PIN_LOCKED' });
    expect(await wrongPinsIn(order.pool)).toBe(WRONG_PINS_OF_A_CALLER);
  }
});

it('a right PIN leaves the tries as they were, and is not accepted once none is left', async () => {
  const order = await withPin();
  const guesser = aPhone();
  const before = await maskline.count('recent_tries');
  expect(await key(order, order.pin, aPhone())).toMatchObject({ decision: 'connect' });
  expect(await maskline.count('recent_tries')).toBe(before);
  for (let count = 0; count < WRONG_PINS_OF_A_CALLER; count += 1) {
    for (let time = 0; time < 2; time += 1) {
      expect(await key(order, order.pin, guesser)).toMatchObject({ decision: 'connect' });
    }
    expect(await key(order, wrongPin(order.pin), guesser)).toMatchObject({ reason: 'PIN_WRONG' });
  }
  expect(await key(order, order.pin, guesser)).toMatchObject({ reason: 'PIN_LOCKED' });
});

it('where a pool or a number has no try left, a caller’s wrong PINs are not counted', async () => {
  const order = await withPin();
  const guesser = aPhone();
  await maskline.dataSource.query(
    `INSERT INTO wrong_pins (pool_id, is_withheld, hour, count)
     SELECT id, false, date_trunc('hour', $2::timestamptz, 'UTC'), $3 FROM pools WHERE name = $1`,
    [order.pool, clock.now(), wrongPinsOfADay(1)],
  );
  for (let count = 0; count < 2 * WRONG_PINS_OF_A_CALLER; count += 1) {
    expect(await key(order, wrongPin(order.pin), guesser)).toMatchObject({ reason: 'PIN_LOCKED' });
  }
  expect(await wrongPinsIn(order.pool)).toBe(wrongPinsOfADay(1));
  const locked = await withPin();
  const old = () => String(200_000 + (turn += 1));
  for (let count = 1; count <= 20; count += 1)
    expect(await key(locked, old(), aPhone())).toMatchObject({ reason: 'PIN_WRONG' });
  for (let count = 0; count < 2 * WRONG_PINS_OF_A_CALLER; count += 1) {
    expect(await key(locked, old(), guesser)).toMatchObject({ reason: 'PIN_LOCKED' });
  }
  const free = await withPin();
  expect(await key(free, free.pin, guesser)).toMatchObject({ decision: 'connect' });
});

it('twenty wrong old PINs lock a number, also when many more are entered at once', async () => {
  const order = await withPin();
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, index) => key(order, String(300_000 + index), aPhone())),
  );
  expect(answers.filter(({ reason }) => reason === 'PIN_WRONG')).toHaveLength(20);
  expect(answers.filter(({ reason }) => reason === 'PIN_LOCKED')).toHaveLength(40);
});

it('a right PIN connects no more calls an hour than the pool’s cap, however many at once', async () => {
  const order = await withPin({ maxCallsPerHour: 3 });
  const answers = await Promise.all(Array.from({ length: 12 }, () => key(order, order.pin, aPhone())));
  expect(answers.filter(({ reason }) => reason === 'CONNECTED')).toHaveLength(3);
  expect(answers.filter(({ reason }) => reason === 'CAP_REACHED')).toHaveLength(9);
  expect(await caller(maskline)(order.customer, order.customerDials)).toMatchObject({ reason: 'CAP_REACHED' });
});

it('a call has two tries, however many steps are sent at once', async () => {
  const order = await withPin();
  const providerCallId = aCallId();
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      key(order, wrongPin(order.pin), aPhone(), { providerCallId, step: `pin-${index}` }),
    ),
  );
  expect(answers.filter(({ decision }) => decision === 'ask-pin')).toHaveLength(1);
  expect(await wrongPinsIn(order.pool)).toBe(2);
});

describe('what is read of a call with digits', () => {
  async function read(number: string, pin: string, from: string | null = null, providerCallId = aCallId()) {
    const [facts] = await readPinSteps(maskline.get(CallConnections), [
      {
        provider: 'exotel',
        providerCallId,
        at: clock.now(),
        offered: Buffer.alloc(32, 7),
        numberKey: vault.keyOf(number as E164),
        callerKey: from === null ? null : vault.keyOf(from as E164),
        pinKey: vault.keyOfPin(number as E164, pin),
      },
    ]);
    return facts!;
  }

  it('is the holder of a PIN behind the number on which the PIN is keyed, and nowhere else', async () => {
    const [order, elsewhere] = [await withPin(), await withPin()];
    expect(await read(order.customerDials, order.pin)).toMatchObject({
      joined: null,
      byPin: { diallerRole: 'customer', shownNumber: order.agentDials, connectsUntil: expect.any(Date) },
      unjoined: { numberIsOurs: true, pin: 'unknown-callers' },
      secret: Buffer.alloc(32, 7),
    });
    expect((await read(elsewhere.customerDials, order.pin)).byPin).toBeNull();
    expect((await read(aPhone(), order.pin)).unjoined.numberIsOurs).toBe(false);
  });

  it('is the secret of a call that was asked for a PIN, which is not written again', async () => {
    const order = await withPin();
    const [providerCallId, from] = [aCallId(), aPhone()];
    const asked = await caller(maskline)(from, order.customerDials, { providerCallId });
    expect(asked).toMatchObject({ decision: 'ask-pin' });
    const stored = async () => {
      const [row] = await maskline.dataSource.query(
        `SELECT ctid, repeat_secret FROM interactions WHERE provider_call_id = $1`,
        [providerCallId],
      );
      return row;
    };
    const before = await stored();
    const { secret, byPin } = await read(order.customerDials, order.pin, from, providerCallId);
    expect(secret).toEqual(before.repeat_secret);
    expect(byPin).not.toBeNull();
    expect(await stored()).toEqual(before);
  });

  it('is also the caller’s own assignment', async () => {
    const order = await withPin();
    const agents = await participant(maskline, order.reference, 'agent').pin();
    const facts = await read(order.customerDials, agents, order.customer);
    expect(facts).toMatchObject({ joined: { diallerRole: 'customer' }, byPin: null });
  });

  it('is the number of PINs that connect on the number', async () => {
    const pool = await maskline.pool({ capacity: 5, pin: 'unknown-callers' }, [aPhone()]);
    const [one, two] = [await withPin({ pool }), await withPin({ pool })];
    await anOrder(maskline, { pool });
    expect((await read(one.customerDials, one.pin)).pins).toBe(2);
    await maskline.api('POST', `/v1/orders/${two.reference}/cancel`);
    expect((await read(one.customerDials, one.pin)).poolId).toMatch(/^[0-9a-f-]{36}$/);
  });
});
