import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { aPhone, numbers, TestApp } from '../../support/app.js';

const REDIS = process.env['TEST_REDIS_URL'];

/** An announcement waits a second; the rest is room for a busy machine. Without a bound it would wait for ever. */
const AT_MOST_MS = 3_000;

let app: TestApp;
let line: Server;
let isCut = false;
const sockets: Socket[] = [];

/** A line to Redis that can be cut: it then still takes connections and bytes, and nothing ever comes back. */
async function aLineToRedis(): Promise<string> {
  const redis = new URL(REDIS!);
  const keep = (socket: Socket) => {
    sockets.push(socket.on('error', () => undefined));
    return socket;
  };
  line = createServer((socket) => {
    keep(socket);
    if (isCut) return void socket.resume();
    const upstream = keep(connect(Number(redis.port), redis.hostname));
    socket.on('data', (bytes) => !isCut && upstream.write(bytes));
    upstream.on('data', (bytes) => !isCut && socket.write(bytes));
  });
  await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve));
  const url = new URL(redis);
  url.port = String((line.address() as AddressInfo).port);
  return url.href;
}

beforeAll(async () => {
  if (!REDIS) return;
  app = await TestApp.start({ redisUrl: await aLineToRedis() });
  await app.pool({ name: 'full' }, numbers(2));
  await app.pool({ name: 'dry' });
  await app.order('waiting', aPhone(), undefined, { pool: 'dry' });
  await new Promise((resolve) => setTimeout(resolve, 1_100)); // or the pools' next news would be held back as a repeat
  isCut = true;
});
afterAll(async () => {
  isCut = false;
  const stopped = app?.stop();
  sockets.forEach((socket) => socket.destroy());
  await stopped;
  sockets.forEach((socket) => socket.destroy());
  line?.close();
});

async function within<T extends { status: number }>(work: Promise<T>, status: number): Promise<T> {
  const begun = performance.now();
  const answer = await work;
  expect(performance.now() - begun).toBeLessThan(AT_MOST_MS);
  expect(answer.status).toBe(status);
  return answer;
}

(REDIS ? describe : describe.skip)('with a Redis that takes every byte and says nothing more', () => {
  const place = (reference: string, pool: string) =>
    app.api('POST', '/v1/orders', { reference, customer: { phone: aPhone() }, pool });
  const assign = (reference: string) => app.api('PUT', `/v1/orders/${reference}/agent`, { phone: aPhone() });

  it('every answer comes in time, as if the news had been taken', async () => {
    await within(place('order-1', 'full'), 201);
    await within(assign('order-1'), 200);
    await within(app.api('POST', '/v1/orders/order-1/cancel'), 200);
  });

  it('an order that has to wait for numbers is two pieces of news, and no later', async () => {
    expect(await within(assign('waiting'), 202)).toMatchObject({ body: { status: 'awaiting-numbers' } });
  });
});
