import { parseArgs } from 'node:util';

/** A city, the habits of its people, and the policy of its pool. */
export interface City {
  readonly agents: number;
  readonly customers: number;
  /** Per day. */
  readonly ordersPerAgent: number;
  readonly days: number;
  /** Calls of people on an order in the whole run; who calls when is random. */
  readonly calls: number;
  readonly graceMinutes: number;
  readonly quarantineHours: number;
  readonly seed: number;
  /** Events within this many seconds happen at the same time. */
  readonly stepSeconds: 30 | 300;
  /** The share of orders that have three people: a sender, a recipient and a courier. */
  readonly parcels: number;
}

export const MODES = ['shared', 'exclusive', 'both'] as const;
export type Mode = (typeof MODES)[number];

export interface Options {
  readonly city: City;
  readonly mode: Mode;
  /** Changes in flight at the same time. */
  readonly concurrency: number;
  readonly json: boolean;
  readonly svg: string | null;
}

const CITY: City = {
  agents: 20_000,
  customers: 400_000,
  ordersPerAgent: 20,
  days: 1,
  calls: 1_200_000,
  graceMinutes: 30,
  quarantineHours: 24,
  seed: 1,
  stepSeconds: 30,
  parcels: 0,
};

/** The share of parcels, if there are any. */
export const PARCELS = 0.1;

/** The same day in a village: checks in less than a minute that everything works. */
export const VILLAGE: City = {
  ...CITY,
  agents: 200,
  customers: 4_000,
  ordersPerAgent: 4,
  calls: 2_400,
  stepSeconds: 300,
};

export const USAGE = `npm run simulate -- [options]

  --small                a village of ${VILLAGE.agents} agents with ${VILLAGE.ordersPerAgent} orders each, for CI; what follows changes it
  --agents N             ${CITY.agents}
  --customers N          ${CITY.customers}
  --orders-per-agent N   a day: ${CITY.ordersPerAgent}
  --days N               ${CITY.days}
  --calls N              by those on an order, others besides: ${CITY.calls}, or three an order
  --grace MINUTES        after delivery: ${CITY.graceMinutes}
  --quarantine HOURS     after grace: ${CITY.quarantineHours}
  --parcels              ${100 * PARCELS} % of the orders are parcels with a sender, a recipient and a courier
  --seed N               the same seed is the same day: ${CITY.seed}
  --mode MODE            ${MODES.join(', ')}: both
  --concurrency N        changes in flight, with four times as many calls: 16
  --json                 the figures as JSON
  --svg FILE             draw the day
`;

/** An option is not valid. The message says which. */
export class OptionsError extends Error {}

export function readOptions(args: readonly string[]): Options | 'help' {
  const { values } = parsed(args);
  if (values.help) return 'help';
  const whole = (name: keyof typeof values, fallback: number, least = 1): number => {
    const text = values[name];
    if (typeof text !== 'string') return fallback;
    if (!/^\d{1,9}$/.test(text) || Number(text) < least) {
      throw new OptionsError(`--${name} must be a whole number of at least ${least}; it is "${text}".`);
    }
    return Number(text);
  };
  const base = values.small ? VILLAGE : CITY;
  const sized = {
    ...base,
    agents: whole('agents', base.agents, 2),
    customers: whole('customers', base.customers, 2),
    ordersPerAgent: whole('orders-per-agent', base.ordersPerAgent),
    days: whole('days', base.days),
  };
  const mode = MODES.find((name) => name === (values.mode ?? 'both'));
  if (!mode) throw new OptionsError(`--mode must be one of ${MODES.join(', ')}; it is "${values.mode}".`);
  if (values.svg !== undefined && mode === 'exclusive') {
    throw new OptionsError('--svg draws a shared pool: it needs --mode shared or both.');
  }
  return {
    city: {
      ...sized,
      calls: whole('calls', 3 * sized.agents * sized.ordersPerAgent * sized.days, 0),
      graceMinutes: whole('grace', base.graceMinutes, 0),
      quarantineHours: whole('quarantine', base.quarantineHours, 0),
      seed: whole('seed', base.seed, 0),
      parcels: values.parcels ? PARCELS : base.parcels,
    },
    mode,
    concurrency: whole('concurrency', 16),
    json: values.json ?? false,
    svg: values.svg ?? null,
  };
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        small: flag,
        parcels: flag,
        json: flag,
        help: flag,
        svg: text,
        mode: text,
        seed: text,
        concurrency: text,
        agents: text,
        customers: text,
        'orders-per-agent': text,
        days: text,
        calls: text,
        grace: text,
        quarantine: text,
      },
    });
  } catch (failure) {
    throw new OptionsError((failure as Error).message);
  }
}
