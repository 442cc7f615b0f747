import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { Test } from '@nestjs/testing';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import type { E164 } from '../../../src/phone-number/e164.js';
import { createDataSource } from '../../../src/platform/database/data-source.js';
import { freePort } from '../../../src/platform/embedded/free-port.js';
import { ExotelConfig } from '../../../src/telephony/exotel/exotel-config.js';
import { anExotelConfig } from '../../support/exotel-config.js';
import { ExotelRateLimit, LONGEST_WAIT_MS } from '../../../src/telephony/exotel/exotel-rate-limit.js';
import { ExoPhones } from '../../../src/telephony/exotel/exophones.js';
import { NumberProvider } from '../../../src/telephony/providers/number-provider.js';
import {
  isUndone,
  ProviderBusy,
  ProviderNotReached,
  ProviderRefused,
  ProviderUnavailable,
} from '../../../src/telephony/providers/provider-errors.js';
import { ACCOUNT, anExchange, VOICE_URL, type AtTheExchange } from '../../exchange/at-the-exchange.js';
import { freshDatabase, type FreshDatabase } from '../../support/database.js';
import { CalmTime } from '../../support/calm-time.js';

const NUMBER = '+918040000001' as E164;
const SID = '08040000001';
const OTHER = '+918040000002' as E164;
const KARNATAKA = { country: 'IN', region: 'KA' };
const QUICK = { timeoutMs: 5000, backoffMs: 10 };
const IMPATIENT = { timeoutMs: 300, backoffMs: 10 };

let database: FreshDatabase;
let dataSource: DataSource;
let exchange: AtTheExchange;
let exophones: ExoPhones;
const servers: Server[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  dataSource = await createDataSource(database.url).initialize();
});
beforeEach(async () => {
  exchange = await anExchange('http://127.0.0.1:9/hooks/exotel/s');
  exophones = exophonesAt(exchange.url);
});
afterEach(async () => {
  await exchange.close();
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

function configFor(apiBase: string, account: Partial<ExotelConfig['account']> = {}, perSecond = 1000): ExotelConfig {
  return anExotelConfig({
    account: { ...ACCOUNT, apiBase, flowUrl: VOICE_URL, recordingUrls: [], ...account },
    requestsPerSecond: perSecond,
  });
}

function exophonesAt(apiBase: string, account: Partial<ExotelConfig['account']> = {}, timing = QUICK): ExoPhones {
  const config = configFor(apiBase, account);
  return new ExoPhones(config, new ExotelRateLimit(dataSource, config), timing);
}

const impatient = () => exophonesAt(exchange.url, {}, IMPATIENT);

/** The faults of the exchange from now on. */
async function goesWrong(...faults: object[]): Promise<void> {
  const { status, body } = await exchange.operator('PUT', '/exchange/faults', faults);
  if (status !== 200) throw new Error(JSON.stringify(body));
}

async function faultsLeft(): Promise<object[]> {
  return (await exchange.operator('GET', '/exchange/faults')).body;
}

async function ownedNumbers(): Promise<object[]> {
  return (await exchange.operator('GET', '/exchange/numbers')).body.numbers;
}

interface Liar {
  readonly url: string;
  readonly exophones: ExoPhones;
  readonly asked: IncomingMessage[];
}

/** A provider that answers as no exchange would. */
async function aLiar(answer: RequestListener): Promise<Liar> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, exophones: exophonesAt(url), asked };
}

const saying = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  aLiar((_request, response) => {
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  });

async function failureOf(promise: Promise<unknown>): Promise<ProviderUnavailable | ProviderRefused> {
  const error: unknown = await promise.then(
    () => new Error('nothing failed'),
    (reason: unknown) => reason,
  );
  if (error instanceof ProviderUnavailable || error instanceof ProviderRefused) return error;
  throw error;
}

async function took(work: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work;
  return performance.now() - began;
}

/** On a calm machine. */
async function tookAtMost(work: Promise<unknown>): Promise<number> {
  const waited = new CalmTime();
  await work;
  return waited.ms;
}

describe('the life of a number', () => {
  it('is found, bought with our flow, listed, pointed elsewhere and back, and released', async () => {
    const offered = await exophones.search(KARNATAKA);
    expect(offered[0]).toEqual({ number: NUMBER, rent: '499.000000' });

    const bought = await exophones.buy(NUMBER);
    expect(bought).toEqual({ number: NUMBER, providerId: SID, rent: '499.000000', currency: 'INR' });
    expect(await exophones.list()).toMatchObject([{ number: NUMBER, providerId: SID, country: 'IN', region: 'KA' }]);
    expect(await exophones.flowOf(SID)).toBe('ours');

    await exchange.exophones('PUT', `IncomingPhoneNumbers/${SID}`, { VoiceUrl: 'https://example.com/flow' });
    expect(await exophones.flowOf(SID)).toBe('other');
    await exophones.configure(SID);
    expect(await exophones.flowOf(SID)).toBe('ours');

    await exophones.release(SID);
    expect(await exophones.list()).toEqual([]);
  });

  it('may be released twice', async () => {
    await exophones.buy(NUMBER);
    await exophones.release(SID);
    await exophones.release(SID);
  });

  it('is refused where the account does not own it', async () => {
    for (const asked of [exophones.flowOf(SID), exophones.configure(SID)]) {
      expect(await failureOf(asked)).toMatchObject({ status: 404 });
    }
  });

  it.each(['', '.', '..'])('needs an id that is no path: "%s" is none', async (id) => {
    for (const asked of [exophones.flowOf(id), exophones.configure(id), exophones.release(id)]) {
      expect(await failureOf(asked)).toMatchObject({ status: 400 });
    }
  });
});

describe('searching', () => {
  it('looks for mobiles where no landline is left', async () => {
    await goesWrong({ api: 'search', kind: 'empty', times: 1 });
    const [first] = await exophones.search(KARNATAKA);
    expect(first?.number).toMatch(/^\+9195/);
  });

  it('finds nothing on empty shelves', async () => {
    await goesWrong({ api: 'search', kind: 'empty' });
    expect(await exophones.search(KARNATAKA)).toEqual([]);
  });

  it('finds numbers of any region, and abroad', async () => {
    expect(await exophones.search({ country: 'IN', region: null })).not.toEqual([]);
    const [first] = await exophones.search({ country: 'US', region: null });
    expect(first?.number).toMatch(/^\+1/);
  });

  it('gives Exotel’s reason why a region cannot be had', async () => {
    const refused = await failureOf(exophones.search({ country: 'IN', region: 'ZZ' }));
    expect(refused).toMatchObject({ status: 400 });
    expect(refused.message).toContain('InRegion ZZ is not a telecom circle');
  });

  it('puts the cheapest first and leaves out what cannot be called', async () => {
    const item = (number: string, price: unknown, voice = true) => ({
      phone_number: number,
      rental_price: price,
      capabilities: { voice },
    });
    const liar = await saying([
      item('+918040000003', undefined),
      item(NUMBER, '1000.00'),
      item(OTHER, 499),
      item('+918040000004', '1', false),
      item('+91804000005', '1'),
      item('+9118602667000', '1'),
      item('+999', '1'),
    ]);
    expect(await liar.exophones.search(KARNATAKA)).toEqual([
      { number: OTHER, rent: '499' },
      { number: NUMBER, rent: '1000.00' },
      { number: '+918040000003', rent: null },
    ]);
  });
});

describe('listing', () => {
  const someNumbers = (many: number) =>
    Array.from({ length: many }, (_, index) => `+91804${String(index + 1).padStart(7, '0')}`);
  const listed = (numbers: readonly string[]) =>
    numbers.map((number) => ({ sid: `id ${number}`, phone_number: number }));

  it.each([0, 50, 123])('turns the pages until all %i numbers are seen', async (many) => {
    const full = await anExchange('http://127.0.0.1:9/hooks/exotel/s', { owned: someNumbers(many) });
    try {
      const numbers = (await exophonesAt(full.url).list()).map(({ number }) => number);
      expect(numbers).toEqual(someNumbers(many));
    } finally {
      await full.close();
    }
  });

  it('ends with a server that shows its first page for ever', async () => {
    const liar = await saying({ page: 0, page_size: 50, incoming_phone_numbers: listed(someNumbers(50)) });
    expect(await liar.exophones.list()).toHaveLength(50);
    expect(liar.asked).toHaveLength(2);
  });

  it('takes all from a server that knows no pages', async () => {
    const liar = await saying({ incoming_phone_numbers: listed(someNumbers(70)) });
    expect(await liar.exophones.list()).toHaveLength(70);
  });

  it('goes on where a server makes its pages smaller than we ask', async () => {
    const liar = await aLiar((request, response) => {
      const page = Number(new URL(request.url!, 'http://liar').searchParams.get('Page'));
      const shown = someNumbers(25).slice(page * 10, page * 10 + 10);
      response.end(JSON.stringify({ page, page_size: 10, incoming_phone_numbers: listed(shown) }));
    });
    expect(await liar.exophones.list()).toHaveLength(25);
  });

  it('reads national spellings and passes by what is no number', async () => {
    const liar = await saying({ incoming_phone_numbers: listed(['08040000001', 'a support line']) });
    expect(await liar.exophones.list()).toMatchObject([{ number: NUMBER, country: null, region: null }]);
  });

  it('believes an account that says it owns nothing', async () => {
    await exophones.buy(NUMBER);
    await goesWrong({ api: 'list', kind: 'empty' });
    expect(await exophones.list()).toEqual([]);
  });
});

describe('where a number points', () => {
  it.each([
    [VOICE_URL, 'ours'],
    [`${VOICE_URL.replace('http:', 'https:')}/`, 'ours'],
    ['', 'none'],
    [null, 'none'],
    [undefined, 'unknown'], // a page that does not hold it says nothing
    [`${VOICE_URL}1`, 'other'],
  ])('with the voice URL %s: %s', async (voiceUrl, flow) => {
    const liar = await saying({ sid: SID, voice_url: voiceUrl });
    expect(await liar.exophones.flowOf(SID)).toBe(flow);
  });

  it('is nowhere for a number that was never configured', async () => {
    const fresh = await anExchange('http://127.0.0.1:9/hooks/exotel/s', { owned: [NUMBER] });
    expect(
      await exophonesAt(fresh.url)
        .flowOf(SID)
        .finally(() => fresh.close()),
    ).toBe('none');
  });
});

describe('buying, which is asked again only where it was not done', () => {
  it.each([
    { kind: 'status', status: 500 },
    { kind: 'status', status: 502 },
    { kind: 'status', status: 503 },
    { kind: 'cut' },
    { kind: 'slow', ms: 2000 },
  ])('may have happened all the same after $kind $status', async (fault) => {
    await goesWrong({ api: 'buy', times: 1, ...fault });
    expect(await failureOf(impatient().buy(NUMBER))).toBeInstanceOf(ProviderUnavailable);
    expect(await ownedNumbers()).toEqual([]);
  });

  it('waits as long as a busy provider asks, and all other requests of the account wait too', async () => {
    await goesWrong({ api: 'buy', kind: 'status', status: 429, retryAfter: 1, times: 2 });
    const buying = took(exophones.buy(NUMBER));
    await sleep(500);
    const other = exophonesAt(exchange.url); // as another process has it
    expect(await took(other.list())).toBeGreaterThan(300);
    expect(await buying).toBeGreaterThanOrEqual(1_900);
    expect(await ownedNumbers()).toHaveLength(1);
    expect(await faultsLeft()).toEqual([]);
  });

  it('is left to the caller when a busy provider asks for a longer wait: it was not done', async () => {
    await goesWrong({ api: 'buy', kind: 'status', status: 429, retryAfter: 30, times: 2 });
    const failure = await failureOf(exophones.buy(NUMBER));
    expect(failure).toBeInstanceOf(ProviderBusy);
    expect(isUndone(failure)).toBe(true);
    expect(await faultsLeft()).toMatchObject([{ times: 1 }]);
  });

  it('was not done where no connection was made', async () => {
    const failure = await failureOf(exophonesAt(`http://127.0.0.1:${await freePort('127.0.0.1')}`).buy(NUMBER));
    expect(failure).toBeInstanceOf(ProviderNotReached);
    expect(failure.message).toContain('ECONNREFUSED');
  });

  it('may have happened where the provider fell silent, and the list shows it', async () => {
    await goesWrong({ api: 'buy', kind: 'hang-after-doing' });
    expect(await failureOf(exophones.buy(NUMBER))).toBeInstanceOf(ProviderUnavailable);
    await goesWrong({ api: 'buy', kind: 'hang-after-doing', ms: 5000 });
    expect(await failureOf(impatient().buy(OTHER))).toBeInstanceOf(ProviderUnavailable);

    expect((await exophones.list()).map(({ number }) => number)).toEqual([NUMBER, OTHER]);
    expect((await exchange.operator('GET', '/exchange/numbers')).body.spent).toEqual({ INR: 998 });
  });

  it('is refused where somebody was quicker, in Exotel’s words', async () => {
    await goesWrong({ api: 'buy', kind: 'refuse' });
    const refused = await failureOf(exophones.buy(NUMBER));
    expect(refused).toMatchObject({ status: 400 });
    expect(refused.message).toBe(
      `Exotel answered the purchase of ${NUMBER} with 400: ${NUMBER} is no longer available.`,
    );
  });

  it('is refused without balance', async () => {
    await goesWrong({ api: 'buy', kind: 'status', status: 402 });
    const refused = await failureOf(exophones.buy(NUMBER));
    expect(refused).toMatchObject({ status: 402 });
    expect(refused.message).toContain('no balance');
  });

  it('is not believed of another number', async () => {
    const liar = await saying({ sid: SID, phone_number: OTHER });
    const unsure = await failureOf(liar.exophones.buy(NUMBER));
    expect(unsure).toBeInstanceOf(ProviderUnavailable);
    expect(unsure.message).toContain('is about another number');
    expect(liar.asked).toHaveLength(1);
  });
});

describe('further attempts', () => {
  const calls: [api: string, ask: () => Promise<unknown>][] = [
    ['search', () => exophones.search(KARNATAKA)],
    ['list', () => exophones.list()],
    ['get', () => exophones.flowOf(SID)],
    ['configure', () => exophones.configure(SID)],
    ['release', () => exophones.release(SID)],
  ];

  it.each(calls)('%s succeeds at the third', async (api, ask) => {
    await exophones.buy(NUMBER);
    await goesWrong({ api, kind: 'cut', times: 1 }, { api, kind: 'status', status: 502, times: 1 });
    await ask();
    expect(await faultsLeft()).toEqual([]);
  });

  it.each(calls)('%s gives up after the third', async (api, ask) => {
    await exophones.buy(NUMBER);
    await goesWrong({ api, kind: 'status', status: 503, times: 5 });
    expect(await failureOf(ask())).toBeInstanceOf(ProviderUnavailable);
    expect(await faultsLeft()).toMatchObject([{ times: 2 }]);
  });

  it.each([
    { kind: 'status', status: 500, times: 2 },
    { kind: 'slow', ms: 2000, times: 2 },
  ])('are not made after $kind $status', async (fault) => {
    await goesWrong({ api: 'list', ...fault });
    expect(await failureOf(impatient().list())).toBeInstanceOf(ProviderUnavailable);
    expect(await faultsLeft()).toMatchObject([{ times: 1 }]);
  });

  it('find a release done whose answer was lost', async () => {
    await exophones.buy(NUMBER);
    await goesWrong({ api: 'release', kind: 'hang-after-doing', times: 1 });
    await exophones.release(SID);
    expect(await ownedNumbers()).toEqual([]);
  });

  it('wait as long as Exotel asks', async () => {
    await goesWrong({ api: 'list', kind: 'status', status: 429, retryAfter: 1, times: 1 });
    expect(await took(exophones.list())).toBeGreaterThanOrEqual(1000);
  });

  it('are left to the caller when Exotel asks for a longer wait', async () => {
    await goesWrong({ api: 'list', kind: 'status', status: 429, retryAfter: 30, times: 2 });
    const failure = await failureOf(exophones.list());
    expect(failure).toMatchObject({ options: { retryAfterMs: 30_000 } });
    expect(await faultsLeft()).toMatchObject([{ times: 1 }]);
  });

  it('understand a date as the end of the wait', async () => {
    const liar = await saying('', 503, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() });
    const { options } = (await failureOf(liar.exophones.list())) as ProviderUnavailable;
    expect(options.retryAfterMs).toBeGreaterThan(50_000);
    expect(options.retryAfterMs).toBeLessThanOrEqual(60_000);
    expect(liar.asked).toHaveLength(1);
  });

  it('do not mind a wait that cannot be read', async () => {
    const liar = await saying('', 503, { 'retry-after': 'soon' });
    expect(await failureOf(liar.exophones.list())).toMatchObject({ options: {} });
    expect(liar.asked).toHaveLength(3);
  });
});

describe('failures that a person must look at', () => {
  it('name the settings when the key is wrong, and never their values', async () => {
    const wrong = exophonesAt(exchange.url, { apiToken: 'not-the-token' });
    const refused = await failureOf(wrong.list());
    expect(refused).toMatchObject({ status: 401 });
    expect(refused.message).toContain('Authentication failed.');
    expect(refused.message).toMatch(/EXOTEL_API_KEY.*EXOTEL_API_TOKEN.*EXOTEL_API_BASE/);
    expect(refused.message).not.toContain('not-the-token');
  });

  it('name the address when it redirects', async () => {
    const liar = await saying('', 301, { location: 'https://example.com/' });
    const refused = await failureOf(liar.exophones.buy(NUMBER));
    expect(refused).toMatchObject({ status: 301 });
    expect(refused.message).toContain('EXOTEL_API_BASE');
  });

  it('keep the credentials out of the URL', async () => {
    const liar = await saying([]);
    await liar.exophones.search(KARNATAKA);
    const [request] = liar.asked;
    expect(request!.url).toBe('/v2_beta/Accounts/acme1/AvailablePhoneNumbers/IN/Landline?InRegion=KA');
    expect(request!.headers.authorization).toBe(`Basic ${btoa('key:token')}`);
  });
});

describe('a provider that talks nonsense is unavailable', () => {
  const calls: [string, (exophones: ExoPhones) => Promise<unknown>][] = [
    ['search', (exophones) => exophones.search(KARNATAKA)],
    ['buy', (exophones) => exophones.buy(NUMBER)],
    ['list', (exophones) => exophones.list()],
    ['flowOf', (exophones) => exophones.flowOf(SID)],
    ['configure', (exophones) => exophones.configure(SID)],
  ];
  const nonsense = ['<html>maintenance</html>', '', 'null', '[null]', '[[]]', '[{}]', '{}', '42', '"text"'];

  it.each(calls.flatMap(([name, ask]) => nonsense.map((body) => [name, body, ask] as const)))(
    '%s: %s',
    async (_name, body, ask) => {
      const liar = await saying(body);
      const failure = await failureOf(ask(liar.exophones));
      expect(failure).toBeInstanceOf(ProviderUnavailable);
      expect(failure.message).toContain(' has no ');
      expect(liar.asked).toHaveLength(1);
    },
  );

  it.each([
    ['a sid', { incoming_phone_numbers: [{ phone_number: NUMBER }] }, 'has no sid'],
    ['a sid that is text', { incoming_phone_numbers: [{ phone_number: NUMBER, sid: 7 }] }, 'has no sid'],
    ['a phone_number', { incoming_phone_numbers: [{ sid: SID }] }, 'has no phone_number'],
    ['the numbers', { incoming_phone_numbers: {} }, 'has no incoming_phone_numbers'],
  ])('naming what its list lacks: %s', async (_lacking, body, named) => {
    const liar = await saying(body);
    expect((await failureOf(liar.exophones.list())).message).toContain(named);
  });

  it('when its voice URL is no text', async () => {
    const liar = await saying({ sid: SID, voice_url: { url: VOICE_URL } });
    expect((await failureOf(liar.exophones.flowOf(SID))).message).toContain('has no voice_url');
  });

  it('but is believed without a rent that is money', async () => {
    const liar = await saying({ sid: SID, phone_number: NUMBER, rental_price: 'a lot', currency: 7 });
    expect(await liar.exophones.buy(NUMBER)).toEqual({ number: NUMBER, providerId: SID, rent: null, currency: null });
  });

  it('when its answer never ends', async () => {
    const liar = await aLiar((_request, response) => void response.writeHead(200).write('{"sid":'));
    const failure = await failureOf(exophonesAt(liar.url, {}, IMPATIENT).flowOf(SID));
    expect(failure).toBeInstanceOf(ProviderUnavailable);
    expect(failure.message).toContain('within 300 ms');
    expect(liar.asked).toHaveLength(1);
  });

  it('when nobody listens', async () => {
    await exchange.close();
    expect(await failureOf(exophones.list())).toBeInstanceOf(ProviderUnavailable);
  });
});

describe('the rate', () => {
  let second: DataSource;
  beforeAll(async () => {
    second = await createDataSource(database.url).initialize();
  });
  afterAll(() => second?.destroy());
  // A second that began in another test would end too soon for this one.
  beforeEach(() => dataSource.query('DELETE FROM provider_rate_limits'));

  const exophonesOfAProcess = (
    ownPool: DataSource,
    account: string,
    perSecond = 3,
    longestWaitMs = LONGEST_WAIT_MS,
  ) => {
    const config = configFor(exchange.url, { sid: account }, perSecond);
    return new ExoPhones(config, new ExotelRateLimit(ownPool, config, longestWaitMs), QUICK);
  };
  const statuses = (asked: Promise<unknown>[]) => Promise.allSettled(asked);

  it('is shared by two processes', async () => {
    const processes = [dataSource, second].map((pool) => exophonesOfAProcess(pool, ACCOUNT.sid));
    const asked = Array.from({ length: 8 }, (_, turn) => processes[turn % 2]!.list());
    expect(await took(Promise.all(asked))).toBeGreaterThanOrEqual(2000); // 3 + 3 + 2
  });

  it('is each account’s own', async () => {
    const busy = exophonesOfAProcess(dataSource, 'busy');
    const idle = exophonesOfAProcess(second, 'idle');
    const asked = statuses(Array.from({ length: 7 }, () => busy.list()));
    expect(await tookAtMost(statuses([idle.list()]))).toBeLessThan(1000);
    expect(await took(asked)).toBeGreaterThanOrEqual(1000);
  });

  it('lets nobody wait for ever', async () => {
    const hurried = exophonesOfAProcess(dataSource, 'queue', 1, 1000);
    const outcomes = await statuses(Array.from({ length: 8 }, () => hurried.list()));
    const messages = outcomes.map((outcome) => (outcome as PromiseRejectedResult).reason as Error);
    const late = messages.filter((error) => error.message.includes('wait for their turn'));
    expect(late.length).toBeGreaterThanOrEqual(5);
    expect(late.every((error) => error instanceof ProviderUnavailable)).toBe(true);
  });

  it('gives up a request whose turn comes too late behind another process', async () => {
    const fast = exophonesOfAProcess(second, 'greedy', 1, 3000);
    const slow = exophonesOfAProcess(dataSource, 'greedy', 1, 3000);
    const outcomes = statuses([
      ...Array.from({ length: 4 }, () => fast.list()),
      ...Array.from({ length: 4 }, () => slow.list()),
    ]);
    expect(await tookAtMost(outcomes)).toBeLessThan(6000);
    const errors = (await outcomes).map((outcome) => (outcome as PromiseRejectedResult).reason as Error);
    expect(errors.filter((error) => error instanceof ProviderUnavailable).length).toBeGreaterThanOrEqual(3);
  });

  it('asks nothing of Exotel when the database is gone', async () => {
    const gone = await createDataSource(database.url).initialize();
    const cutOff = exophonesOfAProcess(gone, ACCOUNT.sid);
    await gone.destroy();
    const failure = await failureOf(cutOff.buy(NUMBER));
    expect(failure).toBeInstanceOf(ProviderUnavailable);
    expect(await ownedNumbers()).toEqual([]);
  });
});

it('is built by Nest as the provider of numbers, with the patience of production', async () => {
  const module = await Test.createTestingModule({
    providers: [
      { provide: ExotelConfig, useValue: configFor(exchange.url) },
      { provide: getDataSourceToken(), useValue: dataSource },
      ExotelRateLimit,
      { provide: NumberProvider, useClass: ExoPhones },
    ],
  }).compile();
  const provider = module.get(NumberProvider);
  expect(await provider.list()).toEqual([]);
});
