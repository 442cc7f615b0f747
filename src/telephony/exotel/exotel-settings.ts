import { z } from 'zod';

import {
  anyText,
  listOf,
  matching,
  networks,
  oneOf,
  openUrl,
  splitUrl,
  urlBeginnings,
  wholeNumber,
  type Format,
} from '../../platform/config/setting-formats.js';
import {
  readTable,
  readText,
  requireBeside,
  SettingsError,
  textOf,
  type Environment,
  type SettingTable,
  type SettingValues,
} from '../../platform/config/setting-table.js';
import type { Surroundings } from '../providers/provider-definition.js';
import { CALLER_ID_FORMS, type ExotelConfig } from './exotel-config.js';

const hookSecrets = listOf(
  z.string().regex(/^[\w-]{22,128}$/),
  'must be one secret, or two separated by a comma, each of 22 to 128 letters, digits, - or _, as from "openssl rand -hex 16"',
  2,
);
const digits = matching(/^\d{1,20}$/, 'must be digits, as Exotel sends it');
const timeZone: Format<string | null> = z
  .string()
  .refine((text) => text === 'none' || isTimeZone(text), {
    error: ({ input }) => `must be a time zone, as in Asia/Kolkata, or none; it is "${String(input)}"`,
  })
  .transform((text) => (text === 'none' ? null : text));
const callsAMinute: Format<number | null> = wholeNumber(
  0,
  999_999,
  'must be a whole number of calls a minute, or 0 for no limit',
).transform((count) => (count === 0 ? null : count));
const requestsASecond = wholeNumber(1, 9_999, 'must be a whole number of requests a second, from 1 to 9999');

export const EXOTEL_SETTINGS = {
  EXOTEL_ACCOUNT_SID: { format: anyText, default: null, description: 'The account SID.' },
  EXOTEL_API_KEY: { format: anyText, default: null, description: 'The API key of the account.' },
  EXOTEL_API_TOKEN: { format: anyText, default: null, description: 'The API token of the account.' },
  EXOTEL_FLOW_URL: {
    format: openUrl(),
    default: null,
    description: 'The call flow that every number points to.',
  },
  EXOTEL_API_BASE: {
    format: openUrl(),
    default: 'https://api.exotel.com',
    description: "The API of the account's region, as in https://api.in.exotel.com.",
  },
  EXOTEL_REQUESTS_PER_SECOND: {
    format: requestsASecond,
    default: '3',
    description: 'Requests a second to the API, over all processes.',
  },
  EXOTEL_RECORDING_URLS: {
    format: urlBeginnings,
    // As Exotel's customers report theirs.
    default: 'https://recordings.exotel.com/, https://s3-ap-southeast-1.amazonaws.com/exotelrecordings/',
    description: 'Beginnings of the URLs of recordings, separated by commas.',
  },
  EXOTEL_HOOK_SECRET: {
    format: hookSecrets,
    default: null,
    description: "The secret in the path of Exotel's callbacks, which are not signed.",
  },
  EXOTEL_ALLOWED_CIDRS: {
    format: networks,
    default: null,
    description: 'Addresses and networks that may send callbacks, separated by commas. Default: any.',
  },
  EXOTEL_FLOW_ID: {
    format: digits,
    default: null,
    description: "The flow's id as Exotel sends it. Requests with another one are refused.",
  },
  EXOTEL_TENANT_ID: {
    format: digits,
    default: null,
    description: "The account's tenant id as Exotel sends it. Requests with another one are refused.",
  },
  EXOTEL_TIME_ZONE: {
    format: timeZone,
    default: 'Asia/Kolkata',
    description: "The time zone of Exotel's times, which Exotel does not state.",
  },
  EXOTEL_MISSES_PER_NUMBER: {
    format: callsAMinute,
    default: '20',
    description: 'Different callers that may miss within a minute on one number.',
  },
  EXOTEL_MISSES_IN_ALL: {
    format: callsAMinute,
    default: '120',
    description: 'Different callers that may miss within a minute on all numbers.',
  },
  EXOTEL_MISSES_PER_CALLER: {
    format: callsAMinute,
    default: '20',
    description: "Misses of one caller within a minute, after which the caller's calls are refused.",
  },
  EXOTEL_TEXTS: {
    format: oneOf(['off', 'on']),
    default: 'off',
    description: 'on = the account can receive and send texts at its numbers. Indian numbers cannot.',
  },
  EXOTEL_CALLER_ID_FORM: {
    format: oneOf(CALLER_ID_FORMS),
    default: 'e164',
    description: 'The form of the shown number in replies to Exotel.',
  },
} as const satisfies SettingTable;

const ACCOUNT = ['EXOTEL_ACCOUNT_SID', 'EXOTEL_API_KEY', 'EXOTEL_API_TOKEN', 'EXOTEL_FLOW_URL'] as const;
const FOR_CALLBACKS = ['EXOTEL_HOOK_SECRET', 'PUBLIC_BASE_URL'] as const;
export const EXOTEL_ACCOUNT_NEEDS = [...ACCOUNT, ...FOR_CALLBACKS];

/** The settings of an account. */
export type ExotelSettings = SettingValues<typeof EXOTEL_SETTINGS> &
  Readonly<Record<(typeof ACCOUNT)[number], string>> & { readonly EXOTEL_HOOK_SECRET: readonly string[] };

/** @returns null if no account is set. @throws SettingsError */
export function readExotelSettings(environment: Environment): ExotelSettings | null {
  const env = withKeyOfApiBase(environment);
  const settings = readTable(EXOTEL_SETTINGS, env);
  const present = ACCOUNT.find((name) => settings[name] !== null);
  if (present === undefined) return null;
  requireBeside(env, present, ACCOUNT);
  requireBeside(env, 'EXOTEL_ACCOUNT_SID', FOR_CALLBACKS);
  return settings as ExotelSettings;
}

export function exotelConfig(settings: ExotelSettings, { publicUrl, country }: Surroundings): ExotelConfig {
  const hookSecrets = settings.EXOTEL_HOOK_SECRET;
  return {
    account: {
      sid: settings.EXOTEL_ACCOUNT_SID,
      apiKey: settings.EXOTEL_API_KEY,
      apiToken: settings.EXOTEL_API_TOKEN,
      apiBase: settings.EXOTEL_API_BASE,
      flowUrl: settings.EXOTEL_FLOW_URL,
      recordingUrls: settings.EXOTEL_RECORDING_URLS,
    },
    hookSecrets,
    hooks: `${publicUrl}/hooks/exotel/${hookSecrets[0]}`,
    country,
    requestsPerSecond: settings.EXOTEL_REQUESTS_PER_SECOND,
    callbacks: callbackSettings(settings),
    texts: settings.EXOTEL_TEXTS === 'on',
  };
}

export function callbackSettings(settings: SettingValues<typeof EXOTEL_SETTINGS>): ExotelConfig['callbacks'] {
  return {
    allowedCidrs: settings.EXOTEL_ALLOWED_CIDRS ?? [],
    flowId: settings.EXOTEL_FLOW_ID,
    tenantId: settings.EXOTEL_TENANT_ID,
    timeZone: settings.EXOTEL_TIME_ZONE,
    missesPerNumber: settings.EXOTEL_MISSES_PER_NUMBER,
    missesInAll: settings.EXOTEL_MISSES_IN_ALL,
    missesPerCaller: settings.EXOTEL_MISSES_PER_CALLER,
    callerIdForm: settings.EXOTEL_CALLER_ID_FORM,
  };
}

/** Exotel's own articles write `https://<key>:<token>@api.exotel.com`, so the URL may contain the key and the token. */
function withKeyOfApiBase(env: Environment): Environment {
  const base = textOf(env, 'EXOTEL_API_BASE');
  const { address, user, password } = base === null ? { address: '' } : readText(base, 'EXOTEL_API_BASE', splitUrl);
  if (user === undefined) return env;
  const [key, token] = [textOf(env, 'EXOTEL_API_KEY') ?? user, textOf(env, 'EXOTEL_API_TOKEN') ?? password];
  if (key !== user || token !== password) {
    throw new SettingsError(
      'EXOTEL_API_BASE contains another key or token than EXOTEL_API_KEY and EXOTEL_API_TOKEN: leave them out of the URL.',
    );
  }
  return { ...env, EXOTEL_API_BASE: address, EXOTEL_API_KEY: key, EXOTEL_API_TOKEN: token };
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
