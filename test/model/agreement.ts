import { phonesOf, type ReferenceModel } from './reference-model.js';
import type { Seen } from './world.js';

/**
 * Holds after every command. What the database would answer to anybody who dials anything is what the model would, so
 * everybody who should reach somebody does and nobody else; beside it, what must hold of the rows by themselves.
 */
export function expectAgreement(model: ReferenceModel, seen: Seen): void {
  const { pairs, numbers, orders } = seen;

  // Each pair on record, lent or resting, once; and what a call between the two is answered.
  const recorded = pairs.map(({ number, phone, reference, rings, shows }) =>
    line(number, phone, reference, rings, shows),
  );
  const lent = model.sides().map(({ order, me }) => {
    const reached = model.reaches(me.phone, me.number!);
    return line(me.number!, me.phone, order.reference, reached?.rings ?? null, reached?.shows ?? null);
  });
  const resting = model.resting.map(({ number, phone, reference }) => line(number, phone, reference, null, null));
  expectSame(recorded.sort(), [...lent, ...resting].sort());

  // What a phone shows, it can call back: the way back leads to the caller's registered phone, in the same order.
  for (const { number, reference, role, rings, shows } of pairs) {
    if (rings === null) continue;
    const caller = pairs.find(
      (pair) => pair.registered && pair.rings !== null && pair.reference === reference && pair.role === role,
    );
    const back = pairs.find((pair) => pair.number === shows && pair.phone === rings);
    expectSame([back?.rings, back?.shows, back?.reference], [caller?.phone, number, reference]);
  }

  // Numbers are conserved, and hold no more than they may: the pool's capacity, or what they still had when it sank.
  expectSame(
    numbers.map(({ number, status, held, served }) => `${number} is ${status}, holds ${held}, serves ${served}`).sort(),
    [...model.numbers]
      .map(([number, status]) => {
        const held = model.ordersHeld(number);
        return `${number} is ${status}, holds ${held}, serves ${held}`;
      })
      .sort(),
  );
  for (const { held, capacity, status } of numbers) {
    if (status !== 'retired') expectSame(capacity, Math.max(model.capacity, held));
  }

  // An active order has both its numbers, for each phone of its sides; one that waits, or is over, has none.
  const found = new Map(orders.map((order) => [order.reference, order]));
  expectSame(found.size, model.orders.length);
  for (const order of model.orders) {
    const { status, unreleased } = found.get(order.reference)!;
    const served = order.customer.number !== null;
    const phones = phonesOf(order.customer).length + (order.agent ? phonesOf(order.agent).length : 0);
    expectSame([order.reference, unreleased], [order.reference, served ? phones : 0]);
    if (order.closedAt === null) expectSame(status, served ? 'active' : order.agent ? 'awaiting-numbers' : 'placed');
    else if (served) expect(['active', 'closing']).toContain(status);
    else expect(status).not.toMatch(/^(active|closing)$/);
  }
}

/** As `toEqual`, which takes longer than all the rest of a command does. */
function expectSame(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) expect(actual).toEqual(expected);
}

function line(number: string, phone: string, reference: string, rings: string | null, shows: string | null): string {
  const answer = rings === null ? 'is refused' : `rings ${rings} showing ${shows}`;
  return `${phone} dials ${number} in ${reference}: ${answer}`;
}
