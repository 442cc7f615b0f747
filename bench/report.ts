import type { Memory } from './app-process.js';
import { median, type Figures } from './latencies.js';

/** One implementation of a work, measured once a round. */
export interface Contestant {
  readonly name: string;
  readonly rounds: readonly Figures[];
}

/** The same work in several implementations, measured in alternating rounds. The first one is ours. */
export interface Contest {
  readonly work: string;
  readonly contestants: readonly Contestant[];
  /** The lowest accepted ratio to the second contestant's rate. */
  readonly expected?: number;
}

export interface Results {
  readonly activeOrders: number;
  readonly rounds: number;
  readonly contests: readonly Contest[];
  /** Memory of the applications that decided calls. */
  readonly memory: readonly { readonly app: string; readonly started: Memory; readonly afterCalls: Memory }[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

/**
 * Medians, and for each contestant the ratio of the first one's rate to its own: the median of the ratios of the
 * rounds.
 */
export function summaryOf({ work, contestants, expected }: Contest) {
  const [first] = contestants;
  return {
    work,
    ...(expected === undefined ? {} : { expected }),
    contestants: contestants.map(({ name, rounds }) => ({
      name,
      perSecond: round(median(rounds.map(({ perSecond }) => perSecond))),
      p50Ms: round(median(rounds.map(({ p50Ms }) => p50Ms)), 2),
      p99Ms: round(median(rounds.map(({ p99Ms }) => p99Ms)), 2),
      firstToThis: round(median(rounds.map(({ perSecond }, index) => first!.rounds[index]!.perSecond / perSecond)), 2),
    })),
  };
}

export function asJson(results: Results): string {
  const { contests, ...rest } = results;
  return `${JSON.stringify({ ...rest, contests: contests.map(summaryOf) }, null, 2)}\n`;
}

export function asTable({ activeOrders, rounds, contests, memory, notes }: Results): string {
  const lines = contests.flatMap((contest) => {
    const { work, expected, contestants } = summaryOf(contest);
    const rows = contestants.map(({ name, perSecond, p50Ms, p99Ms, firstToThis }, index) => {
      const ratio = index === 0 ? '' : firstToThis.toFixed(2);
      const wanted = index === 1 && expected !== undefined ? `at least ${expected.toFixed(2)}` : '';
      return row(`  ${name}`, perSecond.toLocaleString('en'), ms(p50Ms), ms(p99Ms), ratio, wanted);
    });
    return [work, ...rows, ''];
  });
  const megabytes = ({ rssMb, rssOfFilesMb, heapUsedMb }: Memory) =>
    `RSS ${round(rssMb)} MB (${round(rssOfFilesMb)} MB of it files), heap ${round(heapUsedMb)} MB`;
  return [
    `${activeOrders.toLocaleString('en')} active orders; medians of ${rounds} rounds that took turns.`,
    `Ratio: the first row's rate to this row's.`,
    '',
    row('', 'a second', 'p50', 'p99', 'ratio', 'expected'),
    ...lines,
    ...memory.map(
      ({ app, started, afterCalls }) =>
        `Memory of ${app}: ${megabytes(started)} after start; ${megabytes(afterCalls)} after the calls.`,
    ),
    ...notes,
    '',
  ].join('\n');
}

function row(name: string, ...cells: readonly string[]): string {
  const widths = [10, 12, 12, 8, 15];
  return (name.padEnd(40) + cells.map((cell, index) => cell.padStart(widths[index]!)).join('')).trimEnd();
}

/** Blank if it was not measured. */
function ms(value: number): string {
  return Number.isNaN(value) ? '' : `${value} ms`;
}

function round(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}
