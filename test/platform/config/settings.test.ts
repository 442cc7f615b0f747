import { readInstallationSettings } from '../../../src/installation/settings.js';
import { readSettings } from '../../../src/platform/config/settings.js';
import { SettingsError } from '../../../src/platform/config/setting-table.js';
import { exotelConfig, readExotelSettings } from '../../../src/telephony/exotel/exotel-settings.js';
import { readTwilioSettings, twilioConfig } from '../../../src/telephony/twilio/twilio-settings.js';

const KEY = Buffer.alloc(32, 7).toString('base64');
const OTHER_KEY = Buffer.alloc(32, 8).toString('base64');
const SECRET = 'a-secret-nobody-may-read';

const OWN_DATABASE = {
  DATABASE_URL: 'postgres://maskline:hush@db.example/maskline',
  API_KEY: 'mk_long_enough_to_be_a_key',
  PHONE_ENCRYPTION_KEY: KEY,
  PHONE_LOOKUP_KEY: OTHER_KEY,
};
const EXOTEL = {
  EXOTEL_ACCOUNT_SID: 'acme1',
  EXOTEL_API_KEY: 'key',
  EXOTEL_API_TOKEN: 'token',
  EXOTEL_FLOW_URL: 'http://my.in.exotel.com/acme1/exoml/start_voice/700001',
  EXOTEL_HOOK_SECRET: '0123456789abcdef0123456789abcdef',
  PUBLIC_BASE_URL: 'https://mask.example',
};

const TWILIO = {
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'token',
  PUBLIC_BASE_URL: 'https://mask.example',
};

const SURROUNDINGS = { publicUrl: 'https://mask.example', country: 'GB' } as const;
type Env = Record<string, string | undefined>;
const exotel = (env: Env) => exotelConfig(readExotelSettings(env)!, SURROUNDINGS);
const twilio = (env: Env) => twilioConfig(readTwilioSettings(env)!, SURROUNDINGS);

describe('an empty environment', () => {
  it('has no account with a provider', () => expect(readInstallationSettings({}).accounts).toEqual([]));

  it('is a working setup: everything embedded, on loopback', () => {
    expect(readSettings({})).toEqual({
      port: 3000,
      host: '127.0.0.1',
      buying: true,
      dataDir: './data',
      role: 'all',
      defaultCountry: 'IN',
      databaseUrl: null,
      directDatabaseUrl: null,
      migrateAtStart: true,
      redisUrl: null,
      apiKeys: null,
      phoneEncryptionKeys: null,
      phoneLookupKey: null,
      publicBaseUrl: null,
      greetingsFile: null,
      tracesTo: null,
      trustedProxies: [],
      exchangePort: 3001,
      keptMonths: {
        orders: 13,
        orderEvents: 13,
        callEvents: 1,
        interactions: 13,
        history: 13,
        incomingEvents: 13,
        audit: 24,
        purchases: 13,
        supplyEvents: 13,
        numberChecks: 13,
      },
      orderEvents: null,
      webhookNetworks: [],
      logLevel: 'info',
      drainSeconds: 0,
      replicaDir: './data/replica',
    });
  });

  it.each([
    ['beside the other data', { DATA_DIR: '/var/lib/maskline' }, '/var/lib/maskline/replica'],
    ['where REPLICA_DIR says', { REPLICA_DIR: '/srv/replica' }, '/srv/replica'],
    ['nowhere if it is off', { REPLICA_DIR: 'off' }, null],
    ['nowhere in a worker, which decides no calls', { ROLE: 'worker', REPLICA_DIR: '/srv/replica' }, null],
  ])('keeps the replica %s', (_, env, folder) => expect(readSettings(env).replicaDir).toBe(folder));

  it('is what a setting of spaces counts as', () => {
    expect(readSettings({ PORT: '', HOST: '  ', DATABASE_URL: '\t', ROLE: '' })).toEqual(readSettings({}));
  });
});

describe('a whole setup', () => {
  it('is read', () => {
    const settings = readSettings({
      ...OWN_DATABASE,
      ...EXOTEL,
      PORT: '8080',
      HOST: '0.0.0.0',
      DATA_DIR: '/var/lib/maskline',
      ROLE: 'worker',
      DEFAULT_COUNTRY: 'GB',
      REDIS_URL: 'rediss://:hush@redis.example:6380',
      EXCHANGE_PORT: '65535',
      LOG_LEVEL: 'debug',
    });
    expect(settings).toMatchObject({
      port: 8080,
      host: '0.0.0.0',
      dataDir: '/var/lib/maskline',
      role: 'worker',
      defaultCountry: 'GB',
      redisUrl: 'rediss://:hush@redis.example:6380',
      exchangePort: 65535,
      logLevel: 'debug',
      phoneEncryptionKeys: [Buffer.alloc(32, 7)],
      phoneLookupKey: Buffer.alloc(32, 8),
    });
    expect(exotel(EXOTEL)).toEqual({
      account: {
        sid: 'acme1',
        apiKey: 'key',
        apiToken: 'token',
        apiBase: 'https://api.exotel.com',
        flowUrl: EXOTEL.EXOTEL_FLOW_URL,
        recordingUrls: ['https://recordings.exotel.com/', 'https://s3-ap-southeast-1.amazonaws.com/exotelrecordings/'],
      },
      hookSecrets: [EXOTEL.EXOTEL_HOOK_SECRET],
      hooks: `https://mask.example/hooks/exotel/${EXOTEL.EXOTEL_HOOK_SECRET}`,
      country: 'GB',
      requestsPerSecond: 3,
      texts: false,
      callbacks: {
        allowedCidrs: [],
        flowId: null,
        tenantId: null,
        timeZone: 'Asia/Kolkata',
        missesPerNumber: 20,
        missesInAll: 120,
        missesPerCaller: 20,
        callerIdForm: 'e164',
      },
    });
  });

  it('keeps a kind of rows for ever where it is told 0 months', () => {
    const { keptMonths } = readSettings({ HISTORY_MONTHS: '0', ORDERS_MONTHS: '1' });
    expect(keptMonths).toMatchObject({ history: null, orders: 1, interactions: 13 });
  });

  it('loses the slashes at the end of its URLs, so that paths can be put behind them', () => {
    const { publicBaseUrl } = readSettings({ PUBLIC_BASE_URL: 'https://mask.example//' });
    const { account } = exotel({ ...EXOTEL, EXOTEL_API_BASE: 'https://api.in.exotel.com/' });
    expect([publicBaseUrl, account.apiBase]).toEqual(['https://mask.example', 'https://api.in.exotel.com']);
  });

  it('asks of callbacks what is set, and lets 0 and none ask nothing', () => {
    const { callbacks } = exotel({
      ...EXOTEL,
      EXOTEL_ALLOWED_CIDRS: '192.0.2.0/24, 2001:db8::/32,198.51.100.7',
      EXOTEL_FLOW_ID: '700001',
      EXOTEL_TENANT_ID: '90001',
      EXOTEL_TIME_ZONE: 'none',
      EXOTEL_MISSES_PER_NUMBER: '0',
      EXOTEL_MISSES_IN_ALL: '0',
      EXOTEL_MISSES_PER_CALLER: '5',
      EXOTEL_CALLER_ID_FORM: 'national',
    });
    const { trustedProxies, greetingsFile } = readSettings({
      GREETINGS_FILE: './greetings.json',
      TRUSTED_PROXIES: '10.0.0.0/8',
    });
    expect(callbacks).toEqual({
      allowedCidrs: ['192.0.2.0/24', '2001:db8::/32', '198.51.100.7'],
      flowId: '700001',
      tenantId: '90001',
      timeZone: null,
      missesPerNumber: null,
      missesInAll: null,
      missesPerCaller: 5,
      callerIdForm: 'national',
    });
    expect(greetingsFile).toBe('./greetings.json');
    expect(trustedProxies).toEqual(['10.0.0.0/8']);
  });

  it('holds two keys and two secrets while one replaces the other, the first being the new one', () => {
    const [one, two] = ['a'.repeat(22), 'b'.repeat(128)];
    const settings = readSettings({ PHONE_ENCRYPTION_KEY: `${KEY}, ${OTHER_KEY}` });
    expect(readSettings({ API_KEY: `${one}, ${two}` }).apiKeys).toEqual([one, two]);
    expect(settings.phoneEncryptionKeys).toEqual([Buffer.alloc(32, 7), Buffer.alloc(32, 8)]);
    const { hookSecrets, hooks } = exotel({ ...EXOTEL, EXOTEL_HOOK_SECRET: `${one} ,${two}` });
    expect([hookSecrets, hooks]).toEqual([[one, two], `https://mask.example/hooks/exotel/${one}`]);
  });
});

describe('a Twilio account', () => {
  it('is read, with the token that is about to replace its own', () => {
    const env = { ...TWILIO, TWILIO_AUTH_TOKEN_NEXT: 'next', TWILIO_WHISPER: 'Hello' };
    expect(twilio(env)).toEqual({
      account: {
        sid: TWILIO.TWILIO_ACCOUNT_SID,
        authToken: 'token',
        apiBase: 'https://api.twilio.com',
        recordingUrls: [`https://api.twilio.com/2010-04-01/Accounts/${TWILIO.TWILIO_ACCOUNT_SID}/Recordings/`],
      },
      signingTokens: ['token', 'next'],
      publicBaseUrl: 'https://mask.example',
      whisper: 'Hello',
    });
    expect(readInstallationSettings(env).accounts.map(({ description }) => description)).toEqual([
      `Twilio account ${TWILIO.TWILIO_ACCOUNT_SID}`,
    ]);
    expect(twilio({ ...TWILIO, TWILIO_API_BASE: 'http://127.0.0.1:3001/' }).account.apiBase).toBe(
      'http://127.0.0.1:3001',
    );
  });

  it.each(['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'PUBLIC_BASE_URL'])('is refused without %s', (name) => {
    expect(refused({ ...TWILIO, [name]: undefined }).message).toMatch(new RegExp(`is set but ${name} is not`));
  });
});

describe('a wrong setting', () => {
  it.each([
    ['PORT is a word', { PORT: 'http' }],
    ['PORT is 0', { PORT: '0' }],
    ['PORT is beyond 65535', { PORT: '65536' }],
    ['PORT is no whole number', { PORT: '80.5' }],
    ['PORT is negative', { PORT: '-1' }],
    ['EXCHANGE_PORT is a word', { EXCHANGE_PORT: 'x' }],
    ['HISTORY_MONTHS is a word', { HISTORY_MONTHS: 'many' }],
    ['HISTORY_MONTHS is negative', { HISTORY_MONTHS: '-1' }],
    ['ROLE is unknown', { ROLE: 'boss' }],
    ['LOG_LEVEL is unknown', { LOG_LEVEL: 'verbose' }],
    ['DEFAULT_COUNTRY is not two capital letters', { DEFAULT_COUNTRY: 'in' }],
    ['DEFAULT_COUNTRY is a name', { DEFAULT_COUNTRY: 'India' }],
    ['DATABASE_URL is no URL', { ...OWN_DATABASE, DATABASE_URL: SECRET }],
    ['DATABASE_URL is of another scheme', { ...OWN_DATABASE, DATABASE_URL: `mysql://u:${SECRET}@h/d` }],
    ['REDIS_URL is no URL', { REDIS_URL: SECRET }],
    ['REDIS_URL is of another scheme', { REDIS_URL: `http://:${SECRET}@h` }],
    ['PUBLIC_BASE_URL is no URL', { PUBLIC_BASE_URL: SECRET }],
    ['PUBLIC_BASE_URL is of another scheme', { PUBLIC_BASE_URL: `ftp://${SECRET}` }],
    ['API_KEY is short', { API_KEY: SECRET.slice(0, 15) }],
    ['API_KEY holds a space, which no Bearer token can', { API_KEY: `${SECRET} ${SECRET}` }],
    ['API_KEY has a second key that is short', { API_KEY: `${SECRET},${SECRET.slice(0, 15)}` }],
    ['API_KEY holds three keys', { API_KEY: [SECRET, SECRET, SECRET].join() }],
    ['API_KEY holds a letter that no header can', { API_KEY: `${SECRET}é` }],
    ['PHONE_ENCRYPTION_KEY is too short', { PHONE_ENCRYPTION_KEY: Buffer.from(SECRET).toString('base64') }],
    ['PHONE_ENCRYPTION_KEY is no base64', { PHONE_ENCRYPTION_KEY: SECRET }],
    ['PHONE_ENCRYPTION_KEY has a second key that is wrong', { PHONE_ENCRYPTION_KEY: `${KEY},${SECRET}` }],
    ['PHONE_ENCRYPTION_KEY ends with a comma', { PHONE_ENCRYPTION_KEY: `${KEY},` }],
    ['PHONE_LOOKUP_KEY is too short', { PHONE_LOOKUP_KEY: SECRET }],
    [
      'PHONE_LOOKUP_KEY holds two keys, of which only one can be looked up by',
      { PHONE_LOOKUP_KEY: `${KEY},${OTHER_KEY}` },
    ],
    ['EXOTEL_HOOK_SECRET is short', { EXOTEL_HOOK_SECRET: SECRET.slice(0, 21) }],
    ['EXOTEL_HOOK_SECRET is long', { EXOTEL_HOOK_SECRET: 'a'.repeat(129) }],
    ['EXOTEL_HOOK_SECRET does not fit into a path', { EXOTEL_HOOK_SECRET: `${SECRET}/${SECRET}` }],
    ['EXOTEL_HOOK_SECRET holds three', { EXOTEL_HOOK_SECRET: [SECRET, SECRET, SECRET].join() }],
    ['ORDER_EVENTS_URL is no URL', { ORDER_EVENTS_URL: SECRET }],
    ['ORDER_EVENTS_SECRET is short', { ORDER_EVENTS_URL: 'https://orders.example', ORDER_EVENTS_SECRET: 'c2hvcnQ=' }],
    ['EXOTEL_API_BASE is no URL', { ...EXOTEL, EXOTEL_API_BASE: 'api.exotel.com' }],
    ['EXOTEL_ALLOWED_CIDRS holds a name', { EXOTEL_ALLOWED_CIDRS: '10.0.0.0/8,exotel.com' }],
    ['EXOTEL_ALLOWED_CIDRS has more bits than an address', { EXOTEL_ALLOWED_CIDRS: '10.0.0.0/33' }],
    ['EXOTEL_ALLOWED_CIDRS has a prefix that is none', { EXOTEL_ALLOWED_CIDRS: '2001:db8::/' }],
    ['TRUSTED_PROXIES has two prefixes', { TRUSTED_PROXIES: '10.0.0.0/8/8' }],
    ['EXOTEL_FLOW_ID is a word', { EXOTEL_FLOW_ID: 'masking' }],
    ['EXOTEL_TENANT_ID is a word', { EXOTEL_TENANT_ID: 'acme1' }],
    ['EXOTEL_TIME_ZONE is unknown', { EXOTEL_TIME_ZONE: 'Asia/Bengaluru' }],
    ['EXOTEL_MISSES_PER_NUMBER is negative', { EXOTEL_MISSES_PER_NUMBER: '-1' }],
    ['EXOTEL_MISSES_IN_ALL is no whole number', { EXOTEL_MISSES_IN_ALL: '1.5' }],
    ['EXOTEL_MISSES_PER_CALLER is a word', { EXOTEL_MISSES_PER_CALLER: 'few' }],
    ['EXOTEL_CALLER_ID_FORM is unknown', { EXOTEL_CALLER_ID_FORM: 'international' }],
    ['EXOTEL_REQUESTS_PER_SECOND is 0', { EXOTEL_REQUESTS_PER_SECOND: '0' }],
    ['EXOTEL_FLOW_URL is no URL', { ...EXOTEL, EXOTEL_FLOW_URL: '700001' }],
    ['TWILIO_ACCOUNT_SID is of another kind', { ...TWILIO, TWILIO_ACCOUNT_SID: `SK${'0'.repeat(32)}` }],
    ['TWILIO_API_BASE is no URL', { ...TWILIO, TWILIO_API_BASE: 'api.twilio.com' }],
    ['TWILIO_WHISPER is a speech', { ...TWILIO, TWILIO_WHISPER: 'word '.repeat(101) }],
  ])('is refused in one sentence that names it and quotes no secret: %s', (what, env: Record<string, string>) => {
    const name = what.split(' ')[0]!;
    const { message } = refused(env);
    expect(message).toContain(name);
    expect(message).toMatch(/^[A-Z].*[^.]\.$/);
    expect(message).not.toMatch(/[.!?] [A-Z]/);
    const value = env[name]!;
    if (/KEY|SECRET|TOKEN|URL/.test(name)) expect(message).not.toContain(value);
    expect(message).not.toContain(SECRET);
    expect(message).not.toContain(KEY);
  });
});

describe('a setting that needs others', () => {
  it.each(['API_KEY', 'PHONE_ENCRYPTION_KEY', 'PHONE_LOOKUP_KEY'])(
    'a database of its own is refused without %s, as what the embedded one generates is not there',
    (name) => {
      const { message } = refused({ ...OWN_DATABASE, [name]: undefined });
      expect(message).toBe(`DATABASE_URL is set but ${name} is not: set it too (see .env.example).`);
    },
  );

  it('names all that are missing', () => {
    const { message } = refused({ DATABASE_URL: OWN_DATABASE.DATABASE_URL });
    expect(message).toContain('API_KEY, PHONE_ENCRYPTION_KEY, PHONE_LOOKUP_KEY are not: set them too');
  });

  it.each(['EXOTEL_ACCOUNT_SID', 'EXOTEL_API_KEY', 'EXOTEL_API_TOKEN', 'EXOTEL_FLOW_URL'])(
    'an Exotel account is refused without %s',
    (name) => {
      expect(refused({ ...EXOTEL, [name]: undefined }).message).toMatch(new RegExp(`is set but ${name} is not`));
    },
  );

  it.each(['EXOTEL_HOOK_SECRET', 'PUBLIC_BASE_URL'])(
    'an Exotel account is refused without %s, as its flow must ask us',
    (name) => {
      expect(refused({ ...EXOTEL, [name]: undefined }).message).toMatch(new RegExp(`is set but ${name} is not`));
    },
  );
});

describe('a URL with a user and password', () => {
  const [KEY_IN_URL, TOKEN_IN_URL] = ['key4711', 'hush%2Fhush'];
  const withThem = (rest: string) => `https://${KEY_IN_URL}:${TOKEN_IN_URL}@${rest}`;

  it('is the key and token of an Exotel account, as its own articles write them', () => {
    const apart = { ...EXOTEL, EXOTEL_API_KEY: 'key4711', EXOTEL_API_TOKEN: 'hush/hush' };
    const expected = exotel({ ...apart, EXOTEL_API_BASE: 'https://api.in.exotel.com' });
    const inUrl = { ...EXOTEL, EXOTEL_API_BASE: withThem('api.in.exotel.com/') };
    expect(exotel({ ...inUrl, EXOTEL_API_KEY: '', EXOTEL_API_TOKEN: '' })).toEqual(expected);
    expect(exotel({ ...inUrl, ...apart, EXOTEL_API_BASE: inUrl.EXOTEL_API_BASE })).toEqual(expected);
  });

  it('becomes Basic authentication of the webhook to the order system', () => {
    const events = { ORDER_EVENTS_SECRET: `whsec_${KEY}`, ORDER_EVENTS_URL: withThem('orders.example/hooks?a=b') };
    expect(readSettings(events).orderEvents).toEqual({
      url: 'https://orders.example/hooks?a=b',
      secret: `whsec_${KEY}`,
      authorization: `Basic ${Buffer.from('key4711:hush/hush').toString('base64')}`,
    });
  });

  it.each([
    ['EXOTEL_API_BASE', { ...EXOTEL, EXOTEL_API_BASE: withThem('api.exotel.com') }],
    ['EXOTEL_API_BASE', { ...EXOTEL, EXOTEL_API_KEY: '', EXOTEL_API_BASE: 'https://hush%:hush@api.exotel.com' }],
    ['EXOTEL_FLOW_URL', { ...EXOTEL, EXOTEL_FLOW_URL: withThem('my.exotel.com/acme1/exoml/start_voice/7') }],
    ['EXOTEL_RECORDING_URLS', { ...EXOTEL, EXOTEL_RECORDING_URLS: 'https://:hush@recordings.example/' }],
    ['TWILIO_API_BASE', { ...TWILIO, TWILIO_API_BASE: withThem('api.twilio.com') }],
    ['TWILIO_RECORDING_URLS', { ...TWILIO, TWILIO_RECORDING_URLS: withThem('recordings.example/') }],
    ['PUBLIC_BASE_URL', { PUBLIC_BASE_URL: withThem('mask.example') }],
    ['PUBLIC_BASE_URL', { PUBLIC_BASE_URL: 'https://key4711@mask.example' }],
  ])('is refused in %s where it cannot be used, without being quoted', (name, environment) => {
    const { message } = refused(environment);
    expect(message).toContain(name);
    expect(message).not.toMatch(/hush|key4711/);
    expect(message).toMatch(/^[^.]+(\..+)?\.$/);
  });
});

it.each(['0.0.0.0/0', '::/0', '10.0.0.0/8, ::/0'])('TRUSTED_PROXIES is refused when it is everybody: %s', (all) => {
  expect(refused({ TRUSTED_PROXIES: all }).message).toContain('must not contain every address');
});

it.each(['203.0.113.7:51008', '[2001:db8::1]', 'fe80::1%eth0'])(
  'TRUSTED_PROXIES is refused when it holds %s',
  (proxy) => {
    expect(refused({ TRUSTED_PROXIES: proxy }).message).toContain('TRUSTED_PROXIES must be addresses or networks');
  },
);

it('a webhook to the order system is refused without the secret that proves it is us', () => {
  const { message } = refused({ ORDER_EVENTS_URL: 'https://orders.example' });
  expect(message).toContain('ORDER_EVENTS_URL is set but ORDER_EVENTS_SECRET is not');
  const set = { ORDER_EVENTS_URL: 'https://orders.example/', ORDER_EVENTS_SECRET: `whsec_${KEY}` };
  expect(readSettings(set).orderEvents).toEqual({ url: 'https://orders.example', secret: `whsec_${KEY}` });
});

function refused(env: Record<string, string | undefined>): SettingsError {
  try {
    readInstallationSettings(env);
  } catch (failure) {
    expect(failure).toBeInstanceOf(SettingsError);
    return failure as SettingsError;
  }
  throw new Error('The settings were accepted.');
}
