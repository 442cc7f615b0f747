import fc from 'fast-check';

import { expectAgreement } from './agreement.js';
import { aSide, phonesOf, type ModelOrder, type ReferenceModel, type Side } from './reference-model.js';
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
  constructor(private readonly customer: string) {
    super();
  }

  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    push(model, world, 1); // no two orders are of one age, so it is plain which of them is served first
    const reference = `order-${model.orders.length + 1}`;
    await world.place(reference, this.customer);
    model.place(reference, this.customer);
  }

  toString = () => `place(${short(this.customer)})`;
}

/** Puts an agent on, or another in the agent's place. */
class Assign extends OrderCommand {
  constructor(
    back: number,
    private readonly agent: string,
  ) {
    super(back);
  }

  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    const order = this.order(model);
    const outcome = await outcomeOf(world.assign(order.reference, this.agent));
    if (order.closedAt !== null) return expect(outcome).toBe('OrderClosed');
    if (phonesOf(order.customer).includes(this.agent)) return expect(outcome).toBe('SamePhone');
    expect(outcome).toBe('done');
    const isOn = order.agent?.phone === this.agent;
    if (isOn && order.agent!.number !== null) return;
    if (order.customer.number === null) {
      if (!isOn) order.agent = aSide(this.agent);
      return bothGetNumbers(model, order, await world.see());
    }
    model.rest(order, order.agent!, model.now);
    order.agent = aSide(this.agent);
    const { agent } = dialledIn(await world.see(), order);
    const choices = model.choices([this.agent], order.customer.number);
    if (choices.length > 0) {
      expect(choices).toContain(agent);
      order.agent.number = agent;
    } else {
      expect(agent).toBeNull();
      model.release(order, model.now); // a customer without agent reaches nobody
    }
  }

  toString = () => `assign(order ${this.back} back, ${short(this.agent)})`;
}

class FinishAwaiting extends Command {
  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    const { finished } = await world.finishAwaiting();
    const seen = await world.see();
    const waiting = model.orders.filter((order) => isOpen(order) && order.agent && order.customer.number === null);
    for (const order of waiting) bothGetNumbers(model, order, seen);
    expect(finished).toBe(waiting.filter(({ customer }) => customer.number !== null).length);
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
    const served = order.customer.number !== null;
    model.close(order, !served ? 0 : this.because === 'completed' ? graceSeconds : cancelGraceSeconds);
  }

  toString = () => `${this.because === 'completed' ? 'complete' : 'cancel'}(order ${this.back} back)`;
}

class Reopen extends OrderCommand {
  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    const order = this.order(model);
    const outcome = await outcomeOf(world.reopen(order.reference));
    if (isOpen(order)) return expect(outcome).toBe('done');
    const isInGrace = order.customer.number !== null && model.now < order.connectsUntil;
    expect(outcome).toBe(isInGrace ? 'done' : 'NotInGrace');
    if (isInGrace) model.reopen(order);
  }

  toString = () => `reopen(order ${this.back} back)`;
}

class Correct extends OrderCommand {
  constructor(
    back: number,
    private readonly role: 'customer' | 'agent',
    private readonly phone: string,
  ) {
    super(back);
  }

  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    const order = this.order(model);
    const outcome = await outcomeOf(world.correct(order.reference, this.role, this.phone));
    const [side, other] = this.role === 'customer' ? [order.customer, order.agent] : [order.agent, order.customer];
    if (order.closedAt !== null) return expect(outcome).toBe('OrderClosed');
    if (side === null) return expect(outcome).toBe('NoAgentYet');
    if (other && phonesOf(other).includes(this.phone)) return expect(outcome).toBe('SamePhone');
    if (side.phone === this.phone) return expect(outcome).toBe('done');
    const alternates = side.alternates.filter((one) => one !== this.phone);
    const corrected = { phone: this.phone, alternates, who: Symbol(this.phone) };
    if (side.number === null) {
      expect(outcome).toBe('done');
      Object.assign(side, corrected);
      return;
    }
    const number = dialledIn(await world.see(), order)[this.role];
    const isOwn = side.alternates.includes(this.phone);
    const kept = !isOwn && model.isTaken(side.number, this.phone) ? null : side.number;
    const before = { ...side, resting: [...model.resting] };
    if (kept === null) model.rest(order, side, model.now);
    else model.restPair(order, side, side.phone, model.now); // the others go on dialling it
    const choices = kept === null ? model.choices([this.phone, ...alternates], other!.number) : [kept];
    if (choices.length > 0) {
      expect(outcome).toBe('done');
      expect(choices).toContain(number);
      Object.assign(side, corrected, { number });
    } else {
      expect(outcome).toBe('PoolIsDry');
      model.resting = before.resting;
      side.number = before.number;
    }
  }

  toString = () => `correct(order ${this.back} back, ${this.role}, ${short(this.phone)})`;
}

/** Lets a side call from one more phone, which then does. */
class Declare extends OrderCommand {
  constructor(
    back: number,
    private readonly role: 'customer' | 'agent',
    private readonly phone: string,
  ) {
    super(back);
  }

  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    push(model, world, 1); // no two phones of a side came at one instant, so it is plain which is withdrawn first
    const order = this.order(model);
    const outcome = await outcomeOf(world.declare(order.reference, this.role, this.phone));
    const [side, other] = this.role === 'customer' ? [order.customer, order.agent] : [order.agent, order.customer];
    if (order.closedAt !== null) return expect(outcome).toBe('OrderClosed');
    if (side === null) return expect(outcome).toBe('NoAgentYet');
    if (phonesOf(side).includes(this.phone)) return expect(outcome).toBe('done');
    if (other && phonesOf(other).includes(this.phone)) return expect(outcome).toBe('SamePhone');
    const mayJoin = model.mayJoin(side, this.phone);
    expect(outcome).toBe(mayJoin ? 'done' : 'PhoneTaken');
    if (!mayJoin) return;
    model.join(side, this.phone);
    if (side.number !== null) await dial(model, world, this.phone, side.number);
  }

  toString = () => `declare(order ${this.back} back, ${this.role}, ${short(this.phone)})`;
}

/** Takes that right away again, from the phone of a side that has had it longest, and calls from it. */
class Withdraw extends Command {
  constructor(private readonly drawn: number) {
    super();
  }

  protected override makesSense(model: Readonly<ReferenceModel>): boolean {
    return declaredIn(model).length > 0;
  }

  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    const declared = declaredIn(model);
    const { order, role, side } = declared[this.drawn % declared.length]!;
    await world.withdraw(order.reference, role, 0);
    const phone = side.alternates.shift()!;
    model.restPair(order, side, phone, model.now);
    if (side.number !== null) await dial(model, world, phone, side.number);
  }

  toString = () => `withdraw(${this.drawn})`;
}

/** The sides of open orders that may call from more than one phone. */
function declaredIn({ orders }: Readonly<ReferenceModel>) {
  const sides = orders.filter(isOpen).flatMap((order) => [
    { order, role: 'customer' as const, side: order.customer },
    { order, role: 'agent' as const, side: order.agent },
  ]);
  return sides.filter((one): one is typeof one & { side: Side } => (one.side?.alternates.length ?? 0) > 0);
}

class Call extends Command {
  constructor(
    private readonly caller: string,
    private readonly dialled: string,
  ) {
    super();
  }

  protected async happen(model: ReferenceModel, world: World): Promise<void> {
    await dial(model, world, this.caller, this.dialled);
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
    const isUsed = model.sides().some(({ me }) => me.number === this.number);
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
async function dial(model: ReferenceModel, world: World, caller: string, dialled: string): Promise<void> {
  const answer = await world.call(caller, dialled);
  const expected = model.reaches(caller, dialled);
  if (expected === null) {
    return expect(answer).toEqual({ decision: 'refuse', reason: whyRefused(model, caller, dialled) });
  }
  const { order, rings, shows, backTo } = expected;
  // Between a lifetime's end and the moment it is acted on, both words are right; whom it rings is the same.
  const reason = isOpen(order) ? 'CONNECTED' : expect.stringMatching(/^CONNECTED/);
  expect(answer).toMatchObject({ decision: 'connect', reason, callee: rings, shownNumber: shows });

  const dialledBack = await world.call(rings, shows);
  expect(dialledBack).toMatchObject({ decision: 'connect', callee: backTo, shownNumber: dialled });
}

function whyRefused(model: ReferenceModel, caller: string, dialled: string): unknown {
  if ((model.numbers.get(dialled) ?? 'retired') === 'retired') return 'UNKNOWN_VN';
  if (NUMBERS.includes(caller)) return model.numbers.has(caller) ? 'LOOP' : 'UNKNOWN_CALLER';
  if (model.isTaken(dialled, caller)) return 'ORDER_ENDED';
  return expect.stringMatching(/^(SELF_CALL|NO_SESSION|UNKNOWN_CALLER)$/);
}

/** Both sides of an order without numbers get theirs, or none does; only when one has no choice is it none. */
function bothGetNumbers(model: ReferenceModel, order: ModelOrder, seen: Seen): void {
  const { customer, agent } = order as ModelOrder & { agent: NonNullable<ModelOrder['agent']> };
  const [forCustomer, forAgent] = [model.choices(phonesOf(customer), null), model.choices(phonesOf(agent), null)];
  const dials = dialledIn(seen, order);
  if (forCustomer.length === 0 || forAgent.length === 0) {
    expect(dials).toEqual({ customer: null, agent: null });
    return;
  }
  expect(forCustomer).toContain(dials.customer);
  customer.number = dials.customer;
  expect(model.choices(phonesOf(agent), customer.number)).toContain(dials.agent);
  agent.number = dials.agent;
}

function dialledIn({ pairs }: Seen, { reference }: ModelOrder) {
  const own = pairs.filter((pair) => pair.reference === reference && !pair.released);
  const by = (role: string) => own.find((pair) => pair.role === role)?.number ?? null;
  return { customer: by('customer'), agent: by('agent') };
}

function push(model: ReferenceModel, world: World, seconds: number): void {
  world.pushClock(seconds);
  model.push(seconds * 1000);
  expect(world.now).toBe(model.now);
}

const isOpen = (order: ModelOrder) => order.closedAt === null;
const short = (number: string) => (NUMBERS.includes(number) ? 'number ' : 'phone ') + number.slice(-1);

const back = fc.nat({ max: 7 });
const late = fc.nat({ max: 2 }); // of orders that are open yet, as they will be corrected, closed and reopened with what was declared
const phone = fc.constantFrom(...PHONES);
const number = fc.constantFrom(...NUMBERS);
const caller = fc.oneof({ weight: 12, arbitrary: phone }, fc.constant(STRANGER), number);
const seconds = fc.constantFrom(1, 59, 600, 3_600, 86_400, 3 * 86_400);

/** Everything that can happen, each as often as it is likely to bring something to light. */
export const anyCommand: fc.Arbitrary<fc.AsyncCommand<ReferenceModel, World, true>> = fc.oneof(
  { weight: 120, arbitrary: phone.map((customer) => new Place(customer)) },
  { weight: 160, arbitrary: fc.tuple(back, phone).map((args) => new Assign(...args)) },
  { weight: 100, arbitrary: fc.tuple(late, phone).map((args) => new Assign(...args)) },
  {
    weight: 60,
    arbitrary: fc.tuple(back, fc.constantFrom('completed', 'cancelled')).map((args) => new Close(...args)),
  },
  { weight: 30, arbitrary: back.map((order) => new Reopen(order)) },
  { weight: 60, arbitrary: fc.tuple(back, fc.constantFrom('customer', 'agent'), phone).map((a) => new Correct(...a)) },
  { weight: 80, arbitrary: fc.tuple(late, fc.constantFrom('customer', 'agent'), phone).map((a) => new Correct(...a)) },
  { weight: 120, arbitrary: fc.tuple(late, fc.constantFrom('customer', 'agent'), phone).map((a) => new Declare(...a)) },
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
