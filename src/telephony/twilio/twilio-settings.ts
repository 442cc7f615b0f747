import { z } from 'zod';

import { anyText, openUrl, urlBeginnings, type Format } from '../../platform/config/setting-formats.js';
import {
  readTable,
  requireBeside,
  type Environment,
  type SettingTable,
  type SettingValues,
} from '../../platform/config/setting-table.js';
import type { Surroundings } from '../providers/provider-definition.js';
import type { TwilioConfig } from './twilio-config.js';

const LONGEST_WHISPER = 500;

const accountSid: Format<string> = z.string().regex(/^AC[0-9a-f]{32}$/, {
  error: 'must be AC and 32 of 0-9 and a-f, as the console shows it',
});
const whisper: Format<string> = z.string().max(LONGEST_WHISPER, {
  error: `must be a text of at most ${LONGEST_WHISPER} characters`,
});

export const TWILIO_SETTINGS = {
  TWILIO_ACCOUNT_SID: { format: accountSid, default: null, description: 'The account SID.' },
  TWILIO_AUTH_TOKEN: {
    format: anyText,
    default: null,
    description: 'The auth token of the account, with which Twilio signs its requests.',
  },
  TWILIO_AUTH_TOKEN_NEXT: {
    format: anyText,
    default: null,
    description: 'The auth token that is about to replace it.',
  },
  TWILIO_API_BASE: {
    format: openUrl('set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN'),
    default: 'https://api.twilio.com',
    description: 'The address of the API.',
  },
  TWILIO_RECORDING_URLS: {
    format: urlBeginnings,
    default: null,
    description: 'Beginnings of the URLs of recordings, separated by commas.',
  },
  TWILIO_WHISPER: {
    format: whisper,
    default: null,
    description: 'What the callee hears before the caller is connected.',
  },
} as const satisfies SettingTable;

const ACCOUNT = ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN'] as const;
export const TWILIO_ACCOUNT_NEEDS = [...ACCOUNT, 'PUBLIC_BASE_URL'];

/** The settings of an account. */
export type TwilioSettings = SettingValues<typeof TWILIO_SETTINGS> & Readonly<Record<(typeof ACCOUNT)[number], string>>;

/** @returns null if no account is set. @throws SettingsError */
export function readTwilioSettings(env: Environment): TwilioSettings | null {
  const settings = readTable(TWILIO_SETTINGS, env);
  const present = ACCOUNT.find((name) => settings[name] !== null);
  if (present === undefined) return null;
  requireBeside(env, present, ACCOUNT);
  requireBeside(env, 'TWILIO_ACCOUNT_SID', ['PUBLIC_BASE_URL']);
  return settings as TwilioSettings;
}

export function twilioConfig(settings: TwilioSettings, { publicUrl }: Surroundings): TwilioConfig {
  const { TWILIO_ACCOUNT_SID: sid, TWILIO_AUTH_TOKEN: authToken, TWILIO_API_BASE: apiBase } = settings;
  const next = settings.TWILIO_AUTH_TOKEN_NEXT;
  const recordingUrls = settings.TWILIO_RECORDING_URLS ?? [`${apiBase}/2010-04-01/Accounts/${sid}/Recordings/`];
  return {
    account: { sid, authToken, apiBase, recordingUrls },
    signingTokens: [authToken, ...(next === null ? [] : [next])],
    publicBaseUrl: publicUrl,
    whisper: settings.TWILIO_WHISPER,
  };
}
