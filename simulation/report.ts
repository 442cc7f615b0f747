import { isSound, type Outcome } from './outcome.js';

/** A run with a shared pool, a run with an exclusive pool, or both. */
export interface Results {
  readonly command: string;
  readonly shared: Outcome | null;
  /** The run of a smaller city, if both were requested. */
  readonly exclusive: Outcome | null;
}

/** The numbers of the shared pool, divided by the least that any pool needs. */
export function ratioOf({ numbersUsed, deltaMost }: Outcome): number {
  return numbersUsed / deltaMost;
}

/** What an exclusive pool needs: two numbers for each link that is open or in grace at the busiest instant. */
export function exclusiveNeed({ peakHeld }: Outcome): number {
  return 2 * peakHeld;
}

export function asJson(results: Results): string {
  return `${JSON.stringify(results, null, 2)}\n`;
}

export function asTable({ command, shared, exclusive }: Results): string {
  const lines = [command, ''];
  if (shared) {
    const need = exclusiveNeed(shared);
    lines.push(
      ...title('Numbers', shared),
      row('exclusive pool, computed: 2 for each link open or in grace at the peak', need),
      row('shared pool, measured: added one by one, when an order found none', shared.numbersUsed),
      row('Delta: the most links of one person, in quarantine too', shared.deltaMost),
      row('shared / Delta', ratioOf(shared).toFixed(2)),
      row('exclusive / shared', Math.round(need / shared.numbersUsed)),
      '',
      ...work(shared),
    );
  }
  if (exclusive) {
    lines.push(
      ...title('Numbers of an exclusive pool, simulated', exclusive),
      row('measured: held at the peak, counted every quarter of an hour', exclusive.peakNumbersHeld),
      row('computed: 2 for each link open or in grace at the peak', exclusiveNeed(exclusive)),
      '',
      ...work(exclusive),
    );
  }
  return lines.join('\n');
}

function title(what: string, { agents, customers }: Outcome): string[] {
  return [`${what} (${figure(agents)} agents, ${figure(customers)} customers)`];
}

function work(outcome: Outcome): string[] {
  const { decisions, connected, parcels, assignments, calls, wallSeconds, askedAgain } = outcome;
  const reasons = Object.entries(decisions).sort(([, one], [, other]) => other - one);
  const sides = Object.entries(connected)
    .sort(([, one], [, other]) => other - one)
    .map(([side, count]) => row(`    from ${side}`, count));
  return [
    'Work',
    row('orders', outcome.orders),
    ...(parcels > 0 ? [row('  of them parcels with three people', parcels)] : []),
    row(parcels > 0 ? 'agents and couriers assigned' : 'agents assigned', assignments),
    row('  of them as a replacement', outcome.replacements),
    row('calls decided and recorded', calls),
    ...reasons.map(([reason, count]) => row(`  ${reason}`, count)),
    ...(parcels > 0 ? ['  calls that reached the right person', ...sides] : []),
    row('calls not decided in time, and asked again', askedAgain),
    row('wall time, s', Math.round(wallSeconds)),
    row('assigned a second, while calls were decided', Math.round(assignments / wallSeconds)),
    row('calls decided a second, while orders were assigned', Math.round(calls / wallSeconds)),
    '',
    'Faults',
    row('misroutes', outcome.misroutes),
    row('wrong refusals', outcome.wrongRefusals),
    row('refusals for the wrong reason', outcome.wrongReasons),
    row('numbers assigned twice, wrong rows, phones left behind', outcome.otherFaults),
    ...(isSound(outcome) ? [] : outcome.faults.map((fault) => `  ${fault}`)),
    '',
  ];
}

function row(name: string, value: number | string): string {
  return `  ${name.padEnd(70)} ${(typeof value === 'number' ? figure(value) : value).padStart(10)}`;
}

function figure(value: number): string {
  return value.toLocaleString('en');
}
