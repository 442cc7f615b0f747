import type { E164 } from '../src/phone-number/e164.js';
import type { City } from './options.js';
import type { Random } from './random.js';

/** A person by index: customers first, then agents, then strangers, who are on no order. */
export type Person = number;
/** A virtual number by index. */
export type NumberIndex = number;

const STRANGERS = 10_000;
const CUSTOMER_PHONES = 9_000_000_000;
const AGENT_PHONES = 9_700_000_000;
const STRANGER_PHONES = 9_880_000_000;
const VIRTUAL_NUMBERS = 8_040_000_000;

/** One customer in a hundred is an office that orders a lot. */
const OFFICES = 0.01;
const BY_OFFICES = 0.08;
/**
 * The share of orders that are placed by agents: a person may be the agent of one order and the customer of another.
 */
const BY_AGENTS = 0.005;

export const numberOf = (index: NumberIndex): E164 => `+91${VIRTUAL_NUMBERS + index}` as E164;
export const indexOf = (number: string): NumberIndex => Number(number.slice(3)) - VIRTUAL_NUMBERS;

/** The people of the city. All phones are fictional, and nothing here dials any. */
export class People {
  readonly count: number;

  constructor(private readonly city: City) {
    this.count = city.customers + city.agents + STRANGERS;
  }

  agent(index: number): Person {
    return this.city.customers + index;
  }

  phone(person: Person): E164 {
    const { customers, agents } = this.city;
    if (person < customers) return `+91${CUSTOMER_PHONES + person}` as E164;
    if (person < customers + agents) return `+91${AGENT_PHONES + person - customers}` as E164;
    return `+91${STRANGER_PHONES + person - customers - agents}` as E164;
  }

  whoOrders(random: Random): Person {
    const { customers, agents } = this.city;
    if (random.chance(BY_AGENTS)) return this.agent(random.below(agents));
    if (random.chance(BY_OFFICES)) return random.below(Math.ceil(customers * OFFICES));
    return random.below(customers);
  }

  stranger(random: Random): Person {
    return this.city.customers + this.city.agents + random.below(STRANGERS);
  }
}
