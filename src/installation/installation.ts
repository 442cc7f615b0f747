import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { pino } from 'pino';

import type { Installation } from './app.module.js';
import { exchangeAccounts, settingsAtExchange, type ExchangeSecrets } from '../../exchange/accounts.js';
import { startExchange } from '../../exchange/exchange.js';
import { isCountry, type Country } from '../phone-number/e164.js';
import type { Settings } from '../platform/config/settings.js';
import { SettingsError, type Environment } from '../platform/config/setting-table.js';
import { boundLog } from '../platform/embedded/bounded-log.js';
import { openDataDir } from '../platform/embedded/data-dir.js';
import { startEmbeddedPostgres } from '../platform/embedded/embedded-postgres.js';
import { portIsTaken } from '../platform/embedded/free-port.js';
import { privateLog } from '../platform/embedded/private-file.js';
import { embeddedSecrets } from '../platform/embedded/secrets.js';
import { patiently } from '../platform/start/patience.js';
import { reachRedis } from '../platform/queue/reach-redis.js';
import type { Surroundings } from '../telephony/providers/provider-definition.js';
import { PROVIDERS } from './providers.js';
import { accountsIn, type InstallationSettings } from './settings.js';
import { readGreetings, Greetings } from '../telephony/greetings/greetings.js';

/** A running installation, and what to tell the person who started it. */
export interface RunningInstallation {
  readonly installation: Installation;
  /** One line for each part: its name, and its address or origin. */
  readonly parts: readonly (readonly [name: string, where: string])[];
  /** Sentences on what should be corrected although it works. */
  readonly doubts: readonly string[];
  /** Whether the API key was generated now, so that nobody knows it yet. */
  readonly apiKeyIsNew: boolean;
  /** The address of this process on this machine. */
  readonly url: string;
  readonly exchangeUrl: string | null;
  /** Stops what was started here, last part first. */
  stop(): Promise<void>;
}

/** Only its owner can read the log. */
const PRIVATE = 0o600;

const QUEUES_IN_POSTGRES = 'in PostgreSQL, good for trying out (for load: set REDIS_URL)';

type Secrets = Pick<Installation, 'apiKeys' | 'phoneEncryptionKeys' | 'phoneLookupKey'> & {
  readonly exchange: ExchangeSecrets;
};

/**
 * Starts what the settings leave to Maskline: PostgreSQL and the exchange.
 *
 * @throws SettingsError and other Errors whose message says in one sentence what to do
 */
export async function startInstallation(settings: InstallationSettings): Promise<RunningInstallation> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    const failures: unknown[] = [];
    for (const one of stops.toReversed()) await one().catch((failure: unknown) => failures.push(failure));
    if (failures.length > 0) throw failures[0];
  };
  try {
    return { ...(await startParts(settings, stops)), stop };
  } catch (failure) {
    await stop().catch(() => undefined); // the reason for the failed start matters
    throw failure;
  }
}

/**
 * The settings from which accounts are read. An installation without an account uses its accounts at the exchange.
 * Starts nothing.
 */
export async function settingsOfAccounts(
  settings: InstallationSettings,
): Promise<{ environment: Environment; surroundings: Surroundings }> {
  const surroundings = surroundingsOf(settings);
  if (settings.accounts.length > 0) return { environment: settings.environment, surroundings };
  const { exchange } = await secretsOf(settings, settings.dataDir);
  const url = exchangeUrl(settings);
  return { environment: settingsAtExchange(url, exchange, settings.environment, surroundings.publicUrl), surroundings };
}

async function startParts(
  settings: InstallationSettings,
  stops: (() => Promise<void>)[],
): Promise<Omit<RunningInstallation, 'stop'>> {
  const surroundings = surroundingsOf(settings);
  const { host, port } = settings;
  const taken = await portIsTaken(port, host).catch((cause: NodeJS.ErrnoException) => {
    const what = `HOST is ${host} and PORT ${port}, where nothing can listen (${cause.code})`;
    throw new SettingsError(`${what}: set HOST to an address of this machine, and PORT to one that is free to use.`);
  });
  if (taken) {
    throw new SettingsError(`Port ${port} on ${host} is taken: stop what listens there, or set PORT to another.`);
  }

  const greetings = await greetingsIn(settings.greetingsFile);

  const doubt = settings.redisUrl === null ? null : await reachRedis(settings.redisUrl);
  const embedded = settings.databaseUrl === null;
  const usesExchange = settings.accounts.length === 0;
  const dataDir = embedded || usesExchange ? await openDataDir(settings.dataDir) : settings.dataDir;

  const secrets = await secretsOf(settings, dataDir);
  const database = embedded ? await startEmbeddedPostgres({ dataDir }) : null;
  if (database) stops.push(() => database.stop());
  const databaseUrl = settings.databaseUrl ?? database!.url;

  const url = localUrl(settings);
  const { publicUrl } = surroundings;
  const stateFile = join(dataDir, 'exchange.json');
  const exchange = usesExchange ? await useExchange(settings, secrets.exchange, publicUrl, stateFile) : null;
  if (exchange) stops.push(() => exchange.close());
  const accounts = exchange
    ? accountsIn(settingsAtExchange(exchange.url, secrets.exchange, settings.environment, publicUrl))
    : settings.accounts;

  const logFile = join(dataDir, 'maskline.log');
  const log = embedded
    ? pino.destination({ dest: await privateLog(logFile), append: true, sync: false, minLength: 0, mode: PRIVATE })
    : pino.destination({ dest: 1, sync: false, minLength: 8_192, periodicFlush: 1_000 });
  const bound = embedded ? boundLog(logFile, () => log.reopen()) : null;
  stops.unshift(async () => {
    bound?.stop();
    log.flushSync();
  });

  return {
    installation: {
      databaseUrl,
      ...(settings.directDatabaseUrl === null ? {} : { directDatabaseUrl: settings.directDatabaseUrl }),
      redisUrl: settings.redisUrl,
      role: settings.role,
      apiKeys: secrets.apiKeys,
      phoneEncryptionKeys: secrets.phoneEncryptionKeys,
      phoneLookupKey: secrets.phoneLookupKey,
      providers: PROVIDERS,
      accounts: await Promise.all(accounts.map((account) => account.module(surroundings))),
      exchangeUrl: exchange?.url ?? null,
      greetings,
      trustedProxies: settings.trustedProxies,
      publicPath: new URL(publicUrl).pathname.replace(/\/$/, ''),
      keptMonths: settings.keptMonths,
      buying: settings.buying,
      orderEvents: settings.orderEvents,
      webhookNetworks: settings.webhookNetworks,
      log: { level: settings.logLevel, destination: log },
      replicaDir: settings.replicaDir,
      witnessDir: settings.replicaDir ?? (settings.redisUrl === null ? dataDir : null),
    },
    parts: [
      ['PostgreSQL', database ? `embedded, in ${settings.dataDir}` : 'DATABASE_URL'],
      ['Queue', settings.redisUrl === null ? QUEUES_IN_POSTGRES : 'REDIS_URL'],
      [
        'Provider',
        exchange
          ? `the exchange, a simulator, on ${exchange.url}`
          : accounts.map(({ description }) => description).join(', '),
      ],
      ...(embedded ? [['Log', join(settings.dataDir, 'maskline.log')] as const] : []),
    ],
    doubts: doubt === null ? [] : [doubt],
    apiKeyIsNew: settings.apiKeys === null,
    url,
    exchangeUrl: exchange?.url ?? null,
  };
}

function surroundingsOf(settings: InstallationSettings): Surroundings {
  return { publicUrl: settings.publicBaseUrl ?? localUrl(settings), country: countryIn(settings) };
}

function countryIn({ defaultCountry }: Settings): Country {
  if (isCountry(defaultCountry)) return defaultCountry;
  throw new SettingsError(
    `DEFAULT_COUNTRY is ${defaultCountry}, which has no numbering plan: use the two letters of a country, as in IN.`,
  );
}

/** The address of this process on this machine. */
function localUrl({ host, port }: Settings): string {
  return `http://${reachable(host)}:${port}`;
}

/** The secrets in the settings, or those that were generated for this data folder. */
async function secretsOf(settings: Settings, dataDir: string): Promise<Secrets> {
  const { apiKeys, phoneEncryptionKeys, phoneLookupKey } = settings;
  if (settings.databaseUrl === null) {
    const made = await embeddedSecrets(dataDir);
    return {
      apiKeys: apiKeys ?? [made.apiKey],
      phoneEncryptionKeys: phoneEncryptionKeys ?? [Buffer.from(made.phoneEncryptionKey, 'base64')],
      phoneLookupKey: phoneLookupKey ?? Buffer.from(made.phoneLookupKey, 'base64'),
      exchange: {
        apiKey: made.exchangeApiKey,
        apiToken: made.exchangeApiToken,
        hookSecret: made.exotelHookSecret,
      },
    };
  }
  // All processes of an installation share the settings, so the exchange's secrets are derived from them.
  const derived = (use: string) => createHmac('sha256', phoneLookupKey!).update(use).digest('base64url').slice(0, 32);
  return {
    apiKeys: apiKeys!,
    phoneEncryptionKeys: phoneEncryptionKeys!,
    phoneLookupKey: phoneLookupKey!,
    exchange: {
      apiKey: derived('exchange key'),
      apiToken: derived('exchange token'),
      hookSecret: derived('exotel hook'),
    },
  };
}

interface UsedExchange {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the exchange, or uses the one of another process of this installation. A worker only uses it. */
async function useExchange(
  settings: InstallationSettings,
  secrets: ExchangeSecrets,
  publicUrl: string,
  stateFile: string,
): Promise<UsedExchange> {
  const port = settings.exchangePort;
  const used: UsedExchange = { url: exchangeUrl(settings), close: async () => undefined };
  if (settings.role === 'worker') return used;
  try {
    return await startExchange({ port, stateFile, ...exchangeAccounts(secrets, settings.environment, publicUrl) });
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw failure;
    if (
      settings.databaseUrl !== null &&
      (await patiently(
        async () => isExchange(used.url),
        () => true,
      ).catch(() => false))
    )
      return used;
    throw new SettingsError(
      `Port ${port}, which the exchange needs, is taken: stop what listens there, or set EXCHANGE_PORT to another.`,
    );
  }
}

/** @throws Error if the server at this address does not answer in time */
async function isExchange(url: string): Promise<boolean> {
  const response = await fetch(`${url}/exchange`, { signal: AbortSignal.timeout(2_000) });
  const answer = await response.json().catch(() => null);
  return (answer as { name?: unknown } | null)?.name === 'exchange';
}

function exchangeUrl({ exchangePort }: Settings): string {
  return `http://127.0.0.1:${exchangePort}`;
}

async function greetingsIn(file: string | null): Promise<Greetings> {
  if (file === null) return new Greetings();
  try {
    return readGreetings(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new SettingsError(`GREETINGS_FILE is ${file}, which cannot be used: ${(cause as Error).message}`);
  }
}

/** An address at which this machine can reach a server that listens on `host`. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
