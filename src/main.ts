import { existsSync } from 'node:fs';

import { readInstallationSettings } from './installation/settings.js';
import { stopOnSignal } from './installation/stop-on-signal.js';
import { welcome } from './installation/welcome.js';
import { showSourcePositions } from './platform/start/source-positions.js';

showSourcePositions();
let stopping = false;

async function start(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const settings = readInstallationSettings(process.env);
  const greeting = welcome(settings.databaseUrl === null);
  greeting.begin();
  // Loaded here because it takes a second, while a wrong setting is reported at once.
  const starting = import('./installation/maskline.js').then(({ startMaskline }) => startMaskline(settings));
  const stop = async (drainMs: number) => {
    stopping = true;
    greeting.stopping();
    const started = await starting.catch(() => null); // it has stopped its parts itself
    await started?.stop(drainMs);
  };
  stopOnSignal(stop, 0, settings.drainSeconds * 1000);
  const maskline = await starting;
  if (stopping) return;
  for (const [name, where] of maskline.parts) greeting.part(name, where);
  await maskline.firstNumbers(greeting, () => stopping);
  if (!stopping) greeting.end(maskline);
}

await start().catch((failure: unknown) => {
  if (stopping) return; // stopped during the start
  process.stderr.write(`Maskline did not start. ${failure instanceof Error ? failure.message : String(failure)}\n`);
  process.exit(1);
});
