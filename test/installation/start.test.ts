import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { vi } from 'vitest';

import { aDataFolder, aFolder, NORMAL_USER, ROOT } from '../platform/embedded/support.js';
import { OwnRedis } from '../support/own-redis.js';
import {
  LONG_MS,
  cleanUpStarted,
  costOf,
  isAlive,
  send,
  start,
  startHere,
  startWhole,
  until,
  type Answer,
  type Started,
} from './started.js';
import { itWithRedis } from '../support/with-redis.js';

vi.setConfig({ testTimeout: LONG_MS, hookTimeout: LONG_MS });

const asRoot = ROOT ? it : it.skip;

const ORDER = { reference: 'order-7', customer: { phone: '+919000000001' } };
const AGENT = { phone: '+919000000002' };

describe('a start on a bare machine', () => {
  let maskline: Started;
  beforeAll(async () => {
    maskline = await startWhole({ dataDir: await aFolder(), env: { DRAIN_SECONDS: '3' } });
  });
  afterAll(cleanUpStarted);

  it('says where everything is, and what is said next works as it stands', async () => {
    const { url, exchange, output } = maskline;
    expect(output).toContain(`Swagger UI  ${url}/docs\n`);
    expect(output).toContain(`API key     ${await maskline.apiKey()}\n`);
    expect(output).toContain(exchange);
    expect((await send(`${url}/docs`)).text).toContain('swagger-ui');
    expect((await send(`${url}/docs-json`)).body.info.title).toBe('Maskline');

    expect(output).toContain('Its playground has the phones of a sample order');
    const link = /^ {2}Console {5}(\S+)$/m.exec(output)?.[1] ?? '';
    expect(link).toMatch(new RegExp(`^${url}/console/#sign-in=[\\w-]{43}$`));
    expect((await send(link)).text).toContain('<div id="root">');
    const signIn = async () => send(`${url}/v1/session`, 'POST', { link: link.split('=').at(-1) });
    expect((await signIn()).status).toBe(201);
    expect((await signIn()).status).toBe(410);

    const [place, assign, call] = curls(output);
    expect((await place!()).status).toBe(201);
    const { body: order } = await assign!();
    expect(order).toMatchObject({ status: 'active', agent: { dials: expect.stringMatching(/^\+91/) } });
    expect((await call!(order.customer.dials)).body).toMatchObject({ connected: true, rang: '+919000000002' });
  });

  it('keeps every file that it writes to its owner, and every folder with files of its servers', async () => {
    const folder = maskline.env.DATA_DIR!;
    const modeOf = async (name: string) => ({ name, mode: (await stat(join(folder, name))).mode & 0o777 });
    // A file may be renamed between its listing and its look-up, because the exchange replaces its file as a whole.
    const looked = await Promise.allSettled((await readdir(folder)).map(modeOf));
    const entries = looked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(entries.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['exchange.json', 'maskline.log', 'secrets.json']),
    );
    expect(entries.filter(({ mode }) => (mode & 0o077) !== 0)).toEqual([]);
  });

  it('keeps others from its folder', async () => {
    const second: Error = await startHere({ dataDir: maskline.env.DATA_DIR }).catch((failure) => failure);
    expect(second.message).toContain(`Another Maskline (process ${maskline.child.pid}) is using `);
    expect(second.message).toMatch(/: stop it, or set DATA_DIR to another folder for this one\.$/);
  });

  it('keeps others from its port, which is named', async () => {
    const { PORT } = maskline.env;
    await expect(startHere({ env: { PORT } })).rejects.toMatchObject({
      message: `Port ${PORT} on 127.0.0.1 is taken: stop what listens there, or set PORT to another.`,
    });
  });

  it('keeps others from the port of its exchange, and they leave nothing running', async () => {
    const { EXCHANGE_PORT } = maskline.env;
    const dataDir = await aDataFolder();
    await expect(startHere({ env: { EXCHANGE_PORT }, dataDir })).rejects.toMatchObject({
      message: `Port ${EXCHANGE_PORT}, which the exchange needs, is taken: stop what listens there, or set EXCHANGE_PORT to another.`,
    });
    expect(await readdir(join(dataDir, 'postgres'))).not.toContain('postmaster.pid');
    expect(await readFile(join(dataDir, 'postgres.log'), 'utf8')).toContain('ready to accept connections');
  });

  it('keeps its queues in PostgreSQL, says so, answers requests for a while after SIGTERM, and stops in order', async () => {
    expect(maskline.output).toMatch(/Queue +in PostgreSQL, good for trying out \(for load: set REDIS_URL\)/);
    const postgres = await maskline.postgres();
    const told = maskline.output.length;
    await maskline.api('POST', 'orders', ORDER);
    await maskline.api('PUT', 'orders/order-7/agent', AGENT);
    await maskline.active('order-7');
    const stopped = maskline.stop();
    const ready = async () => send(`${maskline.url}/health/ready`);
    await until(async () => (await ready()).status === 503 || null);
    expect((await ready()).body.status).toBe('stopping');
    const answer = await fetch(`${maskline.url}/v1/orders/order-7`, { headers: await maskline.key() });
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
    expect(await stopped).toBe(0);
    expect(maskline.output.slice(told)).toBe('\nStopping.\n');
    await until(async () => !isAlive(postgres!) || null);
  });
});

describe('a start', () => {
  afterEach(cleanUpStarted);

  it('keeps orders and numbers from one to the next, buys nothing twice, and leaves no server behind', async () => {
    const first = await startWhole();
    const { DATA_DIR: dataDir, EXCHANGE_PORT } = first.env;
    await first.api('POST', 'orders', ORDER);
    await first.api('PUT', 'orders/order-7/agent', AGENT);
    await until(async () => (await available(first)).length >= 20 || null);
    const before = {
      order: await first.order('order-7'),
      owned: await first.owned(),
      numbers: await available(first),
    };
    expect(before.owned.spent).toEqual(costOf(before.owned));

    const postgres = (await first.postgres())!;
    expect(isAlive(postgres)).toBe(true);
    expect(await first.stop('SIGTERM')).toBe(0);
    expect(await first.postgres()).toBeNull();
    await until(async () => !isAlive(postgres) || null);
    expect(first.output).toMatch(/\nStopping\.\n$/);

    const second = await startWhole({ dataDir, env: { EXCHANGE_PORT } });
    expect(await second.order('order-7')).toEqual(before.order);
    expect(await second.owned()).toEqual(before.owned);
    expect(await available(second)).toEqual(before.numbers);
    const call = { from: '+919000000001', to: before.order.customer.dials };
    expect((await send(`${second.exchange}/exchange/calls`, 'POST', call)).body.rang).toBe('+919000000002');

    await second.stop('SIGKILL');
    const third = await startWhole({ dataDir, env: { EXCHANGE_PORT } });
    expect(await third.order('order-7')).toEqual(before.order);
    expect(await third.owned()).toEqual(before.owned);
  });

  it('leaves no server behind when it is broken off', async () => {
    const maskline = await start();
    const postgres = await until(async () => maskline.postgres());
    expect(await maskline.stop('SIGINT')).toBe(0);
    expect(maskline.output).not.toContain('did not start');
    await until(async () => !isAlive(postgres) || null);
  });

  it('leaves no server behind either when a second Ctrl-C does not wait for its end', async () => {
    const maskline = await startWhole();
    const postgres = (await maskline.postgres())!;
    process.kill(postgres, 'SIGSTOP'); // so that it does not stop in order
    maskline.child.kill('SIGINT');
    await maskline.says(/Stopping/);
    maskline.child.kill('SIGINT');
    expect(await maskline.ended).toBe(1);
    process.kill(postgres, 'SIGCONT');
    await until(async () => !isAlive(postgres) || null);
  });

  asRoot('is possible as a normal user', async () => {
    const maskline = await startWhole({ dataDir: await aDataFolder({ owner: NORMAL_USER }), as: NORMAL_USER });
    expect((await maskline.api('GET', 'pools/default')).status).toBe(200);
    expect(await maskline.stop()).toBe(0);
  });

  itWithRedis('goes on answering when its Redis dies, quietly, and stops in order', async () => {
    const redis = await OwnRedis.start();
    const maskline = await startWhole({ env: { REDIS_URL: redis.url } });
    const told = maskline.output.length;
    await redis.stop();
    expect((await maskline.api('POST', 'orders', ORDER)).status).toBe(201);
    expect((await maskline.api('PUT', 'orders/order-7/agent', AGENT)).body.status).toBe('active');
    expect(await maskline.stop()).toBe(0);
    expect(maskline.output.slice(told)).toBe('\nStopping.\n');
  });
});

async function available(maskline: Started): Promise<string[]> {
  const { body } = await maskline.api('GET', 'numbers?status=available&limit=1000');
  return (body.numbers as { number: string }[]).map(({ number }) => number).toSorted();
}

/** The commands that the start prints, made without a shell; the last one is given the number to dial. */
function curls(output: string): ((dials?: string) => Promise<Answer>)[] {
  return output
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim().startsWith('curl '))
    .map((line) => (dials = '') => {
      const url = /curl (\S+)/.exec(line)![1]!;
      const method = / -X (\w+)/.exec(line)?.[1] ?? 'POST';
      const headers = Object.fromEntries(
        [...line.matchAll(/-H '([\w-]+): ([^']*)'/g)].map(([, name, value]) => [name!.toLowerCase(), value!]),
      );
      const body = / -d '(.*)'/.exec(line)![1]!.replace(/<the customer’s dials>/, dials);
      return send(url, method, JSON.parse(body) as object, headers);
    });
}
