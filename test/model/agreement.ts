import { isBetween, phonesOf, wayBack, type ReferenceModel } from './reference-model.js';
import type { Seen } from './world.js';

/**
 * Holds after every command. What the database would answer to anybody who dials anything is what the model would, so
 * everybody who should reach somebody does and nobody else; beside it, what must hold of the rows by themselves.
 */
export function expectAgreement(model: ReferenceModel, seen: Seen): void {
  const { pairs, numbers, orders } = seen;

  // Each pair on record, lent or resting, once; and what a call between the two is answered.
  const recorded = pairs.map(({ number, phone, reference, from, to, rings, shows }) =>
    line(number, phone, `${reference} as ${from} for ${to}`, rings, shows),
  );
  const lent = model.lent().map(({ order, dial, phone }) => {
    const reached = model.reaches(phone, dial.number);
    const place = `${order.reference} as ${dial.from} for ${dial.to}`;
    return line(dial.number, phone, place, reached?.rings ?? null, reached?.shows ?? null);
  });
  const resting = model.resting.map(({ number, phone, reference, from, to }) =>
    line(number, phone, `${reference} as ${from} for ${to}`, null, null),
  );
  expectSame(recorded.sort(), [...lent, ...resting].sort());

  // What a phone shows leads back: to the caller's registered phone, on the same link of the same order. Who has
  // nobody at the other end reaches nobody.
  const registered = new Map(
    pairs
      .filter((pair) => pair.registered && !pair.released)
      .map((pair) => [`${pair.reference} ${pair.from} ${pair.to}`, pair]),
  );
  const byPhoneAndNumber = new Map(pairs.map((pair) => [`${pair.phone} ${pair.number}`, pair]));
  for (const { number, reference, from, to, callee, shown, rings, released } of pairs) {
    if (released) continue;
    expectSame([callee === null, rings !== null && callee === null], [shown === null, false]);
    if (callee === null) continue;
    const caller = registered.get(`${reference} ${from} ${to}`);
    const back = byPhoneAndNumber.get(`${callee} ${shown}`);
    expectSame(
      [back?.callee, back?.shown, back?.reference, back?.from, back?.to, back?.released],
      [caller?.phone, number, reference, to, from, false],
    );
  }

  // Numbers are conserved, and hold no more links than they may: the pool's capacity, or what they had when it sank.
  expectSame(
    numbers.map(({ number, status, held, served }) => `${number} is ${status}, holds ${held}, serves ${served}`).sort(),
    [...model.numbers]
      .map(([number, status]) => {
        const held = model.linksHeld(number);
        return `${number} is ${status}, holds ${held}, serves ${held}`;
      })
      .sort(),
  );
  for (const { held, capacity, status } of numbers) {
    if (status !== 'retired') expectSame(capacity, Math.max(model.capacity, held));
  }

  // An order has an assignment for each phone of each side that has a number; while it is open, its status says whether
  // anybody has a number and whether a link waits. No phone stays that nothing needs.
  const found = new Map(orders.map((order) => [order.reference, order]));
  expectSame(found.size, model.orders.length);
  for (const order of model.orders) {
    const { reference, dials } = order;
    const { status, unreleased, ends, unforgotten } = found.get(reference)!;
    const phones = dials.reduce((sum, { from }) => sum + phonesOf(order.people.get(from)!).length, 0);
    expectSame([reference, 'assignments', unreleased], [reference, 'assignments', phones]);
    expectSame([reference, 'phones that nothing needs', unforgotten], [reference, 'phones that nothing needs', 0]);
    const served = dials.length > 0;
    if (order.closedAt === null) {
      const expected = model.needs(order).length > 0 ? 'awaiting-numbers' : served ? 'active' : 'placed';
      expectSame([reference, status, 'ends', ends], [reference, expected, 'ends', served]);
      // Those who can call each other are both on the order, and linked.
      const links = model.linksOf(order);
      for (const dial of dials) {
        if (wayBack(order, dial)) expectSame(order.people.has(dial.to), true);
        expectSame(
          links.some((link) => isBetween(link, dial.from, dial.to)),
          true,
        );
      }
    } else if (served) expect(['active', 'closing', 'awaiting-numbers']).toContain(status);
    else expect(status).not.toMatch(/^(active|closing)$/);
  }
}

/** As `toEqual`, which takes longer than all the rest of a command does. */
function expectSame(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) expect(actual).toEqual(expected);
}

function line(number: string, phone: string, place: string, rings: string | null, shows: string | null): string {
  const answer = rings === null ? 'is refused' : `rings ${rings} showing ${shows}`;
  return `${phone} dials ${number} in ${place}: ${answer}`;
}
