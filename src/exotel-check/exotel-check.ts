import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { settingsOfAccounts } from '../installation/installation.js';
import { readInstallationSettings } from '../installation/settings.js';
import { SettingsError } from '../platform/config/setting-table.js';
import { exotelConfig, readExotelSettings } from '../telephony/exotel/exotel-settings.js';
import { checkAccount } from './check-account.js';
import { checkCallbacks } from './check-callbacks.js';
import { asTable } from './finding.js';

/** An E.164 number that belongs to nobody, to dial if no number of the account points to the flow. */
const NOBODYS_NUMBER = '+910000000000';

/**
 * Checks an Exotel account and our callbacks from this machine, by the settings.
 *
 * `--base <url>` uses this address instead of PUBLIC_BASE_URL, for example for the fallback URLs.
 *
 * @returns the exit code: 1 if something is wrong
 */
async function check(): Promise<number> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const { values } = parseArgs({ options: { base: { type: 'string' } } });
  const settings = readInstallationSettings(process.env);
  const isOwn = settings.databaseUrl === null && settings.accounts.length === 0;
  if (isOwn && !existsSync(join(settings.dataDir, 'secrets.json'))) {
    throw new SettingsError('There is nothing to check yet: run "npm start" once, or set the EXOTEL_ settings.');
  }
  const { environment, surroundings } = await settingsOfAccounts(settings);
  const exotel = readExotelSettings(environment);
  if (exotel === null) throw new SettingsError('No Exotel account is set up: set the EXOTEL_ settings.');
  const config = exotelConfig(exotel, surroundings);
  const baseUrl = values.base?.replace(/\/+$/, '') ?? surroundings.publicUrl;
  process.stdout.write(`Exotel account ${config.account.sid}, callbacks at ${baseUrl}\n\n`);
  const { findings, number } = await checkAccount(config);
  const dialled = number?.number ?? NOBODYS_NUMBER;
  const all = [...findings, ...(await checkCallbacks({ baseUrl, config, dialled }))];
  process.stdout.write(asTable(all));
  return all.some(({ verdict }) => verdict === 'wrong') ? 1 : 0;
}

process.exitCode = await check().catch((failure: unknown) => {
  process.stderr.write(`${failure instanceof Error ? failure.message : String(failure)}\n`);
  return 1;
});
