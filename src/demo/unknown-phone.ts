import type { Narrator } from './narrator.js';
import { ASHA, BORROWED, RAVI, STRANGER, type Call, type Order, type Pool, type Town } from './town.js';

const POOL = 'demo-pin';
/** Another region than the other pools', so that no two pools want the same number. */
const REGION = 'DL';
/** The wrong PINs that a caller has in a day, two in each call. */
const WRONG_GUESSES = 6;
const GUESSES_A_CALL = 2;

/** An unknown phone, a PIN, and a stranger who guesses until no guess is left. @throws Unexpected */
export async function aPhoneWeDoNotKnow(narrator: Narrator, town: Town): Promise<void> {
  narrator.happens('A pool that asks unknown callers for a PIN; Asha orders again, and Ravi is to deliver');
  const few = { lowWater: 2, target: 2, maxNumbers: 2 };
  await town.api<Pool>(201, 'POST', 'pools', {
    name: POOL,
    country: 'IN',
    region: REGION,
    pin: 'unknown-callers',
    ...few,
  });
  await narrator.until('buying', 60, async () => {
    const { level } = await town.api<Pool>(200, 'GET', `pools/${POOL}`);
    return level.assignable === 2 ? level : null;
  });
  await town.api<Order>(201, 'POST', 'orders', { reference: 'order-3', pool: POOL, customer: { phone: ASHA } });
  const order = await town.api<Order>(200, 'PUT', 'orders/order-3/agent', { phone: RAVI });
  const path = 'orders/order-3/participants/customer/pin';
  const { pin, dials } = await town.api<{ pin: string; dials: string }>(200, 'GET', path);
  narrator.expect('what Asha is to dial', dials, order.customer.dials);
  narrator.tells('Asha’s app shows', `${dials}, PIN ${pin}`);

  narrator.happens('Asha calls from a borrowed phone, and keys the PIN');
  const call = await town.call(BORROWED, dials, [`${pin}#`]);
  narrator.expect(
    'the borrowed phone',
    { connected: call.connected, rang: call.rang, showed: call.showed },
    { connected: true, rang: RAVI, showed: order.agent?.dials },
  );
  narrator.tells('Asha hears', `“${call.heard.join(' ')}”`);
  narrator.tells('Ravi’s phone rings', `${call.rang}, showing ${call.showed}`);

  narrator.happens('A stranger guesses; after too many wrong PINs even the right one is refused');
  const heard: Call['heard'][] = [];
  for (let guess = 0; guess < WRONG_GUESSES; guess += GUESSES_A_CALL) {
    heard.push(await isRefused(narrator, town, dials, [otherThan(pin, guess), otherThan(pin, guess + 1)]));
  }
  narrator.tells('the stranger keys', `${WRONG_GUESSES} wrong PINs in ${heard.length} calls`);
  heard.push(await isRefused(narrator, town, dials, [pin, pin]));
  narrator.tells('then', `${pin}, which is right`);
  narrator.expect('the words, the same each time', new Set(heard.map((words) => words.join(' '))).size, 1);
  narrator.tells('the stranger hears', `“${heard.at(-1)?.at(-1)}”`);
}

async function isRefused(narrator: Narrator, town: Town, to: string, keys: readonly string[]): Promise<Call['heard']> {
  const { connected, rang, heard } = await town.call(STRANGER, to, keys);
  narrator.expect('the stranger', { connected, rang }, { connected: false, rang: null });
  return heard;
}

/** Another PIN with the same number of digits, different for each guess. */
function otherThan(pin: string, guess: number): string {
  return String((Number(pin) + guess + 1) % 10 ** pin.length).padStart(pin.length, '0');
}
