import { setTimeout as sleep } from 'node:timers/promises';

import { EnvironmentKeys } from '../../../src/platform/http/authentication/environment-keys.js';
import { keyIdIn, newKeyId, newKeyText } from '../../../src/platform/http/authentication/key-text.js';
import { SCOPES } from '../../../src/platform/http/authentication/scopes.js';
import { API_KEY, TestApp, type Body } from '../../support/app.js';
import { freshDatabase } from '../../support/database.js';
import { DatabaseLine } from '../../support/database-line.js';
import { eventually } from '../../support/eventually.js';

const FELT_WITHIN_MS = 5_000;

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app?.stop());

async function create(more: object = {}): Promise<Body> {
  const { status, body } = await app.api('POST', '/v1/keys', { name: 'a key', scopes: ['orders:read'], ...more });
  expect(status).toBe(201);
  return body;
}

async function ask(key: string, { method = 'GET', path = '/v1/orders', body = undefined as object | undefined } = {}) {
  return app.request(method, path, { authorization: `Bearer ${key}` }, body);
}

const listed = async (id: string): Promise<Body> =>
  (await app.api('GET', '/v1/keys')).body.keys.find((key: Body) => key.id === id);

describe('the text of a key', () => {
  it('ends with a checksum, which finds any character that is mistyped', () => {
    const id = newKeyId();
    const text = newKeyText(id);
    expect(text).toMatch(/^mk_[a-z]{12}_[0-9A-Za-z]{38}$/);
    expect(keyIdIn(text)).toBe(id);
    for (let at = 0; at < text.length; at += 1) {
      const mistyped = text.slice(0, at) + (text[at] === 'a' ? 'b' : 'a') + text.slice(at + 1);
      expect([at, keyIdIn(mistyped)]).toEqual([at, null]);
    }
    expect(keyIdIn(text.slice(0, -1))).toBeNull();
    expect(keyIdIn(`${text}a`)).toBeNull();
  });

  // Computed with zlib.crc32 of Python.
  it('has a checksum that others can compute', () => {
    expect(keyIdIn('mk_aaaaaaaaaaaa_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3NCzsE')).toBe('aaaaaaaaaaaa');
  });

  it('is another one each time', () => {
    expect(newKeyText('aaaaaaaaaaaa')).not.toBe(newKeyText('aaaaaaaaaaaa'));
    expect(newKeyId()).not.toBe(newKeyId());
  });
});

it('each key of API_KEY is accepted and has its own id', () => {
  const keys = new EnvironmentKeys(['the-next-key-of-us', 'the-present-key-of-us']);
  const [next, present] = [keys.find('the-next-key-of-us'), keys.find('the-present-key-of-us')];
  expect([next?.scopes, present?.scopes]).toEqual([SCOPES, SCOPES]);
  expect(next?.id).not.toBe(present?.id);
  expect(keys.find('the-next-key-of-us,the-present-key-of-us')).toBeNull();
});

describe('a key', () => {
  it('is shown once, and listed without its secret', async () => {
    const { key, ...shown } = await create({ name: 'dispatch', scopes: ['orders:read', 'orders:write'] });
    expect(key).toMatch(new RegExp(`^mk_${shown.id}_`));
    expect(shown).toMatchObject({ name: 'dispatch', status: 'active', pools: null, expiresAt: null, lastUsedAt: null });
    expect((await ask(key)).status).toBe(200);
    await eventually(async () => (await listed(shown.id)).lastUsedAt !== null);
    const { lastUsedAt, ...rest } = await listed(shown.id);
    expect({ ...rest, lastUsedAt: null }).toEqual(shown);
    expect(lastUsedAt).toBe(app.clock.now().toISOString());
  });

  it('is written to no table: a copy of the database opens nothing', async () => {
    const { key, id } = await create();
    const { key: next } = (await app.api('POST', `/v1/keys/${id}/rotate`, {})).body;
    expect((await ask(key)).status).toBe(200);
    expect((await ask(next)).status).toBe(200);
    const dump = await everyRow();
    expect(dump).toContain(id);
    for (const one of [key, next, API_KEY]) {
      const secret = one.split('_').at(-1)!;
      expect(dump).not.toContain(secret);
      expect(dump).not.toContain(Buffer.from(secret).toString('hex'));
    }
  });

  it('notes its use once a minute', async () => {
    const { key, id } = await create();
    const writes = async () => {
      const [row] = await app.dataSource.query('SELECT xmin::text, last_used_at AS at FROM api_keys WHERE id = $1', [
        id,
      ]);
      return row as { xmin: string; at: Date | null };
    };
    await ask(key);
    await eventually(async () => (await writes()).at !== null);
    const first = await writes();
    app.clock.push({ seconds: 59 });
    for (let times = 0; times < 20; times += 1) await ask(key);
    await ask((await create()).key); // comes after those of before
    expect(await writes()).toEqual(first);
    app.clock.push({ seconds: 1 });
    await ask(key);
    await eventually(async () => (await writes()).xmin !== first.xmin);
  });

  it('ends when it expires, and says so only to who has all of it', async () => {
    const expiresAt = new Date(app.clock.now().getTime() + 3_600_000).toISOString();
    const { key, id } = await create({ expiresAt });
    expect((await ask(key)).status).toBe(200);
    app.clock.push({ seconds: 3_600 });
    const refused = await ask(key);
    expect([refused.status, refused.body.type]).toEqual([401, '/problems/missing-key']);
    expect(refused.body.detail).toContain('expired');
    expect(refused.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    expect((await listed(id)).status).toBe('expired');
    const guessed = await ask(newKeyText(id));
    expect(guessed.body.detail).not.toContain('expired');
    expect((await app.api('POST', `/v1/keys/${id}/rotate`, {})).body.type).toBe('/problems/key-ended');
    expect((await app.api('POST', `/v1/keys/${id}/confirm`)).body.type).toBe('/problems/key-ended');
  });

  it('cannot be created expired, without scopes, or with unknown ones', async () => {
    const at = (body: object) => app.api('POST', '/v1/keys', { name: 'x', scopes: ['support'], ...body });
    for (const wrong of [
      { expiresAt: app.clock.now().toISOString() },
      { expiresAt: 'tomorrow' },
      { scopes: [] },
      { scopes: ['everything'] },
      { scopes: ['support', 'support'] },
      { pools: [] },
      { pools: ['no name'] },
      { name: '' },
    ]) {
      const { status, body } = await at(wrong);
      expect([wrong, status, body.type]).toEqual([wrong, 400, '/problems/invalid-request']);
    }
  });

  it('is listed in pages, newest first', async () => {
    await create();
    await create();
    const all = (await app.api('GET', '/v1/keys')).body.keys.map(({ id }: Body) => id);
    const paged: string[] = [];
    for (let cursor = ''; ;) {
      const { body } = await app.api('GET', `/v1/keys?limit=2${cursor}`);
      paged.push(...body.keys.map(({ id }: Body) => id));
      if (body.nextCursor === null) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(paged).toEqual(all);
    expect((await app.api('GET', '/v1/keys?cursor=eA')).status).toBe(400);
  });
});

describe('rotation', () => {
  it('lets both keys in during the overlap, and then the new one only', async () => {
    const { key: first, id } = await create();
    const rotated = await app.api('POST', `/v1/keys/${id}/rotate`, { overlapSeconds: 600 });
    const { key: second } = rotated.body;
    expect([rotated.status, rotated.body.id, first === second]).toEqual([200, id, false]);
    app.clock.push({ seconds: 599 });
    expect([(await ask(first)).status, (await ask(second)).status]).toEqual([200, 200]);
    app.clock.push({ seconds: 1 });
    expect([(await ask(first)).status, (await ask(second)).status]).toEqual([401, 200]);
  });

  it('ends the key before at once without an overlap, and the one before that in any case', async () => {
    const { key: first, id } = await create();
    const rotate = async (overlapSeconds: number) =>
      (await app.api('POST', `/v1/keys/${id}/rotate`, { overlapSeconds })).body.key as string;
    const second = await rotate(600);
    const third = await rotate(600);
    expect([(await ask(first)).status, (await ask(second)).status, (await ask(third)).status]).toEqual([401, 200, 200]);
    const fourth = await rotate(0);
    expect([(await ask(third)).status, (await ask(fourth)).status]).toEqual([401, 200]);
  });
});

describe('a revoked key', () => {
  it('is refused by every process within 5 s', async () => {
    const other = await TestApp.start({ database: app.database, exchangeUrl: app.exchange.url });
    try {
      const { key, id } = await create();
      const atOther = () => other.request('GET', '/v1/orders', { authorization: `Bearer ${key}` });
      expect([(await ask(key)).status, (await atOther()).status]).toEqual([200, 200]);
      const revoked = await app.api('DELETE', `/v1/keys/${id}`);
      const revokedAt = performance.now();
      expect([revoked.status, revoked.body.status]).toEqual([200, 'revoked']);
      expect((await ask(key)).body.detail).toContain('revoked');
      let lastAccepted = revokedAt;
      for (;;) {
        const begun = performance.now();
        if ((await atOther()).status === 401) break;
        lastAccepted = begun;
        expect(begun - revokedAt).toBeLessThan(60_000);
        await sleep(50);
      }
      expect(lastAccepted - revokedAt).toBeLessThan(FELT_WITHIN_MS);
    } finally {
      await other.stop();
    }
  });

  it('stays revoked and listed, and can be neither rotated nor confirmed', async () => {
    const { id } = await create();
    const first = await app.api('DELETE', `/v1/keys/${id}`);
    app.clock.push({ seconds: 10 });
    expect((await app.api('DELETE', `/v1/keys/${id}`)).body).toEqual(first.body);
    expect((await listed(id)).status).toBe('revoked');
    expect((await app.api('POST', `/v1/keys/${id}/rotate`, {})).body.type).toBe('/problems/key-ended');
    expect((await app.api('DELETE', '/v1/keys/nosuchkey')).body.type).toBe('/problems/key-not-found');
  });
});

describe('a key that manages keys', () => {
  it('gives, renews and takes away nothing that it does not have itself', async () => {
    const { key: strong, id: strongId } = await create({ scopes: ['support', 'keys'] });
    const { key: weak } = await create({ scopes: ['orders:read', 'keys'] });
    const as = (key: string, method: string, path: string, body?: object) => ask(key, { method, path, body });
    const more = await as(weak, 'POST', '/v1/keys', { name: 'more', scopes: ['orders:read', 'support'] });
    expect([more.status, more.body.type]).toEqual([403, '/problems/beyond-own-key']);
    expect(more.body.detail).toContain('support');
    expect((await as(weak, 'POST', `/v1/keys/${strongId}/rotate`, {})).body.type).toBe('/problems/beyond-own-key');
    expect((await as(weak, 'POST', `/v1/keys/${strongId}/confirm`)).body.type).toBe('/problems/beyond-own-key');
    expect((await as(weak, 'DELETE', `/v1/keys/${strongId}`)).body.type).toBe('/problems/beyond-own-key');
    expect((await ask(strong, { path: '/v1/keys' })).status).toBe(200);
    const same = await as(weak, 'POST', '/v1/keys', { name: 'same', scopes: ['orders:read'] });
    expect(same.status).toBe(201);
    expect((await as(weak, 'POST', `/v1/keys/${same.body.id}/rotate`, {})).status).toBe(200);
  });

  it('and is limited to pools sees and makes only keys of these pools', async () => {
    const { key: limited, id } = await create({ scopes: ['orders:read', 'keys'], pools: ['east', 'west'] });
    const as = (method: string, path: string, body?: object) => ask(limited, { method, path, body });
    const { id: other } = await create();
    const make = (pools?: string[]) => as('POST', '/v1/keys', { name: 'x', scopes: ['orders:read'], pools });
    expect((await make()).body.type).toBe('/problems/beyond-own-key');
    expect((await make(['east', 'north'])).body.type).toBe('/problems/beyond-own-key');
    const east = await make(['east']);
    expect(east.status).toBe(201);
    const seen = (await as('GET', '/v1/keys')).body.keys.map((key: Body) => key.id);
    expect(seen.toSorted()).toEqual([id, east.body.id].toSorted());
    expect((await as('DELETE', `/v1/keys/${other}`)).body.type).toBe('/problems/key-not-found');
  });
});

it('while the database does not answer, a key that was used goes on, and others are not called wrong', async () => {
  const database = await freshDatabase({ lockTimeoutMs: 5_000 });
  const line = await DatabaseLine.to(database.url);
  const cut = await TestApp.start({ database: { ...database, url: line.url } });
  try {
    const make = async () => (await cut.api('POST', '/v1/keys', { name: 'x', scopes: ['metrics'] })).body.key as string;
    const [used, unused] = [await make(), await make()];
    const scrape = async (key: string) => cut.request('GET', '/metrics', { authorization: `Bearer ${key}` });
    expect((await scrape(used)).status).toBe(200);
    await line.refuse();
    await eventually(async () => (await cut.request('GET', '/health/ready', {})).body.database === 'down', 60_000);
    await sleep(2_100); // what is remembered is old by now
    expect((await scrape(used)).status).toBe(200);
    const unknown = await scrape(unused);
    expect([unknown.status, unknown.body.type]).toEqual([503, '/problems/database-unavailable']);
    expect((await scrape(`${unused.slice(0, -1)}?`)).status).toBe(401);
    expect((await scrape(API_KEY)).status).toBe(200);
    await line.accept();
    await eventually(async () => (await scrape(unused)).status === 200, 60_000);
  } finally {
    await cut.stop();
    line.close();
    await database.drop();
  }
});

async function everyRow(): Promise<string> {
  const tables: { name: string }[] = await app.dataSource.query(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'bullmq')`,
  );
  const rows = await Promise.all(
    tables.map(async ({ name }) => app.dataSource.query(`SELECT one::text AS row FROM ${name} AS one`)),
  );
  return JSON.stringify(rows);
}

describe('a key that another process has just revoked, rotated or put in doubt, and that this process still remembers', () => {
  const url = 'http://127.0.0.1:9/';
  let endpoint: string;
  beforeAll(async () => {
    endpoint = (await app.api('POST', '/v1/webhook-endpoints', { url, types: ['call.missed'] })).body.id;
  });

  /** The requests whose effect would outlive the key that makes them. @param id of the key that they change */
  const LASTING: ((id: string) => { method: string; path: string; body?: object })[] = [
    () => ({ method: 'POST', path: '/v1/keys', body: { name: 'heir', scopes: ['keys'] } }),
    (id) => ({ method: 'POST', path: `/v1/keys/${id}/confirm` }),
    (id) => ({ method: 'POST', path: `/v1/keys/${id}/rotate`, body: { overlapSeconds: 0 } }),
    (id) => ({ method: 'DELETE', path: `/v1/keys/${id}` }),
    () => ({ method: 'POST', path: '/v1/restoration/end', body: { nothingWasLost: true } }),
    () => ({ method: 'POST', path: '/v1/webhook-endpoints', body: { url, types: ['call.missed'] } }),
    () => ({ method: 'PATCH', path: `/v1/webhook-endpoints/${endpoint}`, body: { types: ['*'] } }),
    () => ({ method: 'POST', path: `/v1/webhook-endpoints/${endpoint}/rotate-secret`, body: {} }),
  ];
  const scopes = ['keys', 'operate', 'events'];

  it.each([
    ['revoked', 'revoked_at = now()', 401],
    ['in doubt', 'unconfirmed = true', 503],
    [
      'rotated, and its overlap over',
      `previous_hash = secret_hash, previous_until = '2000-01-01', secret_hash = sha256('the next')`,
      401,
    ],
    [
      'rotated twice',
      `secret_hash = sha256('the one after'), previous_hash = sha256('the next'), previous_until = '2100-01-01'`,
      401,
    ],
  ])('%s: neither confirms itself nor leaves another', async (_, change, refused) => {
    for (const lasting of LASTING) {
      const { id, key } = await create({ name: 'thief', scopes });
      const request = lasting(id);
      expect((await ask(key, { path: '/v1/keys' })).status).toBe(200);
      await app.dataSource.query(`UPDATE api_keys SET ${change} WHERE id = '${id}'`);
      const { status, headers } = await ask(key, request);
      expect([request.path, status]).toEqual([request.path, refused]);
      expect(headers['www-authenticate']).toBe(refused === 401 ? 'Bearer error="invalid_token"' : undefined);
    }
    expect((await app.api('GET', '/v1/keys')).body.keys.filter(({ name }: Body) => name === 'heir')).toEqual([]);
  });

  it.each([
    ['a key of API_KEY', async () => API_KEY],
    ['a stored key', async () => (await create({ scopes })).key as string],
  ])('nor does a session of %s that was signed out elsewhere', async (_, keyToSignIn) => {
    const { id } = await create();
    const key = await keyToSignIn();
    const ownPage = { host: 'masks.example', origin: 'http://masks.example' };
    for (const lasting of LASTING) {
      const { method, path, body } = lasting(id);
      const signedIn = await app.request('POST', '/v1/session', ownPage, { key });
      const headers = { ...ownPage, cookie: String(signedIn.headers['set-cookie']).split(';')[0]! };
      expect((await app.request('GET', '/v1/keys', headers)).status).toBe(200);
      await app.dataSource.query('DELETE FROM console_sessions');
      const refused = await app.request(method, path, headers, body);
      expect([path, refused.status, refused.body.type]).toEqual([path, 401, '/problems/session-ended']);
      expect(refused.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    }
    expect((await listed(id)).status).toBe('active');
    expect((await app.api('GET', '/v1/keys')).body.keys.filter(({ name }: Body) => name === 'heir')).toEqual([]);
  });

  it('but within the overlap of a rotation still acts on keys', async () => {
    const { id, key } = await create({ scopes: ['keys'] });
    await app.api('POST', `/v1/keys/${id}/rotate`, { overlapSeconds: 600 });
    const made = await ask(key, { method: 'POST', path: '/v1/keys', body: { name: 'next', scopes: ['keys'] } });
    expect(made.status).toBe(201);
  });

  it('says that nothing was lost only if it could confirm each key that waits', async () => {
    const operator = await create({ name: 'operator', scopes: ['operate'] });
    const { key, id } = await create({ name: 'all of keys', scopes: ['keys', 'operate'] });
    const waiting = await create({ name: 'audit', scopes: ['audit'] });
    await app.dataSource.query(`UPDATE api_keys SET unconfirmed = true WHERE id = '${waiting.id}'`);
    const end = { method: 'POST', path: '/v1/restoration/end', body: { nothingWasLost: true } };
    expect((await ask(operator.key, end)).body.type).toBe('/problems/missing-scope');
    expect((await ask(key, end)).body.type).toBe('/problems/beyond-own-key');
    expect([(await listed(waiting.id)).status, (await listed(id)).status]).toEqual(['unconfirmed', 'active']);
    expect((await app.api('POST', '/v1/restoration/end', { nothingWasLost: true })).status).toBe(200);
    expect((await listed(waiting.id)).status).toBe('active');
  });
});
