import type { Narrator } from './narrator.js';
import {
  ASHA,
  KIRAN,
  MEERA,
  RAVI,
  STRANGER,
  type Explanation,
  type Interaction,
  type Order,
  type Pool,
  type Town,
} from './town.js';
import { aParcelOfThree } from './parcel.js';
import { theyTextEachOther } from './texts.js';
import { aPhoneWeDoNotKnow } from './unknown-phone.js';

const GRACE_SECONDS = 4;
const POOL = 'demo';
/** Another region than the first pool's, so that the two pools never want the same number. */
const REGION = 'MH';

const ENDED = ['This order has ended. Please use the app to get help with it.'];
const NOT_YOU = ['This number cannot connect your call. Please call from the phone you use in the app.'];

/** One order's life, until the next order gets its numbers. @throws Unexpected */
export async function tellStory(narrator: Narrator, town: Town): Promise<void> {
  const story = new Story(narrator, town);
  await story.aPoolOpens();
  await story.anOrderIsPlaced();
  await story.anAgentIsAssigned();
  await story.theyCallEachOther();
  await story.aStrangerCalls();
  await story.theOrderIsCompleted();
  await story.graceEnds();
  await story.theNumbersServeAnotherOrder();
  await story.whatIsOnRecord();
  await story.supportIsAskedWhy();
  await aPhoneWeDoNotKnow(narrator, town);
  await aParcelOfThree(narrator, town);
  await theyTextEachOther(narrator, town);
}

class Story {
  /** The numbers that Asha and Ravi dial to reach each other. */
  private ashaDials = '';
  private raviDials = '';

  constructor(
    private readonly narrator: Narrator,
    private readonly town: Town,
  ) {}

  async aPoolOpens(): Promise<void> {
    const { narrator, town } = this;
    // Both pools buy from one provider account, so let the first one finish.
    await narrator.until('first numbers', 60, async () => {
      const { level, target } = await town.api<Pool>(200, 'GET', 'pools/default');
      return level.numbers.available >= target ? level : null;
    });
    narrator.happens('A pool opens: two numbers, so that they must be used again');
    await town.api<Pool>(201, 'POST', 'pools', {
      name: POOL,
      country: 'IN',
      region: REGION,
      lowWater: 2,
      target: 2,
      maxNumbers: 2,
      graceSeconds: GRACE_SECONDS,
      quarantineSeconds: 600,
    });
    await narrator.until('buying', 60, async () => {
      const { level } = await town.api<Pool>(200, 'GET', `pools/${POOL}`);
      return level.assignable === 2 ? level : null;
    });
    const { numbers } = await town.api<{ numbers: { number: string }[] }>(200, 'GET', `numbers?pool=${POOL}`);
    narrator.expect('numbers in the pool', numbers.length, 2);
    narrator.tells('bought', numbers.map(({ number }) => number).join('  '));
    narrator.tells('after an order', `calls connect for ${GRACE_SECONDS} s, then ten minutes of quarantine`);
  }

  async anOrderIsPlaced(): Promise<void> {
    const { narrator, town } = this;
    narrator.happens('Asha orders; no number is taken yet');
    const order = await town.api<Order>(201, 'POST', 'orders', {
      reference: 'order-1',
      pool: POOL,
      customer: { phone: ASHA },
    });
    narrator.expect('the order', [order.status, order.customer.dials, order.agent], ['placed', null, null]);
    narrator.tells('Asha', ASHA);
    narrator.tells('shown by the API as', order.customer.phone!);
    narrator.tells('order-1', order.status);
  }

  async anAgentIsAssigned(): Promise<void> {
    const { narrator, town } = this;
    narrator.happens('Ravi is to deliver it; each side gets a number to dial');
    const order = await town.api<Order>(200, 'PUT', 'orders/order-1/agent', { phone: RAVI });
    narrator.expect('the order', order.status, 'active');
    this.ashaDials = order.customer.dials ?? '';
    this.raviDials = order.agent?.dials ?? '';
    narrator.expect('two different numbers', new Set([this.ashaDials, this.raviDials, '']).size, 3);
    narrator.tells('Ravi', RAVI);
    narrator.tells('order-1', order.status);
    narrator.tells('Asha is to dial', this.ashaDials);
    narrator.tells('Ravi is to dial', this.raviDials);
  }

  async theyCallEachOther(): Promise<void> {
    this.narrator.happens('Asha calls Ravi');
    const shown = await this.connects('Asha', ASHA, this.ashaDials, 'Ravi', RAVI, this.raviDials);
    this.narrator.happens('Ravi dials back what his phone showed');
    await this.connects('Ravi', RAVI, shown, 'Asha', ASHA, this.ashaDials);
  }

  async aStrangerCalls(): Promise<void> {
    this.narrator.happens('A stranger dials the number that reaches Ravi');
    await this.isRefused('the stranger', STRANGER, this.ashaDials, NOT_YOU);
  }

  async theOrderIsCompleted(): Promise<void> {
    const { narrator, town } = this;
    narrator.happens('Delivered; in grace, calls still connect');
    const order = await town.api<Order>(200, 'POST', 'orders/order-1/complete');
    narrator.expect('the order', order.status, 'closing');
    narrator.tells('order-1', `${order.status}, for ${GRACE_SECONDS} s`);
    await this.connects('Asha', ASHA, this.ashaDials, 'Ravi', RAVI, this.raviDials);

    narrator.happens('Meera orders meanwhile, and Kiran is to deliver; both numbers are still taken');
    await town.api<Order>(201, 'POST', 'orders', { reference: 'order-2', pool: POOL, customer: { phone: MEERA } });
    const waiting = await town.api<Order>(202, 'PUT', 'orders/order-2/agent', { phone: KIRAN });
    narrator.expect('the second order', waiting.status, 'awaiting-numbers');
    narrator.tells('order-2', waiting.status);
  }

  async graceEnds(): Promise<void> {
    const { narrator, town } = this;
    narrator.happens('Grace is over');
    const order = await narrator.until('order-1', GRACE_SECONDS + 20, async () => {
      const now = await town.api<Order>(200, 'GET', 'orders/order-1');
      return now.status === 'closing' ? null : now;
    });
    narrator.expect('the order', order.status, 'ended');
    narrator.tells('order-1', order.status);
    await this.isRefused('Asha', ASHA, this.ashaDials, ENDED);
    await this.isRefused('Ravi', RAVI, this.raviDials, ENDED);
  }

  async theNumbersServeAnotherOrder(): Promise<void> {
    const { narrator, town } = this;
    narrator.happens('The freed numbers go to Meera’s order, which waited for them');
    const order = await narrator.until('order-2', 20, async () => {
      const now = await town.api<Order>(200, 'GET', 'orders/order-2');
      return now.status === 'awaiting-numbers' ? null : now;
    });
    narrator.expect('the second order', order.status, 'active');
    const meeraDials = order.customer.dials ?? '';
    const kiranDials = order.agent?.dials ?? '';
    const both = (numbers: string[]) => numbers.toSorted();
    narrator.expect('the same two numbers', both([meeraDials, kiranDials]), both([this.ashaDials, this.raviDials]));
    narrator.tells('order-2', order.status);
    narrator.tells('Meera is to dial', `${meeraDials}${meeraDials === this.ashaDials ? ', as Asha was' : ''}`);
    narrator.tells('Kiran is to dial', kiranDials);
    await this.connects('Meera', MEERA, meeraDials, 'Kiran', KIRAN, kiranDials);
    await this.connects('Kiran', KIRAN, kiranDials, 'Meera', MEERA, meeraDials);

    narrator.happens('Asha finds the number in her call log: nobody new answers her');
    await this.isRefused('Asha', ASHA, this.ashaDials, ENDED);
  }

  async whatIsOnRecord(): Promise<void> {
    const { narrator } = this;
    narrator.happens('What is on record of Asha’s order, without anybody’s number');
    const came = await this.interactions('order-1');
    narrator.expect('the interactions of order-1', came.map(said), [
      'customer connect CONNECTED completed',
      'agent connect CONNECTED completed',
      'unknown refuse UNKNOWN_CALLER refused',
      'customer connect CONNECTED_IN_GRACE completed',
      'customer refuse ORDER_ENDED refused',
      'agent refuse ORDER_ENDED refused',
      'customer refuse ORDER_ENDED refused',
    ]);
    narrator.table(
      ['at', 'from', 'decision', 'reason', 'outcome', 'talked'],
      came.map(({ at, from, decision, reason, outcome, talkSeconds }) => [
        ...[at.slice(11, 19), from, decision, reason, outcome ?? '', talkSeconds ? `${talkSeconds} s` : ''],
      ]),
    );
    const next = await this.interactions('order-2');
    narrator.expect('the interactions of order-2', next.map(said), [
      'customer connect CONNECTED completed',
      'agent connect CONNECTED completed',
    ]);
  }

  async supportIsAskedWhy(): Promise<void> {
    const { narrator, town } = this;
    narrator.happens('Asha asks support why nobody answered; it is written down that support looked');
    const question = { from: ASHA, to: this.ashaDials };
    const { decision, reason, from, words } = await town.api<Explanation>(200, 'POST', 'routing/explain', question);
    narrator.expect('the explanation', [decision, reason], ['refuse', 'ORDER_ENDED']);
    const [why, ...more] = words;
    narrator.quotes('support reads out', `“${why}”`);
    for (const sentence of more.filter((one) => /^Order order-1 was|^The number was lent/.test(one))) {
      narrator.quotes('', `“${sentence}”`);
    }
    const { entries } = await town.api<{ entries: { what: string; about: string }[] }>(200, 'GET', 'audit?limit=1');
    narrator.expect('the audit log', [entries[0]?.what, entries[0]?.about], ['routing.explain', this.ashaDials]);
    narrator.tells('asked about', `${from} and ${this.ashaDials}`);
  }

  /** @returns the number that the callee's phone showed */
  private async connects(
    caller: string,
    from: string,
    to: string,
    callee: string,
    rings: string,
    shows: string,
  ): Promise<string> {
    const { connected, rang, showed } = await this.town.call(from, to);
    this.narrator.expect(
      `${caller} dials ${to}`,
      { connected, rang, showed },
      { connected: true, rang: rings, showed: shows },
    );
    this.narrator.tells(`${caller} dials`, to);
    this.narrator.tells(`${callee}’s phone rings`, `${rang}, showing ${showed}`);
    return showed!;
  }

  private async isRefused(caller: string, from: string, to: string, hears: readonly string[]): Promise<void> {
    const { connected, rang, heard } = await this.town.call(from, to);
    this.narrator.expect(
      `${caller} dials ${to}`,
      { connected, rang, heard },
      { connected: false, rang: null, heard: hears },
    );
    this.narrator.tells(`${caller} dials`, to);
    this.narrator.tells(`${caller} hears`, `“${heard.join(' ')}”`);
  }

  /** The calls of an order, oldest first. A call's end is reported a moment after it. */
  private async interactions(reference: string): Promise<Interaction[]> {
    return this.narrator.until(`calls of ${reference}`, 10, async () => {
      const path = `orders/${reference}/interactions`;
      const { interactions } = await this.town.api<{ interactions: Interaction[] }>(200, 'GET', path);
      if (interactions.some(({ outcome }) => outcome === null)) return null;
      return interactions.toSorted((one, other) => one.at.localeCompare(other.at));
    });
  }
}

function said({ from, decision, reason, outcome }: Interaction): string {
  return [from, decision, reason, outcome].join(' ');
}
