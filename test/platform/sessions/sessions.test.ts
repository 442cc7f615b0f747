import { SignInLinks } from '../../../src/platform/sessions/sign-in-links.js';
import { API_KEY, TestApp, type Answer } from '../../support/app.js';

const HOST = 'masks.example';
const FROM_OWN_PAGE = { host: HOST, origin: `http://${HOST}` };

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app?.stop());

const signIn = async (body: object, headers: Record<string, string> = FROM_OWN_PAGE): Promise<Answer> =>
  app.request('POST', '/v1/session', headers, body);

function cookieOf({ headers }: Answer): string {
  return String(headers['set-cookie']).split(';')[0]!;
}

async function newKey(scopes: string[], more: object = {}): Promise<{ id: string; key: string }> {
  const { status, body } = await app.api('POST', '/v1/keys', { name: 'support desk', scopes, ...more });
  expect(status).toBe(201);
  return body;
}

const slugOf = ({ body }: Answer): string => String(body.type).split('/').at(-1)!;

it('a key is exchanged for a cookie that no script reads and no other site sends', async () => {
  const answer = await signIn({ key: API_KEY });
  expect(answer.status).toBe(201);
  const cookie = String(answer.headers['set-cookie']);
  expect(cookie).toMatch(/^maskline-session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/);
  const overTls = await signIn({ key: API_KEY }, { host: HOST, origin: `https://${HOST}` });
  expect(String(overTls.headers['set-cookie'])).toMatch(/; Secure$/);
  expect(answer.body).toMatchObject({ keyName: 'API_KEY', scopes: expect.arrayContaining(['keys']), pools: null });
  const [token] = [cookieOf(answer).split('=')[1]!];
  expect(
    await app.count(
      'console_sessions',
      `token_hash = '${token}' OR token_hash = '\\x${Buffer.from(token).toString('hex')}'`,
    ),
  ).toBe(0);
  const read = await app.request('GET', '/v1/session', { cookie: `other=1; ${cookieOf(answer)}` });
  expect(read.body).toEqual(answer.body);
  expect((await app.api('GET', '/v1/session')).body).toMatchObject({ keyName: 'API_KEY', expiresAt: null });
});

it('a session may do what its key may, and is named like it', async () => {
  const { id, key } = await newKey(['orders:read']);
  const cookie = cookieOf(await signIn({ key }));
  expect((await app.request('GET', '/v1/orders', { cookie })).status).toBe(200);
  const refused = await app.request('GET', '/v1/audit', { cookie });
  expect([refused.status, slugOf(refused)]).toEqual([403, 'missing-scope']);
  expect((await app.request('GET', '/v1/session', { cookie })).body).toMatchObject({
    keyId: id,
    keyName: 'support desk',
  });
});

it('writes come from pages of this origin', async () => {
  const cookie = cookieOf(await signIn({ key: API_KEY }));
  const write = async (headers: Record<string, string>) =>
    app.request(
      'POST',
      '/v1/orders',
      { cookie, ...headers },
      { reference: 'o-1', customer: { phone: '+919000000001' } },
    );
  for (const headers of <Record<string, string>[]>[
    {},
    { host: HOST, origin: 'http://evil.example' },
    { host: HOST, origin: 'null' },
    { ...FROM_OWN_PAGE, 'sec-fetch-site': 'cross-site' },
    { ...FROM_OWN_PAGE, 'sec-fetch-site': 'same-site' },
  ]) {
    const refused = await write(headers);
    expect([headers, refused.status, slugOf(refused)]).toEqual([headers, 403, 'foreign-origin']);
  }
  expect((await write(FROM_OWN_PAGE)).status).toBe(201);
  expect((await write({ 'sec-fetch-site': 'same-origin' })).status).toBeLessThan(300);
  expect(slugOf(await signIn({ key: API_KEY }, { host: HOST, origin: 'http://evil.example' }))).toBe('foreign-origin');
});

it('a session ends by signing out, with its key, and after 12 hours', async () => {
  const { id, key } = await newKey(['orders:read']);
  const rotated = await newKey(['orders:read']);
  const ending = {
    'signing out': async (cookie: string) => app.request('DELETE', '/v1/session', { ...FROM_OWN_PAGE, cookie }),
    rotating: async () => app.api('POST', `/v1/keys/${rotated.id}/rotate`, { overlapSeconds: 0 }),
    revoking: async () => app.api('DELETE', `/v1/keys/${id}`),
    time: async () => app.clock.push({ hours: 12 }),
  };
  const keys: Record<string, string> = { rotating: rotated.key, time: API_KEY };
  for (const [how, end] of Object.entries(ending)) {
    const cookie = cookieOf(await signIn({ key: keys[how] ?? key }));
    expect([how, (await app.request('GET', '/v1/session', { cookie })).status]).toEqual([how, 200]);
    await end(cookie);
    const refused = await app.request('GET', '/v1/session', { cookie });
    expect([how, refused.status, slugOf(refused)]).toEqual([how, 401, 'session-ended']);
  }
  const before = await app.count('console_sessions');
  await signIn({ key: API_KEY });
  expect(await app.count('console_sessions')).toBeLessThan(before); // those that have expired are deleted
});

it('a wrong key, an invented session and an empty request are refused', async () => {
  expect(slugOf(await signIn({ key: 'mk_wrong' }))).toBe('missing-key');
  expect(slugOf(await signIn({}))).toBe('invalid-request');
  const invented = await app.request('GET', '/v1/session', { cookie: `maskline-session=${'a'.repeat(43)}` });
  expect([invented.status, slugOf(invented)]).toEqual([401, 'session-ended']);
});

it('the link of the start signs in once, from this machine, within ten minutes', async () => {
  const links = app.get(SignInLinks);
  const link = links.create(API_KEY);
  expect(slugOf(await signIn({ link }, { ...FROM_OWN_PAGE, 'x-forwarded-for': '203.0.113.7' }))).toBe('link-not-valid');
  expect((await signIn({ link })).status).toBe(201);
  expect(slugOf(await signIn({ link }))).toBe('link-not-valid');
  const old = links.create(API_KEY, performance.now() - 10 * 60_000);
  expect(links.use(old)).toBeNull();
});
