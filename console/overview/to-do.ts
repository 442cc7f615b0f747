import type { Schemas } from '../api/client';
import { text } from '../strings';

/** What is known of a pool; what could not be read is null or empty. */
export interface PoolState {
  readonly pool: Schemas['PoolResponse'];
  readonly forecast: Schemas['ForecastResponse'] | null;
  readonly events: readonly Schemas['SupplyEventResponse'][];
}

const words = text.overview.sentences;

/** What a person should do now, in sentences, the most urgent first. @param waiting some of the orders that wait, or all */
export function toDo(
  states: readonly PoolState[],
  waiting: readonly Pick<Schemas['OrderResponse'], 'pool'>[],
  hasMoreWaiting = false,
): string[] {
  return [
    ...states.flatMap(({ pool: { name } }) => {
      const here = waiting.filter(({ pool }) => pool === name).length;
      return here === 0 ? [] : [words.ordersWait(here, name, hasMoreWaiting)];
    }),
    ...states.flatMap(supplyOf),
    ...states.flatMap(({ pool: { name, level } }) => [
      ...(level.numbers.suspended > 0 ? [words.suspended(level.numbers.suspended, name)] : []),
      ...(level.numbers.resting > 0 ? [words.resting(level.numbers.resting, name)] : []),
    ]),
    ...states.flatMap(({ pool: { name }, events }) => troublesIn(events).map((detail) => words.event(name, detail))),
  ];
}

function supplyOf({ pool, forecast }: PoolState): string[] {
  const { name, level, lowWater, buying, maxNumbers } = pool;
  const isLow = level.assignable < lowWater;
  const missing = forecast?.missing ?? 0;
  if (!isLow && missing === 0) return [];
  const owned = level.numbers.available + level.numbers.draining + level.numbers.provisioning + level.numbers.resting;
  if (buying === 'off') return [words.buyingOff(name)];
  if (owned >= maxNumbers) return [words.atMost(name, maxNumbers)];
  return [isLow ? words.low(name, level.assignable, lowWater) : words.forecast(name, missing)];
}

/** Troubles whose end was not reported yet. The events are the newest first. */
function troublesIn(events: PoolState['events']): string[] {
  const seen = new Set<string>();
  return events.flatMap(({ kind, provider, detail }) => {
    const about = `${ENDS[kind] ?? kind} ${provider}`;
    if (seen.has(about)) return [];
    seen.add(about);
    return LASTING.has(kind) ? [detail] : [];
  });
}

/** Events that report the end of what another one began. */
const ENDS: Readonly<Record<string, string>> = {
  'provider.recovered': 'provider.in-trouble',
  'pool.served': 'pool.dry',
};
const LASTING = new Set(['provider.in-trouble', 'list.doubted', 'pool.dry', 'budget.crossed']);
