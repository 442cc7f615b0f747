import fc from 'fast-check';

import { expectAgreement } from './agreement.js';
import {
  aPerson,
  dialsOf,
  isBetween,
  phonesOf,
  wayBack,
  type Dial,
  type ModelLink,
  type ModelOrder,
  type Need,
  type ReferenceModel,
  isLastCarrier,
} from './reference-model.js';
import { NUMBERS, outcomeOf, PHONES, STRANGER, type Seen, type World } from './world.js';

/** Something that happens to the world and, in its plain way, to the model; after which the two must agree. */
abstract class Command implements fc.AsyncCommand<ReferenceModel, World, true> {
  async check(model: Readonly<ReferenceModel>): Promise<boolean> {
    return this.makesSense(model);
  }

  async run(model: ReferenceModel, world: World): Promise<void> {
    await this.happen(model, world);
    expectAgreement(model, await world.see());
    world.ran += 1;
    const kind = this.constructor.name;
    world.ranByKind.set(kind, (world.ranByKind.get(kind) ?? 0) + 1);
  }

  protected makesSense(model: Readonly<ReferenceModel>): boolean {
    return model.now > 0;
  }

  protected abstract happen(model: ReferenceModel, world: World): Promise<void>;

  abstract toString(): string;
}

/** Something that happens to one of the orders, counted from the newest, so that what shrinks stays about the same one. */
abstract class OrderCommand extends Command {
  constructor(protected readonly back: number) {
    super();
  }

  protected override makesSense(model: Readonly<ReferenceModel>): boolean {
    return model.orders.length > this.back;
  }

  protected order(model: ReferenceModel): ModelOrder {
    return model.orders[model.orders.length - 1 - this.back]!;
  }
}

class Place extends Command {
  constructor(
    private readonly people: readonly (readonly [string, string])[],
    private readonly links: readonly ModelLink[] | null,
  ) {
    super();
  }

  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    push(model, world, 1); // no two orders are of one age, so it is plain which of them is served first
    const reference = `order-${model.orders.length + 1}`;
    const outcome = await outcomeOf(world.place(reference, this.people, this.links));
    const roles = [...this.people.map(([role]) => role), ...(model.poolLinks ?? []).flatMap((link) => link.roles)];
    const isSound =
      new Set(this.people.map(([, phone]) => phone)).size === this.people.length &&
      (this.links ?? []).every(
        (link) => link.roles.filter((role) => !roles.includes(role)).length <= (model.early ? 1 : 0),
      );
    expect(outcome).toBe(isSound ? 'done' : 'UnusableParticipants');
    if (isSound) settle(model, model.place(reference, this.people, this.links), await world.see());
  }

  toString = () => {
    const people = this.people.map(([role, one]) => `${role} ${short(one)}`).join(', ');
    return `place(${people}${this.links ? `; links ${linksAsText(this.links)}` : ''})`;
  };
}

/** Puts a person on, or another in their place. */
class Put extends OrderCommand {
  constructor(
    back: number,
    private readonly role: string,
    private readonly phone: string,
  ) {
    super(back);
  }

  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    const order = this.order(model);
    const outcome = await outcomeOf(world.put(order.reference, this.role, this.phone));
    if (order.closedAt !== null) return expect(outcome).toBe('OrderClosed');
    if (belongsToAnother(order, this.role, this.phone)) return expect(outcome).toBe('SamePhone');
    expect(outcome).toBe('done');
    const seen = await world.see();
    const present = order.people.get(this.role);
    if (present?.phone === this.phone) return void settle(model, order, seen);
    if (!present) model.takePlace(order, this.role);
    // A link with numbers outlasts a change of the rule.
    const before = model.linksOf(order).filter((link) => order.dials.some(({ from, to }) => isBetween(link, from, to)));
    const reached = order.dials.filter(({ from }) => from === this.role).map(({ to }) => to);
    if (present) model.leave(order, this.role);
    order.people.set(this.role, aPerson(this.phone));
    const after = model.linksOf(order);
    const links = [...after, ...before.filter(({ roles }) => !after.some((link) => isBetween(link, ...roles)))];
    if (!present) return void settle(model, order, seen, links);
    const isReplaced = ({ from, to }: Need['sides'][number]) => from === this.role && reached.includes(to);
    if (!settleReplaced(model, order, seen, links, isReplaced)) model.abandon(order, this.role);
  }

  toString = () => `put(${this.role} of order ${this.back} back, ${short(this.phone)})`;
}

class Remove extends OrderCommand {
  constructor(
    back: number,
    private readonly role: string,
  ) {
    super(back);
  }

  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    const order = this.order(model);
    const outcome = await outcomeOf(world.remove(order.reference, this.role));
    if (order.closedAt !== null) return expect(outcome).toBe('OrderClosed');
    if (!order.people.has(this.role)) return expect(outcome).toBe(nobody(this.role));
    expect(outcome).toBe('done');
    if (isLastCarrier(order, this.role)) order.named = model.linksOf(order);
    model.leave(order, this.role);
    model.abandon(order, this.role);
    order.people.delete(this.role);
    settle(model, order, await world.see());
  }

  toString = () => `remove(${this.role} of order ${this.back} back)`;
}

class OpenLink extends OrderCommand {
  constructor(
    back: number,
    private readonly link: ModelLink,
  ) {
    super(back);
  }

  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    const order = this.order(model);
    const outcome = await outcomeOf(world.openLink(order.reference, this.link));
    if (order.closedAt !== null) return expect(outcome).toBe('OrderClosed');
    const links = model.linksOf(order);
    const named = [...links, ...(model.poolLinks ?? [])].flatMap(({ roles }) => roles);
    const known = this.link.roles.filter((role) => order.people.has(role) || named.includes(role)).length;
    if (known < (order.early ? 1 : 2)) return expect(outcome).toBe('UnusableParticipants');
    expect(outcome).toBe('done');
    if (links.some((one) => isBetween(one, ...this.link.roles) && one.onlyFrom === this.link.onlyFrom)) return;
    order.named = [...links.filter((one) => !isBetween(one, ...this.link.roles)), this.link];
    settle(model, order, await world.see());
  }

  toString = () => `openLink(order ${this.back} back, ${linksAsText([this.link])})`;
}

class CloseLink extends OrderCommand {
  constructor(
    back: number,
    private readonly roles: ModelLink['roles'],
  ) {
    super(back);
  }

  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    const order = this.order(model);
    const outcome = await outcomeOf(world.closeLink(order.reference, this.roles));
    if (order.closedAt !== null) return expect(outcome).toBe('OrderClosed');
    const links = model.linksOf(order);
    const isOpen = links.some((link) => isBetween(link, ...this.roles));
    expect(outcome).toBe(isOpen ? 'done' : 'LinkNotFound');
    if (!isOpen) return;
    const sides = order.dials.filter(({ from, to }) => this.roles.includes(from) && this.roles.includes(to));
    model.rest(order, sides, model.now, 'LINK_CLOSED');
    order.named = links.filter((link) => !isBetween(link, ...this.roles));
    settle(model, order, await world.see());
  }

  toString = () => `closeLink(order ${this.back} back, ${this.roles.join('-')})`;
}

class FinishAwaiting extends Command {
  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    const { finished } = await world.finishAwaiting();
    const seen = await world.see();
    let served = 0;
    let gaveUp = false;
    for (const order of model.orders) {
      if (!isOpen(order) || model.needs(order).length === 0) continue;
      if (gaveUp) continue;
      if (settle(model, order, seen)) served += 1;
      // Without a single number for anybody, the others are not tried.
      else gaveUp = [...model.numbers.keys()].every((one) => model.room(one) === 0);
    }
    expect(finished).toBe(served);
  }

  toString = () => 'finishAwaiting';
}

class Close extends OrderCommand {
  constructor(
    back: number,
    private readonly because: 'completed' | 'cancelled',
  ) {
    super(back);
  }

  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    const order = this.order(model);
    await world.close(order.reference, this.because);
    const { graceSeconds, cancelGraceSeconds } = model.policy;
    const served = order.dials.length > 0;
    model.close(order, !served ? 0 : this.because === 'completed' ? graceSeconds : cancelGraceSeconds);
  }

  toString = () => `${this.because === 'completed' ? 'complete' : 'cancel'}(order ${this.back} back)`;
}

class Reopen extends OrderCommand {
  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    const order = this.order(model);
    const outcome = await outcomeOf(world.reopen(order.reference));
    if (isOpen(order)) return expect(outcome).toBe('done');
    const isInGrace = order.dials.length > 0 && model.now < order.connectsUntil;
    expect(outcome).toBe(isInGrace ? 'done' : 'NotInGrace');
    if (isInGrace) model.reopen(order);
  }

  toString = () => `reopen(order ${this.back} back)`;
}

class Correct extends OrderCommand {
  constructor(
    back: number,
    private readonly role: string,
    private readonly phone: string,
  ) {
    super(back);
  }

  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    const order = this.order(model);
    const outcome = await outcomeOf(world.correct(order.reference, this.role, this.phone));
    if (order.closedAt !== null) return expect(outcome).toBe('OrderClosed');
    const person = order.people.get(this.role);
    if (!person) return expect(outcome).toBe(nobody(this.role));
    if (belongsToAnother(order, this.role, this.phone)) return expect(outcome).toBe('SamePhone');
    if (person.phone === this.phone) return expect(outcome).toBe('done');
    const before = { resting: [...model.resting], dials: order.dials };
    const dials = dialsOf(order, this.role);
    const isOwn = person.alternates.includes(this.phone);
    const lost = isOwn ? [] : dials.filter(({ number }) => model.isTaken(number, this.phone));
    for (const dial of dials) {
      // On the numbers that stay, the others of a person's phones go on dialling.
      if (!lost.includes(dial)) model.restPair(order, dial, person.phone, model.now);
    }
    model.rest(order, lost, model.now);
    const alternates = person.alternates.filter((one) => one !== this.phone);
    order.people.set(this.role, { phone: this.phone, alternates, who: Symbol(this.phone) });
    const needs: Need[] = lost.map((dial) => ({ sides: [dial], beside: wayBack(order, dial)?.number ?? null }));
    if (outcome === 'done') return give(model, order, needs, await world.see());
    expect(outcome).toBe('PoolIsDry');
    expect(model.canRunDry(order, needs)).toBe(true);
    order.people.set(this.role, person);
    order.dials = before.dials;
    model.resting = before.resting;
  }

  toString = () => `correct(${this.role} of order ${this.back} back, ${short(this.phone)})`;
}

/** Lets a person call from one more phone, which then does. */
class Declare extends OrderCommand {
  constructor(
    back: number,
    private readonly role: string,
    private readonly phone: string,
  ) {
    super(back);
  }

  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    push(model, world, 1); // no two phones of a person came at one instant, so it is plain which is withdrawn first
    const order = this.order(model);
    const outcome = await outcomeOf(world.declare(order.reference, this.role, this.phone));
    if (order.closedAt !== null) return expect(outcome).toBe('OrderClosed');
    const person = order.people.get(this.role);
    if (!person) return expect(outcome).toBe(nobody(this.role));
    if (phonesOf(person).includes(this.phone)) return expect(outcome).toBe('done');
    if (belongsToAnother(order, this.role, this.phone)) return expect(outcome).toBe('SamePhone');
    const mayJoin = model.mayJoin(order, this.role, this.phone);
    expect(outcome).toBe(mayJoin ? 'done' : 'PhoneTaken');
    if (!mayJoin) return;
    model.join(order, this.role, this.phone);
    const [dial] = dialsOf(order, this.role);
    if (dial) await call(model, world, this.phone, dial.number);
  }

  toString = () => `declare(${this.role} of order ${this.back} back, ${short(this.phone)})`;
}

/** Takes that right away again, from the phone of a person that has had it longest, and calls from it. */
class Withdraw extends Command {
  constructor(private readonly drawn: number) {
    super();
  }

  protected override makesSense(model: Readonly<ReferenceModel>): boolean {
    return declaredIn(model).length > 0;
  }

  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    const declared = declaredIn(model);
    const { order, role, person } = declared[this.drawn % declared.length]!;
    await world.withdraw(order.reference, role, 0);
    const [phone] = person.alternates as [string];
    for (const dial of dialsOf(order, role)) model.restPair(order, dial, phone, model.now);
    person.alternates.shift();
    const [dial] = dialsOf(order, role);
    if (dial) await call(model, world, phone, dial.number);
  }

  toString = () => `withdraw(${this.drawn})`;
}

/** The people of open orders who may call from more than one phone. */
function declaredIn({ orders }: Readonly<ReferenceModel>) {
  return orders
    .filter(isOpen)
    .flatMap((order) =>
      [...order.people]
        .map(([role, person]) => ({ order, role, person }))
        .filter(({ person }) => person.alternates.length > 0),
    );
}

class Call extends Command {
  constructor(
    private readonly caller: string,
    private readonly dialled: string,
  ) {
    super();
  }

  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    await call(model, world, this.caller, this.dialled);
  }

  toString = () => `call(${short(this.caller)} dials ${short(this.dialled)})`;
}

class SetCapacity extends Command {
  constructor(private readonly capacity: number) {
    super();
  }

  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    await world.setCapacity(this.capacity);
    model.capacity = this.capacity;
  }

  toString = () => `setCapacity(${this.capacity})`;
}

/** Which links orders have that name none, and when their people get numbers. */
class SetLinkPolicy extends Command {
  constructor(
    private readonly early: boolean,
    private readonly links: readonly ModelLink[] | null,
  ) {
    super();
  }

  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    await world.setLinkPolicy(this.early, this.links);
    model.early = this.early;
    model.poolLinks = this.links;
  }

  toString = () =>
    `setLinkPolicy(${this.early ? 'when one is known' : 'when both are known'}, links ${this.links ? linksAsText(this.links) : 'by role'})`;
}

class Import extends Command {
  constructor(private readonly number: string) {
    super();
  }

  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    await world.importNumber(this.number);
    if ((model.numbers.get(this.number) ?? 'retired') === 'retired') model.numbers.set(this.number, 'available');
  }

  toString = () => `import(${short(this.number)})`;
}

class Drain extends Command {
  constructor(private readonly number: string) {
    super();
  }

  protected override makesSense(model: Readonly<ReferenceModel>): boolean {
    return model.numbers.has(this.number);
  }

  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    const outcome = await outcomeOf(world.drain(this.number));
    const isRetired = model.numbers.get(this.number) === 'retired';
    expect(outcome).toBe(isRetired ? 'NumberRetired' : 'done');
    if (!isRetired) model.numbers.set(this.number, 'draining');
  }

  toString = () => `drain(${short(this.number)})`;
}

class Retire extends Command {
  constructor(private readonly number: string) {
    super();
  }

  protected override makesSense(model: Readonly<ReferenceModel>): boolean {
    return model.numbers.has(this.number);
  }

  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    const { pairs } = await world.see();
    const outcome = await outcomeOf(world.retire(this.number));
    const isUsed = model.lent().some(({ dial }) => dial.number === this.number);
    const rests = model.resting.some(({ number }) => number === this.number);
    if (isUsed || rests) return expect(outcome).toBe('NumberInUse');
    // A pair that rests may still name it as the number it showed: that too keeps it.
    if (outcome !== 'done') return expect(pairs.some(({ released }) => released)).toBe(true);
    model.numbers.set(this.number, 'retired');
  }

  toString = () => `retire(${short(this.number)})`;
}

class PushClock extends Command {
  constructor(private readonly seconds: number) {
    super();
  }

  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    push(model, world, this.seconds);
  }

  toString = () => `pushClock(${this.seconds} s)`;
}

/** To the end of an order's lifetime, or of its calls: a second before it, or right to it. */
class PushToEnd extends OrderCommand {
  constructor(
    back: number,
    private readonly end: 'expiresAt' | 'connectsUntil',
    private readonly early: 0 | 1,
  ) {
    super(back);
  }

  protected override makesSense(model: Readonly<ReferenceModel>): boolean {
    return super.makesSense(model) && this.left(model as ReferenceModel) > 0;
  }

  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    push(model, world, this.left(model));
  }

  private left(model: ReferenceModel): number {
    return (this.order(model)[this.end] - model.now) / 1000 - this.early;
  }

  toString = () => `pushTo(${this.end} of order ${this.back} back${this.early ? ', less 1 s' : ''})`;
}

class EndWhatIsDue extends Command {
  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    await world.endWhatIsDue();
    model.endWhatIsDue();
  }

  toString = () => 'endWhatIsDue';
}

/** What follows is asked of the other process. */
class TakeTurns extends Command {
  protected async happen(_model: ReferenceModel, world: World): Promise<void> {
    world.takeTurns();
  }

  toString = () => 'takeTurns';
}

class Restart extends Command {
  protected async happen(_model: ReferenceModel, world: World): Promise<void> {
    await world.restart();
  }

  toString = () => 'restart';
}

/** What is answered to a call, and to the one that dials back what it showed. */
async function call(model: ReferenceModel, world: World, caller: string, dialled: string): Promise<void> {
  const answer = await world.call(caller, dialled);
  const expected = model.reaches(caller, dialled);
  if (expected === null) {
    return expect(answer).toMatchObject({ decision: 'refuse', reason: whyRefused(model, caller, dialled) });
  }
  const { order, rings, shows, backTo, canCallBack } = expected;
  // Between a lifetime's end and the moment it is acted on, both words are right; whom it rings is the same.
  const reason = isOpen(order) ? 'CONNECTED' : expect.stringMatching(/^CONNECTED/);
  expect(answer).toMatchObject({ decision: 'connect', reason, callee: rings, shownNumber: shows });

  const calledBack = await world.call(rings, shows);
  if (!canCallBack) return expect(calledBack).toMatchObject({ decision: 'refuse', reason: 'DIRECTION_NOT_ALLOWED' });
  expect(calledBack).toMatchObject({ decision: 'connect', callee: backTo, shownNumber: dialled });
}

function whyRefused(model: ReferenceModel, caller: string, dialled: string): unknown {
  if ((model.numbers.get(dialled) ?? 'retired') === 'retired') return 'UNKNOWN_VN';
  if (NUMBERS.includes(caller)) return model.numbers.has(caller) ? 'LOOP' : 'UNKNOWN_CALLER';
  const { order, dial } = model.lentTo(caller, dialled) ?? {};
  if (order && dial && model.now < order.connectsUntil) {
    return wayBack(order, dial) ? 'DIRECTION_NOT_ALLOWED' : 'NOT_CONNECTED_YET';
  }
  const ended = model.endedFor(dialled, caller);
  if (ended) return ended;
  return expect.stringMatching(/^(SELF_CALL|NO_SESSION|UNKNOWN_CALLER)$/);
}

/**
 * All links of an order that can have numbers get them, or none does, which must be because somebody may have had no
 * choice. @returns whether they did
 */
function settle(model: ReferenceModel, order: ModelOrder, seen: Seen, links = model.linksOf(order)): boolean {
  return settleNeeds(model, order, seen, model.needs(order, links));
}

function settleNeeds(model: ReferenceModel, order: ModelOrder, seen: Seen, needs: readonly Need[]): boolean {
  if (needs.length === 0) return true;
  const got = needs.flatMap(({ sides }) => sides).filter(({ from, to }) => dialledIn(seen, order, from, to) !== null);
  if (got.length > 0) {
    give(model, order, needs, seen);
    return true;
  }
  if (!model.canRunDry(order, needs)) expect(`${order.reference} waits`).toBe(`${order.reference} gets its numbers`);
  return false;
}

/**
 * As `settle` for an order of which somebody was replaced. If the pool runs dry over its other links, those of the
 * replaced person get their numbers all the same, if they can. @returns whether they did
 */
function settleReplaced(
  model: ReferenceModel,
  order: ModelOrder,
  seen: Seen,
  links: readonly ModelLink[],
  isReplaced: (side: Need['sides'][number]) => boolean,
): boolean {
  const needs = model.needs(order, links);
  const others = needs.flatMap(({ sides }) => sides).filter((side) => !isReplaced(side));
  const haveNumbers = others.some(({ from, to }) => dialledIn(seen, order, from, to) !== null);
  if (others.length === 0 || haveNumbers) return settleNeeds(model, order, seen, needs);
  expect([order.reference, model.canRunDry(order, needs)]).toEqual([order.reference, true]);
  const own = needs.map((need) => ({ ...need, sides: need.sides.filter(isReplaced) }));
  return settleNeeds(
    model,
    order,
    seen,
    own.filter(({ sides }) => sides.length > 0),
  );
}

/** Each side of these links has got a number that it could. */
function give(model: ReferenceModel, order: ModelOrder, needs: readonly Need[], seen: Seen): void {
  const phones = (role: string) => phonesOf(order.people.get(role)!);
  const given = needs.map(({ sides, beside }) => {
    const got = sides.map(({ from, to }) => ({ from, to, number: dialledIn(seen, order, from, to)! }));
    return { got, shared: got.at(-1)!.number === (got.length === 2 ? got[0]!.number : beside) };
  });
  for (const { got } of given.filter((link) => !link.shared)) {
    for (const dial of got) {
      expect(model.choices(phones(dial.from), wayBack(order, dial)?.number ?? null)).toContain(dial.number);
      order.dials = [...order.dials, dial];
    }
  }
  // Where both sides dial one number, there was no other for the second of them: nor is there now, after all the rest.
  for (const { got } of given.filter((link) => link.shared)) {
    const [first, second] = got as [Dial, Dial?];
    if (second) expect(model.room(first.number)).toBeGreaterThan(0);
    for (const dial of got) expect(phones(dial.from).some((phone) => model.isTaken(dial.number, phone))).toBe(false);
    order.dials = [...order.dials, ...got];
  }
  for (const { got } of given.filter((link) => link.shared)) {
    const others = got.map(({ from, number }) =>
      [...model.numbers.keys()].filter(
        (other) => other !== number && model.choices(phones(from), null).includes(other),
      ),
    );
    expect(others.some((choice) => choice.length === 0)).toBe(true);
  }
}

function dialledIn({ pairs }: Seen, { reference }: ModelOrder, from: string, to: string): string | null {
  const own = pairs.find(
    (pair) => pair.reference === reference && pair.from === from && pair.to === to && pair.registered && !pair.released,
  );
  return own?.number ?? null;
}

/** Whether a phone is another person's on the order. */
function belongsToAnother({ people }: ModelOrder, role: string, phone: string): boolean {
  return [...people].some(([other, person]) => other !== role && phonesOf(person).includes(phone));
}

const nobody = (role: string) => (role === 'agent' ? 'NoAgentYet' : 'ParticipantNotFound');

function push(model: ReferenceModel, world: World, seconds: number): void {
  world.pushClock(seconds);
  model.push(seconds * 1000);
  expect(world.now).toBe(model.now);
}

const isOpen = (order: ModelOrder) => order.closedAt === null;
const short = (number: string) => (NUMBERS.includes(number) ? 'number ' : 'phone ') + number.slice(-1);

function linksAsText(links: readonly ModelLink[]): string {
  return `[${links.map(({ roles, onlyFrom }) => roles.join('-') + (onlyFrom ? ` only from ${onlyFrom}` : '')).join(', ')}]`;
}

const back = fc.nat({ max: 7 });
const late = fc.nat({ max: 2 }); // of orders that are open yet, as they will be corrected, closed and reopened with what was declared
const phone = fc.constantFrom(...PHONES);
const number = fc.constantFrom(...NUMBERS);
const caller = fc.oneof({ weight: 12, arbitrary: phone }, fc.constant(STRANGER), number);
const seconds = fc.constantFrom(1, 59, 600, 3_600, 86_400, 3 * 86_400);

const ROLES = ['customer', 'agent', 'sender', 'courier', 'shop'];
const role = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('customer', 'agent') },
  { weight: 2, arbitrary: fc.constantFrom(...ROLES) },
);
const PAIRS = ROLES.flatMap((one, at) => ROLES.slice(at + 1).map((other) => [one, other] as const));
const linkOf = (pairs: readonly ModelLink['roles'][]) =>
  fc
    .tuple(fc.constantFrom(...pairs), fc.constantFrom(null, null, null, 0, 1))
    .map(([roles, from]): ModelLink => ({ roles, onlyFrom: from === null ? null : roles[from]! }));
const linksOf = (pairs: readonly ModelLink['roles'][]) =>
  fc.uniqueArray(linkOf(pairs), { minLength: 1, maxLength: 4, selector: ({ roles }) => roles.join() });

/** Two to five people with links that follow from their roles, or that are named, at times with one who is not there. */
const company = fc
  .tuple(
    fc.oneof(
      { weight: 3, arbitrary: fc.shuffledSubarray(ROLES, { minLength: 2, maxLength: 3 }) },
      fc.shuffledSubarray(ROLES, { minLength: 4, maxLength: 5 }),
    ),
    fc.shuffledSubarray(PHONES, { minLength: PHONES.length }),
    fc.constantFrom('by role', 'by role', 'named', 'with anybody'),
  )
  .chain(([roles, phones, links]) => {
    const people = roles.map((one, at) => [one, phones[at]!] as const);
    const pairs = PAIRS.filter((pair) => links === 'with anybody' || pair.every((one) => roles.includes(one)));
    return links === 'by role'
      ? fc.constant(new Place(people, null))
      : linksOf(pairs).map((named) => new Place(people, named));
  });

/** Everything that can happen, each as often as it is likely to bring something to light. */
export const anyCommand: fc.Arbitrary<fc.AsyncCommand<ReferenceModel, World, true>> = fc.oneof(
  { weight: 70, arbitrary: phone.map((customer) => new Place([['customer', customer]], null)) },
  { weight: 60, arbitrary: company },
  {
    weight: 2,
    arbitrary: phone.map(
      (one) =>
        new Place(
          [
            ['sender', one],
            ['shop', one],
          ],
          null,
        ),
    ),
  },
  { weight: 90, arbitrary: fc.tuple(back, phone).map(([order, one]) => new Put(order, 'agent', one)) },
  { weight: 60, arbitrary: fc.tuple(late, phone).map(([order, one]) => new Put(order, 'agent', one)) },
  { weight: 110, arbitrary: fc.tuple(late, role, phone).map((args) => new Put(...args)) },
  { weight: 40, arbitrary: fc.tuple(late, role).map((args) => new Remove(...args)) },
  { weight: 50, arbitrary: fc.tuple(late, linkOf(PAIRS)).map((args) => new OpenLink(...args)) },
  { weight: 50, arbitrary: fc.tuple(late, fc.constantFrom(...PAIRS)).map((args) => new CloseLink(...args)) },
  {
    weight: 30,
    arbitrary: fc.tuple(fc.boolean(), fc.option(linksOf(PAIRS), { freq: 2 })).map((args) => new SetLinkPolicy(...args)),
  },
  {
    weight: 60,
    arbitrary: fc.tuple(back, fc.constantFrom('completed', 'cancelled')).map((args) => new Close(...args)),
  },
  { weight: 30, arbitrary: back.map((order) => new Reopen(order)) },
  { weight: 50, arbitrary: fc.tuple(back, role, phone).map((args) => new Correct(...args)) },
  { weight: 80, arbitrary: fc.tuple(late, role, phone).map((args) => new Correct(...args)) },
  { weight: 120, arbitrary: fc.tuple(late, role, phone).map((args) => new Declare(...args)) },
  { weight: 80, arbitrary: back.map((drawn) => new Withdraw(drawn)) },
  { weight: 160, arbitrary: fc.tuple(caller, number).map((args) => new Call(...args)) },
  { weight: 25, arbitrary: fc.integer({ min: 1, max: 5 }).map((capacity) => new SetCapacity(capacity)) },
  { weight: 20, arbitrary: number.map((one) => new Import(one)) },
  { weight: 10, arbitrary: number.map((one) => new Drain(one)) },
  { weight: 10, arbitrary: number.map((one) => new Retire(one)) },
  { weight: 40, arbitrary: seconds.map((length) => new PushClock(length)) },
  {
    weight: 30,
    arbitrary: fc
      .tuple(back, fc.constantFrom('expiresAt', 'connectsUntil'), fc.constantFrom(0, 1))
      .map((args) => new PushToEnd(...args)),
  },
  { weight: 50, arbitrary: fc.constant(new EndWhatIsDue()) },
  { weight: 40, arbitrary: fc.constant(new FinishAwaiting()) },
  { weight: 40, arbitrary: fc.constant(new TakeTurns()) },
  { weight: 1, arbitrary: fc.constant(new Restart()) },
);

export const anyPolicy = fc.record({
  capacity: fc.integer({ min: 1, max: 5 }),
  graceSeconds: fc.constantFrom(0, 600),
  cancelGraceSeconds: fc.constantFrom(0, 60),
  quarantineSeconds: fc.constantFrom(0, 3_600, 86_400),
  lifetimeSeconds: fc.constantFrom(3_600, 86_400),
});

/** At least three, as many as there are, so that some can still be imported. */
export const someNumbers = fc.integer({ min: 3, max: NUMBERS.length }).map((count) => NUMBERS.slice(0, count));
