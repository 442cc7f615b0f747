import { isIP } from 'node:net';

/** How Maskline is set up, read once from the environment. See .env.example for every name. */
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
  /** Null only while the embedded parts still have to generate them. */
  readonly apiKey: string | null;
  readonly phoneEncryptionKeys: readonly Buffer[] | null;
  readonly phoneLookupKey: Buffer | null;
  readonly publicBaseUrl: string | null;
  /** Addresses and networks whose X-Forwarded-For is believed; empty = nobody's. */
  readonly trustedProxies: readonly string[];
  readonly exotelHookSecrets: readonly string[] | null;
  /** Null = no Exotel account is set up: the exchange is started and used. */
  readonly exotelAccount: ExotelAccount | null;
  readonly exotelCallbacks: ExotelCallbackSettings;
  /** A file with what callers hear, beside or instead of our own words; null = ours. */
  readonly greetingsFile: string | null;
  /** Whether the Exotel account can pass texts on, which in India none can. */
  readonly exotelTexts: boolean;
  /** Null = no Twilio account is set up. */
  readonly twilioAccount: TwilioAccount | null;
  readonly exchangePort: number;
  readonly logLevel: string;
  /** Whole months of assignment history to keep; null = for ever. */
  readonly historyMonths: number | null;
  /** Whether numbers are bought at all. */
  readonly buying: boolean;
  /** Where the order system is told what happens to its orders; null = nowhere. */
  readonly orderEvents: {
    readonly url: string;
    readonly secret: string;
    /** Basic authentication, where ORDER_EVENTS_URL holds a user and password. */
    readonly authorization?: string;
  } | null;
}

export interface ExotelAccount {
  readonly sid: string;
  readonly apiKey: string;
  readonly apiToken: string;
  /** Scheme and host, as in https://api.in.exotel.com */
  readonly apiBase: string;
  /** The call flow that every number is pointed at (its VoiceUrl). */
  readonly flowUrl: string;
  /** Beginnings of URLs, each with a path that ends in a slash: where recordings are. */
  readonly recordingUrls: readonly string[];
}

export const CALLER_ID_FORMS = ['omit', 'e164', 'national'] as const;
export type CallerIdForm = (typeof CALLER_ID_FORMS)[number];

/** What is asked of Exotel's callbacks beside their secret, and what is not certain of how it reads and writes. */
export interface ExotelCallbackSettings {
  /** Addresses and networks that they may come from; empty = anywhere. */
  readonly allowedCidrs: readonly string[];
  /** The flow and the account that a request must name, where it names one; null = any. */
  readonly flowId: string | null;
  readonly tenantId: string | null;
  /** The zone of its naive times, an IANA name; null = their times are not looked at. */
  readonly timeZone: string | null;
  /**
   * Different callers that may miss within a minute, on one number and on all together, until one process confirms matches:
   * a miss is a call that no order joins to its number. And calls of one caller that may miss, until they are refused
   * unheard. Null = any number of them.
   */
  readonly missesPerNumber: number | null;
  readonly missesInAll: number | null;
  readonly missesPerCaller: number | null;
  /** How the number to show is written in a reply; `omit` leaves it out, and the dialled number is shown. */
  readonly callerIdForm: CallerIdForm;
}

export interface TwilioAccount {
  readonly sid: string;
  readonly authToken: string;
  /** The token that is about to replace it; null = none. */
  readonly nextAuthToken: string | null;
  /** Scheme and host. */
  readonly apiBase: string;
  /** Beginnings of URLs, each with a path that ends in a slash: where recordings are. */
  readonly recordingUrls: readonly string[];
  /** What a callee hears before being connected; null = nothing. */
  readonly whisper: string | null;
}

/** A setting is wrong or missing. The message is one sentence that says what to do. */
export class SettingsError extends Error {}

type Environment = Readonly<Record<string, string | undefined>>;

const ROLES = ['all', 'api', 'worker'] as const;
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const EXOTEL_ACCOUNT = ['EXOTEL_ACCOUNT_SID', 'EXOTEL_API_KEY', 'EXOTEL_API_TOKEN', 'EXOTEL_FLOW_URL'] as const;
const KEY_BYTES = 32;
const SHORTEST_SECRET = 16;
/** Of Standard Webhooks. */
const SHORTEST_SIGNING_KEY_BYTES = 24;

/** @throws SettingsError for the first setting that is wrong, or missing beside another that needs it. */
export function readSettings(env: Environment): Settings {
  const databaseUrl = url(env, 'DATABASE_URL', ['postgres:', 'postgresql:']);
  const settings: Settings = {
    port: port(env, 'PORT', 3000),
    host: text(env, 'HOST') ?? '127.0.0.1',
    dataDir: text(env, 'DATA_DIR') ?? './data',
    role: oneOf(env, 'ROLE', ROLES, 'all'),
    defaultCountry: country(env, 'DEFAULT_COUNTRY', 'IN'),
    databaseUrl,
    redisUrl: url(env, 'REDIS_URL', ['redis:', 'rediss:']),
    apiKey: apiKey(env),
    phoneEncryptionKeys: keys(env, 'PHONE_ENCRYPTION_KEY'),
    phoneLookupKey: lookupKey(env),
    publicBaseUrl: openUrl(env, 'PUBLIC_BASE_URL'),
    trustedProxies: trustedProxies(env),
    exotelHookSecrets: hookSecrets(env),
    exotelAccount: exotelAccount(env),
    exotelCallbacks: exotelCallbacks(env),
    greetingsFile: text(env, 'GREETINGS_FILE'),
    exotelTexts: oneOf(env, 'EXOTEL_TEXTS', ['off', 'on'], 'off') === 'on',
    twilioAccount: twilioAccount(env),
    exchangePort: port(env, 'EXCHANGE_PORT', 3001),
    logLevel: oneOf(env, 'LOG_LEVEL', LOG_LEVELS, 'info'),
    historyMonths: months(env, 'HISTORY_MONTHS', 13),
    buying: oneOf(env, 'BUYING', ['on', 'off'], 'on') === 'on',
    orderEvents: orderEvents(env),
  };
  if (databaseUrl !== null) {
    requireBeside(env, 'DATABASE_URL', ['API_KEY', 'PHONE_ENCRYPTION_KEY', 'PHONE_LOOKUP_KEY']);
  }
  if (settings.exotelAccount !== null) {
    requireBeside(env, 'EXOTEL_ACCOUNT_SID', ['EXOTEL_HOOK_SECRET', 'PUBLIC_BASE_URL']);
  }
  if (settings.twilioAccount !== null) requireBeside(env, 'TWILIO_ACCOUNT_SID', ['PUBLIC_BASE_URL']);
  return settings;
}

function text(env: Environment, name: string): string | null {
  const value = env[name]?.trim();
  return value ? value : null;
}

function port(env: Environment, name: string, fallback: number): number {
  const value = text(env, name);
  if (value === null) return fallback;
  if (!/^\d{1,5}$/.test(value) || Number(value) < 1 || Number(value) > 65535) {
    throw new SettingsError(`${name} must be a whole number from 1 to 65535; it is "${value}".`);
  }
  return Number(value);
}

function months(env: Environment, name: string, fallback: number): number | null {
  const value = text(env, name);
  if (value === null) return fallback;
  if (!/^\d{1,4}$/.test(value)) {
    throw new SettingsError(`${name} must be a whole number of months, or 0 for keeping everything; it is "${value}".`);
  }
  return Number(value) === 0 ? null : Number(value);
}

function oneOf<T extends string>(env: Environment, name: string, choices: readonly T[], fallback: T): T {
  const value = text(env, name);
  if (value === null) return fallback;
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw new SettingsError(`${name} must be one of ${choices.join(', ')}; it is "${value}".`);
  return choice;
}

function country(env: Environment, name: string, fallback: string): string {
  const value = text(env, name) ?? fallback;
  if (!/^[A-Z]{2}$/.test(value)) {
    throw new SettingsError(
      `${name} must be a country's two capital letters (ISO 3166-1), as in IN; it is "${value}".`,
    );
  }
  return value;
}

/** A URL may hold a password, so a wrong one is not quoted. */
function url(env: Environment, name: string, schemes: readonly string[]): string | null {
  const value = text(env, name);
  if (value === null) return null;
  if (!URL.canParse(value) || !schemes.includes(new URL(value).protocol)) {
    throw new SettingsError(`${name} must be a URL that begins with ${schemes.map((s) => `${s}//`).join(' or ')}.`);
  }
  return value.replace(/\/+$/, '');
}

const HTTP = ['http:', 'https:'];

/** A URL that is told to others or sent with each request: a password in it would get into logs and errors. */
function openUrl(env: Environment, name: string, instead = 'leave them out'): string | null {
  const { address, user } = splitUrl(env, name) ?? {};
  if (user !== undefined) throw new SettingsError(`${name} must not hold a user or password: ${instead}.`);
  return address ?? null;
}

/** An http URL, and the user and password that stand in it. */
function splitUrl(env: Environment, name: string): { address: string; user?: string; password?: string } | null {
  const value = url(env, name, HTTP);
  if (value === null) return null;
  const parsed = new URL(value);
  if (parsed.username === '' && parsed.password === '') return { address: value };
  const [user, password] = [parsed.username, parsed.password].map((part) => decoded(part, name));
  [parsed.username, parsed.password] = ['', ''];
  return { address: parsed.href.replace(/\/+$/, ''), user: user!, password: password! };
}

function decoded(part: string, name: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new SettingsError(`${name} holds a user or password with a bare %: write it as %25.`);
  }
}

/** It is sent as a Bearer token (RFC 6750), so a space or an umlaut in it would lock everybody out. */
function apiKey(env: Environment): string | null {
  const value = text(env, 'API_KEY');
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
      'PHONE_LOOKUP_KEY must be one key: stored numbers are found by the key they were stored under.',
    );
  }
  return key;
}

function keys(env: Environment, name: string): Buffer[] | null {
  const value = text(env, name);
  if (value === null) return null;
  return value.split(',').map((part) => {
    const key = Buffer.from(part.trim(), 'base64');
    if (key.length !== KEY_BYTES) {
      throw new SettingsError(`${name} must be ${KEY_BYTES} bytes in base64, as from "openssl rand -base64 32".`);
    }
    return key;
  });
}

function hookSecrets(env: Environment): string[] | null {
  const value = text(env, 'EXOTEL_HOOK_SECRET');
  if (value === null) return null;
  const secrets = value.split(',').map((secret) => secret.trim());
  if (secrets.length > 2 || secrets.some((secret) => !/^[\w-]{22,128}$/.test(secret))) {
    throw new SettingsError(
      'EXOTEL_HOOK_SECRET must be one secret or two with a comma between, each of 22 to 128 letters, digits, - or _, as from "openssl rand -hex 16".',
    );
  }
  return secrets;
}

function orderEvents(env: Environment): Settings['orderEvents'] {
  const target = splitUrl(env, 'ORDER_EVENTS_URL');
  if (target === null) return null;
  const { address, user, password } = target;
  requireBeside(env, 'ORDER_EVENTS_URL', ['ORDER_EVENTS_SECRET']);
  const secret = text(env, 'ORDER_EVENTS_SECRET')!;
  if (Buffer.from(secret.replace(/^whsec_/, ''), 'base64').length < SHORTEST_SIGNING_KEY_BYTES) {
    throw new SettingsError(
      `ORDER_EVENTS_SECRET must be ${SHORTEST_SIGNING_KEY_BYTES} bytes or more in base64, as from "openssl rand -base64 32".`,
    );
  }
  if (user === undefined) return { url: address, secret };
  return { url: address, secret, authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

/** Exotel's own articles write `https://<key>:<token>@api.exotel.com`: what stands there is the key and the token. */
function withKeyOfApiBase(env: Environment): Environment {
  const { address, user, password } = splitUrl(env, 'EXOTEL_API_BASE') ?? {};
  if (user === undefined) return env;
  const [key, token] = [text(env, 'EXOTEL_API_KEY') ?? user, text(env, 'EXOTEL_API_TOKEN') ?? password];
  if (key !== user || token !== password) {
    throw new SettingsError(
      'EXOTEL_API_BASE holds another key or token than EXOTEL_API_KEY and EXOTEL_API_TOKEN: leave them out of the URL.',
    );
  }
  return { ...env, EXOTEL_API_BASE: address, EXOTEL_API_KEY: key, EXOTEL_API_TOKEN: token };
}

function exotelAccount(environment: Environment): ExotelAccount | null {
  const env = withKeyOfApiBase(environment);
  if (EXOTEL_ACCOUNT.every((name) => text(env, name) === null)) return null;
  requireBeside(
    env,
    EXOTEL_ACCOUNT.find((name) => text(env, name) !== null)!,
    EXOTEL_ACCOUNT,
  );
  return {
    sid: text(env, 'EXOTEL_ACCOUNT_SID')!,
    apiKey: text(env, 'EXOTEL_API_KEY')!,
    apiToken: text(env, 'EXOTEL_API_TOKEN')!,
    apiBase: openUrl(env, 'EXOTEL_API_BASE') ?? 'https://api.exotel.com',
    flowUrl: openUrl(env, 'EXOTEL_FLOW_URL')!,
    recordingUrls: urlBeginnings(env, 'EXOTEL_RECORDING_URLS') ?? EXOTELS_RECORDINGS,
  };
}

/** Where customers of Exotel report theirs to be. */
const EXOTELS_RECORDINGS = [
  'https://recordings.exotel.com/',
  'https://s3-ap-southeast-1.amazonaws.com/exotelrecordings/',
] as const;

/** Scheme, host and the beginning of a path, several with commas between. A path ends in a slash, be it said or not. */
function urlBeginnings(env: Environment, name: string): string[] | null {
  const value = text(env, name);
  if (value === null) return null;
  return value.split(',').map((part) => {
    const beginning = URL.canParse(part.trim()) ? new URL(part.trim()) : null;
    const { protocol, username, password, search, hash } = beginning ?? { protocol: '' };
    if (!['http:', 'https:'].includes(protocol) || `${username}${password}${search}${hash}` !== '') {
      throw new SettingsError(
        `${name} must be the beginnings of URLs with commas between, as in https://recordings.example.com/calls/.`,
      );
    }
    return beginning!.href.replace(/\/*$/, '/');
  });
}

function exotelCallbacks(env: Environment): ExotelCallbackSettings {
  return {
    allowedCidrs: networks(env, 'EXOTEL_ALLOWED_CIDRS'),
    flowId: digits(env, 'EXOTEL_FLOW_ID'),
    tenantId: digits(env, 'EXOTEL_TENANT_ID'),
    timeZone: timeZone(env, 'EXOTEL_TIME_ZONE', 'Asia/Kolkata'),
    missesPerNumber: calls(env, 'EXOTEL_MISSES_PER_NUMBER', 20),
    missesInAll: calls(env, 'EXOTEL_MISSES_IN_ALL', 120),
    missesPerCaller: calls(env, 'EXOTEL_MISSES_PER_CALLER', 20),
    callerIdForm: oneOf(env, 'EXOTEL_CALLER_ID_FORM', CALLER_ID_FORMS, 'e164'),
  };
}

function digits(env: Environment, name: string): string | null {
  const value = text(env, name);
  if (value === null || /^\d{1,20}$/.test(value)) return value;
  throw new SettingsError(`${name} must be digits, as Exotel sends it; it is "${value}".`);
}

function timeZone(env: Environment, name: string, fallback: string): string | null {
  const value = text(env, name) ?? fallback;
  if (value === 'none') return null;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone && value;
  } catch {
    throw new SettingsError(`${name} must be a time zone as in Asia/Kolkata, or none; it is "${value}".`);
  }
}

function calls(env: Environment, name: string, fallback: number): number | null {
  const value = text(env, name) ?? String(fallback);
  if (!/^\d{1,6}$/.test(value)) {
    throw new SettingsError(`${name} must be a whole number of calls a minute, or 0 for any; it is "${value}".`);
  }
  return Number(value) === 0 ? null : Number(value);
}

function trustedProxies(env: Environment): string[] {
  const proxies = networks(env, 'TRUSTED_PROXIES');
  if (proxies.some((network) => /\/0+$/.test(network))) {
    throw new SettingsError(
      'TRUSTED_PROXIES must not hold every address, as anybody could then claim to be any other: name the proxies, as in 10.0.0.0/8.',
    );
  }
  return proxies;
}

/** Addresses and networks with commas between, as in `10.0.0.0/8, 2001:db8::/32, 192.0.2.7`. */
function networks(env: Environment, name: string): string[] {
  const parts = (text(env, name) ?? '').split(',').map((part) => part.trim());
  const named = parts.filter((part) => part !== '');
  for (const network of named) {
    const [address = '', prefix, ...more] = network.split('/');
    const bits = address.includes('%') ? -1 : ({ 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1);
    const fits = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
    if (bits < 0 || !fits || more.length > 0) {
      throw new SettingsError(`${name} must be addresses or networks, as in 10.0.0.0/8; "${network}" is neither.`);
    }
  }
  return named;
}

const TWILIO_ACCOUNT = ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN'] as const;
const LONGEST_WHISPER = 500;

function twilioAccount(env: Environment): TwilioAccount | null {
  const present = TWILIO_ACCOUNT.find((name) => text(env, name) !== null);
  if (present === undefined) return null;
  requireBeside(env, present, TWILIO_ACCOUNT);
  const sid = text(env, 'TWILIO_ACCOUNT_SID')!;
  if (!/^AC[0-9a-f]{32}$/.test(sid)) {
    throw new SettingsError('TWILIO_ACCOUNT_SID must be AC and 32 of 0-9 and a-f, as the console shows it.');
  }
  const whisper = text(env, 'TWILIO_WHISPER');
  if (whisper !== null && whisper.length > LONGEST_WHISPER) {
    throw new SettingsError(`TWILIO_WHISPER must be a text of at most ${LONGEST_WHISPER} characters.`);
  }
  const apiBase =
    openUrl(env, 'TWILIO_API_BASE', 'set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN') ?? 'https://api.twilio.com';
  return {
    sid,
    authToken: text(env, 'TWILIO_AUTH_TOKEN')!,
    nextAuthToken: text(env, 'TWILIO_AUTH_TOKEN_NEXT'),
    apiBase,
    recordingUrls: urlBeginnings(env, 'TWILIO_RECORDING_URLS') ?? [`${apiBase}/2010-04-01/Accounts/${sid}/Recordings/`],
    whisper,
  };
}

function requireBeside(env: Environment, present: string, needed: readonly string[]): void {
  const missing = needed.filter((name) => text(env, name) === null);
  if (missing.length > 0) {
    throw new SettingsError(
      `${present} is set but ${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} not: set ${missing.length > 1 ? 'them' : 'it'} too (see .env.example).`,
    );
  }
}
