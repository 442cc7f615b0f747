import { randomBytes, randomUUID } from 'node:crypto';

import { RetentionService } from '../../../src/platform/retention/retention.service.js';
import { API_KEY, aNumber, aPhone, TestApp, type Answer, type Body } from '../../support/app.js';
import { openApiDocument } from '../../support/open-api-document.js';
import { eventually } from '../../support/eventually.js';

let app: TestApp;
/** A second process of the same installation. */
let other: TestApp;
let pool: string;

beforeAll(async () => {
  app = await TestApp.start();
  other = await TestApp.start({ database: app.database, clock: app.clock, exchangeUrl: app.exchange.url });
  pool = await app.pool({ lowWater: 8, target: 8, maxNumbers: 60, capacity: 50 });
  await app.replenish(pool);
});
afterAll(async () => {
  await other?.stop();
  await app?.stop();
});

interface Sent {
  readonly path: string;
  readonly body?: object | string;
  /** Default: JSON. */
  readonly type?: string;
}

/** Over a socket. */
async function post(
  { path, body, type = 'application/json' }: Sent,
  key: string | null,
  { at = app, by = API_KEY } = {},
): Promise<Answer> {
  const response = await fetch(at.url + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${by}`,
      ...(key === null ? {} : { 'idempotency-key': key }),
      ...(body === undefined ? {} : { 'content-type': type }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: text === '' ? undefined : (JSON.parse(text) as Body),
    text,
  };
}

const aReference = () => `order-${randomBytes(4).toString('hex')}`;
const anOrderToPlace = () => ({
  path: '/v1/orders',
  body: { reference: aReference(), customer: { phone: aPhone() }, pool },
});
const aKeyToCreate = (): Sent => ({ path: '/v1/keys', body: { name: randomUUID(), scopes: ['orders:read'] } });
async function anOrder(): Promise<string> {
  const reference = aReference();
  await app.order(reference, aPhone(), aPhone(), { pool });
  return reference;
}
async function aFreshNumber(): Promise<string> {
  const number = aNumber();
  await app.api('POST', '/v1/numbers/import', { pool, numbers: [{ number }] });
  return number;
}
const anEndpoint = { url: 'https://127.0.0.1:9/', types: ['order.placed'] };
const endpointId = async (): Promise<string> => (await app.api('POST', '/v1/webhook-endpoints', anEndpoint)).body.id;
const ofOrder =
  (what: string, body?: object): (() => Promise<Sent>) =>
  async () => ({ path: `/v1/orders/${await anOrder()}/${what}`, ...(body && { body }) });
const ofNumber = (what: string) => async () => ({ path: `/v1/numbers/${await aFreshNumber()}/${what}` });

/** One valid request of each operation that takes a key, in an order in which none disturbs the next. */
const REQUESTS: Record<string, () => Sent | Promise<Sent>> = {
  placeOrder: anOrderToPlace,
  completeOrder: ofOrder('complete'),
  cancelOrder: ofOrder('cancel'),
  reopenOrder: async () => {
    const reference = await anOrder();
    await app.api('POST', `/v1/orders/${reference}/complete`);
    return { path: `/v1/orders/${reference}/reopen` };
  },
  confirmOrder: ofOrder('confirm'),
  openLink: ofOrder('links', { between: ['customer', 'agent'], onlyFrom: 'agent' }),
  addPhone: async () => ofOrder('participants/customer/phones', { phone: aPhone() })(),
  blockParticipant: ofOrder('participants/customer/block'),
  orderCall: ofOrder('calls', { from: 'agent' }),
  sendEvents: () => ({
    path: '/v1/events',
    type: 'application/cloudevents-batch+json',
    body: [
      {
        specversion: '1.0',
        type: 'order.completed',
        source: '/s',
        id: randomUUID(),
        data: { reference: aReference() },
      },
    ],
  }),
  createWebhookEndpoint: () => ({ path: '/v1/webhook-endpoints', body: anEndpoint }),
  testWebhookEndpoint: async () => ({ path: `/v1/webhook-endpoints/${await endpointId()}/test` }),
  rotateWebhookSecret: async () => ({
    path: `/v1/webhook-endpoints/${await endpointId()}/rotate-secret`,
    body: { overlapSeconds: 60 },
  }),
  replayWebhookEvents: async () => ({
    path: `/v1/webhook-endpoints/${await endpointId()}/replay`,
    body: { since: app.clock.now().toISOString() },
  }),
  openPool: () => ({ path: '/v1/pools', body: { name: `pool-${randomBytes(4).toString('hex')}`, country: 'IN' } }),
  replenishPool: () => ({ path: `/v1/pools/${pool}/replenish` }),
  importNumbers: () => ({ path: '/v1/numbers/import', body: { pool, numbers: [{ number: aNumber() }] } }),
  importNumbersFromCsv: () => ({
    path: `/v1/pools/${pool}/numbers/import`,
    type: 'text/csv',
    body: `number\n${aNumber()}\n`,
  }),
  drainNumber: ofNumber('drain'),
  resumeNumber: ofNumber('resume'),
  retireNumber: ofNumber('retire'),
  createKey: aKeyToCreate,
  rotateKey: async () => {
    const { body } = await app.api('POST', '/v1/keys', { name: 'rotated', scopes: ['orders:read'] });
    return { path: `/v1/keys/${body.id}/rotate`, body: { overlapSeconds: 60 } };
  },
  confirmKey: async () => {
    const { body } = await app.api('POST', '/v1/keys', { name: 'confirmed', scopes: ['orders:read'] });
    return { path: `/v1/keys/${body.id}/confirm` };
  },
  erasePerson: () => ({ path: '/v1/persons/erase', body: { phone: aPhone() } }),
  declareRestoration: () => ({ path: '/v1/restoration', body: {} }),
  endRestoration: () => ({ path: '/v1/restoration/end', body: { nothingWasLost: true } }),
};

/** Operations that take no key, each with the reason. */
const WITHOUT_KEY: Record<string, string> = {
  explainCall: 'a search: it changes nothing',
  findOrders: 'a search: it changes nothing',
  previewPolicy: 'it changes nothing',
  exportPerson: 'a search: it changes nothing',
  signIn: 'has no principal yet; a second session harms nobody, and its answer is a credential',
};

/** Operations whose work is not one transaction, or may change nothing. Their answers are stored afterwards. */
const STORED_AFTERWARDS: Record<string, string> = {
  orderCall: 'asks the provider; the call itself is stored with its key before that',
  testWebhookEndpoint: 'sends a request; another test harms nobody',
  replenishPool: 'announces a round; another one harms nobody',
  erasePerson: 'several transactions; at the second time nothing is left to erase',
  confirmOrder: 'the order of the test is not unconfirmed, so nothing is written that could be compared',
};

/** How many rows each table has. */
async function rows(): Promise<Record<string, number>> {
  const tables = await tableNames();
  const counts = tables.map((table) => `'${table}', (SELECT count(*)::integer FROM ${table})`);
  const parts = Array.from({ length: Math.ceil(counts.length / 40) }, (_, at) => counts.slice(at * 40, at * 40 + 40));
  const [row] = await app.dataSource.query(
    `SELECT ${parts.map((part) => `json_build_object(${part.join()})::jsonb`).join(' || ')} AS counts`,
  );
  return row.counts;
}

async function tableNames(): Promise<string[]> {
  const found: { name: string }[] = await app.dataSource.query(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
  );
  return found.map(({ name }) => name);
}

/** The tables, besides that of the answers, in which the transaction has written that stored the last answer. */
async function writtenWithTheAnswer(): Promise<string[]> {
  const [{ xmin }] = await app.dataSource.query(
    'SELECT xmin::text FROM idempotent_requests ORDER BY expires_at DESC, age(xmin) LIMIT 1',
  );
  const tables = (await tableNames()).filter((table) => table !== 'idempotent_requests');
  const written = await app.dataSource.query(
    tables
      .map((table) => `SELECT '${table}' AS name WHERE EXISTS (SELECT FROM ${table} WHERE xmin = $1::xid)`)
      .join(' UNION ALL '),
    [xmin],
  );
  return written.map(({ name }: { name: string }) => name);
}

describe('every POST', () => {
  it('takes an Idempotency-Key, or has a reason not to', async () => {
    const { paths } = await openApiDocument(app);
    const posts = Object.values<Record<string, Body>>(paths).flatMap(({ post }) => (post ? [post] : []));
    const named = (operation: Body, name: string) =>
      (operation.parameters ?? []).some((one: Body) => one.in === 'header' && one.name === name);
    const keyed = posts.filter((operation) => named(operation, 'Idempotency-Key'));
    const ids = (operations: Body[]): string[] => operations.map(({ operationId }) => operationId).toSorted();
    expect(ids(keyed)).toEqual(Object.keys(REQUESTS).toSorted());
    expect(ids(posts.filter((one) => !keyed.includes(one)))).toEqual(Object.keys(WITHOUT_KEY).toSorted());
    for (const { operationId, responses } of keyed) {
      const examples = (status: string) => Object.keys(responses[status].content['application/problem+json'].examples);
      expect([operationId, examples('400')]).toEqual([
        operationId,
        expect.arrayContaining(['invalid-idempotency-key']),
      ]);
      expect([operationId, examples('409')]).toEqual([operationId, expect.arrayContaining(['idempotency-key-in-use'])]);
      expect([operationId, examples('422')]).toEqual([operationId, expect.arrayContaining(['idempotency-key-reused'])]);
    }
  });

  it.each(Object.entries(REQUESTS))('%s is done once, and answered alike', async (operation, make) => {
    const sent = await make();
    const key = randomUUID();
    const first = await post(sent, `"${key}"`);
    expect([first.status, first.text]).toEqual([expect.toSatisfy((status) => status < 300), expect.any(String)]);
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    if (!(operation in STORED_AFTERWARDS)) {
      expect([operation, await writtenWithTheAnswer()]).not.toEqual([operation, []]);
    }

    const before = await rows();
    for (const at of [app, other]) {
      const again = await post(sent, key, { at });
      expect([again.status, again.text, again.headers['location']]).toEqual([
        first.status,
        first.text,
        first.headers['location'],
      ]);
      expect(again.headers['idempotency-replayed']).toBe('true');
      expect(again.headers['content-type']).toBe(first.headers['content-type']);
    }
    const changed = await post({ ...sent, body: { changed: true }, type: 'application/json' }, key);
    if (sent.type !== 'text/csv')
      expect([changed.status, changed.body.type]).toEqual([422, '/problems/idempotency-key-reused']);
    for (const malformed of ['""', '"open', 'two words', 'ключ', `"${'x'.repeat(256)}"`]) {
      const refused = await post(sent, Buffer.from(malformed).toString('latin1'));
      expect([malformed, refused.status, refused.body.type]).toEqual([
        malformed,
        400,
        '/problems/invalid-idempotency-key',
      ]);
    }
    expect(await rows()).toEqual(before);
  });
});

describe('a key', () => {
  it('is the same with and without quotes, and with its fields in another order', async () => {
    const { path, body } = anOrderToPlace();
    const first = await post({ path, body }, String.raw`"a\"b\\c"`);
    expect(first.status).toBe(201);
    const turned = JSON.stringify(Object.fromEntries(Object.entries(body).toReversed()), null, 2);
    const again = await post({ path, body: turned }, String.raw`"a\"b\\c"`);
    expect([again.status, again.text]).toEqual([201, first.text]);
  });

  it('of one API key says nothing about those of another', async () => {
    const scopes = ['orders:write', 'orders:read'];
    const { body: another } = await app.api('POST', '/v1/keys', { name: 'another', scopes });
    const key = randomUUID();
    const [mine, theirs] = [await post(anOrderToPlace(), key), await post(anOrderToPlace(), key, { by: another.key })];
    expect([mine.status, theirs.status]).toEqual([201, 201]);
    expect(theirs.headers).not.toHaveProperty('idempotency-replayed');
  });

  it('answers nobody who may not make the request any more', async () => {
    const { body: revoked } = await app.api('POST', '/v1/keys', { name: 'revoked', scopes: ['orders:write'] });
    const key = randomUUID();
    const sent = anOrderToPlace();
    expect((await post(sent, key, { by: revoked.key })).status).toBe(201);
    await app.api('DELETE', `/v1/keys/${revoked.id}`);
    expect((await post(sent, key, { by: revoked.key })).status).toBe(401);
  });

  it('is new again after 24 h, and its answer is deleted then', async () => {
    const key = randomUUID();
    await post(anOrderToPlace(), key);
    app.clock.push({ hours: 23 });
    expect((await post(anOrderToPlace(), key)).status).toBe(422);
    await app.get(RetentionService).deleteExpired();
    expect((await post(anOrderToPlace(), key)).status).toBe(422);
    app.clock.push({ hours: 1 });
    expect((await post(anOrderToPlace(), key)).status).toBe(201);
    app.clock.push({ hours: 24 });
    await app.get(RetentionService).deleteExpired();
    expect(await app.count('idempotent_requests')).toBe(0);
  });

  it('with which a request was refused answers with that refusal', async () => {
    const sent = { path: `/v1/orders/${aReference()}/complete` };
    const key = randomUUID();
    const refused = await post(sent, key);
    expect([refused.status, refused.body.type]).toEqual([404, '/problems/order-not-found']);
    const again = await post(sent, key);
    expect([again.status, again.text, again.headers['idempotency-replayed']]).toEqual([404, refused.text, 'true']);
    expect(again.headers['content-type']).toBe(refused.headers['content-type']);
  });

  it('with which a request could not be read is free for the corrected one', async () => {
    const { path, body } = anOrderToPlace();
    const key = randomUUID();
    const refused = await post({ path, body: { ...body, customer: { phone: 4711 } } }, key);
    expect([refused.status, refused.body.type]).toEqual([400, '/problems/invalid-request']);
    expect((await post({ path, body }, key)).status).toBe(201);
  });

  it('of a request that failed on our side is free for the next one', async () => {
    const sent = aKeyToCreate();
    const key = randomUUID();
    await app.dataSource.query(`
      CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''broken''; END';
      CREATE TRIGGER broken BEFORE INSERT ON api_keys EXECUTE FUNCTION fail()`);
    try {
      expect((await post(sent, key)).status).toBe(500);
    } finally {
      await app.dataSource.query('DROP TRIGGER broken ON api_keys; DROP FUNCTION fail()');
    }
    const next = await post(sent, key);
    expect([next.status, next.headers['idempotency-replayed']]).toEqual([201, undefined]);
  });
});

/** Runs `meanwhile` while no transaction can write to a table. */
async function withLocked<T>(table: string, meanwhile: () => Promise<T>): Promise<T> {
  const lock = app.dataSource.createQueryRunner();
  await lock.startTransaction();
  try {
    await lock.query(`LOCK TABLE ${table} IN SHARE ROW EXCLUSIVE MODE`);
    return await meanwhile();
  } finally {
    await lock.rollbackTransaction();
    await lock.release();
  }
}
const waiting = (count: number) => async () => {
  const [row] = await app.dataSource.query(
    `SELECT count(*)::integer AS sessions FROM pg_stat_activity WHERE wait_event_type = 'Lock'
       AND datname = current_database()`,
  );
  return row.sessions === count;
};
const named = (sent: Sent) => `name = '${(sent.body as { name: string }).name}'`;

it('counts requests with a key, by what became of them', async () => {
  const counted = async (): Promise<Record<string, number>> => {
    const { text } = await app.request('GET', '/metrics', { authorization: `Bearer ${API_KEY}` });
    const lines = [...text.matchAll(/^maskline_idempotent_requests_total\{result="([a-z-]+)"\} (\d+)$/gm)];
    return Object.fromEntries(lines.map(([, result, times]) => [result!, Number(times)]));
  };
  const before = await counted();
  const [sent, key] = [anOrderToPlace(), randomUUID()];
  await post(sent, null);
  await post(sent, key);
  await post(sent, key);
  await post(anOrderToPlace(), key);
  await post(sent, '""');
  const after = await counted();
  const difference = Object.keys(after).map((result) => [result, after[result]! - (before[result] ?? 0)]);
  expect(Object.fromEntries(difference)).toMatchObject({ first: 1, repeated: 1, reused: 1, invalid: 1 });
  await withLocked('api_keys', async () => {
    const [sent, key] = [aKeyToCreate(), randomUUID()];
    const answer = post(sent, key);
    await eventually(waiting(1));
    await post(sent, key);
    await app.dataSource.query(`UPDATE idempotent_requests SET claimed_until = 'epoch' WHERE answer IS NULL`);
    const second = post(sent, key);
    await eventually(waiting(2));
    return { answers: [answer, second] };
  }).then(({ answers }) => Promise.all(answers));
  const last = await counted();
  expect([last['first']! - after['first']!, last['taken-over']! - (after['taken-over'] ?? 0)]).toEqual([1, 1]);
  expect(last['in-use']! - (after['in-use'] ?? 0)).toBe(1);
});

describe('while the first request is under way', () => {
  it('another one is told so, in whichever process, and gets its answer afterwards', async () => {
    const sent = aKeyToCreate();
    const key = randomUUID();
    const first = await withLocked('api_keys', async () => {
      const answer = post(sent, key);
      await eventually(waiting(1));
      for (const at of [app, other]) {
        const second = await post(sent, key, { at });
        expect([second.status, second.body.type]).toEqual([409, '/problems/idempotency-key-in-use']);
        expect(second.headers['retry-after']).toBe('1');
      }
      return { answer }; // not awaited here
    });
    const { status, text } = await first.answer;
    expect(status).toBe(201);
    for (const at of [app, other]) expect(await post(sent, key, { at })).toMatchObject({ status: 201, text });
    expect(await app.count('api_keys', named(sent))).toBe(1);
  });

  it('many at once are one', async () => {
    const sent = aKeyToCreate();
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 30 }, async (_, at) => post(sent, key, { at: at % 2 === 0 ? app : other })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]));
    expect(new Set(answers.filter(({ status }) => status === 201).map(({ text }) => text)).size).toBe(1);
    expect(await app.count('api_keys', named(sent))).toBe(1);
  });

  it('many different ones do not wait for each other', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, async () => post(anOrderToPlace(), randomUUID())));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
  });

  it('a request that was taken over because its process seemed dead does nothing any more', async () => {
    const sent = aKeyToCreate();
    const key = randomUUID();
    const both = await withLocked('api_keys', async () => {
      const first = post(sent, key);
      await eventually(waiting(1));
      await app.dataSource.query(`UPDATE idempotent_requests SET claimed_until = 'epoch' WHERE answer IS NULL`);
      const second = post(sent, key, { at: other });
      await eventually(waiting(2));
      return { answers: [first, second] };
    });
    const [first, second] = await Promise.all(both.answers);
    expect([first!.status, first!.body.type]).toEqual([409, '/problems/idempotency-key-in-use']);
    expect(second!.status).toBe(201);
    expect(await post(sent, key)).toMatchObject({ status: 201, text: second!.text });
    expect(await app.count('api_keys', named(sent))).toBe(1);
  });
});

it('is stored so that a dump of the database shows neither secrets nor phones nor keys', async () => {
  const phone = '+919876512345';
  const key = `tap of ${phone}`.replaceAll(' ', '-');
  const created = await post(aKeyToCreate(), `${key}-1`);
  const rotated = await post({ path: `/v1/keys/${created.body.id}/rotate`, body: { overlapSeconds: 60 } }, `${key}-2`);
  const endpoint = await post({ path: '/v1/webhook-endpoints', body: anEndpoint }, `${key}-3`);
  const secretPath = `/v1/webhook-endpoints/${endpoint.body.id}/rotate-secret`;
  const secret = await post({ path: secretPath, body: { overlapSeconds: 60 } }, `${key}-4`);
  const order = await post({ path: '/v1/orders', body: { reference: aReference(), customer: { phone }, pool } }, key);
  expect([created, rotated, endpoint, secret, order].map(({ status }) => status)).toEqual([201, 200, 201, 200, 201]);
  const secrets = [created.body.key, rotated.body.key, endpoint.body.secret, secret.body.secret, phone, key];
  expect(secrets).not.toContain(undefined);

  const dump: string[] = [];
  for (const table of await tableNames()) {
    const found: { row: string }[] = await app.dataSource.query(`SELECT one::text AS row FROM ${table} AS one`);
    dump.push(...found.map(({ row }) => row));
  }
  const text = dump.join('\n');
  expect(text).toContain(created.body.id); // it is the dump
  for (const one of secrets) {
    for (const written of [one, Buffer.from(one).toString('hex'), Buffer.from(one).toString('base64')]) {
      expect(text.includes(written)).toBe(false);
    }
  }
});
