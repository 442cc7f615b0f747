import { connect } from 'node:net';

import { PROBLEM_TEXTS } from '../../../src/platform/http/problem-texts.js';
import { API_KEY, aPhone, numbers, TestApp, type Answer } from '../../support/app.js';
import { eventually } from '../../support/eventually.js';

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
const AT = '2026-11-22T06:00:00Z';
const KEY_NAME = expect.stringMatching(/^key /);

/** Sends bytes, and reads until the connection is closed. */
async function rawAnswer(sent: string): Promise<string> {
  const { hostname, port } = new URL(app.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined); // it may be reset after the answer
  socket.write(sent);
  let answer = '';
  socket.on('data', (data) => (answer += data.toString('latin1')));
  await new Promise((resolve) => socket.once('close', resolve));
  return answer;
}

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
  it('nobody may make any call but those that ask after health or for the text of a problem, and sign in', async () => {
    const calls = await everyCall();
    expect(calls.length).toBeGreaterThan(17);
    const isOpen = (method: string, path: string) =>
      /^\/(health|problems)\//.test(path) || (path === '/v1/session' && method === 'POST');
    for (const [method, path] of calls.filter(([method, path]) => !isOpen(method, path))) {
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
    expectProblem(await app.request('POST', '/v1/orders', { ...KEY, ...JSON_TYPE }, body), 400, 'invalid-json');
  });

  it.each(['\\ud83d', '\\uDE00', '\\ud83d\\ud83d', '\\ude00\\ud83d'])(
    'is refused when a text has half a surrogate pair: %s',
    async (half) => {
      for (const body of [`{"name": "a ${half}", "scopes": ["support"]}`, `{"name": "a key", "${half}": 1}`]) {
        expectProblem(await app.request('POST', '/v1/keys', { ...KEY, ...JSON_TYPE }, body), 400, 'invalid-json');
      }
    },
  );

  it('may have escaped pairs, and backslashes that escape nothing', async () => {
    const body = '{"name": "\\ud83d\\ude00 \\\\ud83d", "scopes": ["support"]}';
    const created = await app.request('POST', '/v1/keys', { ...KEY, ...JSON_TYPE }, body);
    expect([created.status, created.body.name]).toEqual([201, '\u{1f600} \\ud83d']);
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
    expectProblem(xml, 415, 'unsupported-media-type');
    const json = JSON.stringify({ reference: 'order-1', customer: { phone: aPhone() } });
    for (const type of ['application/x-www-form-urlencoded', 'text/plain;charset=UTF-8', 'multipart/form-data', '']) {
      const answer = await app.request('POST', '/v1/orders', { ...KEY, 'content-type': type }, json);
      expectProblem(answer, 415, 'unsupported-media-type');
      expect(answer.body.detail).toContain('"Content-Type: application/json"');
    }
    const large = await app.api('POST', '/v1/orders', { reference: 'x'.repeat(2 ** 20) });
    expectProblem(large, 413, 'body-too-large');
    expect(large.body.limitBytes).toBe(64 * 1024);
  });

  it.each([
    ['POST', '/v1/orders', 'text/plain', 'application/json'],
    ['PATCH', '/v1/pools/default', 'application/merge-patch+json', 'application/json'],
    ['POST', '/v1/pools/default/numbers/import', 'application/json', 'text/csv'],
    [
      'POST',
      '/v1/events',
      'text/csv',
      'application/cloudevents-batch+json, application/cloudevents+json, application/json',
    ],
  ])('%s %s as %s is told what is read', async (method, path, type, accepted) => {
    const answer = await app.request(method, path, { ...KEY, 'content-type': type }, '{}');
    expectProblem(answer, 415, 'unsupported-media-type');
    expect(answer.headers).toMatchObject({
      accept: accepted,
      'accept-encoding': 'identity',
      ...(method === 'PATCH' ? { 'accept-patch': accepted } : {}),
    });
    expect(answer.body.accepts.join(', ')).toBe(accepted);
  });

  it('is refused when its body is compressed', async () => {
    const headers = { ...KEY, ...JSON_TYPE, 'content-encoding': 'gzip' };
    expectProblem(await app.request('POST', '/v1/orders', headers, '{}'), 415, 'unsupported-media-type');
  });

  it('is refused when it has fields that nobody knows, and names them', async () => {
    const customer = { phone: aPhone(), name: 'Asha' };
    const answer = await app.api('POST', '/v1/orders', { reference: 'order-1', customer, price: 12 });
    expectProblem(answer, 400, 'invalid-request');
    expect(answer.body.errors).toEqual([
      'price is not a field of this request',
      'customer.name is not a field of this request',
    ]);
    expect(answer.body.field).toBe('price');
    expect(answer.text).not.toContain('Asha');
    const phone = aPhone();
    for (const name of [phone, phone.slice(1), `phone${phone.slice(1)}`, `${phone.slice(1, 6)} ${phone.slice(6)}`]) {
      const quoting = await app.api('POST', '/v1/orders', { reference: 'order-1', customer: { phone, [name]: 1 } });
      expect(quoting.body.errors).toEqual(['customer.… is not a field of this request']);
    }
  });

  it.each([
    ['POST', '/v1/orders', { customer: { phone: aPhone() } }, 'reference is required'],
    ['POST', '/v1/orders', { reference: 7, customer: { phone: aPhone() } }, 'reference must be a string'],
    ['POST', '/v1/orders', { reference: 'a', customer: {} }, 'customer.phone is required'],
    ['POST', '/v1/orders', { reference: 'a', customer: { phone: 919000000001 } }, 'customer.phone must be a string'],
    ['POST', '/v1/orders', { reference: 'a', customer: { phone: null } }, 'customer.phone must be a string'],
    ['POST', '/v1/orders', { reference: 'a', customer: [] }, 'customer must be an object'],
    ['POST', '/v1/orders', { reference: 'a', participants: {} }, 'participants must be a list'],
    [
      'POST',
      '/v1/orders',
      { reference: 'a', participants: [{ phone: 1, role: 'a' }] },
      /^participants.0.phone must be a s/,
    ],
    ['POST', '/v1/orders', { reference: 'a', customer: { phone: '9'.repeat(41) } }, /^customer.phone .* 40 characters/],
    ['POST', '/v1/orders', [], 'the body must be a JSON object'],
    ['POST', '/v1/pools', { name: 'a', country: 91 }, 'country must be a string'],
    ['PATCH', '/v1/pools/default', { capacity: '5' }, 'capacity must be an integer'],
    ['PATCH', '/v1/pools/default', { capacity: 1.5 }, 'capacity must be an integer'],
    ['PATCH', '/v1/pools/default', { capacity: 0 }, /^capacity must not be less than 1/],
    ['PATCH', '/v1/pools/default', { maxRent: 'much' }, 'maxRent must be a number'],
    ['PATCH', '/v1/pools/default', { maxRent: 0.001 }, 'maxRent must have two decimals at most'],
    ['PATCH', '/v1/pools/default', { claimByPin: 'yes' }, 'claimByPin must be true or false'],
    ['PATCH', '/v1/pools/default', { quietHours: { from: 22 } }, /^quietHours.from must be a string/],
    [
      'PATCH',
      '/v1/pools/default',
      { alternativeProvider: 'A B' },
      'alternativeProvider must be the name of a provider',
    ],
    ['POST', '/v1/numbers/import', { pool: 'default', numbers: 'all' }, 'numbers must be a list'],
    ['POST', '/v1/routing/explain', { from: 919000000001, to: '+918047000001' }, 'from must be a string'],
    ['POST', '/v1/routing/explain', { from: 'a', to: '+918047000001', at: 1 }, 'at must be a string'],
    ['POST', '/v1/routing/explain', {}, 'the request must have either from and to, or reference'],
    ['POST', '/v1/routing/explain', { at: AT }, 'the request must have either from and to, or reference'],
    [
      'POST',
      '/v1/routing/explain',
      { from: 'a' },
      'the request must have either from and to, or reference: to is missing',
    ],
    ['POST', '/v1/routing/explain', { from: 'a', reference: 'b' }, /: from does not go together with reference$/],
    ['POST', '/v1/routing/explain', { reference: 'b', at: AT }, /: at does not go together with reference$/],
    ['POST', '/v1/routing/explain', { from: 'a', to: 'b', role: 'agent' }, /: role does not go together with from$/],
    ['POST', '/v1/routing/explain', { reference: 1 }, 'reference must be a string'],
    ['POST', '/v1/session', undefined, 'the request must have either key or link'],
    ['POST', '/v1/session', {}, 'the request must have either key or link'],
    ['POST', '/v1/session', { key: 'a', link: 'b' }, /: link does not go together with key$/],
    ['POST', '/v1/orders', { reference: 'a' }, 'the request must have either customer or participants'],
    ['POST', '/v1/keys', { name: 'a', scopes: ['x'] }, /^scopes must be some of/],
    ['POST', '/v1/keys', { name: 'a', scopes: ['support'], pools: [1] }, /^pools must be names of pools/],
    ['POST', '/v1/keys', { name: 'a', scopes: 'support' }, 'scopes must be a list'],
    ['GET', '/v1/orders?limit=abc', undefined, 'limit must be an integer'],
    ['GET', '/v1/orders?limit=1&limit=2', undefined, 'limit must be an integer'],
    ['GET', '/v1/orders?limit=0', undefined, 'limit must be at least 1'],
    ['GET', '/v1/orders?status=lost', undefined, /^status must be one of the following values: placed, /],
    ['GET', '/v1/order-events?after=1&after=2', undefined, 'after must be a string'],
  ])('%s %s %j is told the most basic rule that it breaks: %s', async (method, path, body, says) => {
    const { errors } = (await app.api(method as 'GET', path, body)).body;
    expect(errors[0]).toEqual(typeof says === 'string' ? says : expect.stringMatching(says));
  });

  it('names the alternatives beside whatever else is wrong', async () => {
    const { errors, field } = (await app.api('POST', '/v1/routing/explain', { refrence: 'a', from: 1 })).body;
    expect(errors).toEqual([
      'refrence is not a field of this request',
      'from must be a string',
      'the request must have either from and to, or reference: to is missing',
    ]);
    expect(field).toBe('refrence');
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
    ['is unknown', 'GET', '/v1/nothing', 404, 'endpoint-not-found'],
    ['is unknown below a known one', 'GET', '/v1/orders/a/b/c', 404, 'endpoint-not-found'],
    ['is that of callbacks', 'DELETE', '/hooks/exotel/a_secret/connect', 404, 'endpoint-not-found'],
    ['has no such method', 'DELETE', '/v1/orders', 405, 'method-not-allowed'],
    ['is no URL', 'GET', '/v1/orders/%E0%A4%A', 400, 'invalid-path'],
    ['is too long', 'GET', `/v1/orders/${'x'.repeat(201)}`, 414, 'path-too-long'],
  ])('is a problem too when it %s, and is not quoted', async (_, method, path, status, slug) => {
    const answer = await app.request(method, path, KEY);
    expectProblem(answer, status, slug);
    expect(answer.text).not.toContain(path);
  });

  it.each([
    ['DELETE', '/v1/orders', 'GET, HEAD, POST'],
    ['POST', '/v1/orders/+919000000001', 'GET, HEAD'],
    ['PUT', '/v1/pools/default?phone=%2B919000000001', 'GET, HEAD, PATCH'],
    ['GET', '/v1/orders/a/links', 'DELETE, POST'],
    ['POST', '/health/live', 'GET, HEAD'],
  ])('%s %s is told the methods that there are', async (method, path, allow) => {
    const answer = await app.request(method, path, {});
    expectProblem(answer, 405, 'method-not-allowed');
    expect([answer.headers['allow'], answer.body.allowed.join(', ')]).toEqual([allow, allow]);
    expect(answer.text).not.toContain('9190');
  });
});

describe('what is not an HTTP request', () => {
  it.each([
    ['no HTTP', 'Good morning!\r\n\r\n', 400, 'invalid-http'],
    ['a phone as method', '919000000001 /v1/orders HTTP/1.1\r\n\r\n', 400, 'invalid-http'],
    ['endless headers', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'9'.repeat(20_000)}\r\n\r\n`, 431, 'headers-too-large'],
    [
      'a body of another length',
      `POST /v1/orders HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${API_KEY}\r\ncontent-type: application/json\r\ncontent-length: x\r\n\r\n{}`,
      400,
      'invalid-http',
    ],
  ])('is a problem, with a request id: %s', async (_, sent, status, slug) => {
    const answer = await rawAnswer(sent);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toMatch(/^content-type: application\/problem\+json$/im);
    expect(head).toMatch(/^x-request-id: [0-9a-f-]{36}$/im);
    expect(JSON.parse(body)).toMatchObject({ type: `/problems/${slug}`, status });
    expect(body).not.toContain('9190');
  });
});

describe('the type of a problem', () => {
  it('leads to a page that says what it means, without a key', async () => {
    const page = await app.request('GET', '/problems/order-not-found', {});
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(page.text).toBe(
      'order-not-found\n\nStatus: 404\nWhen: no order has this reference\nWhat to do: Place the order first.\n',
    );
    expect(PROBLEM_TEXTS.size).toBeGreaterThan(50);
    for (const [slug, { status }] of PROBLEM_TEXTS) {
      const { text } = await app.request('GET', `/problems/${slug}`, {});
      expect(text).toMatch(new RegExp(`^${slug}\n\nStatus: ${status}\nWhen: .+\nWhat to do: .+\n$`));
      expect(text).not.toContain('](');
    }
    expectProblem(await app.request('GET', '/problems/of-nobody', {}), 404, 'endpoint-not-found');
  });
});

describe('every request', () => {
  const requests: [method: string, path: string, headers: Record<string, string>, line: object][] = [
    ['GET', '/v1/orders?cursor=x&status=placed', KEY, { route: '/v1/orders', status: 400, who: KEY_NAME }],
    ['GET', '/v1/orders/919000000077', KEY, { route: '/v1/orders/:reference', status: 404, who: KEY_NAME }],
    ['GET', '/v1/orders', {}, { route: '/v1/orders', status: 401, who: null }],
    ['GET', '/919000000077', {}, { route: 'none', status: 404, who: null }],
    ['DELETE', '/v1/orders/919000000077', KEY, { route: 'none', status: 405, who: null }],
    ['GET', '/v1/orders/%E0%A4%A', KEY, { route: 'none', status: 400, who: null }],
    ['GET', '/docs', {}, { route: '/docs', status: 200, who: null }],
    ['GET', '/health/live', {}, { route: '/health/live', status: 200, who: null, level: 20 }],
  ];

  it.each(requests)('%s %s is logged in one line, without its path', async (method, path, headers, line) => {
    lines.length = 0;
    const answer = await app.request(method, path, headers);
    const requestId = answer.headers['x-request-id'];
    await eventually(() => lines.some((one) => one.includes('request answered')));
    const logged = lines.map((one) => JSON.parse(one)).filter(({ msg }) => msg === 'request answered');
    expect(logged).toEqual([
      expect.objectContaining({ level: 30, method, requestId, durationMs: expect.any(Number), ...line }),
    ]);
    expect(lines.join()).not.toMatch(/9190000000|cursor/);
  });

  it('has an id, which is in the answer', async () => {
    for (const [method, path, headers] of requests) {
      const answer = await app.request(method, path, { ...headers, 'x-request-id': 'checkout-1' });
      expect([path, answer.headers['x-request-id']]).toEqual([path, 'checkout-1']);
    }
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
