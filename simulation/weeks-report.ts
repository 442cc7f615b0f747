import type { WeeksOutcome } from './weeks-pool.js';
import type { WeeksResults } from './weeks.js';

/** Rent of a number for thirty days, in rupees; counted by the day. */
export const RENT = 500;

/**
 * Whether the forecast kept its promise: no order waited, and, if a week of the run was left to give numbers back, it
 * cost less than the cheapest static marks with which no order waits.
 */
export function keptItsPromise({ weeks, safeMarks, forecast }: WeeksResults): boolean {
  const comparesRent = weeks.days >= weeks.lowMarksFrom + 7;
  return forecast.dryMinutes === 0 && (!comparesRent || forecast.numberDays < safeMarks.numberDays);
}

export function weeksAsTable(results: WeeksResults, command: string): string {
  const { weeks, orders, wallSeconds, forecast, safeMarks } = results;
  const rows = [
    ['', 'minutes dry', 'orders that waited', 'numbers at most', 'on average', 'bought', 'given back', 'rent, INR'],
    ...[results.lowerMarks, safeMarks, forecast].map((one) => [
      one.name,
      ...[one.dryMinutes, one.waited, one.most, Math.round(one.mean), one.bought, one.givenBack, rentOf(one)].map(
        (figure) => figure.toLocaleString('en'),
      ),
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
  );
  const saved = Math.round(100 * (1 - forecast.numberDays / safeMarks.numberDays));
  return [
    command,
    '',
    `${weeks.days} days, ${orders.toLocaleString('en')} orders, ${weeks.leadHours} h from asking for a number to having it`,
    ...lines,
    '',
    `The forecast rents ${saved} % less than the cheapest static marks that are never dry. Wall time ${Math.round(wallSeconds)} s.`,
    '',
  ].join('\n');
}

export function rentOf({ numberDays }: WeeksOutcome): number {
  return Math.round((numberDays / 30) * RENT);
}
