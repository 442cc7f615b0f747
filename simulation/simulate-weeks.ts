import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { stopOnSignal } from '../src/installation/stop-on-signal.js';
import { OptionsError } from './options.js';
import { startPassingDatabase } from './passing-database.js';
import { ProgressBar } from './progress-bar.js';
import { drawWeeks } from './weeks-picture.js';
import { keptItsPromise, weeksAsTable } from './weeks-report.js';
import { HAMLET, liveWeeks, TOWN } from './weeks.js';

export const WEEKS_USAGE = `npm run simulate -- weeks [options]

  --small      a day of a hamlet, for CI
  --seed N     the same seed is the same weeks: ${TOWN.seed}
  --svg FILE   draw the weeks
  --json       the figures as JSON
`;

/** Simulates weeks with static marks and with the forecast. @throws OptionsError */
export async function simulateWeeks(args: readonly string[]): Promise<void> {
  const { small, seed, svg, json } = read(args);
  const base = small ? HAMLET : TOWN;
  const weeks = { ...base, seed: seed === undefined ? base.seed : Number(seed) };
  if (!Number.isInteger(weeks.seed)) throw new OptionsError(`--seed must be a whole number; it is "${seed}".`);
  const bar = new ProgressBar(process.stderr);
  const database = await startPassingDatabase();
  stopOnSignal(() => database.stop(), 1);
  try {
    bar.begin();
    const databaseUrl = await database.create('weeks');
    const results = await liveWeeks({ weeks, databaseUrl, progress: (done, time) => bar.show(done, time) });
    bar.clear();
    const command = ['npm run simulate -- weeks', ...args].join(' ');
    process.stdout.write(json ? `${JSON.stringify(results)}\n` : weeksAsTable(results, command));
    if (svg !== undefined) await writeFile(svg, drawWeeks(results));
    if (!keptItsPromise(results)) process.exitCode = 1;
  } finally {
    bar.clear();
    await database.stop();
  }
}

function read(args: readonly string[]) {
  const [text, flag] = [{ type: 'string' }, { type: 'boolean' }] as const;
  try {
    return parseArgs({ args: [...args], options: { small: flag, json: flag, seed: text, svg: text } }).values;
  } catch (failure) {
    throw new OptionsError((failure as Error).message);
  }
}
