import { API_KEY, TestApp } from '../support/app.js';

const CALL = { from: '+919000000001', to: '+918047000001', callee: 'person' };
const PATHS = [
  ['GET', '/exchange/phones'],
  ['PUT', '/exchange/phones'],
  ['DELETE', '/exchange/phones'],
  ['POST', '/exchange/calls'],
  ['POST', '/exchange/calls/some/answer'],
  ['POST', '/exchange/calls/some/decline'],
  ['POST', '/exchange/calls/some/keys'],
  ['POST', '/exchange/calls/some/hang-up'],
  ['POST', '/exchange/texts'],
] as const;

describe('with the exchange, the console’s playground', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ playground: true });
  });
  afterAll(() => app?.stop());

  const own = () => ({ 'sec-fetch-site': 'same-origin', host: new URL(app.url).host });
  const signedIn = async (): Promise<Record<string, string>> => {
    const { headers } = await app.request('POST', '/v1/session', own(), { key: API_KEY });
    return { cookie: String(headers['set-cookie']).split(';')[0]! };
  };

  it('reaches the phones with a session, as the page says', async () => {
    expect((await app.request('GET', '/console/', {})).text).toContain('<html lang="en" data-playground>');
    const session = await signedIn();
    const shown = await app.request('GET', '/exchange/phones', session);
    expect([shown.status, shown.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(shown.body).toMatchObject({ calls: [], texts: { sent: [], arrived: [] } });
    const { status, body } = await app.request('POST', '/exchange/calls', { ...session, ...own() }, CALL);
    expect([status, body]).toEqual([422, { error: expect.stringContaining('is not a number of account') }]);
    expect((await app.api('POST', '/exchange/calls/some/answer')).status).toBe(404);
    for (const trick of ['%2e%2e', '..%5Cpeople', '..%2f..%2fv1']) {
      const { status, body } = await app.api('POST', `/exchange/calls/${trick}/answer`);
      expect([trick, status, body.type]).toEqual([trick, 404, '/problems/endpoint-not-found']);
    }
  });

  it('is for keys that may operate all pools', async () => {
    const { body: reader } = await app.api('POST', '/v1/keys', { name: 'reader', scopes: ['orders:read'] });
    await app.pool({ name: 'mine' });
    const { body: limited } = await app.api('POST', '/v1/keys', { name: 'm', scopes: ['operate'], pools: ['mine'] });
    for (const [method, path] of PATHS) {
      expect([path, (await app.request(method, path, {})).status]).toEqual([path, 401]);
      for (const { key } of [reader, limited]) {
        const { status } = await app.request(method, path, { authorization: `Bearer ${key}` });
        expect([path, status]).toEqual([path, 403]);
      }
    }
  });

  it('takes no writes from pages of other sites', async () => {
    const session = await signedIn();
    for (const [method, path] of PATHS.slice(1)) {
      const { status } = await app.request(method, path, { ...session, 'sec-fetch-site': 'cross-site' });
      expect([path, status]).toEqual([path, 403]);
    }
  });

  it('reaches nothing else of the exchange', async () => {
    for (const [method, path] of [
      ['GET', '/exchange'],
      ['GET', '/exchange/numbers'],
      ['PUT', '/exchange/faults'],
      ['PUT', '/exchange/people/+919000000001'],
      ['GET', '/exchange/people/+919000000001/texts'],
      ['GET', '/exchange/calls/some'],
      ['POST', '/exchange/calls/..%2ffaults/answer'],
    ] as const) {
      expect([path, (await app.api(method, path)).status]).toEqual([path, 404]);
    }
  });

  it('says so while the exchange does not answer, and stops although a page waits for news', async () => {
    const { body } = await app.api('GET', '/exchange/phones');
    const waiting = app.api('GET', `/exchange/phones?after=${body.version}`);
    await app.exchange.close();
    expect((await waiting).status).toBeLessThanOrEqual(503);
    const { status, body: problem } = await app.api('GET', '/exchange/phones');
    expect([status, problem.type]).toEqual([503, '/problems/exchange-unavailable']);
  });
});

it('with a real provider, there is no playground', async () => {
  const app = await TestApp.start();
  try {
    expect((await app.request('GET', '/console/', {})).text).toContain('<html lang="en">');
    for (const [method, path] of PATHS) expect([path, (await app.api(method, path)).status]).toEqual([path, 404]);
  } finally {
    await app.stop();
  }
});
