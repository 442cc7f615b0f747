import type { Server } from 'node:http';
import { connect } from 'node:net';

import { API_KEY, aPhone, HOOK_SECRET, numbers, TestApp } from '../../support/app.js';

let app: TestApp;
const lines: string[] = [];
beforeAll(async () => {
  app = await TestApp.start({ exotelTexts: true, trustedProxies: ['127.0.0.1'], logTo: (line) => lines.push(line) });
});
afterAll(() => app?.stop());

const KEY = { authorization: `Bearer ${API_KEY}` };
const JSON_TYPE = { 'content-type': 'application/json' };
const JSON_TYPES = ['application/json', 'application/cloudevents-batch+json', 'application/cloudevents+json'];

/** Sends the headers of a request and not one byte of its body. @returns the first line of the answer */
async function answerToHeaders(method: string, path: string, headers: Record<string, string>): Promise<string> {
  const { hostname, port } = new URL(app.url);
  const socket = connect(Number(port), hostname);
  const head = { host: hostname, 'content-length': '20000', ...headers };
  socket.write(`${method} ${path} HTTP/1.1\r\n`);
  socket.write(
    Object.entries(head)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('') + '\r\n',
  );
  try {
    return await new Promise<string>((resolve, reject) => {
      socket.once('data', (data) => resolve(data.toString('latin1').split('\r\n')[0]!));
      socket.once('error', reject);
      socket.setTimeout(3_000, () => resolve('no answer'));
    });
  } finally {
    socket.destroy();
  }
}

const metric = async (line: string): Promise<number> => {
  const { text } = await app.request('GET', '/metrics', KEY);
  const found = text.split('\n').find((one) => one.startsWith(`${line} `));
  return Number(found?.split(' ').at(-1) ?? 0);
};

describe('a request that proves nothing is answered before its body is sent', () => {
  it('at every route of the API', async () => {
    const { paths } = (await app.request('GET', '/docs-json', {})).body as { paths: Record<string, object> };
    const routes = Object.entries(paths).flatMap(
      ([path, methods]) =>
        Object.keys(methods)
          .filter((method) => ['post', 'put', 'patch', 'delete'].includes(method))
          .map((method) => [method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'x')] as const)
          .filter((route) => route.join(' ') !== 'POST /v1/session'), // its key is in the body, of 1 KiB at most
    );
    expect(routes.length).toBeGreaterThan(15);
    for (const [method, path] of routes) {
      for (const type of JSON_TYPES) {
        const answer = await answerToHeaders(method, path, { 'content-type': type });
        expect([method, path, answer]).toEqual([method, path, 'HTTP/1.1 401 Unauthorized']);
      }
    }
  });

  it.each([
    ['POST', '/hooks/twilio/voice', 'HTTP/1.1 403 Forbidden'],
    ['POST', '/hooks/twilio/messages', 'HTTP/1.1 403 Forbidden'],
    ['POST', '/hooks/exotel/not_the_secret/sms', 'HTTP/1.1 404 Not Found'],
    ['POST', '/hooks/exotel/not_the_secret/sms-status', 'HTTP/1.1 404 Not Found'],
    ['POST', '/hooks/exotel/not_the_secret/call-status', 'HTTP/1.1 404 Not Found'],
    ['POST', '/hooks/exotel/not_the_secret/nothing', 'HTTP/1.1 404 Not Found'],
    ['POST', `/hooks/exotel/${HOOK_SECRET}/nothing`, 'HTTP/1.1 404 Not Found'],
    ['POST', '/hooks/nobody/connect', 'HTTP/1.1 404 Not Found'],
    ['POST', '/v1/nothing', 'HTTP/1.1 404 Not Found'],
    ['POST', '/', 'HTTP/1.1 405 Method Not Allowed'],
  ])('at %s %s', async (method, path, answer) => {
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/json']) {
      expect(await answerToHeaders(method, path, { 'content-type': type })).toBe(answer);
    }
  });
});

it('every connection is bounded in time and number, and outlives the idle time of load balancers', () => {
  const server = app.app.getHttpServer() as unknown as Server;
  expect(server.headersTimeout).toBeLessThanOrEqual(10_000);
  expect(server.requestTimeout).toBeLessThanOrEqual(30_000);
  expect(server.timeout).toBeGreaterThan(0);
  expect(server.keepAliveTimeout).toBeGreaterThan(600_000);
  expect(server.maxConnections).toBeLessThanOrEqual(10_000);
});

describe('JSON', () => {
  it.each([
    ['nests deep', '/v1/events', '['.repeat(4_000_000), 400],
    ['nests deep in objects', '/v1/events', '{"a":'.repeat(800_000), 400],
    ['has a great many elements', '/v1/events', `[${'1,'.repeat(2_000_000)}1]`, 413],
    ['is larger than its route takes', '/v1/orders', `{"reference":"${'x'.repeat(70_000)}"}`, 413],
  ])('that %s is refused, and costs hardly more than its bytes', async (_, path, body, status) => {
    const type = path === '/v1/events' ? JSON_TYPES[1]! : JSON_TYPES[0]!;
    const before = process.cpuUsage();
    const answer = await app.request('POST', path, { ...KEY, 'content-type': type }, body);
    const { user } = process.cpuUsage(before);
    expect(answer.status).toBe(status);
    expect(user / 1_000).toBeLessThan(400);
  });

  it('may have brackets in its texts', async () => {
    const body = { reference: '['.repeat(50), customer: { phone: '{'.repeat(40) } };
    expect((await app.api('POST', '/v1/orders', body)).body.errors).toEqual([expect.stringContaining('reference')]);
  });

  it('may have a byte order mark before it, at every endpoint', async () => {
    const marked = (body: unknown) => `\uFEFF${JSON.stringify(body)}`;
    const pool = await app.pool({}, numbers(2));
    const json = { ...KEY, ...JSON_TYPE };
    const order = { reference: 'marked-1', customer: { phone: aPhone() }, pool };
    expect((await app.request('POST', '/v1/orders', json, marked(order))).status).toBe(201);
    const agent = await app.request('PUT', '/v1/orders/marked-1/agent', json, marked({ phone: aPhone() }));
    expect(agent.status).toBe(200);
    const policy = await app.request('PATCH', `/v1/pools/${pool}`, json, marked({ lowWater: 0 }));
    expect(policy.status).toBe(200);
    const batch = await app.request('POST', '/v1/events', { ...KEY, 'content-type': JSON_TYPES[1]! }, marked([]));
    expect([202, 400]).toContain(batch.status);
    expect(batch.text).not.toContain('/problems/invalid-json');
    const status = await app.request('POST', `/hooks/exotel/${HOOK_SECRET}/call-status`, JSON_TYPE, marked({}));
    expect(status.status).toBe(200);
  });

  it.each(['complete', 'cancel', 'reopen'])(
    'may be announced and left out where there is nothing to say: %s',
    async (what) => {
      const pool = await app.pool({}, []);
      await app.order(`bodyless-${what}`, aPhone(), undefined, { pool });
      const { status } = await app.request('POST', `/v1/orders/bodyless-${what}/${what}`, { ...KEY, ...JSON_TYPE }, '');
      expect(status).toBe(200);
    },
  );
});

describe('an answer', () => {
  it.each([
    ['GET', '/v1/orders', KEY],
    ['GET', '/v1/orders', {}],
    ['GET', '/v1/nothing', KEY],
    ['GET', '/v1/orders/%E0%A4%A', KEY],
    ['GET', '/health/live', {}],
    ['GET', '/nothing', {}],
  ])('to %s %s tells browsers to load nothing, frame nothing and guess no type', async (method, path, headers) => {
    const answer = await app.request(method, path, headers);
    expect(answer.headers).toMatchObject({
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'strict-transport-security': expect.stringContaining('max-age='),
    });
  });

  it.each(['/v1/orders', '/v1/nothing', '/v1/audit', '/v1/orders/x/texts'])(
    'of %s is kept by no cache',
    async (path) => {
      expect((await app.request('GET', path, KEY)).headers['cache-control']).toBe('no-store');
      expect((await app.request('GET', path, {})).headers['cache-control']).toBe('no-store');
    },
  );
});

describe('a request without the right key', () => {
  const from = (address: string, key: string | null) =>
    app.request('GET', '/v1/orders', {
      'x-forwarded-for': address,
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
    });

  it('is told what is asked for, counted by why, and logged once a minute without the key', async () => {
    const before = await metric('maskline_authentication_failures_total{why="wrong"}');
    const missing = await metric('maskline_authentication_failures_total{why="missing"}');
    for (const key of ['first-wrong-key-of-somebody', 'second-wrong-key-of-somebody']) {
      const { status, headers } = await from('203.0.113.1', key);
      expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer error="invalid_token"']);
    }
    expect((await from('203.0.113.1', null)).headers['www-authenticate']).toBe('Bearer');
    expect(await metric('maskline_authentication_failures_total{why="wrong"}')).toBe(before + 2);
    expect(await metric('maskline_authentication_failures_total{why="missing"}')).toBe(missing + 1);
    const told = lines.filter((line) => line.includes('203.0.113.1')).map((line) => JSON.parse(line));
    expect(told.map(({ why, level, msg }) => [why, level, msg])).toEqual([
      ['wrong', 40, 'request without a valid key refused'],
      ['missing', 40, 'request without a valid key refused'],
    ]);
    expect(lines.join()).not.toContain('wrong-key-of-somebody');
  });

  it('has to wait after many wrong ones, as have its neighbours in IPv6, while a right key is always let in', async () => {
    for (const [attempt, next] of [
      ['203.0.113.2', '203.0.113.2'],
      ['2001:db8:1:2::7', '2001:db8:1:2:ffff::8'],
    ] as const) {
      for (let count = 1; count <= 20; count += 1) expect((await from(attempt, 'wrong')).status).toBe(401);
      const { status, headers, body } = await from(next, 'wrong');
      expect([status, body.type]).toEqual([429, '/problems/too-many-wrong-keys']);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      expect((await from(next, API_KEY)).status).toBe(200);
      expect((await from(next, null)).status).toBe(401);
    }
    expect((await from('203.0.113.3', 'wrong')).status).toBe(401);
    expect((await from('2001:db8:1:3::7', 'wrong')).status).toBe(401);
  });
});
