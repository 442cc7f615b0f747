import { SCOPES } from '../../../src/platform/http/authentication/scopes.js';
import { aPhone, numbers, TestApp, type Answer, type Body } from '../../support/app.js';
import { eventually } from '../../support/eventually.js';

interface Operation {
  readonly method: string;
  readonly path: string;
  /** The type of its body; null = it has none. */
  readonly type: string | null;
}

let app: TestApp;
let key: string;
let operations: Operation[];
const EAST = 'east';
const WEST = 'west';
const [eastOne, eastTwo] = numbers(2) as [string, string];
const [westOne, westTwo] = numbers(2) as [string, string];
const westCustomer = aPhone();

beforeAll(async () => {
  app = await TestApp.start({ exotelTexts: true });
  await app.pool({ name: EAST, pin: 'always' }, [eastOne, eastTwo]);
  await app.pool({ name: WEST, pin: 'always' }, [westOne, westTwo]);
  await app.order('in-east', aPhone(), aPhone(), { pool: EAST });
  await app.order('in-west', westCustomer, aPhone(), { pool: WEST });
  key = (await app.api('POST', '/v1/keys', { name: 'team east', scopes: SCOPES, pools: [EAST] })).body.key;
  const { body } = await app.request('GET', '/docs-json', {});
  operations = Object.entries<Record<string, { security?: object[]; requestBody?: { content: object } }>>(
    body.paths,
  ).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { security = [] }]) => security.length > 0)
      .map(([method, { requestBody }]) => ({
        method: method.toUpperCase(),
        path,
        type: Object.keys(requestBody?.content ?? {})[0] ?? null,
      })),
  );
});
afterAll(() => app?.stop());

const ask = (method: string, path: string, body?: object): Promise<Answer> =>
  app.request(method, path, { authorization: `Bearer ${key}` }, body);

/** The request of an operation, with an empty body of its type. */
const tryOut = ({ method, type }: Operation, path: string): Promise<Answer> => {
  const authorization = `Bearer ${key}`;
  if (type === null) return app.request(method, path, { authorization });
  return app.request(method, path, { authorization, 'content-type': type }, type.includes('json') ? '{}' : 'number');
};

const FILLED: Record<string, readonly [own: string, others: string, nobodys: string]> = {
  reference: ['in-east', 'in-west', 'in-no-pool'],
  name: [EAST, WEST, 'no-such-pool'],
  number: [eastOne, westOne, '+918047099999'],
};
const OTHER_PARAMETERS: Record<string, string> = {
  role: 'customer',
  id: '6f1c2f5e-2f0a-4a57-9d6c-3f0f6a1f2b11',
  provider: 'exotel',
  providerCallId: 'f'.repeat(32),
};

/** The path with the parameters of an order, pool or number of the own pool (0), of another one (1) or of none (2). */
const pathOf = ({ path }: Operation, whose: 0 | 1 | 2): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => FILLED[name]?.[whose] ?? OTHER_PARAMETERS[name]!);

const isOfPool = ({ path }: Operation) =>
  Object.keys(FILLED).some((name) => path.includes(`{${name}}`)) && !path.startsWith('/problems');

/** Requests that name no order, pool or number in their path, and are filtered or checked by their own rules. */
const BY_THEIR_OWN_RULES = [
  'GET /v1/orders',
  'POST /v1/orders',
  'GET /v1/pools',
  'POST /v1/pools',
  'GET /v1/numbers',
  'GET /v1/status',
  'POST /v1/numbers/import',
  'POST /v1/routing/explain',
  'POST /v1/search',
  'GET /v1/keys',
  'POST /v1/keys',
  'POST /v1/keys/{id}/rotate',
  'POST /v1/keys/{id}/confirm',
  'DELETE /v1/keys/{id}',
  'GET /v1/stream', // test/orders/stream
  'GET /v1/session',
  'DELETE /v1/session',
];

describe('a key that is limited to a pool', () => {
  it('is told the same of an order, pool or number of another pool as of one that does not exist', async () => {
    const ofPool = operations.filter(isOfPool);
    expect(ofPool.length).toBeGreaterThan(30);
    const west = async () => [
      (await app.api('GET', '/v1/orders/in-west')).body,
      (await app.api('GET', '/v1/orders/in-west/events')).body,
      (await app.api('GET', `/v1/pools/${WEST}`)).body,
      (await app.api('GET', `/v1/numbers?pool=${WEST}`)).body,
    ];
    const before = await west();
    for (const operation of ofPool) {
      const { method } = operation;
      const others = await tryOut(operation, pathOf(operation, 1));
      const nobodys = await tryOut(operation, pathOf(operation, 2));
      const { requestId: _, ...told } = others.body;
      const { requestId: __, ...same } = nobodys.body;
      expect([method, operation.path, others.status, told]).toEqual([method, operation.path, 404, same]);
    }
    expect(await west()).toEqual(before);
  });

  it('does with its own what any key does', async () => {
    for (const operation of operations.filter((one) => isOfPool(one) && one.method === 'GET')) {
      const path = pathOf(operation, 0) + (operation.path.endsWith('/served') ? '?at=2026-11-22T06:00:00Z' : '');
      const [own, anybodys] = [await ask('GET', path), await app.api('GET', path)];
      const { requestId: _, ...told } = own.body;
      const { requestId: __, ...same } = anybodys.body;
      expect([operation.path, own.status, told]).toEqual([operation.path, anybodys.status, same]);
    }
    expect((await ask('PATCH', `/v1/pools/${EAST}`, { capacity: 9 })).body.capacity).toBe(9);
    expect((await ask('POST', `/v1/numbers/${eastOne}/drain`)).body.status).toBe('draining');
    expect((await ask('POST', `/v1/numbers/${eastOne}/resume`)).status).toBe(200);
    expect((await ask('POST', '/v1/orders/in-east/complete')).status).toBe(200);
  });

  it('is refused what concerns all pools', async () => {
    const others = operations
      .filter((one) => !isOfPool(one))
      .map((one) => ({ ...one, call: `${one.method} ${one.path}` }));
    expect(others.map(({ call }) => call)).toEqual(expect.arrayContaining(BY_THEIR_OWN_RULES));
    for (const operation of others.filter(({ call }) => !BY_THEIR_OWN_RULES.includes(call))) {
      const { status, body } = await tryOut(operation, pathOf(operation, 0));
      expect([operation.call, status, body.type]).toEqual([operation.call, 403, '/problems/limited-to-pools']);
    }
  });

  it('lists orders, pools and numbers of its pools only, page by page', async () => {
    await app.order('in-east-2', aPhone(), undefined, { pool: EAST });
    await app.order('in-west-2', aPhone(), undefined, { pool: WEST });
    await app.order('in-east-3', aPhone(), undefined, { pool: EAST });
    const listed: string[] = [];
    for (let cursor = ''; ;) {
      const { body } = await ask('GET', `/v1/orders?limit=1${cursor}`);
      listed.push(...body.orders.map(({ reference }: Body) => reference));
      if (body.nextCursor === null) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(listed.toSorted()).toEqual(['in-east', 'in-east-2', 'in-east-3']);
    const placed = await ask('GET', '/v1/orders?status=placed');
    expect(placed.body.orders.map(({ pool }: Body) => pool)).toEqual([EAST, EAST]);
    expect((await ask('GET', '/v1/pools')).body.pools.map(({ name }: Body) => name)).toEqual([EAST]);
    const seen = (await ask('GET', '/v1/numbers')).body.numbers.map(({ number }: Body) => number);
    expect(seen).toEqual([eastOne, eastTwo].toSorted());
    expect((await ask('GET', `/v1/numbers?pool=${WEST}`)).body).toMatchObject({ type: '/problems/pool-not-found' });
    expect((await ask('GET', `/v1/numbers?pool=${EAST}`)).body.numbers).toHaveLength(2);
  });

  it('places orders, imports numbers and opens pools in its pools only', async () => {
    const place = (pool?: string) =>
      ask('POST', '/v1/orders', { reference: 'placed-1', customer: { phone: aPhone() }, ...(pool && { pool }) });
    expect((await place(WEST)).body.type).toBe('/problems/pool-not-found');
    expect((await place('no-such-pool')).body.type).toBe('/problems/pool-not-found');
    const unnamed = await place();
    expect([unnamed.status, unnamed.body.type]).toEqual([403, '/problems/limited-to-pools']);
    expect(unnamed.body.detail).toContain('`pool`: east.');
    expect((await place(EAST)).status).toBe(201);
    const imported = (pool: string) =>
      ask('POST', '/v1/numbers/import', { pool, numbers: [{ number: numbers(1)[0] }] });
    expect((await imported(WEST)).body.type).toBe('/problems/pool-not-found');
    expect((await imported(EAST)).status).toBe(201);
    const opened = await ask('POST', '/v1/pools', { name: 'another', country: 'IN' });
    expect(opened.body.type).toBe('/problems/limited-to-pools');
  });

  it('gets explanations of calls to its own numbers; others are not ours', async () => {
    const explain = async (to: string) => (await ask('POST', '/v1/routing/explain', { from: westCustomer, to })).body;
    const unlimited = await app.api('POST', '/v1/routing/explain', { from: westCustomer, to: westOne });
    expect(unlimited.body.reason).not.toBe('UNKNOWN_VN');
    const hidden = await explain(westOne);
    const nobodys = await explain('+918047099998');
    const withoutDigits = (answer: object) => JSON.stringify(answer).replaceAll(/\d\d(?=[ ."])/g, '');
    expect(withoutDigits(hidden)).toEqual(withoutDigits(nobodys));
    expect(hidden.to).toContain('•');
    expect((await explain(eastOne)).to).toBe(eastOne);
  });

  it('leaves a trace when it asks for what is not its own', async () => {
    await eventually(async () => {
      const { body } = await app.api('GET', '/v1/audit?result=refused');
      return body.entries.some(
        ({ about, name }: Body) => about === 'GET /v1/orders/:reference' && name === 'team east',
      );
    });
  });
});
