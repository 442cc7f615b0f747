import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { pino } from 'pino';

import type { Installation } from './app.module.js';
import { startExchange } from '../../exchange/exchange.js';
import { isCountry, type Country } from '../phone-number/e164.js';
import { SettingsError, type Settings } from '../platform/config/settings.js';
import { openDataDir } from '../platform/embedded/data-dir.js';
import { startEmbeddedPostgres } from '../platform/embedded/embedded-postgres.js';
import { portIsTaken } from '../platform/embedded/free-port.js';
import { privateLog } from '../platform/embedded/private-file.js';
import { embeddedSecrets } from '../platform/embedded/secrets.js';
import { patiently } from '../platform/start/patience.js';
import { reachRedis } from '../platform/queue/reach-redis.js';
import { ExotelConfig } from '../telephony/exotel/exotel-config.js';
import { readGreetings, Greetings } from '../telephony/greetings/greetings.js';
import { TwilioConfig } from '../telephony/twilio/twilio-config.js';

/** An installation whose parts run, and what to tell the person who started it. */
export interface RunningInstallation {
  readonly installation: Installation;
  /** One line a part: its name, and where it is or came from. */
  readonly parts: readonly (readonly [name: string, where: string])[];
  /** Whether the API key was made by us, so that nobody knows it yet. */
  readonly apiKeyIsNew: boolean;
  /** Where this process is reached from this machine. */
  readonly url: string;
  readonly exchangeUrl: string | null;
  /** Stops what was started here, last part first. */
  stop(): Promise<void>;
}

const EXCHANGE_ACCOUNT = 'exchange';
const EXCHANGE_FLOW = '700001';
const QUEUES_IN_POSTGRES = 'in PostgreSQL, good for trying out (for load: set REDIS_URL)';
const EXCHANGE_TWILIO_SID = `AC${'e'.repeat(32)}`;

/** Exotel's voice API takes 200 requests a minute, its number API perhaps fewer; the exchange takes what it gets. */
const EXOTEL_REQUESTS_A_SECOND = 3;
const EXCHANGE_REQUESTS_A_SECOND = 200;

type Secrets = Pick<Installation, 'apiKey' | 'phoneEncryptionKeys' | 'phoneLookupKey'> & {
  readonly hookSecrets: readonly string[];
  readonly exchange: { readonly apiKey: string; readonly apiToken: string };
};

/**
 * Starts what the settings leave to us: PostgreSQL and the exchange.
 *
 * @throws SettingsError and other Errors whose message is one sentence that a person can act on.
 */
export async function startInstallation(settings: Settings): Promise<RunningInstallation> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    const failures: unknown[] = [];
    for (const one of stops.toReversed()) await one().catch((failure: unknown) => failures.push(failure));
    if (failures.length > 0) throw failures[0];
  };
  try {
    return { ...(await startParts(settings, stops)), stop };
  } catch (failure) {
    await stop().catch(() => undefined); // why it did not start is what matters
    throw failure;
  }
}

/** An account of Exotel's and its callbacks' address, as a Maskline with these settings has them. Nothing is started. */
export async function exotelOf(settings: Settings): Promise<{ config: ExotelConfig; url: string }> {
  const [country, url] = [countryIn(settings), settings.publicBaseUrl ?? localUrl(settings)];
  const { exotelAccount, exotelHookSecrets } = settings;
  const ofTheAccount = exotelAccount &&
    exotelHookSecrets && { hookSecrets: exotelHookSecrets, exchange: exotelAccount };
  const secrets = ofTheAccount ?? (await secretsOf(settings, settings.dataDir));
  const hooks = `${url}/hooks/exotel/${secrets.hookSecrets[0]}`;
  const greetings = new Greetings();
  const exchangeUrl = `http://127.0.0.1:${settings.exchangePort}`;
  return { config: exotelConfig(settings, secrets, exchangeUrl, { country, greetings, hooks })!, url };
}

async function startParts(
  settings: Settings,
  stops: (() => Promise<void>)[],
): Promise<Omit<RunningInstallation, 'stop'>> {
  const country = countryIn(settings);
  const { host, port } = settings;
  const taken = await portIsTaken(port, host).catch((cause: NodeJS.ErrnoException) => {
    const what = `HOST is ${host} and PORT ${port}, where nothing can listen (${cause.code})`;
    throw new SettingsError(`${what}: set HOST to an address of this machine, and PORT to one that is free to use.`);
  });
  if (taken) {
    throw new SettingsError(`Port ${port} on ${host} is taken: stop what listens there, or set PORT to another.`);
  }

  const greetings = await greetingsIn(settings.greetingsFile);

  if (settings.redisUrl !== null) await reachRedis(settings.redisUrl);
  const embedded = settings.databaseUrl === null;
  const usesExchange = settings.exotelAccount === null && settings.twilioAccount === null;
  const dataDir = embedded || usesExchange ? await openDataDir(settings.dataDir) : settings.dataDir;

  const secrets = await secretsOf(settings, dataDir);
  const database = embedded ? await startEmbeddedPostgres({ dataDir }) : null;
  if (database) stops.push(() => database.stop());
  const databaseUrl = settings.databaseUrl ?? database!.url;

  const url = localUrl(settings);
  const hooks = `${settings.publicBaseUrl ?? url}/hooks/exotel/${secrets.hookSecrets[0]}`;
  const exchange = usesExchange ? await useExchange(settings, secrets, hooks, join(dataDir, 'exchange.json')) : null;
  if (exchange) stops.push(() => exchange.close());

  const log = embedded
    ? pino.destination({
        dest: await privateLog(join(dataDir, 'maskline.log')),
        append: true,
        sync: false,
        minLength: 0,
      })
    : pino.destination({ dest: 1, sync: false, minLength: 4_096, periodicFlush: 1_000 });
  stops.unshift(async () => log.flushSync());

  return {
    installation: {
      databaseUrl,
      redisUrl: settings.redisUrl,
      role: settings.role,
      apiKey: secrets.apiKey,
      phoneEncryptionKeys: secrets.phoneEncryptionKeys,
      phoneLookupKey: secrets.phoneLookupKey,
      exotel: exotelConfig(settings, secrets, exchange?.url ?? null, { country, greetings, hooks }),
      trustedProxies: settings.trustedProxies,
      twilio: twilioConfig(settings, secrets, exchange?.url ?? null, settings.publicBaseUrl ?? url, greetings),
      historyMonths: settings.historyMonths,
      buying: settings.buying,
      orderEvents: settings.orderEvents,
      log: { level: settings.logLevel, destination: log },
    },
    parts: [
      ['PostgreSQL', database ? `embedded, in ${settings.dataDir}` : 'DATABASE_URL'],
      ['Queue', settings.redisUrl === null ? QUEUES_IN_POSTGRES : 'REDIS_URL'],
      ['Provider', exchange ? `the exchange, a simulator, on ${exchange.url}` : accountWords(settings)],
      ...(embedded ? [['Log', join(settings.dataDir, 'maskline.log')] as const] : []),
    ],
    apiKeyIsNew: settings.apiKey === null,
    url,
    exchangeUrl: exchange?.url ?? null,
  };
}

function accountWords({ exotelAccount, twilioAccount }: Settings): string {
  return [
    ...(exotelAccount ? [`Exotel account ${exotelAccount.sid}`] : []),
    ...(twilioAccount ? [`Twilio account ${twilioAccount.sid}`] : []),
  ].join(', ');
}

function countryIn({ defaultCountry }: Settings): Country {
  if (isCountry(defaultCountry)) return defaultCountry;
  throw new SettingsError(
    `DEFAULT_COUNTRY is ${defaultCountry}, which has no numbering plan: use a country's two letters, as in IN.`,
  );
}

/** Where this process is reached from this machine. */
function localUrl({ host, port }: Settings): string {
  return `http://${reachable(host)}:${port}`;
}

/** What the settings hold; where they may leave something out, what was generated for this data folder. */
async function secretsOf(settings: Settings, dataDir: string): Promise<Secrets> {
  const { apiKey, phoneEncryptionKeys, phoneLookupKey, exotelHookSecrets } = settings;
  if (settings.databaseUrl === null) {
    const made = await embeddedSecrets(dataDir);
    return {
      apiKey: apiKey ?? made.apiKey,
      phoneEncryptionKeys: phoneEncryptionKeys ?? [Buffer.from(made.phoneEncryptionKey, 'base64')],
      phoneLookupKey: phoneLookupKey ?? Buffer.from(made.phoneLookupKey, 'base64'),
      hookSecrets: exotelHookSecrets ?? [made.exotelHookSecret],
      exchange: { apiKey: made.exchangeApiKey, apiToken: made.exchangeApiToken },
    };
  }
  // Several processes of one installation share the settings, so what is only for the exchange follows from them.
  const derived = (use: string) => createHmac('sha256', phoneLookupKey!).update(use).digest('base64url').slice(0, 32);
  return {
    apiKey: apiKey!,
    phoneEncryptionKeys: phoneEncryptionKeys!,
    phoneLookupKey: phoneLookupKey!,
    hookSecrets: exotelHookSecrets ?? [derived('exotel hook')],
    exchange: { apiKey: derived('exchange key'), apiToken: derived('exchange token') },
  };
}

interface UsedExchange {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the exchange, or uses the one that another process of this installation has started. A worker only uses it. */
async function useExchange(
  settings: Settings,
  secrets: Secrets,
  hooks: string,
  stateFile: string,
): Promise<UsedExchange> {
  const port = settings.exchangePort;
  const used: UsedExchange = { url: `http://127.0.0.1:${port}`, close: async () => undefined };
  if (settings.role === 'worker') return used;
  try {
    const account = { sid: EXCHANGE_ACCOUNT, ...secrets.exchange };
    const twilio = { sid: EXCHANGE_TWILIO_SID, authToken: secrets.exchange.apiToken };
    return await startExchange({ port, stateFile, account, twilio, flow: { id: EXCHANGE_FLOW, hooks } });
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

/** @throws Error when whatever listens there does not answer in time */
async function isExchange(url: string): Promise<boolean> {
  const response = await fetch(`${url}/exchange`, { signal: AbortSignal.timeout(2_000) });
  const answer = await response.json().catch(() => null);
  return (answer as { name?: unknown } | null)?.name === 'exchange';
}

function exotelConfig(
  settings: Settings,
  secrets: Pick<Secrets, 'hookSecrets' | 'exchange'>,
  exchangeUrl: string | null,
  { country, greetings, hooks }: { country: Country; greetings: Greetings; hooks: string },
): ExotelConfig | null {
  const { exotelAccount, exotelCallbacks, exotelTexts } = settings;
  if (exotelAccount === null && exchangeUrl === null) return null;
  const flowUrl = `${exchangeUrl}/${EXCHANGE_ACCOUNT}/exoml/start_voice/${EXCHANGE_FLOW}`;
  return new ExotelConfig(
    exotelAccount ?? {
      ...{ sid: EXCHANGE_ACCOUNT, ...secrets.exchange, apiBase: exchangeUrl!, flowUrl },
      recordingUrls: [`${exchangeUrl}/recordings/${EXCHANGE_ACCOUNT}/`],
    },
    secrets.hookSecrets,
    country,
    exotelAccount ? EXOTEL_REQUESTS_A_SECOND : EXCHANGE_REQUESTS_A_SECOND,
    exotelCallbacks,
    greetings,
    exotelTexts ? hooks : null,
    hooks,
  );
}

async function greetingsIn(file: string | null): Promise<Greetings> {
  if (file === null) return new Greetings();
  try {
    return readGreetings(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new SettingsError(`GREETINGS_FILE is ${file}, which cannot be used: ${(cause as Error).message}`);
  }
}

function twilioConfig(
  { twilioAccount: account }: Settings,
  secrets: Secrets,
  exchangeUrl: string | null,
  publicBaseUrl: string,
  greetings: Greetings,
): TwilioConfig | null {
  if (account !== null) {
    const { authToken, nextAuthToken, whisper } = account;
    const signingTokens = [authToken, ...(nextAuthToken === null ? [] : [nextAuthToken])];
    return new TwilioConfig(account, signingTokens, publicBaseUrl, whisper, greetings);
  }
  if (exchangeUrl === null) return null;
  const authToken = secrets.exchange.apiToken;
  const recordingUrls = [`${exchangeUrl}/2010-04-01/Accounts/${EXCHANGE_TWILIO_SID}/Recordings/`];
  const atTheExchange = { sid: EXCHANGE_TWILIO_SID, authToken, apiBase: exchangeUrl, recordingUrls };
  return new TwilioConfig(atTheExchange, [authToken], publicBaseUrl, null, greetings);
}

/** An address at which a server that listens on `host` can be asked from this machine. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
