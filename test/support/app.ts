import { randomBytes } from 'node:crypto';

import type { DynamicModule, Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { getDataSourceToken } from '@nestjs/typeorm';
import webhooks from 'twilio/lib/webhooks/webhooks.js';
import type { DataSource } from 'typeorm';

import { createApplication } from '../../src/installation/application.js';
import { PROVIDERS } from '../../src/installation/providers.js';
import { startExchange, type ExchangeOptions, type RunningExchange } from '../../exchange/exchange.js';
import { OrdersDueService } from '../../src/orders/lifecycle/orders-due.service.js';
import { withDeadline } from '../../src/platform/clock/deadline.js';
import type { KeptMonths } from '../../src/platform/retention/kept-kinds.js';
import type { PhoneVault } from '../../src/phone-number/phone-vault.js';
import { PhoneVault as Vault } from '../../src/phone-number/phone-vault.js';
import { freePort } from '../../src/platform/embedded/free-port.js';
import { ReplenishmentService } from '../../src/replenishment/round/replenishment.service.js';
import type { ExotelCallbackSettings } from '../../src/telephony/exotel/exotel-config.js';
import { ExotelModule } from '../../src/telephony/exotel/exotel.module.js';
import type { ProviderDefinition } from '../../src/telephony/providers/provider-definition.js';
import { TwilioModule } from '../../src/telephony/twilio/twilio.module.js';
import type { Greetings } from '../../src/telephony/greetings/greetings.js';
import { PoolsService, type NewPool } from '../../src/virtual-numbers/pools/pools.service.js';
import { freshDatabase, type FreshDatabase } from './database.js';
import { ANY_CALLBACK, anExotelConfig } from './exotel-config.js';
import { logOfTests, sendLogTo } from './log-of-tests.js';
import { PushableClock } from './pushable-clock.js';

export const API_KEY = 'mk_the_key_of_the_tests';
export const HOOK_SECRET = 'the_secret_path_of_the_tests';
const ACCOUNT = { sid: 'acme1', apiKey: 'key', apiToken: 'token' };
const FLOW = '700001';
export const TWILIO = { sid: `AC${'0'.repeat(31)}1`, authToken: '0123456789abcdef0123456789abcdef' };
export const NEXT_TOKEN = 'fedcba9876543210fedcba9876543210';

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into bodies of every shape
export type Body = any;

export interface Answer<Of = Body> {
  readonly status: number;
  readonly headers: Record<string, string | string[] | number | undefined>;
  readonly body: Of;
  readonly text: string;
}

export interface AppOptions {
  /** Whether jobs are worked; otherwise tests call the services themselves. Default false. */
  readonly works?: boolean;
  /** Default: BullMQ's PostgreSQL backend. */
  readonly redisUrl?: string | null;
  /** An existing database, for a second process of one installation. */
  readonly database?: FreshDatabase;
  /** For what a pooler in front of the database cannot do. Default: the database's own. */
  readonly directDatabaseUrl?: string;
  readonly clock?: PushableClock;
  /** Of a process that was stopped and starts again. Default: any free one. */
  readonly port?: number;
  readonly exchange?: Partial<ExchangeOptions>;
  /** Whether Exotel forwards texts. Default false. */
  readonly exotelTexts?: boolean;
  /** The URL of a running exchange, whose flow is the caller's. */
  readonly exchangeUrl?: string;
  /** Whether the console has its playground. Default false. */
  readonly playground?: boolean;
  /** Default: everything is kept forever. */
  readonly keptMonths?: Partial<KeptMonths>;
  /** Additional checks of Exotel's callbacks. Default: none. */
  readonly callbacks?: Partial<ExotelCallbackSettings>;
  readonly greetings?: Greetings;
  readonly trustedProxies?: readonly string[];
  /** The address of a proxy in front, with its path. Default: the application's own. */
  readonly publicUrl?: string;
  readonly orderEvents?: { readonly url: string; readonly secret: string; readonly authorization?: string };
  /** Private networks to which webhook endpoints may lead. Default: 127.0.0.1. */
  readonly webhookNetworks?: readonly string[];
  /** Whether the Twilio account is missing. Default false. */
  readonly withoutTwilio?: boolean;
  readonly twilioWhisper?: string;
  /** Additional places of Exotel's recordings, besides the exchange. */
  readonly recordingUrls?: readonly string[];
  /** Exotel's rate limit. Default: none. */
  readonly exotelRequestsPerSecond?: number;
  /** The folder of a replica. Default: no replica. */
  readonly replicaDir?: string;
  readonly logTo?: (line: string) => void;
  /** Providers beside those of the product. */
  readonly providers?: readonly OtherProvider[];
}

/** A provider that the product does not know, and an account of it. */
export interface OtherProvider {
  readonly definition: ProviderDefinition;
  /** Null = none. @param url where the provider reaches the application */
  readonly account: ((url: string) => Promise<DynamicModule>) | null;
}

/** The whole application on its own database, with the exchange as its provider, both on the loopback interface. */
export class TestApp {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly database: FreshDatabase,
    readonly clock: PushableClock,
    readonly exchange: RunningExchange,
    readonly url: string,
    private readonly ownsDatabase: boolean,
    private readonly logs: boolean,
  ) {}

  static async start(options: AppOptions = {}, attempts = 3): Promise<TestApp> {
    const database = options.database ?? (await freshDatabase({ lockTimeoutMs: 5_000 }));
    const clock = options.clock ?? new PushableClock();
    const port = options.port ?? (await freePort('127.0.0.1'));
    const url = `http://127.0.0.1:${port}`;
    const publicUrl = options.publicUrl ?? url;
    const hooks = `${publicUrl}/hooks/exotel/${HOOK_SECRET}`;
    const exchange =
      options.exchangeUrl === undefined
        ? await startExchange({
            port: 0,
            account: ACCOUNT,
            twilio: TWILIO,
            flow: { id: FLOW, hooks },
            ...options.exchange,
          })
        : { url: options.exchangeUrl, close: async () => undefined };
    if (options.logTo) sendLogTo(options.logTo);
    const flowUrl = `${exchange.url}/${ACCOUNT.sid}/exoml/start_voice/${FLOW}`;
    const app = await createApplication({
      databaseUrl: database.url,
      ...(options.directDatabaseUrl === undefined ? {} : { directDatabaseUrl: options.directDatabaseUrl }),
      redisUrl: options.redisUrl ?? null,
      role: options.works ? 'all' : 'api',
      apiKeys: [API_KEY],
      phoneEncryptionKeys: [Buffer.alloc(32, 1)],
      phoneLookupKey: Buffer.alloc(32, 2),
      providers: [...PROVIDERS, ...(options.providers ?? []).map(({ definition }) => definition)],
      accounts: [
        ExotelModule.of(
          anExotelConfig({
            account: {
              ...ACCOUNT,
              apiBase: exchange.url,
              flowUrl,
              recordingUrls: [`${exchange.url}/recordings/${ACCOUNT.sid}/`, ...(options.recordingUrls ?? [])],
            },
            hookSecrets: [HOOK_SECRET, `${HOOK_SECRET}_2`],
            hooks,
            requestsPerSecond: options.exotelRequestsPerSecond ?? 1_000,
            callbacks: { ...ANY_CALLBACK, ...options.callbacks },
            texts: options.exotelTexts ?? false,
          }),
        ),
        ...(options.withoutTwilio
          ? []
          : [
              TwilioModule.of({
                account: {
                  ...TWILIO,
                  apiBase: exchange.url,
                  recordingUrls: [`${exchange.url}/2010-04-01/Accounts/${TWILIO.sid}/Recordings/`],
                },
                signingTokens: [TWILIO.authToken, NEXT_TOKEN],
                publicBaseUrl: publicUrl,
                whisper: options.twilioWhisper ?? null,
              }),
            ]),
        ...(await Promise.all((options.providers ?? []).flatMap(({ account }) => account?.(url) ?? []))),
      ],
      exchangeUrl: options.playground ? exchange.url : null,
      greetings: options.greetings,
      trustedProxies: options.trustedProxies ?? [],
      publicPath: new URL(publicUrl).pathname.replace(/\/$/, ''),
      keptMonths: options.keptMonths ?? {},
      orderEvents: options.orderEvents ?? null,
      webhookNetworks: options.webhookNetworks ?? ['127.0.0.1'],
      log: { level: options.logTo ? 'trace' : 'silent', destination: logOfTests },
      clock,
      replicaDir: options.replicaDir ?? null,
    });
    try {
      await app.listen(port, '127.0.0.1');
    } catch (failure) {
      await app.close();
      await exchange.close();
      if (options.database === undefined) await database.drop();
      // Another program took the free port.
      if ((failure as NodeJS.ErrnoException).code !== 'EADDRINUSE' || attempts === 1) throw failure;
      return TestApp.start(options, attempts - 1);
    }
    await app.get(PoolsService).ensureDefault('IN');
    return new TestApp(app, database, clock, exchange, url, options.database === undefined, !!options.logTo);
  }

  get<T>(service: Type<T> | (abstract new (...args: never[]) => T)): T {
    return this.app.get(service as Type<T>, { strict: false });
  }

  get dataSource(): DataSource {
    return this.app.get(getDataSourceToken(), { strict: false });
  }

  get vault(): PhoneVault {
    return this.get(Vault);
  }

  /** A request to the API with the API key. */
  async api<Of = Body>(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<Answer<Of>> {
    return this.request(method, path, { authorization: `Bearer ${API_KEY}` }, body);
  }

  async request<Of = Body>(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: object | string,
  ): Promise<Answer<Of>> {
    const response = await this.app.inject({ method: method as 'GET', url: path, headers, payload: body });
    let parsed: unknown = undefined;
    try {
      parsed = response.json();
    } catch {
      // not JSON: `text` has it
    }
    return { status: response.statusCode, headers: response.headers, body: parsed as Of, text: response.payload };
  }

  /** A request of Exotel. */
  async exotel<Of = Body>(
    method: 'GET' | 'HEAD',
    path: string,
    query: Record<string, string>,
    secret = HOOK_SECRET,
  ): Promise<Answer<Of>> {
    return this.request(method, `/hooks/exotel/${secret}/${path}?${new URLSearchParams(query)}`, {
      'exotel-version': '1.0',
    });
  }

  /** A request of Twilio, signed with the account's token by default. */
  async twilio(
    path: string,
    form: Record<string, string | string[]>,
    { token = TWILIO.authToken, url = this.url }: { token?: string; url?: string } = {},
  ): Promise<Answer> {
    const signature = webhooks.getExpectedTwilioSignature(token, `${url}/hooks/twilio/${path}`, form);
    return this.request('POST', `/hooks/twilio/${path}`, formHeaders(signature), encodeForm(form));
  }

  /**
   * Sends Exotel's Connect request for a call, in its usual form. @returns the numbers to ring and the caller ID to
   * show
   */
  async call(
    from: string,
    to: string,
    callSid = randomBytes(16).toString('hex'),
  ): Promise<{ callSid: string; rings: string[]; shows?: string }> {
    const national = (number: string) => number.replace(/^\+91/, '0');
    const query = {
      CallSid: callSid,
      CallFrom: national(from),
      From: national(from),
      CallTo: national(to),
      To: national(to),
    };
    const { body } = await this.exotel('GET', 'connect', { ...query, Direction: 'incoming', CallType: 'call-attempt' });
    return { callSid, rings: body.destination.numbers, shows: body.outgoing_phone_number };
  }

  /** Lets the exchange place a call: it asks us, rings and reports. @returns its transcript */
  async place(call: object): Promise<Body> {
    const response = await fetch(`${this.exchange.url}/exchange/calls`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(call),
    });
    return response.json();
  }

  /** Opens a new pool and, if given, adds numbers to it. @returns its name */
  async pool(policy: Partial<NewPool> = {}, numbers: readonly string[] = []): Promise<string> {
    const name = policy.name ?? `pool-${randomBytes(4).toString('hex')}`;
    const opened = await this.api('POST', '/v1/pools', { name, country: 'IN', lowWater: 0, target: 0, ...policy });
    if (opened.status !== 201) throw new Error(opened.text);
    if (numbers.length > 0) {
      const imported = await this.api('POST', '/v1/numbers/import', {
        pool: name,
        numbers: numbers.map((number) => ({ number })),
      });
      if (imported.status !== 201) throw new Error(imported.text);
    }
    return name;
  }

  /** Places an order and, if a phone is given, assigns that agent. @returns the order */
  async order(reference: string, customer: string, agent?: string, more: object = {}): Promise<Body> {
    const placed = await this.api('POST', '/v1/orders', { reference, customer: { phone: customer }, ...more });
    if (agent === undefined || placed.status >= 300) return placed.body;
    return (await this.api('PUT', `/v1/orders/${reference}/agent`, { phone: agent })).body;
  }

  /** Pushes the clock, and does what is then due. */
  async pass(time: Parameters<PushableClock['push']>[0]): Promise<void> {
    this.clock.push(time);
    await this.get(OrdersDueService).endWhatIsDue();
  }

  /** Runs one round of replenishment. */
  async replenish(pool: string): Promise<unknown> {
    const { id } = await this.get(PoolsService).byName(pool);
    return this.get(ReplenishmentService).replenish(id);
  }

  /** The number of rows of a table that meet a condition. */
  async count(table: string, where = 'true'): Promise<number> {
    const [row] = await this.dataSource.query(`SELECT count(*)::integer AS rows FROM ${table} WHERE ${where}`);
    return row.rows;
  }

  /** @param options.closedWithinMs goes on after this time although the application is still closing */
  async stop({ closedWithinMs }: { closedWithinMs?: number } = {}): Promise<void> {
    const closing = this.app.close();
    await (closedWithinMs === undefined ? closing : withDeadline(closedWithinMs, closing, () => undefined));
    if (this.logs) sendLogTo(null);
    await this.exchange.close();
    if (this.ownsDatabase) await this.database.drop();
  }
}

export const formHeaders = (signature: string): Record<string, string> => ({
  'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
  'x-twilio-signature': signature,
});

/** Repeated parameters one after the other, as Twilio posts them. */
export function encodeForm(form: Record<string, string | string[]>): string {
  const pairs = Object.entries(form).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, one]),
  );
  return new URLSearchParams(pairs).toString();
}

let drawn = 0;

/** Fictional phones and virtual numbers, each used once. */
export const aPhone = (): string => `+9190000${String((drawn += 1)).padStart(5, '0')}`;
export const aNumber = (): string => `+9180470${String((drawn += 1)).padStart(5, '0')}`;
export const numbers = (count: number): string[] => Array.from({ length: count }, aNumber);
