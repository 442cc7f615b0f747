import { API_KEY, aPhone, numbers, TestApp, type Answer } from '../../support/app.js';

let app: TestApp;
let pool: string;
const lines: string[] = [];

beforeAll(async () => {
  app = await TestApp.start({ logTo: (line) => lines.push(line) });
  pool = await app.pool({}, numbers(2));
});
afterAll(async () => {
  await app?.stop();
});

const KEY = { authorization: `Bearer ${API_KEY}` };
const JSON_TYPE = { 'content-type': 'application/json' };

/** RFC 9457: the type, the members, and a detail that says something. */
function expectProblem(answer: Answer, status: number, slug: string): void {
  expect([answer.status, answer.headers['content-type']]).toEqual([
    status,
    expect.stringMatching(/^application\/problem\+json/),
  ]);
  expect(answer.body).toMatchObject({ type: `/problems/${slug}`, title: expect.any(String), status });
  expect(answer.body.detail).toMatch(/^\S.{15,}\.$/s);
}

/** Every call that the OpenAPI document lists, with something in its path's places. */
async function everyCall(): Promise<[method: string, path: string][]> {
  const { body } = await app.request('GET', '/docs-json', {});
  return Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method): [string, string] => [method.toUpperCase(), path.replace(/\{\w+\}/g, 'x')]),
  );
}

describe('without the API key', () => {
  it('nobody may make any call but those that ask after health', async () => {
    const calls = await everyCall();
    expect(calls.length).toBeGreaterThan(17);
    for (const [method, path] of calls.filter(([, path]) => !path.startsWith('/health/'))) {
      const answer = await app.request(method, path, {});
      expect([method, path, answer.status]).toEqual([method, path, 401]);
      expectProblem(answer, 401, 'missing-key');
    }
  });

  it.each([
    ['a wrong key', 'Bearer mk_another_key'],
    ['a key that begins alike', `Bearer ${API_KEY}x`],
    ['no key', 'Bearer '],
    ['another scheme', `Basic ${API_KEY}`],
    ['the key alone', API_KEY],
  ])('%s opens nothing', async (_, authorization) => {
    expectProblem(await app.request('GET', '/v1/pools', { authorization }), 401, 'missing-key');
  });

  it('anybody may ask whether the process lives and is ready', async () => {
    for (const [path, body] of [
      ['/health/live', { status: 'live' }],
      ['/health/ready', { status: 'ready', database: 'up', checks: expect.objectContaining({ database: 'up' }) }],
    ] as const) {
      expect(await app.request('GET', path, {})).toMatchObject({ status: 200, body });
    }
  });
});

describe('a request of the wrong form', () => {
  it.each([
    ['no JSON', '{'],
    ['an object that would poison its prototype', '{"__proto__": {}}'],
  ])('is refused when it is %s', async (_, body) => {
    expectProblem(await app.request('POST', '/v1/orders', { ...KEY, ...JSON_TYPE }, body), 400, 'http');
  });

  it.each(['[]', '[{"reference":"order-1"}]', '"order-1"', '1', 'null'])(
    'is refused when it is JSON, but no object: %s',
    async (body) => {
      expectProblem(await app.request('POST', '/v1/orders', { ...KEY, ...JSON_TYPE }, body), 400, 'invalid-request');
    },
  );

  it('is refused when it has no body at all, whatever type it says that has', async () => {
    expectProblem(await app.request('POST', '/v1/orders', { ...KEY, ...JSON_TYPE }, ''), 400, 'invalid-request');
    expectProblem(await app.request('POST', '/v1/orders', KEY), 400, 'invalid-request');
    expectProblem(await app.request('PUT', '/v1/orders/order-1/agent', KEY), 400, 'invalid-request');
  });

  it('is refused when it is no JSON by its type, or too large', async () => {
    const xml = await app.request('POST', '/v1/orders', { ...KEY, 'content-type': 'text/xml' }, '<order/>');
    expectProblem(xml, 415, 'http');
    const json = JSON.stringify({ reference: 'order-1', customer: { phone: aPhone() } });
    for (const type of ['application/x-www-form-urlencoded', 'text/plain;charset=UTF-8', 'multipart/form-data', '']) {
      const answer = await app.request('POST', '/v1/orders', { ...KEY, 'content-type': type }, json);
      expectProblem(answer, 415, 'http');
      expect(answer.body.detail).toContain('"Content-Type: application/json"');
    }
    const large = await app.api('POST', '/v1/orders', { reference: 'x'.repeat(2 ** 20) });
    expectProblem(large, 413, 'http');
  });

  it('is refused when it has fields that nobody knows, and names them', async () => {
    const customer = { phone: aPhone(), name: 'Asha' };
    const answer = await app.api('POST', '/v1/orders', { reference: 'order-1', customer, price: 12 });
    expectProblem(answer, 400, 'invalid-request');
    expect(answer.body.errors).toEqual(['property price should not exist', 'customer.property name should not exist']);
    expect(answer.text).not.toContain('Asha');
  });

  it.each([
    ['POST', '/v1/orders', { reference: 'two words', customer: { phone: aPhone() } }, 'reference'],
    ['POST', '/v1/orders', { reference: 'x'.repeat(129), customer: { phone: aPhone() } }, 'reference'],
    ['POST', '/v1/orders', { reference: '.', customer: { phone: aPhone() } }, 'reference'],
    ['POST', '/v1/orders', { reference: '..', customer: { phone: aPhone() } }, 'reference'],
    ['POST', '/v1/orders', { reference: 'order-1' }, 'customer'],
    ['POST', '/v1/orders', { reference: 'order-1', customer: 'Asha' }, 'customer'],
    ['POST', '/v1/orders', { reference: 'order-1', customer: [] }, 'customer'],
    ['POST', '/v1/orders', { reference: 'order-1', customer: {} }, 'phone'],
    ['POST', '/v1/orders', { reference: 'order-1', customer: { phone: 919000000001 } }, 'phone'],
    ['POST', '/v1/orders', { reference: 'order-1', customer: { phone: '9'.repeat(41) } }, 'phone'],
    ['POST', '/v1/orders', { reference: 'order-1', customer: { phone: aPhone() }, pool: 7 }, 'pool'],
    ['POST', '/v1/orders', { reference: 'order-1', customer: { phone: aPhone() }, lifetimeSeconds: 0 }, 'lifetime'],
    ['POST', '/v1/orders', { reference: 'order-1', customer: { phone: aPhone() }, lifetimeSeconds: 1.5 }, 'lifetime'],
    ['POST', '/v1/orders', { reference: 'order-1', customer: { phone: aPhone() }, lifetimeSeconds: 1e9 }, 'lifetime'],
    ['GET', '/v1/orders?limit=0', undefined, 'limit'],
    ['GET', '/v1/orders?limit=1001', undefined, 'limit'],
    ['GET', '/v1/orders?limit=many', undefined, 'limit'],
    ['GET', '/v1/orders?status=lost', undefined, 'status'],
    ['GET', '/v1/orders?cursor=lost', undefined, 'cursor'],
    ['GET', `/v1/orders?cursor=${cursor(`2026-11-22T06:00:00.000Z ${'-'.repeat(36)}`)}`, undefined, 'cursor'],
    ['GET', `/v1/orders?cursor=${cursor(`-271821-04-20T00:00:00.000Z ${crypto.randomUUID()}`)}`, undefined, 'cursor'],
    ['GET', `/v1/orders?cursor=${cursor(`2026-99-99T00:00:00.000Z ${crypto.randomUUID()}`)}`, undefined, 'cursor'],
    ['GET', '/v1/numbers?limit=1001', undefined, 'limit'],
    ['GET', '/v1/numbers?status=lost', undefined, 'status'],
    ['POST', '/v1/numbers/import', { pool: 'default', numbers: [] }, 'numbers'],
    ['POST', '/v1/numbers/import', { pool: 'default', numbers: ['+918047000001'] }, 'numbers'],
    ['POST', '/v1/numbers/import', { pool: 'default', numbers: [[]] }, 'numbers'],
    ['POST', '/v1/numbers/import', { pool: 'default', numbers: [{ providerId: 'x' }] }, 'number'],
    ['POST', '/v1/pools', { name: 'two words', country: 'IN' }, 'name'],
    ['POST', '/v1/pools', { name: 'small', country: 'in' }, 'country'],
    ['POST', '/v1/pools', { name: 'named', country: 'India' }, 'country'],
    ['POST', '/v1/pools', { name: 'nowhere', country: 'ZZ' }, 'country'],
    ['POST', '/v1/pools', { name: 'odd', country: 'IN', region: 'Karnataka' }, 'region'],
    ['POST', '/v1/pools', { name: 'odd', country: 'IN', provider: 'acme' }, 'provider'],
    ['POST', '/v1/pools', { name: 'odd', country: 'IN', capacity: 0 }, 'capacity'],
    ['POST', '/v1/pools', { name: 'odd', country: 'IN', graceSeconds: -1 }, 'graceSeconds'],
    ['PATCH', '/v1/pools/default', { quarantineSeconds: 'long' }, 'quarantineSeconds'],
    ['PATCH', '/v1/pools/default', { name: 'other' }, 'name'],
    ['PATCH', '/v1/pools/default', { country: 'GB' }, 'country'],
  ] as const)('%s %s %j is refused for its %s', async (method, path, body, field) => {
    const answer = await app.api(method, path, body);
    expectProblem(answer, 400, 'invalid-request');
    expect(answer.body.errors.join()).toContain(field);
    for (const phone of answer.text.match(/\+?\d{10,}/g) ?? []) throw new Error(`${phone} was quoted`);
  });

  it.each([
    ['GET', '/v1/orders/%00', undefined],
    ['PUT', '/v1/orders/%00/agent', { phone: aPhone() }],
    ['POST', '/v1/orders/%00/complete', undefined],
    ['POST', '/v1/orders', { reference: 'order-1', customer: { phone: aPhone() }, pool: 'a\0' }],
    ['GET', '/v1/numbers?cursor=%00', undefined],
    ['GET', '/v1/pools/%00', undefined],
    ['POST', '/v1/numbers/import', { pool: 'default', numbers: [{ number: '+918047000009', providerId: '\0' }] }],
  ] as const)('%s %s is refused for a character that cannot be stored', async (method, path, body) => {
    expectProblem(await app.api(method, path, body), 400, 'invalid-request');
  });
});

describe('a path that leads nowhere', () => {
  it.each([
    ['is unknown', 'GET', '/v1/nothing', 404],
    ['has no such method', 'DELETE', '/v1/orders', 404],
    ['is no URL', 'GET', '/v1/orders/%E0%A4%A', 400],
    ['is too long', 'GET', `/v1/orders/${'x'.repeat(201)}`, 414],
  ])('is a problem too when it %s, and is not quoted', async (_, method, path, status) => {
    const answer = await app.request(method, path, KEY);
    expectProblem(answer, status, 'http');
    expect(answer.text).not.toContain(path);
  });
});

it.each([
  ['pool', () => `/v1/pools/${pool}x`, 'pool-not-found'],
  ['number', () => '/v1/numbers/a%00/health', 'number-not-found'],
])('a %s that is not there is not quoted, whatever it is', async (_, path, slug) => {
  const answer = await app.api('GET', path());
  expectProblem(answer, 404, slug);
  expect(answer.text).not.toContain(decodeURIComponent(path().split('/')[3]!));
});

describe('what breaks on our side', () => {
  it('is answered 500 with the id of the request and no inside story, and logged once', async () => {
    await app.dataSource.query('DROP TABLE order_events CASCADE');
    const phone = aPhone();
    const answer = await app.api('POST', '/v1/orders', { reference: 'order-1', customer: { phone } });
    expectProblem(answer, 500, 'unexpected');
    expect(answer.text).not.toMatch(/order_events|relation|QueryFailed/);
    const errors = lines.filter((line) => line.includes('"level":50'));
    expect(errors).toHaveLength(1);
    expect(JSON.parse(errors[0]!)).toMatchObject({ requestId: answer.body.requestId, msg: 'request failed' });
    expect(lines.join()).not.toContain(phone.slice(1));
    expect(lines.join()).not.toContain('"parameters"');
  });
});

function cursor(text: string): string {
  return Buffer.from(text).toString('base64url');
}
