import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { createClient } from '@hey-api/openapi-ts';
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { Webhook } from 'standardwebhooks';
import ts from 'typescript';

import {
  bodyOf,
  createMaskline,
  eventsOfWebhook,
  everyItem,
  MasklineProblem,
} from '../../clients/typescript/src/index.js';
import { API_KEY, aPhone, numbers, TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** Generated clients are beside this file, so that they find the packages. */
let folder: string;
let app: TestApp;
let document: object;

beforeAll(async () => {
  folder = await mkdtemp(join(import.meta.dirname, 'generated-'));
  app = await TestApp.start();
  document = (await app.request('GET', '/docs-json', {})).body;
  await app.api('PATCH', '/v1/pools/default', { capacity: 1000 });
  await app.api('POST', '/v1/numbers/import', { pool: 'default', numbers: numbers(9).map((number) => ({ number })) });
});
afterAll(async () => {
  await app?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What the compiler says of programs, under `strict`. In a process of its own, or the application would stand still. */
async function complaintsAbout(files: string[], paths: Record<string, string[]> = {}): Promise<string> {
  const compilerOptions = {
    ...{ target: 'ES2022', module: 'nodenext', lib: ['ES2023', 'DOM', 'DOM.Iterable'], types: ['node'], paths },
    ...{ strict: true, noUncheckedIndexedAccess: true, skipLibCheck: true, noEmit: true },
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  return run(process.execPath, [tsc, '--project', folder]).then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout || 'tsc failed',
  );
}

/** Generating types takes the processor for seconds, after which the application looks at its database again. */
async function ready(): Promise<void> {
  await eventually(async () => (await app.request('GET', '/health/ready', {})).status === 200, 60_000);
  await eventually(async () => (await app.api('GET', '/v1/pools')).status === 200, 60_000);
}

/** Runs a program in a process of its own, with the API's address and key. @returns what it printed */
async function printedBy(file: string): Promise<string[]> {
  const env = { ...process.env, URL: app.url, API_KEY };
  const { stdout } = await run(process.execPath, [await compiled(file)], { env, cwd: folder });
  return stdout.trim().split('\n');
}

async function compiled(file: string): Promise<string> {
  const text = await readFile(file, 'utf8');
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const target = file.replace(/\.ts$/, '.mjs');
  await writeFile(target, outputText);
  return target;
}

it('the client has the types of this version (npm run client writes them)', async () => {
  const generated = astToString(await openapiTS(document as OpenAPI3));
  await expect(`// Generated from the OpenAPI document by: npm run client\n\n${generated}`).toMatchFileSnapshot(
    join(root, 'clients/typescript/src/schema.ts'),
  );
});

it('the examples of its README and of docs/integrate.md compile, and the first does what it says', async () => {
  const readme = await readFile(join(root, 'clients/typescript/README.md'), 'utf8');
  const [, example] = /^```ts\n([^]+?)^```$/m.exec(readme)!;
  const file = join(folder, 'readme.ts');
  await writeFile(file, example!);
  const client = join(root, 'clients/typescript/src/index.ts');
  const page = await readFile(join(root, 'docs/integrate.md'), 'utf8');
  const [, connecting] = /^```ts\n(import [^\n]+ from '@maskline\/client';[^]+?)^```$/m.exec(page)!;
  await writeFile(join(folder, 'integrate.ts'), connecting!);
  expect(await complaintsAbout([file, join(folder, 'integrate.ts')], { '@maskline/client': [client] })).toBe('');
  const js = await compiledClient();
  await writeFile(file, example!.replace("'@maskline/client'", JSON.stringify(js)));
  await ready();
  const printed = await printedBy(file);
  expect(printed[0]).toMatch(/^active \+91\d{10} \+91\d{10}$/);
  expect(printed[1]).toMatch(/^closing 20/);
  expect(printed).toContain('order-2001 closing');
  expect(printed.filter((line) => / order\.\S+ order-2001$/.test(line)).length).toBeGreaterThan(2);
  expect(printed.at(-1)).toBe('not found');
});

async function compiledClient(): Promise<string> {
  const copy = join(folder, 'client.ts');
  await writeFile(copy, await readFile(join(root, 'clients/typescript/src/index.ts'), 'utf8'));
  return compiled(copy);
}

it('pages through a list one by one, and throws problems', async () => {
  const maskline = createMaskline({ url: `${app.url}/`, key: API_KEY });
  await ready();
  const references = ['page-1', 'page-2', 'page-3'];
  for (const reference of references) await app.order(reference, aPhone());
  const listed: string[] = [];
  const all = everyItem(
    (cursor) => bodyOf(maskline.GET('/v1/orders', { params: { query: { limit: 1, status: 'placed', cursor } } })),
    ({ orders }) => orders,
  );
  for await (const { reference } of all) listed.push(reference);
  expect(listed.toSorted()).toEqual(references);
  const refused = bodyOf(maskline.GET('/v1/pools/{name}', { params: { path: { name: 'of-nobody' } } }));
  await expect(refused).rejects.toThrow(MasklineProblem);
  await expect(refused).rejects.toMatchObject({ problem: { type: '/problems/pool-not-found', status: 404 } });
});

it('verifies webhooks, one event or a batch, and refuses what somebody else signed', () => {
  const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
  const event = { specversion: '1.0', source: 'maskline', id: '1', type: 'order.placed', data: { reference: 'a' } };
  const headersOf = (body: string, signer = secret) => ({
    'webhook-id': 'm-1',
    'webhook-timestamp': String(Math.floor(Date.now() / 1_000)),
    'webhook-signature': new Webhook(signer).sign('m-1', new Date(), body),
  });
  for (const content of [event, [event]]) {
    const body = JSON.stringify(content);
    expect(eventsOfWebhook(secret, body, headersOf(body))).toEqual([event]);
    const stranger = `whsec_${Buffer.alloc(24, 8).toString('base64')}`;
    expect(() => eventsOfWebhook(secret, body, headersOf(body, stranger))).toThrow();
    expect(() => eventsOfWebhook(secret, `${body} `, headersOf(body))).toThrow();
  }
});

it('a client of another generator compiles, and places, assigns, completes, pages and reads events without a cast', async () => {
  await writeFile(join(folder, 'openapi.json'), JSON.stringify(document));
  await createClient({
    input: join(folder, 'openapi.json'),
    output: { path: join(folder, 'hey-api'), importFileExtension: '.js' },
    plugins: ['@hey-api/typescript', '@hey-api/client-fetch', '@hey-api/sdk'],
    logs: { level: 'silent' },
  });
  const file = join(folder, 'hey-api-example.ts');
  await writeFile(file, HEY_API_EXAMPLE);
  expect(await complaintsAbout([file])).toBe('');
  const printed: unknown[] = [];
  vi.spyOn(console, 'log').mockImplementation((...words) => void printed.push(words.join(' ')));
  vi.stubEnv('URL', app.url);
  vi.stubEnv('API_KEY', API_KEY);
  await ready();
  try {
    await import(/* @vite-ignore */ file);
  } finally {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  }
  expect(printed[0]).toMatch(/^\+91\d{10} closing$/);
  expect(printed).toContain('order-3001');
  expect(printed.at(-1)).toMatch(/^\d+ order-3001$/);
});

const HEY_API_EXAMPLE = `
import { createClient } from './hey-api/client/index.js';
import { assignAgent, completeOrder, listOrderEvents, listOrders, placeOrder } from './hey-api/sdk.gen.js';

const client = createClient({ baseUrl: process.env['URL'], auth: () => process.env['API_KEY'] });
const options = { client, throwOnError: true } as const;
const path = { reference: 'order-3001' };

await placeOrder({ ...options, body: { reference: 'order-3001', customer: { phone: '+919000000031' } } });
const assigned = await assignAgent({ ...options, path, body: { phone: '+919000000032' } });
const dials: string | null | undefined = assigned.data.agent?.dials;
const closed = await completeOrder({ ...options, path });
const status: 'placed' | 'awaiting-numbers' | 'active' | 'closing' | 'ended' = closed.data.status;
console.log(dials, status);

for (let cursor: string | null | undefined; cursor !== null; ) {
  const page = await listOrders({ ...options, query: { cursor, limit: 100 } });
  for (const { reference } of page.data.orders) console.log(reference);
  cursor = page.data.nextCursor;
}
const { data } = await listOrderEvents({ ...options, query: { after: '0' } });
for (const event of data.events) {
  if (event.type === 'order.completed') console.log(event.id, event.data.reference);
}
`;
