import type { ExotelCallbackSettings } from '../../../src/telephony/exotel/exotel-config.js';
import type { ProviderName } from '../../../src/virtual-numbers/provider-name.js';
import { aNumber, aPhone, TestApp } from '../../support/app.js';

/** Who is rung, and by which caller ID. */
export interface Reached {
  readonly rings: string;
  readonly shows: string;
}

export const RULES: Partial<ExotelCallbackSettings> = {
  flowId: '700001',
  tenantId: '90001',
  timeZone: 'Asia/Kolkata',
};

/**
 * A few orders in every state, on numbers of every policy, that stay as they are: and by itself, put down when they were
 * placed, who may reach whom. What this book does not hold must never happen.
 */
export class SmallWorld {
  readonly phones: string[] = [];
  readonly numbers: string[] = [];
  readonly stranger = aPhone();
  /** By `number phone`. */
  private readonly byCaller = new Map<string, Reached>();
  /** By `number pin`. */
  private readonly byPin = new Map<string, Reached>();

  private constructor(
    readonly maskline: TestApp,
    private readonly provider: ProviderName,
  ) {}

  /** @param provider whose numbers its pools hold */
  static async begin(provider: ProviderName): Promise<SmallWorld> {
    const redisUrl = process.env['TEST_REDIS_URL'] || null;
    const world = new SmallWorld(await TestApp.start({ callbacks: RULES, redisUrl }), provider);
    await world.populate();
    return world;
  }

  reached(number: string, phone: string): Reached | undefined {
    return this.byCaller.get(`${number} ${phone}`);
  }

  reachedByPin(number: string, pin: string): Reached | undefined {
    return this.byPin.get(`${number} ${pin}`);
  }

  /** The numbers that reach somebody when this phone dials them. */
  dialsOf(phone: string): string[] {
    return this.numbers.filter((number) => this.reached(number, phone));
  }

  get pins(): string[] {
    return [...this.byPin.keys()].map((key) => key.split(' ')[1]!);
  }

  /** @throws Error when anybody's phone can be read in a text, however it is written there. */
  expectNoPhoneIn(text: string): void {
    const digits = text.replace(/\D/g, '');
    for (const phone of [...this.phones, this.stranger]) {
      if (digits.includes(phone.slice(3))) throw new Error(`${phone} is told in: ${text}`);
    }
  }

  end(): Promise<void> {
    return this.maskline.stop();
  }

  private async populate(): Promise<void> {
    const { maskline } = this;
    const open = await this.aPool({ graceSeconds: 3_600 });
    const [one, two, three, four] = [this.aPerson(), this.aPerson(), this.aPerson(), this.aPerson()];
    this.lends(await this.anOrder('active', open, one, two), one, two);
    this.lends(await this.anOrder('in-grace', open, three, four), three, four);
    await maskline.api('POST', '/v1/orders/in-grace/complete');
    await this.anOrder('over', open, this.aPerson(), this.aPerson());
    await maskline.api('POST', '/v1/orders/over/cancel');
    await maskline.order('placed', this.aPerson(), undefined, { pool: open });

    const shared = await this.aPool({ capacity: 5 });
    const agent = this.aPerson();
    for (const reference of ['shared-1', 'shared-2', 'shared-3']) {
      const customer = this.aPerson();
      this.lends(await this.anOrder(reference, shared, customer, agent), customer, agent);
    }

    const oneWay = await this.aPool({ direction: 'customer-to-agent' });
    const [caller, called] = [this.aPerson(), this.aPerson()];
    this.lends(await this.anOrder('one-way', oneWay, caller, called), caller, null, called);

    const byPin = await this.aPool({ pin: 'unknown-callers', capacity: 5 });
    const [holder, other] = [this.aPerson(), this.aPerson()];
    await this.hasPins('by-pin', this.lends(await this.anOrder('by-pin', byPin, holder, other), holder, other));

    const always = await this.aPool({ pin: 'always', capacity: 5 });
    const [first, second] = [this.aPerson(), this.aPerson()];
    const order = await this.anOrder('always-pin', always, first, second);
    await this.hasPins('always-pin', {
      customer: { number: order.customer.dials, reached: { rings: second, shows: order.agent.dials } },
      agent: { number: order.agent.dials, reached: { rings: first, shows: order.customer.dials } },
    });
  }

  private aPerson(): string {
    const phone = aPhone();
    this.phones.push(phone);
    return phone;
  }

  private async aPool(policy: object): Promise<string> {
    const numbers = [aNumber(), aNumber(), aNumber(), aNumber(), aNumber(), aNumber()];
    this.numbers.push(...numbers);
    return this.maskline.pool({ ...policy, provider: this.provider }, numbers);
  }

  private async anOrder(reference: string, pool: string, customer: string, agent: string): Promise<Order> {
    return this.maskline.order(reference, customer, agent, { pool });
  }

  /** Both sides may dial, or only the customer where no agent is given. */
  private lends(order: Order, customer: string, agent: string | null, called = agent!) {
    const ofCustomer = { number: order.customer.dials, reached: { rings: called, shows: order.agent.dials } };
    const ofAgent = { number: order.agent.dials, reached: { rings: customer, shows: order.customer.dials } };
    this.byCaller.set(`${ofCustomer.number} ${customer}`, ofCustomer.reached);
    if (agent !== null) this.byCaller.set(`${ofAgent.number} ${agent}`, ofAgent.reached);
    return { customer: ofCustomer, agent: ofAgent };
  }

  private async hasPins(reference: string, sides: Record<'customer' | 'agent', { number: string; reached: Reached }>) {
    for (const [role, { number, reached }] of Object.entries(sides)) {
      const { status, body } = await this.maskline.api('GET', `/v1/orders/${reference}/participants/${role}/pin`);
      if (status !== 200) throw new Error(`No PIN for ${role} of ${reference}: ${status}`);
      this.byPin.set(`${number} ${body.pin}`, reached);
    }
  }
}

interface Order {
  readonly customer: { readonly dials: string };
  readonly agent: { readonly dials: string };
}
