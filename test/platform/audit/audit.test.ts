import { AuditService } from '../../../src/platform/audit/audit.service.js';
import type { E164 } from '../../../src/phone-number/e164.js';
import { aPhone, API_KEY, numbers, TestApp, type Body } from '../../support/app.js';
import { eventually } from '../../support/eventually.js';

let app: TestApp;
const keys = new Map<string, { id: string; key: string }>();

beforeAll(async () => {
  app = await TestApp.start({ trustedProxies: ['127.0.0.1'] });
  for (const [name, scopes] of [
    ['operator', ['operate']],
    ['help desk', ['support', 'orders:read']],
    ['order system', ['orders:write', 'orders:read']],
    ['auditor', ['audit']],
    ['admin', ['keys', 'support']],
  ] as const) {
    keys.set(name, (await app.api('POST', '/v1/keys', { name, scopes })).body);
  }
});
afterAll(() => app?.stop());

const who = (name: string) => `key ${keys.get(name)!.id}`;

async function as(name: string, method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const authorization = `Bearer ${keys.get(name)!.key}`;
  return app.request(method, path, { authorization, 'x-forwarded-for': '203.0.113.7', ...headers }, body);
}

async function entries(query: Record<string, string> = {}): Promise<Body[]> {
  const { status, body } = await as('auditor', 'GET', `/v1/audit?${new URLSearchParams(query)}`);
  expect(status).toBe(200);
  return body.entries;
}

const latest = async (query: Record<string, string> = {}): Promise<Body> => (await entries(query))[0];

describe('an entry', () => {
  it('says who changed a pool, what it was before and is now, from where, and in which request', async () => {
    const opened = await as('operator', 'POST', '/v1/pools', { name: 'north', country: 'IN', lowWater: 0, target: 0 });
    expect(opened.status).toBe(201);
    expect(await latest({ about: 'north' })).toMatchObject({
      what: 'pools.open',
      result: 'done',
      details: { after: { name: 'north', country: 'IN', target: 0 } },
    });
    const requestId = '0190f3a2-6b1e-7c33-8d44-5e6f7a8b9c0d';
    const change = {
      capacity: 7,
      pin: 'always',
      quietHours: { from: '22:00', until: '07:00', timeZone: 'Asia/Kolkata' },
    };
    const changed = await as('operator', 'PATCH', '/v1/pools/north', change, { 'x-request-id': requestId });
    expect([changed.status, changed.text]).toEqual([200, expect.any(String)]);
    expect(await latest({ about: 'north' })).toEqual({
      at: app.clock.now().toISOString(),
      who: who('operator'),
      name: 'operator',
      what: 'pools.change',
      about: 'north',
      phone: null,
      address: '203.0.113.7',
      requestId,
      result: 'done',
      details: {
        before: { capacity: opened.body.capacity, pin: opened.body.pin, quietHours: null },
        after: change,
      },
    });
  });

  it('is written with the change or not at all', async () => {
    const before = await entries({ what: 'pools.change' });
    expect((await as('operator', 'PATCH', '/v1/pools/north', { lowWater: 3, target: 1 })).status).toBe(422);
    await app.dataSource.query('ALTER TABLE audit_log ADD CONSTRAINT nobody_changes CHECK (false) NOT VALID');
    try {
      expect((await as('operator', 'PATCH', '/v1/pools/north', { capacity: 9 })).status).toBe(500);
    } finally {
      await app.dataSource.query('ALTER TABLE audit_log DROP CONSTRAINT nobody_changes');
    }
    expect(await entries({ what: 'pools.change' })).toEqual(before);
    expect((await as('operator', 'GET', '/v1/pools/north')).body.capacity).toBe(7);
  });

  it('tells of each number that is drained, resumed and retired, of imports, and of replenishment', async () => {
    const [one, two] = numbers(2) as [string, string];
    await as('operator', 'POST', '/v1/numbers/import', { pool: 'north', numbers: [{ number: one }] });
    await as('operator', 'POST', '/v1/pools/north/numbers/import', `number\n${two}\n` as unknown as object, {
      'content-type': 'text/csv',
    });
    await as('operator', 'POST', `/v1/numbers/${one}/drain`);
    await as('operator', 'POST', `/v1/numbers/${one}/resume`);
    await as('operator', 'POST', `/v1/numbers/${one}/retire`);
    await as('operator', 'POST', '/v1/pools/north/replenish');
    const told = (await entries({ who: who('operator') })).slice(0, 6).toReversed();
    expect(told.map(({ what, about, details }) => [what, about, details])).toEqual([
      ['numbers.import', 'north', { after: { numbers: 1 } }],
      ['numbers.import', 'north', { after: { numbers: 1 } }],
      ['numbers.drain', one, { before: { status: 'available' }, after: { status: 'draining' } }],
      ['numbers.resume', one, { before: { status: 'draining' }, after: { status: 'available' } }],
      ['numbers.retire', one, { before: { status: 'available' }, after: { status: 'retired' } }],
      ['pools.replenish', 'north', null],
    ]);
  });

  it('is not left behind by a change that fails after it', async () => {
    const before = await entries({ what: 'pools.change' });
    await app.dataSource.query('ALTER TABLE virtual_numbers ADD CONSTRAINT nobody_follows CHECK (false) NOT VALID');
    try {
      expect((await as('operator', 'PATCH', '/v1/pools/north', { capacity: 11 })).status).toBe(500);
    } finally {
      await app.dataSource.query('ALTER TABLE virtual_numbers DROP CONSTRAINT nobody_follows');
    }
    expect(await entries({ what: 'pools.change' })).toEqual(before);
  });

  it('tells of each key that is created, rotated and revoked, without its secret', async () => {
    const { id, key } = (await as('admin', 'POST', '/v1/keys', { name: 'new one', scopes: ['support'] })).body;
    const { key: next } = (await as('admin', 'POST', `/v1/keys/${id}/rotate`, { overlapSeconds: 60 })).body;
    await as('admin', 'DELETE', `/v1/keys/${id}`);
    await as('admin', 'DELETE', `/v1/keys/${id}`);
    const told = (await entries({ about: `key ${id}` })).toReversed();
    expect(told.map(({ what, who: by }) => [what, by])).toEqual([
      ['keys.create', who('admin')],
      ['keys.rotate', who('admin')],
      ['keys.revoke', who('admin')],
    ]);
    expect(told[0].details.after).toMatchObject({ name: 'new one', scopes: ['support'], pools: null });
    const text = JSON.stringify(told);
    for (const secret of [key, next]) expect(text).not.toContain(secret.slice(-20));
  });

  it('tells who read something about a person', async () => {
    const pool = await app.pool({ pin: 'always' }, numbers(2));
    const [customer, agent] = [aPhone(), aPhone()];
    const order = await app.order('read-1', customer, agent, { pool });
    const { dials } = order.customer;
    await as('help desk', 'GET', '/v1/orders/read-1/participants/customer/pin');
    await as('order system', 'GET', '/v1/orders/read-1/participants/customer/pin');
    await as('help desk', 'GET', `/v1/numbers/${dials}/served?at=2026-11-22T06:00:00Z`);
    await as('help desk', 'POST', '/v1/routing/explain', { from: customer, to: dials });
    await as('help desk', 'GET', '/v1/orders/read-1/texts');
    await as('help desk', 'POST', '/v1/persons/export', { phone: customer });
    const told = (await entries({ who: who('help desk') })).slice(0, 5).toReversed();
    expect(told.map(({ what, about, phone }) => [what, about, phone !== null])).toEqual([
      ['pins.read', 'read-1', false],
      ['numbers.served', dials, false],
      ['routing.explain', dials, true],
      ['texts.read', 'read-1', false],
      ['persons.export', null, true],
    ]);
    expect(await entries({ who: who('order system') })).toEqual([]);
  });
});

describe('a refusal', () => {
  it('of a key is recorded, once a minute for each endpoint', async () => {
    const refused = () => as('help desk', 'PATCH', '/v1/pools/north', { capacity: 1 });
    const first = await refused();
    expect([first.status, (await refused()).status]).toEqual([403, 403]);
    expect((await as('admin', 'POST', '/v1/keys', { name: 'x', scopes: ['operate'] })).status).toBe(403);
    await eventually(async () => (await entries({ result: 'refused', who: who('admin') })).length === 1);
    expect(await entries({ result: 'refused', who: who('help desk') })).toEqual([
      expect.objectContaining({
        what: 'requests.refuse',
        about: 'PATCH /v1/pools/:name',
        name: 'help desk',
        address: '203.0.113.7',
        requestId: first.headers['x-request-id'],
        details: { times: 1 },
      }),
    ]);
  });

  it('of an address that goes on trying wrong keys is recorded, of a mistyped key is not', async () => {
    const wrong = () =>
      app.request('GET', '/v1/orders', { authorization: 'Bearer wrong', 'x-forwarded-for': '198.51.100.4' });
    expect((await wrong()).status).toBe(401);
    expect(await entries({ who: 'nobody' })).toEqual([]);
    let status = 0;
    for (let tries = 0; tries < 30 && status !== 429; tries += 1) ({ status } = await wrong());
    expect(status).toBe(429);
    await wrong();
    await eventually(async () => (await entries({ who: 'nobody' })).length > 0);
    expect(await entries({ who: 'nobody' })).toEqual([
      expect.objectContaining({ about: 'GET /v1/orders', address: '198.51.100.4', name: null, result: 'refused' }),
    ]);
  });
});

describe('the log', () => {
  it('is filtered by who, what, about, result and time', async () => {
    app.clock.push({ hours: 1 });
    const [since, pool] = [app.clock.now().toISOString(), await app.pool()];
    await as('operator', 'PATCH', `/v1/pools/${pool}`, { capacity: 5 });
    app.clock.push({ hours: 1 });
    const until = app.clock.now().toISOString();
    await as('operator', 'PATCH', `/v1/pools/${pool}`, { capacity: 6 });
    const capacities = (found: Body[]) => found.map(({ details }) => details.after.capacity);
    expect(capacities(await entries({ about: pool, what: 'pools.change' }))).toEqual([6, 5]);
    expect(capacities(await entries({ about: pool, since: until }))).toEqual([6]);
    expect(capacities(await entries({ what: 'pools.change', since, until }))).toEqual([5]);
    expect(capacities(await entries({ who: who('operator'), since, result: 'done' }))).toEqual([6, 5]);
    expect(await entries({ who: who('help desk'), since })).toEqual([]);
    for (const wrong of ['since=yesterday', 'result=tried', 'whose=mine', 'cursor=x']) {
      expect([wrong, (await as('auditor', 'GET', `/v1/audit?${wrong}`)).status]).toEqual([wrong, 400]);
    }
  });

  it('is exported as JSON lines, oldest first, more than are read at once', async () => {
    const by = { kind: 'system', name: 'a long day' } as const;
    const count = 2_345;
    await Promise.all(
      Array.from({ length: count }, (_, index) => app.get(AuditService).record(by, { what: 'x.y', about: `${index}` })),
    );
    const { status, headers, text } = await as('auditor', 'GET', '/v1/audit/export?who=system+a+long+day');
    expect([status, headers['content-type']]).toEqual([200, 'application/x-ndjson']);
    const lines = text.trimEnd().split('\n');
    const read = lines.map((line) => JSON.parse(line));
    expect(read.length).toBe(count);
    const [one] = await entries({ who: 'system a long day', about: read[0].about });
    expect(read[0]).toEqual(one);
    expect(new Set(read.map(({ about }) => about)).size).toBe(count);
    expect(await latest({ who: who('auditor') })).toMatchObject({ what: 'audit.export' });
  });

  it('keeps every entry as it is, for anybody with the database’s password', async () => {
    const query = (sql: string) =>
      app.dataSource.query(sql).then(
        () => 'done',
        (failure: Error) => failure.message,
      );
    const refused = expect.stringContaining('append-only');
    expect(await query(`UPDATE audit_log SET who = 'key 00000000'`)).toEqual(refused);
    expect(await query(`UPDATE audit_log SET result = 'done' WHERE result = 'refused'`)).toEqual(refused);
    expect(await query(`UPDATE audit_log SET phone_key = '\\x00'`)).toEqual(refused);
    expect(await query('DELETE FROM audit_log')).toEqual(refused);
    expect(await query('TRUNCATE audit_log')).toEqual(refused);
  });

  it('lets phones and old entries be deleted', async () => {
    const phoneKey = app.vault.keyOf(aPhone() as E164);
    const audit = app.get(AuditService);
    await audit.record({ kind: 'system', name: 'test' }, { what: 'persons.export', phoneKey });
    expect(await app.dataSource.transaction((tx) => audit.forgetPhones(tx, [phoneKey]))).toBe(1);
    await app.dataSource.query(
      `INSERT INTO audit_log (at, who, what) VALUES (now() - interval '28 days', 'key 00000000', 'old.one')`,
    );
    await app.dataSource.query(`DELETE FROM audit_log WHERE what = 'old.one'`);
    expect(await app.count('audit_log', `what = 'old.one'`)).toBe(0);
  });
});

it('a change by API_KEY is one of API_KEY', async () => {
  await app.request('POST', '/v1/pools/north/replenish', { authorization: `Bearer ${API_KEY}` });
  expect(await latest({ what: 'pools.replenish' })).toMatchObject({
    name: 'API_KEY',
    who: expect.stringMatching(/^key /),
  });
});
