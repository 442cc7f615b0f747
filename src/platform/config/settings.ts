import { z } from 'zod';

import type { KeptMonths } from '../retention/kept-kinds.js';
import {
  anyText,
  listOf,
  matching,
  networks,
  oneOf,
  openUrl,
  splitUrl,
  urlReadBy,
  wholeNumber,
  type Format,
} from './setting-formats.js';
import { parseDatabaseUrl } from '../database/connections/database-url.js';
import { parseRedisUrl, REDIS_SCHEMES } from '../queue/redis-url.js';
import { readTable, requireBeside, type Environment, type SettingTable, type SettingValues } from './setting-table.js';

/** The settings of Maskline, read once from the environment. .env.example describes each. */
export interface Settings {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly role: 'all' | 'api' | 'worker';
  readonly defaultCountry: string;
  /** Null = use the embedded PostgreSQL in dataDir. */
  readonly databaseUrl: string | null;
  /** For what a pooler at databaseUrl cannot do; null = there is no pooler. */
  readonly directDatabaseUrl: string | null;
  /** Whether a start runs pending migrations; otherwise they make it fail. */
  readonly migrateAtStart: boolean;
  /** Null = queues are in PostgreSQL. */
  readonly redisUrl: string | null;
  /** Null only while the embedded parts still have to generate them. */
  readonly apiKeys: readonly string[] | null;
  readonly phoneEncryptionKeys: readonly Buffer[] | null;
  readonly phoneLookupKey: Buffer | null;
  readonly publicBaseUrl: string | null;
  /** Addresses and networks whose X-Forwarded-For is believed; empty = nobody's. */
  readonly trustedProxies: readonly string[];
  /** A file with what callers hear, beside or instead of our own words; null = ours. */
  readonly greetingsFile: string | null;
  readonly exchangePort: number;
  readonly logLevel: string;
  /** For how long a process that is told to stop goes on answering requests. */
  readonly drainSeconds: number;
  /** The address of an OpenTelemetry collector; null = no traces. */
  readonly tracesTo: string | null;
  /** The folder of this host's replica of what call decisions read; null = none. */
  readonly replicaDir: string | null;
  /** Whole months to keep before the current one, by kind of rows; null = forever. */
  readonly keptMonths: KeptMonths;
  /** Whether numbers are bought at all. */
  readonly buying: boolean;
  /** Where the order system is told what happens to its orders; null = nowhere. */
  readonly orderEvents: {
    readonly url: string;
    readonly secret: string;
    /** Basic authentication, where ORDER_EVENTS_URL holds a user and password. */
    readonly authorization?: string;
  } | null;
  /** Addresses and networks to which webhook endpoints may lead although they are not public. */
  readonly webhookNetworks: readonly string[];
}

const KEY_BYTES = 32;
const SHORTEST_API_KEY = 16;
/** As in Standard Webhooks. */
const SHORTEST_SIGNING_KEY_BYTES = 24;

const port = wholeNumber(1, 65_535, 'must be a whole number from 1 to 65535');
const databaseUrl = urlReadBy(parseDatabaseUrl, ['postgres', 'postgresql']);
const months = wholeNumber(0, 9_999, 'must be a whole number of months, or 0 to keep everything');
const base64 = z.string().transform((text) => Buffer.from(text, 'base64'));
const keys = listOf(
  base64.refine(({ length }) => length === KEY_BYTES),
  `must be ${KEY_BYTES} bytes in base64, as from "openssl rand -base64 32"`,
);
/** It is sent as a Bearer token (RFC 6750), which has no spaces and only ASCII characters. */
const apiKeys = listOf(
  z.string().regex(new RegExp(`^[!-~]{${SHORTEST_API_KEY},}$`)),
  `must be ${SHORTEST_API_KEY} or more ASCII characters without a space or comma, as from "openssl rand -hex 24"; two such keys, with a comma between, are both accepted`,
  2,
);
const signingSecret: Format<string> = z
  .string()
  .refine((text) => Buffer.from(text.replace(/^whsec_/, ''), 'base64').length >= SHORTEST_SIGNING_KEY_BYTES, {
    error: `must be ${SHORTEST_SIGNING_KEY_BYTES} bytes or more in base64, as from "openssl rand -base64 32"`,
  });
const proxies: Format<readonly string[]> = networks.refine((all) => !all.some((network) => /\/0+$/.test(network)), {
  error:
    'must not contain every address, because any client could then claim any address: name the proxies, as in 10.0.0.0/8',
});

/** Every setting but those of providers, in the order of .env.example. */
export const SETTINGS = {
  PORT: { format: port, default: '3000', description: 'The address of the API.' },
  HOST: {
    format: anyText,
    default: '127.0.0.1',
    description: 'HOST=0.0.0.0 listens on all addresses of the machine, as a container needs.',
  },
  ROLE: {
    format: oneOf(['all', 'api', 'worker']),
    default: 'all',
    description:
      'all = everything in one process; api = HTTP only; worker = jobs only, and on its port only health and metrics.',
  },
  LOG_LEVEL: {
    format: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    default: 'info',
    description: 'trace, debug, info, warn, error, fatal or silent.',
  },
  DRAIN_SECONDS: {
    format: wholeNumber(0, 3_600, 'must be a whole number of seconds from 0 to 3600'),
    default: null,
    description:
      'Seconds for which a process that gets SIGTERM goes on answering requests, so that the load balancer can notice',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    format: openUrl('set OTEL_EXPORTER_OTLP_HEADERS instead'),
    default: null,
    description: 'The address of an OpenTelemetry collector, which gets traces by OTLP over HTTP. Default: no traces.',
  },
  DATA_DIR: {
    format: anyText,
    default: './data',
    description: "The folder of the embedded PostgreSQL, generated secrets, the log, and the exchange's numbers.",
  },
  REPLICA_DIR: {
    format: anyText,
    default: null,
    description:
      'The folder of the replica, a copy of what call decisions read. Processes of one host may share it. off = no replica.',
  },
  BUYING: { format: oneOf(['on', 'off']), default: 'on', description: 'off = buy no numbers for any pool.' },
  DATABASE_URL: {
    format: databaseUrl,
    default: null,
    description: 'Your PostgreSQL, version 15 or newer.',
  },
  DATABASE_DIRECT_URL: {
    format: databaseUrl,
    default: null,
    description: 'Only if DATABASE_URL leads to a connection pooler: the PostgreSQL behind it.',
  },
  MIGRATE_AT_START: {
    format: oneOf(['on', 'off']),
    default: 'on',
    description: 'off = a start does not migrate the schema, and fails if it is not up to date.',
  },
  REDIS_URL: {
    format: urlReadBy(parseRedisUrl, REDIS_SCHEMES),
    default: null,
    description: 'Your Redis, version 6.2 or newer, with maxmemory-policy noeviction.',
  },
  ORDER_EVENTS_URL: {
    format: splitUrl,
    default: null,
    description: 'The webhook for order events: signed CloudEvents batches as of Standard Webhooks.',
  },
  ORDER_EVENTS_SECRET: {
    format: signingSecret,
    default: null,
    description: 'The secret is 24 bytes or more in base64',
  },
  WEBHOOK_NETWORKS: {
    format: networks,
    default: null,
    description: 'Private addresses and networks to which webhook endpoints may lead, separated by commas.',
  },
  ORDERS_MONTHS: { format: months, default: '13', description: 'Ended orders, their participants, and ordered calls.' },
  ORDER_EVENTS_MONTHS: { format: months, default: '13', description: 'Events of ended orders, also in the feed.' },
  CALL_EVENTS_MONTHS: {
    format: months,
    default: '1',
    description: 'Events of calls, texts and webhook endpoints in the feed.',
  },
  INTERACTIONS_MONTHS: { format: months, default: '13', description: 'Calls, texts, and links to recordings.' },
  HISTORY_MONTHS: { format: months, default: '13', description: 'Assignment history (contains no phone numbers).' },
  INCOMING_EVENTS_MONTHS: {
    format: months,
    default: '13',
    description: 'Incoming events that are applied or rejected.',
  },
  AUDIT_MONTHS: { format: months, default: '24', description: 'The audit log.' },
  PURCHASES_MONTHS: { format: months, default: '13', description: 'Finished purchases of numbers.' },
  SUPPLY_EVENTS_MONTHS: { format: months, default: '13', description: 'Supply alerts of pools.' },
  NUMBER_CHECKS_MONTHS: { format: months, default: '13', description: 'Checks of retired numbers.' },
  API_KEY: { format: apiKeys, default: null, description: 'The key that clients send as "Authorization: Bearer …"' },
  PHONE_ENCRYPTION_KEY: { format: keys, default: null, description: 'Encrypts phones: 32 bytes in base64' },
  PHONE_LOOKUP_KEY: {
    format: keys.refine(({ length }) => length === 1, {
      error: 'must be one key: stored numbers are found by the key they were stored under',
    }),
    default: null,
    description: 'Finds phones without decrypting them: 32 bytes in base64',
  },
  DEFAULT_COUNTRY: {
    format: matching(/^[A-Z]{2}$/, "must be a country's two capital letters (ISO 3166-1), as in IN"),
    default: 'IN',
    description: "The country of the first pool, and of the provider's national numbers.",
  },
  EXCHANGE_PORT: {
    format: port,
    default: '3001',
    description: 'The port on 127.0.0.1 of the exchange, a simulated provider.',
  },
  GREETINGS_FILE: { format: anyText, default: null, description: 'A JSON file with what callers hear, by language' },
  PUBLIC_BASE_URL: {
    format: openUrl(),
    default: null,
    description: 'The address at which providers reach this installation.',
  },
  TRUSTED_PROXIES: {
    format: proxies,
    default: null,
    description: 'Addresses and networks of your proxies, separated by commas, as in 10.0.0.0/8.',
  },
} as const satisfies SettingTable;

/** @throws SettingsError for the first setting that is wrong, or missing although another one needs it. */
export function readSettings(env: Environment): Settings {
  const values = readTable(SETTINGS, env);
  if (values.DATABASE_URL !== null) {
    requireBeside(env, 'DATABASE_URL', ['API_KEY', 'PHONE_ENCRYPTION_KEY', 'PHONE_LOOKUP_KEY']);
  }
  if (values.DATABASE_DIRECT_URL !== null) requireBeside(env, 'DATABASE_DIRECT_URL', ['DATABASE_URL']);
  if (values.ORDER_EVENTS_URL !== null) requireBeside(env, 'ORDER_EVENTS_URL', ['ORDER_EVENTS_SECRET']);
  return {
    port: values.PORT,
    host: values.HOST,
    dataDir: values.DATA_DIR,
    role: values.ROLE,
    defaultCountry: values.DEFAULT_COUNTRY,
    databaseUrl: values.DATABASE_URL,
    directDatabaseUrl: values.DATABASE_DIRECT_URL,
    migrateAtStart: values.MIGRATE_AT_START === 'on',
    redisUrl: values.REDIS_URL,
    apiKeys: values.API_KEY,
    phoneEncryptionKeys: values.PHONE_ENCRYPTION_KEY,
    phoneLookupKey: values.PHONE_LOOKUP_KEY?.[0] ?? null,
    publicBaseUrl: values.PUBLIC_BASE_URL,
    trustedProxies: values.TRUSTED_PROXIES ?? [],
    greetingsFile: values.GREETINGS_FILE,
    exchangePort: values.EXCHANGE_PORT,
    logLevel: values.LOG_LEVEL,
    drainSeconds: drainSeconds(values),
    tracesTo: values.OTEL_EXPORTER_OTLP_ENDPOINT,
    keptMonths: {
      orders: values.ORDERS_MONTHS || null,
      orderEvents: values.ORDER_EVENTS_MONTHS || null,
      callEvents: values.CALL_EVENTS_MONTHS || null,
      interactions: values.INTERACTIONS_MONTHS || null,
      history: values.HISTORY_MONTHS || null,
      incomingEvents: values.INCOMING_EVENTS_MONTHS || null,
      audit: values.AUDIT_MONTHS || null,
      purchases: values.PURCHASES_MONTHS || null,
      supplyEvents: values.SUPPLY_EVENTS_MONTHS || null,
      numberChecks: values.NUMBER_CHECKS_MONTHS || null,
    },
    buying: values.BUYING === 'on',
    replicaDir: replicaDir(values),
    orderEvents: orderEvents(values),
    webhookNetworks: values.WEBHOOK_NETWORKS ?? [],
  };
}

const DRAIN_SECONDS = 10;

/** Nobody sends requests to a worker, and nobody else could answer those of an embedded installation. */
function drainSeconds({
  DRAIN_SECONDS: seconds,
  DATABASE_URL: url,
  ROLE: role,
}: SettingValues<typeof SETTINGS>): number {
  return seconds ?? (url === null || role === 'worker' ? 0 : DRAIN_SECONDS);
}

/** Workers decide no calls. */
function replicaDir({ REPLICA_DIR: folder, DATA_DIR: dataDir, ROLE: role }: SettingValues<typeof SETTINGS>) {
  if (role === 'worker' || folder === 'off') return null;
  return folder ?? `${dataDir}/replica`;
}

function orderEvents(values: SettingValues<typeof SETTINGS>): Settings['orderEvents'] {
  const { ORDER_EVENTS_URL: target, ORDER_EVENTS_SECRET: secret } = values;
  if (target === null || secret === null) return null;
  const { address, user, password } = target;
  if (user === undefined) return { url: address, secret };
  return { url: address, secret, authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}
