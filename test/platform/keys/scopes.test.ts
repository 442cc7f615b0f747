import { SCOPES, type Scope } from '../../../src/platform/http/authentication/scopes.js';
import { TestApp } from '../../support/app.js';

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly body: boolean;
  /** Null = it needs no key. */
  readonly scopes: readonly Scope[] | null;
}

let app: TestApp;
let operations: Operation[];
const keys = new Map<Scope, string>();

beforeAll(async () => {
  app = await TestApp.start({ exotelTexts: true });
  const { body } = await app.request('GET', '/docs-json', {});
  operations = Object.entries<Record<string, { security?: { bearer: Scope[] }[]; requestBody?: object }>>(
    body.paths,
  ).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security, requestBody }]) => ({
      method: method.toUpperCase(),
      path: path.replaceAll(/\{\w+\}/g, 'nothing'),
      body: requestBody !== undefined,
      scopes: security?.length ? security.flatMap(({ bearer }) => bearer) : null,
    })),
  );
  for (const scope of SCOPES) {
    const created = await app.api('POST', '/v1/keys', { name: scope, scopes: [scope] });
    keys.set(scope, created.body.key);
  }
});
afterAll(() => app?.stop());

async function ask({ method, path, body }: Operation, key: string) {
  return app.request(method, path, { authorization: `Bearer ${key}` }, body ? {} : undefined);
}

it.each(SCOPES)('a key with the scope %s may do what the OpenAPI document says, and nothing else', async (scope) => {
  expect(operations.length).toBeGreaterThan(50);
  for (const operation of operations.filter(({ scopes }) => scopes !== null)) {
    const { method, path, scopes } = operation;
    if (path === '/v1/stream' && scopes!.includes(scope)) continue; // its answer does not end
    const { status, body, headers } = await ask(operation, keys.get(scope)!);
    // It puts every stored key in doubt.
    if (path === '/v1/restoration' && status < 300)
      await app.api('POST', '/v1/restoration/end', { nothingWasLost: true });
    const refusal = status === 403 ? [body.type, body.scopes, headers['www-authenticate']] : null;
    expect([method, path, status === 401 || status === 429, refusal]).toEqual([
      ...[method, path, false],
      scopes!.includes(scope)
        ? null
        : ['/problems/missing-scope', scopes, `Bearer error="insufficient_scope", scope="${scopes!.join(' ')}"`],
    ]);
  }
});

it('a request that needs no key is answered with any', async () => {
  const open = operations.filter(({ scopes }) => scopes === null);
  expect(open.length).toBeGreaterThan(0);
  for (const operation of open) {
    if (operation.path === '/v1/session') continue; // signs in: its key is in the body
    const status = operation.path === '/problems/nothing' ? 404 : 200;
    expect((await ask(operation, keys.get('metrics')!)).status).toBe(status);
  }
});
