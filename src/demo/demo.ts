import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startMaskline, type RunningMaskline } from '../installation/maskline.js';
import { readInstallationSettings } from '../installation/settings.js';
import { showSourcePositions } from '../platform/start/source-positions.js';
import { freePort } from '../platform/embedded/free-port.js';
import { stopOnSignal } from '../installation/stop-on-signal.js';
import { Narrator } from './narrator.js';
import { tellStory } from './story.js';
import { Town } from './town.js';

/** The number of log lines that are printed after a failure. */
const LAST_WARNINGS = 5;
const WARN = 40;
/** The exit code that a shell uses for Ctrl-C. */
const INTERRUPTED = 130;

/** Shows one order's life on a separate system, and removes it afterwards. @returns the exit code */
async function demo(): Promise<number> {
  const narrator = new Narrator();
  const folder = await mkdtemp(join(tmpdir(), 'maskline-demo-'));
  await chmod(folder, 0o755); // PostgreSQL may run as another user
  const starting = startOn(folder);
  let clearing: Promise<void> | undefined;
  const clearAway = () =>
    (clearing ??= starting
      .then((started) => started.stop())
      .catch(() => undefined)
      .then(() => rm(folder, { recursive: true, force: true, maxRetries: 5 })));
  stopOnSignal(clearAway, INTERRUPTED);
  narrator.title('Maskline: one order’s life');
  try {
    const maskline = await narrator.during('starting', starting);
    for (const [name, where] of maskline.parts)
      if (name !== 'Log') narrator.tells(name, where.replace(folder, 'a temporary folder'));
    const { installation, url, exchangeUrl } = maskline;
    await tellStory(narrator, new Town(url, installation.apiKeys[0]!, exchangeUrl!));
    narrator.line('\nEverything worked, and everything is removed. To start a Maskline that stays: npm start');
    return 0;
  } catch (failure) {
    if (clearing) return INTERRUPTED;
    process.stderr.write(`\n✗   ${failure instanceof Error ? failure.message : String(failure)}\n`);
    process.stderr.write((await lastWarnings(folder)).map((line) => `    log       ${line}\n`).join(''));
    return 1;
  } finally {
    await clearAway();
  }
}

/** The settings of another Maskline do not apply here. */
async function startOn(folder: string): Promise<RunningMaskline> {
  const [port, exchangePort] = [await freePort('127.0.0.1'), await freePort('127.0.0.1')];
  return startMaskline(
    readInstallationSettings({
      DATA_DIR: folder,
      PORT: String(port),
      EXCHANGE_PORT: String(exchangePort),
      DEFAULT_COUNTRY: 'IN',
    }),
  );
}

async function lastWarnings(folder: string): Promise<string[]> {
  const log = await readFile(join(folder, 'maskline.log'), 'utf8').catch(() => '');
  return log
    .split('\n')
    .filter((line) => line.startsWith('{') && (JSON.parse(line) as { level: number }).level >= WARN)
    .slice(-LAST_WARNINGS);
}

showSourcePositions();
process.exitCode = await demo();
