import { randomBytes } from 'node:crypto';

import { aFolder } from '../platform/embedded/support.js';
import { cleanUpStarted, start, startHere } from './started.js';
import { CalmTime } from '../support/calm-time.js';

const KEY = randomBytes(32).toString('base64');
const NOWHERE = 'postgres://maskline:a-password@127.0.0.1:1/maskline';
const SECRETS = { API_KEY: 'a-long-enough-key', PHONE_ENCRYPTION_KEY: KEY, PHONE_LOOKUP_KEY: KEY };
const EXOTEL = {
  EXOTEL_ACCOUNT_SID: 'acme1',
  EXOTEL_API_KEY: 'key',
  EXOTEL_API_TOKEN: 'token',
  EXOTEL_FLOW_URL: 'http://my.exotel.com/acme1/exoml/start_voice/1',
};

const WRONG: readonly [what: string, env: Record<string, string>, sentence: string | RegExp][] = [
  ['PORT that is none', { PORT: 'http' }, 'PORT must be a whole number from 1 to 65535; it is "http".'],
  ['PORT out of range', { PORT: '65536' }, 'PORT must be a whole number from 1 to 65535; it is "65536".'],
  ['EXCHANGE_PORT', { EXCHANGE_PORT: '0' }, 'EXCHANGE_PORT must be a whole number from 1 to 65535; it is "0".'],
  [
    'HOST',
    { HOST: 'no.such.host.invalid' },
    /^HOST is no\.such\.host\.invalid and PORT \d+, where nothing can listen \(ENOTFOUND\): /,
  ],
  ['ROLE', { ROLE: 'boss' }, 'ROLE must be one of all, api, worker; it is "boss".'],
  ['LOG_LEVEL', { LOG_LEVEL: 'loud' }, /^LOG_LEVEL must be one of .*; it is "loud"\.$/],
  [
    'DEFAULT_COUNTRY',
    { DEFAULT_COUNTRY: 'India' },
    /^DEFAULT_COUNTRY must be a country's two capital letters .*"India"\.$/,
  ],
  [
    'DEFAULT_COUNTRY without numbers',
    { DEFAULT_COUNTRY: 'AQ' },
    /^DEFAULT_COUNTRY is AQ, which has no numbering plan: /,
  ],
  [
    'DATABASE_URL of another kind',
    { DATABASE_URL: 'mysql://x/y' },
    'DATABASE_URL must be a URL that begins with postgres:// or postgresql://.',
  ],
  [
    'DATABASE_URL alone',
    { DATABASE_URL: NOWHERE },
    'DATABASE_URL is set but API_KEY, PHONE_ENCRYPTION_KEY, PHONE_LOOKUP_KEY are not: set them too (see .env.example).',
  ],
  [
    'DATABASE_URL to nowhere',
    { DATABASE_URL: NOWHERE, ...SECRETS },
    'The PostgreSQL at DATABASE_URL cannot be used (connect ECONNREFUSED 127.0.0.1:1): start it, or correct the URL.',
  ],
  [
    'REDIS_URL of another kind',
    { REDIS_URL: 'http://x' },
    /^REDIS_URL must be a URL that begins with redis:\/\/, rediss:\/\/, .* or rediss\+cluster:\/\/\.$/,
  ],
  [
    'REDIS_URL to nowhere',
    { REDIS_URL: 'redis://127.0.0.1:1' },
    'The Redis at REDIS_URL cannot be used (connect ECONNREFUSED 127.0.0.1:1): start it, or correct the URL.',
  ],
  ['API_KEY', { API_KEY: 'short' }, /^API_KEY .* 16 .*"openssl rand -hex 24"; two such keys, [^.]*\.$/],
  [
    'PHONE_ENCRYPTION_KEY',
    { PHONE_ENCRYPTION_KEY: 'AAAA' },
    'PHONE_ENCRYPTION_KEY must be 32 bytes in base64, as from "openssl rand -base64 32".',
  ],
  [
    'PHONE_LOOKUP_KEY',
    { PHONE_LOOKUP_KEY: 'AAAA' },
    'PHONE_LOOKUP_KEY must be 32 bytes in base64, as from "openssl rand -base64 32".',
  ],
  [
    'EXOTEL_HOOK_SECRET',
    { EXOTEL_HOOK_SECRET: 'short' },
    /^EXOTEL_HOOK_SECRET must be one secret, or two .*"openssl rand -hex 16"\.$/,
  ],
  [
    'half an Exotel account',
    { EXOTEL_API_KEY: 'key' },
    /^EXOTEL_API_KEY is set but EXOTEL_ACCOUNT_SID, EXOTEL_API_TOKEN, EXOTEL_FLOW_URL are not: /,
  ],
  [
    'an Exotel account alone',
    EXOTEL,
    'EXOTEL_ACCOUNT_SID is set but EXOTEL_HOOK_SECRET, PUBLIC_BASE_URL are not: set them too (see .env.example).',
  ],
  [
    'PUBLIC_BASE_URL',
    { PUBLIC_BASE_URL: 'maskline.example' },
    'PUBLIC_BASE_URL must be a URL that begins with http:// or https://.',
  ],
  [
    'DATA_DIR that cannot be',
    { DATA_DIR: '/dev/null/maskline' },
    /^Maskline cannot write to \/dev\/null\/maskline: start it as the user who owns that folder, or set DATA_DIR\.$/,
  ],
];

/** Two seconds on a machine with nothing else to do. */
const TOLD_WITHIN_MS = 25_000;

/**
 * Found when everything is loaded, which takes a process more than a second of processor time. The clients of PostgreSQL
 * and Redis could print something as well, so their failures are looked at in processes.
 */
const FOUND_LATE = ['HOST', 'DEFAULT_COUNTRY without numbers', 'DATA_DIR that cannot be'];
const isFoundLate = ([what]: (typeof WRONG)[number]) => FOUND_LATE.includes(what);

afterEach(cleanUpStarted);

it.each(WRONG.filter((one) => !isFoundLate(one)))(
  'stops at a wrong setting, %s, with one sentence about it',
  async (_, env, sentence) => {
    const waited = new CalmTime();
    const maskline = await start({ env, dataDir: await aFolder() });
    expect(await maskline.ended).toBe(1);
    expect(waited.ms).toBeLessThan(TOLD_WITHIN_MS);
    const [said, ...more] = maskline.output
      .trim()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('Maskline is starting'));
    expect(more).toEqual([]);
    expect(said).toMatch(/^Maskline did not start\. /);
    expectSentence(said!.replace('Maskline did not start. ', ''), sentence);
    expect(maskline.output).not.toContain('a-password');
  },
  60_000,
);

it.each(WRONG.filter(isFoundLate))(
  'fails to start with a wrong setting, %s, and one sentence about it',
  async (_, env, sentence) => {
    const starting = startHere({ env, dataDir: env['DATA_DIR'] ?? (await aFolder()) });
    const { message }: Error = await starting.catch((failure) => failure);
    expectSentence(message, sentence);
    expect(message).not.toMatch(/a-password|\n/);
  },
);

function expectSentence(said: string, sentence: string | RegExp): void {
  if (typeof sentence === 'string') expect(said).toBe(sentence);
  else expect(said).toMatch(sentence);
}
