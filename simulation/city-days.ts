import { Demand } from './demand.js';
import type { City, Mode } from './options.js';
import type { Outcome } from './outcome.js';
import { simulate, type Progress, type Run } from './simulation.js';

/** Large enough never to be a limit. */
const SHARED = 1_000_000;
/**
 * In a run with both pools, the exclusive one is for a city that is this much smaller, because its need is
 * proportional.
 */
const SMALLER = 10;
/** The longest time in minutes from placing an order to the end of its grace, without the grace itself. */
const LONGEST_ORDER_MINUTES = 70;

export interface Setting {
  readonly mode: Mode;
  readonly concurrency: number;
  /** An empty database, or a migrated one without orders, for each run. @returns its URL */
  readonly database: (name: 'shared' | 'exclusive') => Promise<string>;
  readonly progress: (run: 'shared' | 'exclusive', progress: Progress) => void;
}

/** Simulates the city's days with a shared pool, with an exclusive pool, or with each. */
export async function cityDays(
  city: City,
  { mode, concurrency, database, progress }: Setting,
): Promise<{ shared: Outcome | null; exclusive: Outcome | null }> {
  const run = async (name: 'shared' | 'exclusive', city: City, how: Pick<Run, 'capacity' | 'numbers'>) =>
    simulate({
      city,
      ...how,
      concurrency,
      databaseUrl: await database(name),
      progress: (done) => progress(name, done),
    });
  const shared =
    mode === 'exclusive' ? null : await run('shared', city, { capacity: SHARED, numbers: { first: 2, more: 1 } });
  if (mode === 'shared') return { shared, exclusive: null };
  const itsCity = mode === 'both' ? smaller(city) : city;
  const stock = Math.ceil(2.4 * Demand.of(itsCity).busiest(LONGEST_ORDER_MINUTES + itsCity.graceMinutes)) + 100;
  const exclusive = await run('exclusive', itsCity, { capacity: 1, numbers: { first: stock, more: 100 } });
  return { shared, exclusive };
}

function smaller(city: City): City {
  const tenth = (count: number) => Math.max(10, Math.round(count / SMALLER));
  return { ...city, agents: tenth(city.agents), customers: tenth(city.customers), calls: tenth(city.calls) };
}
