import type { Schemas } from '../api/client';
import { text } from '../strings';

/** What is known of a pool; what could not be read is null or empty. */
export interface PoolState {
  readonly pool: Schemas['PoolResponse'];
  readonly status: Schemas['PoolStatusResponse'] | null;
  readonly forecast: Schemas['ForecastResponse'] | null;
  readonly events: readonly Schemas['SupplyEventResponse'][];
}

const words = text.overview.sentences;

/** A queue whose next job is later than this does not run; a backend that is silent for longer is not read. */
export const OVERDUE_SECONDS = 60;
export const UNREAD_SECONDS = 10;
/** A webhook whose oldest event is older needs a look. */
export const BEHIND_SECONDS = 300;
/** What is behind by less than this is as good as up to date. */
export const NOTED_SECONDS = 10;
/** The part of a budget from which on it is mentioned. */
const MUCH_OF_A_BUDGET = 0.8;
/** Reasons of refusals that are ours, so that a call that should have connected did not. */
const OURS: readonly string[] = ['TRY_LATER', 'STALE_STATE', 'NOT_CONFIRMED', 'CALL_ID_REUSED'];

/** What a person should do now, in sentences, the most urgent first. */
export function toDo(states: readonly PoolState[], status: Schemas['StatusResponse'] | null): string[] {
  const installation = status?.installation ?? null;
  return [
    ...(installation ? refusedCalls(installation) : []),
    ...(status?.pools ?? []).flatMap(({ pool, orders: { awaitingNumbers }, oldestWaitingSince: since }) => {
      // Both by the clock of the server: that of the browser may be wrong.
      const seconds = since === null ? 0 : Math.max(0, (Date.parse(status!.at) - Date.parse(since)) / 1_000);
      return awaitingNumbers === 0 ? [] : [words.ordersWait(awaitingNumbers, pool, seconds)];
    }),
    ...states.flatMap((state) => supplyOf(state, installation?.buying === 'off')),
    ...(installation ? troublesOfInstallation(installation) : []),
    ...states.flatMap(budgetsOf),
    ...states.flatMap(({ pool: { name, level } }) => [
      ...(level.numbers.suspended > 0 ? [words.suspended(level.numbers.suspended, name)] : []),
      ...(level.numbers.resting > 0 ? [words.resting(level.numbers.resting, name)] : []),
    ]),
    ...states.flatMap(({ pool: { name }, events }) => troublesIn(events).map((detail) => words.event(name, detail))),
  ];
}

function refusedCalls({ calls: { refusals, minutes } }: Schemas['InstallationStatusResponse']): string[] {
  return refusals
    .filter(({ reason }) => OURS.includes(reason))
    .map(({ because, calls }) => words.ourRefusals(calls, minutes.length, because));
}

function supplyOf({ pool, forecast }: PoolState, isNothingBought: boolean): string[] {
  const { name, level, lowWater, buying, maxNumbers } = pool;
  const isLow = level.assignable < lowWater;
  const missing = forecast?.missing ?? 0;
  if (!isLow && missing === 0) return [];
  const owned = level.numbers.available + level.numbers.draining + level.numbers.provisioning + level.numbers.resting;
  if (isNothingBought) return [words.nothingBought(name)];
  if (buying === 'off') return [words.buyingOff(name)];
  if (owned >= maxNumbers) return [words.atMost(name, maxNumbers)];
  return [isLow ? words.low(name, level.assignable, lowWater) : words.forecast(name, missing)];
}

function troublesOfInstallation(installation: Schemas['InstallationStatusResponse']): string[] {
  const { queues, webhooks, providers, replica } = installation;
  const unread = queues.filter(({ unreadSeconds }) => unreadSeconds > UNREAD_SECONDS);
  const late = queues.filter((queue) => queue.overdueSeconds > OVERDUE_SECONDS && !unread.includes(queue));
  return [
    ...(unread.length > 0 ? [words.queuesUnread] : []),
    ...(late.length > 0 ? [words.queuesLate(late.map(({ queue }) => queue))] : []),
    ...providers.flatMap(({ provider, use, trouble, pausedUntil }) =>
      trouble !== null && pausedUntil !== null ? [words.provider(provider, use, trouble)] : [],
    ),
    ...webhooks.flatMap(({ url, enabled, behindSeconds }) =>
      enabled && behindSeconds > BEHIND_SECONDS ? [words.webhookBehind(url, behindSeconds)] : [],
    ),
    ...webhooks.flatMap(({ url, disabledBecause: because }) =>
      because === null || because === 'requested'
        ? []
        : [words.webhookDisabled(url, text.events.disabledBecause[because])],
    ),
    ...(replica.refusal === null ? [] : [words.replica(replica.refusal)]),
  ];
}

/** What is behind, and needs nobody yet: it catches up by itself, or becomes something to do. */
export function behind({ installation }: Schemas['StatusResponse']): string[] {
  if (installation === null) return [];
  const { queues, webhooks, providers, replica } = installation;
  const isNoted = (seconds: number, most: number) => seconds > NOTED_SECONDS && seconds <= most;
  const late = queues.filter(({ overdueSeconds }) => isNoted(overdueSeconds, OVERDUE_SECONDS));
  return [
    ...webhooks.flatMap(({ url, enabled, behindSeconds }) =>
      enabled && isNoted(behindSeconds, BEHIND_SECONDS) ? [words.webhookLags(url, behindSeconds)] : [],
    ),
    ...(late.length > 0
      ? [
          words.queuesLag(
            late.map(({ queue }) => queue),
            Math.max(...late.map(({ overdueSeconds }) => overdueSeconds)),
          ),
        ]
      : []),
    ...providers.flatMap(({ provider, use, trouble, pausedUntil }) =>
      trouble !== null && pausedUntil === null ? [words.providerFailed(provider, use, trouble)] : [],
    ),
    ...((replica.behindSeconds ?? 0) > NOTED_SECONDS ? [words.replicaLags(replica.behindSeconds!)] : []),
  ];
}

function budgetsOf({ pool: { name }, status }: PoolState): string[] {
  if (!status) return [];
  const { currency, today, mostPerDay, thisMonth, mostPerMonth } = status.spending;
  return (
    [
      ['day', today, mostPerDay],
      ['month', thisMonth, mostPerMonth],
    ] as const
  ).flatMap(([period, spent, most]) =>
    most !== null && most > 0 && spent >= MUCH_OF_A_BUDGET * most
      ? [words.budget(name, period, spent, most, currency ?? '')]
      : [],
  );
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
  'pool.served': 'pool.dry',
};
const LASTING = new Set(['list.doubted', 'pool.dry']);
