import { writeFile } from 'node:fs/promises';

import { stopOnSignal } from '../src/installation/stop-on-signal.js';
import { cityDays } from './city-days.js';
import { OptionsError, readOptions, USAGE, type Options } from './options.js';
import { isSound } from './outcome.js';
import { startPassingDatabase } from './passing-database.js';
import { draw } from './picture.js';
import { ProgressBar } from './progress-bar.js';
import { simulateWeeks, WEEKS_USAGE } from './simulate-weeks.js';
import { asJson, asTable, ratioOf, type Results } from './report.js';

async function main(args: readonly string[]): Promise<void> {
  const options = optionsOf(args);
  if (options === null) return;
  const results = await run(options, ['npm run simulate', ...(args.length > 0 ? ['--', ...args] : [])].join(' '));
  process.stdout.write(options.json ? asJson(results) : asTable(results));
  if (options.svg !== null && results.shared) await writeFile(options.svg, draw(results.shared));
  const outcomes = [results.shared, results.exclusive].filter((outcome) => outcome !== null);
  if (!outcomes.every(isSound)) process.exitCode = 1;
  if (results.shared && ratioOf(results.shared) > 1) process.exitCode = 1;
}

function optionsOf(args: readonly string[]): Options | null {
  try {
    const options = readOptions(args);
    if (options !== 'help') return options;
    process.stdout.write(USAGE);
  } catch (failure) {
    if (!(failure instanceof OptionsError)) throw failure;
    process.stderr.write(`${failure.message}\n\n${USAGE}`);
    process.exitCode = 2;
  }
  return null;
}

async function run({ city, mode, concurrency }: Options, command: string): Promise<Results> {
  const bar = new ProgressBar(process.stderr);
  const database = await startPassingDatabase();
  stopOnSignal(() => database.stop(), 1);
  try {
    const outcomes = await cityDays(city, {
      mode,
      concurrency,
      database: (name) => {
        bar.begin();
        return database.create(name);
      },
      progress: (name, { done, time, orders, calls }) => bar.show(done, `${name} pool, ${time}`, { orders, calls }),
    });
    return { command, ...outcomes };
  } finally {
    bar.clear();
    await database.stop();
  }
}

const [first, ...rest] = process.argv.slice(2);
if (first === 'weeks') {
  await simulateWeeks(rest).catch((failure: unknown) => {
    if (!(failure instanceof OptionsError)) throw failure;
    process.stderr.write(`${failure.message}\n\n${WEEKS_USAGE}`);
    process.exitCode = 2;
  });
} else await main(process.argv.slice(2));
