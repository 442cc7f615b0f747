import {
  networks,
  oneOf,
  openUrl,
  requireBeside,
  SettingsError,
  splitUrl,
  textOf,
  url,
  type Environment,
  type Format,
} from './setting-formats.js';

/** The settings of Maskline, read once from the environment. .env.example describes each. */
export interface Settings {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly role: 'all' | 'api' | 'worker';
  readonly defaultCountry: string;
  /** Null = use the embedded PostgreSQL in dataDir. */
  readonly databaseUrl: string | null;
  /** Null = queues are in PostgreSQL. */
  readonly redisUrl: string | null;
  /** Null until the embedded parts have generated them. */
  readonly apiKey: string | null;
  readonly phoneEncryptionKeys: readonly Buffer[] | null;
  readonly phoneLookupKey: Buffer | null;
  readonly publicBaseUrl: string | null;
  /** Addresses and networks whose X-Forwarded-For is used; empty = none. */
  readonly trustedProxies: readonly string[];
  /** A file with what callers hear in place of our own words; null = ours. */
  readonly greetingsFile: string | null;
  readonly exchangePort: number;
  readonly logLevel: string;
  /** Whole months of assignment history to keep; null = forever. */
  readonly historyMonths: number | null;
  /** Whether numbers may be bought. */
  readonly buying: boolean;
  /** The webhook for order events; null = none. */
  readonly orderEvents: {
    readonly url: string;
    readonly secret: string;
    /** Basic authentication, if ORDER_EVENTS_URL contains a user and password. */
    readonly authorization?: string;
  } | null;
}

const ROLES = ['all', 'api', 'worker'] as const;
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const KEY_BYTES = 32;
const SHORTEST_SECRET = 16;
/** As in Standard Webhooks. */
const SHORTEST_SIGNING_KEY_BYTES = 24;

/** @throws SettingsError for the first setting that is wrong, or missing although another one needs it */
export function readSettings(env: Environment): Settings {
  const databaseUrl = read(env, 'DATABASE_URL', url(['postgres:', 'postgresql:']));
  const settings: Settings = {
    port: port(env, 'PORT', 3000),
    host: textOf(env, 'HOST') ?? '127.0.0.1',
    dataDir: textOf(env, 'DATA_DIR') ?? './data',
    role: read(env, 'ROLE', oneOf(ROLES)) ?? 'all',
    defaultCountry: country(env, 'DEFAULT_COUNTRY', 'IN'),
    databaseUrl,
    redisUrl: read(env, 'REDIS_URL', url(['redis:', 'rediss:'])),
    apiKey: apiKey(env),
    phoneEncryptionKeys: keys(env, 'PHONE_ENCRYPTION_KEY'),
    phoneLookupKey: lookupKey(env),
    publicBaseUrl: read(env, 'PUBLIC_BASE_URL', openUrl()),
    trustedProxies: trustedProxies(env),
    greetingsFile: textOf(env, 'GREETINGS_FILE'),
    exchangePort: port(env, 'EXCHANGE_PORT', 3001),
    logLevel: read(env, 'LOG_LEVEL', oneOf(LOG_LEVELS)) ?? 'info',
    historyMonths: months(env, 'HISTORY_MONTHS', 13),
    buying: (read(env, 'BUYING', oneOf(['on', 'off'])) ?? 'on') === 'on',
    orderEvents: orderEvents(env),
  };
  if (databaseUrl !== null) {
    requireBeside(env, 'DATABASE_URL', ['API_KEY', 'PHONE_ENCRYPTION_KEY', 'PHONE_LOOKUP_KEY']);
  }
  return settings;
}

function read<T>(env: Environment, name: string, format: Format<T>): T | null {
  const text = textOf(env, name);
  return text === null ? null : format(text, name);
}

function port(env: Environment, name: string, fallback: number): number {
  const value = textOf(env, name);
  if (value === null) return fallback;
  if (!/^\d{1,5}$/.test(value) || Number(value) < 1 || Number(value) > 65535) {
    throw new SettingsError(`${name} must be a whole number from 1 to 65535; it is "${value}".`);
  }
  return Number(value);
}

function months(env: Environment, name: string, fallback: number): number | null {
  const value = textOf(env, name);
  if (value === null) return fallback;
  if (!/^\d{1,4}$/.test(value)) {
    throw new SettingsError(`${name} must be a whole number of months, or 0 to keep everything; it is "${value}".`);
  }
  return Number(value) === 0 ? null : Number(value);
}

function country(env: Environment, name: string, fallback: string): string {
  const value = textOf(env, name) ?? fallback;
  if (!/^[A-Z]{2}$/.test(value)) {
    throw new SettingsError(
      `${name} must be a country's two capital letters (ISO 3166-1), as in IN; it is "${value}".`,
    );
  }
  return value;
}

/** The key is sent as a Bearer token (RFC 6750), so a space or an umlaut in it would lock everybody out. */
function apiKey(env: Environment): string | null {
  const value = textOf(env, 'API_KEY');
  if (value !== null && (value.length < SHORTEST_SECRET || !/^[!-~]+$/.test(value))) {
    throw new SettingsError(
      `API_KEY must be ${SHORTEST_SECRET} or more ASCII characters without a space, as from "openssl rand -hex 24".`,
    );
  }
  return value;
}

function lookupKey(env: Environment): Buffer | null {
  const [key = null, ...more] = keys(env, 'PHONE_LOOKUP_KEY') ?? [];
  if (more.length > 0) {
    throw new SettingsError(
      'PHONE_LOOKUP_KEY must be one key: stored phones can be found only with the key that they were stored with.',
    );
  }
  return key;
}

function keys(env: Environment, name: string): Buffer[] | null {
  const value = textOf(env, name);
  if (value === null) return null;
  return value.split(',').map((part) => {
    const key = Buffer.from(part.trim(), 'base64');
    if (key.length !== KEY_BYTES) {
      throw new SettingsError(`${name} must be ${KEY_BYTES} bytes in base64, as from "openssl rand -base64 32".`);
    }
    return key;
  });
}

function orderEvents(env: Environment): Settings['orderEvents'] {
  const target = read(env, 'ORDER_EVENTS_URL', splitUrl);
  if (target === null) return null;
  const { address, user, password } = target;
  requireBeside(env, 'ORDER_EVENTS_URL', ['ORDER_EVENTS_SECRET']);
  const secret = textOf(env, 'ORDER_EVENTS_SECRET')!;
  if (Buffer.from(secret.replace(/^whsec_/, ''), 'base64').length < SHORTEST_SIGNING_KEY_BYTES) {
    throw new SettingsError(
      `ORDER_EVENTS_SECRET must be ${SHORTEST_SIGNING_KEY_BYTES} bytes or more in base64, as from "openssl rand -base64 32".`,
    );
  }
  if (user === undefined) return { url: address, secret };
  return { url: address, secret, authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

function trustedProxies(env: Environment): readonly string[] {
  const proxies = read(env, 'TRUSTED_PROXIES', networks) ?? [];
  if (proxies.some((network) => /\/0+$/.test(network))) {
    throw new SettingsError(
      'TRUSTED_PROXIES must not contain every address, because anybody could then claim to be any other: name the proxies, as in 10.0.0.0/8.',
    );
  }
  return proxies;
}
