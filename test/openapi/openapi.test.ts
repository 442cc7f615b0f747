import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { RequestMethod } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';

import { SCOPES, type Scope } from '../../src/platform/http/authentication/scopes.js';
import { PROBLEM_TEXTS } from '../../src/platform/http/problem-texts.js';
import { ORDER_NEWS_TYPES } from '../../src/orders/intake/cloud-event.js';
import { API_KEY, aPhone, numbers, TestApp } from '../support/app.js';
import { openApiDocument } from '../support/open-api-document.js';

interface Schema {
  $ref?: string;
  type?: string | string[];
  examples?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  enum?: unknown[];
  format?: string;
  [more: string]: unknown;
}

interface Media {
  schema: Schema;
  examples?: Record<string, { value: unknown }>;
}

interface Operation {
  summary?: string;
  tags?: string[];
  description?: string;
  security?: { bearer: Scope[] }[];
  operationId: string;
  requestBody?: { content: Record<string, Media> };
  parameters?: { name: string; in: string; example?: unknown; schema?: Schema }[];
  responses: Record<
    string,
    { description: string; headers?: Record<string, { $ref: string }>; content?: Record<string, Media> }
  >;
}

const withType = expect.toSatisfy(
  (schema: Schema | undefined) => ['string', 'integer', 'number', 'boolean'].includes(String(schema?.type)),
  'has the type of a value',
);

/** Its key is in the body. */
const SIGN_IN = 'POST /v1/session';
const NEEDS_NO_KEY = ['GET /health/live', 'GET /health/ready', 'GET /problems/{slug}', SIGN_IN];

let app: TestApp;
let schemas: Record<string, Schema>;
/** Every call that the document describes, by method and path. */
let described: Map<string, Operation>;
let document: {
  servers: unknown[];
  tags: { name: string }[];
  paths: object;
  components: Record<string, Record<string, object>>;
};

beforeAll(async () => {
  app = await TestApp.start();
  document = (await app.request('GET', '/docs-json', {})).body;
  const { paths, components } = await openApiDocument(app);
  schemas = components.schemas;
  described = new Map(
    Object.entries<Record<string, Operation>>(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
    ),
  );
});
afterAll(() => app.stop());

it('describes every call of the API, and none that is a provider’s', () => {
  const ours = servedRoutes(app).filter((route) => !route.includes(' /hooks/'));
  expect([...described.keys()].toSorted()).toEqual(ours.toSorted());
  expect(servedRoutes(app).some((route) => route.includes(' /hooks/'))).toBe(true);
  expect(JSON.stringify([...described.keys()])).not.toContain('hooks');
});

it('says of every call what it does, in which part of the API it is, and what comes of it', () => {
  const tags = document.tags.map(({ name }) => name);
  for (const [call, { summary, tags: own, responses }] of described) {
    expect([call, summary]).toEqual([call, expect.stringMatching(/^[A-Z].{10,}[^.]$/)]);
    expect(tags).toEqual(expect.arrayContaining(own!));
    expect([call, Object.keys(responses).some((status) => status.startsWith('2'))]).toEqual([call, true]);
  }
});

it('shows where the key goes, and asks for it wherever it is needed', () => {
  expect(document.components.securitySchemes).toMatchObject({ bearer: { type: 'http', scheme: 'bearer' } });
  expect(document.servers).toEqual([{ url: '/' }]); // the page is used where it was opened
  for (const [call, { security, responses }] of described) {
    const needsKey = !NEEDS_NO_KEY.includes(call);
    const mayLackKey = needsKey || call === SIGN_IN;
    expect([call, security!.length > 0, '401' in responses]).toEqual([call, needsKey, mayLackKey]);
  }
});

it('says which scopes of a key allow each request', () => {
  const named = [...described].flatMap(([call, { security = [], description = '', responses }]) => {
    const scopes = security.flatMap(({ bearer }) => bearer);
    expect([call, '403' in responses]).toEqual([call, scopes.length > 0 || call === SIGN_IN]);
    for (const scope of scopes) expect([call, description]).toEqual([call, expect.stringContaining(`\`${scope}\``)]);
    return scopes;
  });
  expect([...new Set(named)].toSorted()).toEqual(SCOPES.toSorted());
});

it('gives every value its type: what is an object has fields', () => {
  const untyped = objectsWithoutFields({ schemas, described: [...described] });
  expect(untyped).toEqual([]);
  expect(schemas).not.toHaveProperty('Object'); // Nest's word for a type that it does not know
  for (const [call, { parameters = [] }] of described) {
    for (const { name, schema } of parameters) expect([call, name, schema]).toEqual([call, name, withType]);
  }
});

it('gives every body a named example, and every value in a path one', () => {
  for (const [call, { parameters = [], requestBody, responses }] of described) {
    for (const parameter of parameters.filter(({ in: place }) => place === 'path')) {
      const example = parameter.example ?? parameter.schema?.examples ?? parameter.schema?.enum;
      expect([call, parameter.name, example]).not.toContain(undefined);
    }
    const bodies = [requestBody, ...Object.values(responses)].flatMap((part) => Object.values(part?.content ?? {}));
    for (const { schema, examples = {} } of bodies) {
      expect([call, withoutExample(schema)]).toEqual([call, []]);
      expect([call, Object.values(examples).length]).not.toEqual([call, 0]);
    }
  }
});

it('shows something else for each status, and two numbers for two people', () => {
  for (const [call, { responses }] of described) {
    const shown = Object.values(responses).flatMap((response) => examplesOf(response));
    const texts = shown.map((example) => JSON.stringify(example));
    expect([call, texts.length - new Set(texts).size]).toEqual([call, 0]);
    for (const example of shown) {
      const numbers = numbersToDial(example);
      expect([call, numbers.length - new Set(numbers).size]).toEqual([call, 0]);
    }
  }
  const [placed] = examplesOf(described.get('POST /v1/orders')!.responses['201']!);
  expect(placed).toMatchObject({ status: 'placed', agent: null });
  const assigned = described.get('PUT /v1/orders/{reference}/agent')!.responses;
  expect(examplesOf(assigned['202']!)).toMatchObject([{ status: 'awaiting-numbers', agent: { dials: null } }]);
  expect(numbersToDial(examplesOf(assigned['200']!)[0])).toHaveLength(2);
});

it('changes one field of a pool with the first example, and needs few to open one', () => {
  const [change] = examplesOf(described.get('PATCH /v1/pools/{name}')!.requestBody!);
  expect(change).toEqual({ capacity: 1000 });
  const [open] = examplesOf(described.get('POST /v1/pools')!.requestBody!);
  expect(Object.keys(open as object)).toEqual(['name', 'country', 'region']);
});

it('describes problems as what they are, with an example for each', () => {
  const known = schemas['Problem']!.properties!['type']!.enum!;
  expect(known).toEqual([...PROBLEM_TEXTS.keys()].map((slug) => `/problems/${slug}`));
  for (const [call, { responses }] of described) {
    const failures = Object.entries(responses).filter(([status]) => status >= '400' && !call.startsWith('GET /health'));
    for (const [status, { description, content }] of failures) {
      const { schema, examples } = content!['application/problem+json']!;
      expect(schema).toEqual({ $ref: '#/components/schemas/Problem' });
      for (const [slug, { value }] of Object.entries(examples!)) {
        expect(value).toMatchObject({ type: `/problems/${slug}`, status: Number(status) });
        expect(description).toContain(`(\`${slug}\`)`);
        expect(known).toContain(`/problems/${slug}`);
      }
    }
  }
});

it('writes no error response, no example of a problem and no parameter twice', () => {
  const operations = Object.values(document.paths).flatMap((path) => Object.values<Operation>(path));
  const { responses, parameters, examples } = document.components;
  const errors = operations.flatMap((operation) =>
    Object.entries(operation.responses).flatMap(([status, response]) => (status >= '400' ? response : [])),
  );
  const written = [
    ...[...errors, ...operations.flatMap(({ parameters = [] }) => parameters)].filter((part) => !('$ref' in part)),
    ...[responses, parameters, examples].flatMap((shared) => Object.values(shared!)),
  ].map((part) => sorted(part));
  expect(written.filter((part, index) => written.indexOf(part) !== index)).toEqual([]);
  expect(errors.length).toBeGreaterThan(10 * Object.keys(responses!).length);
  const texts = JSON.stringify(document);
  for (const [slug, { value }] of Object.entries(examples as Record<string, { value: object }>))
    expect([slug, texts.split(JSON.stringify(value)).length]).toEqual([slug, 2]);
});

it('describes the headers of answers', () => {
  const headersOf = (call: string, status: string) => Object.keys(described.get(call)!.responses[status]!.headers!);
  for (const { responses } of described.values()) {
    for (const { headers } of Object.values(responses)) expect(headers).toHaveProperty('X-Request-Id');
  }
  expect(headersOf('POST /v1/orders', '201')).toContain('Location');
  expect(headersOf('POST /v1/orders', '200')).not.toContain('Location');
  expect(headersOf('POST /v1/orders', '401')).toContain('WWW-Authenticate');
  expect(headersOf('POST /v1/orders', '415')).toContain('Accept');
  for (const status of ['429', '503']) expect(headersOf('POST /v1/orders', status)).toContain('Retry-After');
});

it('names where an order, a pool and an ordered call can be read', async () => {
  const pool = await app.api('POST', '/v1/pools', { name: 'located', country: 'IN', lowWater: 0, target: 0 });
  await app.api('POST', '/v1/numbers/import', { pool: 'located', numbers: numbers(2).map((number) => ({ number })) });
  const asked = { reference: 'a:b@c', customer: { phone: aPhone() }, pool: 'located' };
  const order = await app.api('POST', '/v1/orders', asked);
  const again = await app.api('POST', '/v1/orders', asked);
  expect([order.status, again.status, again.headers['location']]).toEqual([201, 200, undefined]);
  await app.api('PUT', `${order.headers['location']}/agent`, { phone: aPhone() });
  const headers = { authorization: `Bearer ${API_KEY}`, 'idempotency-key': 'tap-1' };
  const call = await app.request('POST', `${order.headers['location']}/calls`, headers, { from: 'agent' });
  for (const { headers, body } of [pool, order, call]) {
    const read = await app.api('GET', String(headers['location']));
    expect([read.status, read.body.name, read.body.reference, read.body.id]).toEqual([
      ...[200, body.name, body.reference, body.id],
    ]);
  }
});

it('gives generators of types what they need: names, no defaults in requests, types of events', () => {
  const ids = [...described.values()].map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z]+([A-Z][a-z]+){1,3}$/);
  expect(described.get('POST /v1/orders')!.operationId).toBe('placeOrder');
  const requests = [...described.values()].flatMap(({ requestBody }) => Object.values(requestBody?.content ?? {}));
  const seen = new Set<Schema>();
  const withDefault = (schema: Schema | undefined): string[] => {
    if (!schema || seen.has(schema)) return [];
    seen.add(schema);
    const inner = [...Object.values(schema.properties ?? {}), ...(schema.anyOf ?? schema.oneOf ?? []), schema.items];
    const referred = schema.$ref && schemas[schema.$ref.split('/').at(-1)!];
    const own = schema['default'] === undefined ? [] : [JSON.stringify(schema)];
    return [...own, ...inner.flatMap(withDefault), ...(referred ? withDefault(referred) : [])];
  };
  expect(requests.flatMap(({ schema }) => withDefault(schema))).toEqual([]);
  expect(schemas['PlaceOrderRequest']!.properties!['pool']!['description']).toContain('Default: "default"');
  expect(schemas['FeedResponse']!.properties!['events']!.items!.$ref).toContain('OrderCloudEventResponse');
  expect(schemas['IncomingEvent']!.oneOf).toHaveLength(ORDER_NEWS_TYPES.length);
  expect(JSON.stringify(document)).not.toContain('"nullable"');
});

it('has nothing for a linter to find, neither an error nor a warning', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'maskline-openapi-'));
  const lint = async (what: object) => {
    await writeFile(join(folder, 'openapi.json'), JSON.stringify(what));
    const cli = join(import.meta.dirname, '../../node_modules/@redocly/cli/bin/cli.js');
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    const run = promisify(execFile)(process.execPath, [cli, 'lint', 'openapi.json', '--format=json'], {
      cwd: folder,
      env,
    });
    const { stdout } = await run.catch((failure: { stdout: string }) => failure);
    return JSON.parse(stdout) as { problems: { ruleId: string; message: string; location: unknown }[] };
  };
  try {
    const found = (await lint(document)).problems.map(({ ruleId, message, location }) => ({
      ruleId,
      message,
      location,
    }));
    expect(found).toEqual([]);
    const wrong = structuredClone(document) as { paths?: Record<string, Record<string, Operation>> };
    const { examples } = wrong.paths!['/v1/orders']!['post']!.responses['201']!.content!['application/json']!;
    Object.assign(examples!['two']!.value as object, { status: 'lost' });
    expect((await lint(wrong)).problems.map(({ ruleId }) => ruleId)).toEqual(['no-invalid-media-type-examples']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it('lists endpoints by part of the API and by path', () => {
  const paths = [...described.keys()].map((call) => call.split(' ')[1]!);
  const orders = paths.filter((path) => path.startsWith('/v1/orders'));
  expect(orders).toEqual(orders.toSorted());
  expect(paths[0]).toBe('/v1/orders');
});

/** As JSON, whatever the sequence of its fields is. */
function sorted(part: object): string {
  return JSON.stringify(part, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  );
}

function examplesOf({ content = {} }: { content?: Record<string, Media> }): unknown[] {
  return Object.values(content).flatMap(({ examples = {} }) => Object.values(examples).map(({ value }) => value));
}

/** The numbers that the participants of an order in an example dial. */
function numbersToDial(example: unknown): string[] {
  const { participants = [] } = Object(example) as { participants?: { dials: { number: string | null }[] }[] };
  return participants.flatMap(({ dials }) => dials.flatMap(({ number }) => number ?? []));
}

/** The paths of properties for which a reader, or "Try it out", is given nothing to go by. */
function withoutExample(schema: Schema, path = ''): string[] {
  if (schema.examples !== undefined) return [];
  if (schema.$ref !== undefined) return withoutExample(schemas[schema.$ref.split('/').at(-1)!]!, path);
  const [first] = schema.anyOf ?? schema.oneOf ?? [];
  if (first) return withoutExample(first, path);
  if (schema.items) return withoutExample(schema.items, `${path}[]`);
  if (schema.properties) {
    return Object.entries(schema.properties).flatMap(([name, part]) => withoutExample(part, `${path}.${name}`));
  }
  const tellsItself =
    schema.enum !== undefined ||
    schema['default'] !== undefined ||
    schema['additionalProperties'] !== undefined ||
    schema.format !== undefined ||
    ['integer', 'number', 'boolean'].includes(String([schema.type].flat()[0]));
  return tellsItself ? [] : [path];
}

/** Every route of every controller, as the document would write it. */
function servedRoutes({ app }: TestApp): string[] {
  const read = (key: string, target: object) => Reflect.getMetadata(key, target) as unknown;
  const controllers = [...app.get(ModulesContainer).values()].flatMap(({ controllers }) => [...controllers.values()]);
  return controllers.flatMap(({ metatype }) => {
    const methods = Object.values(Object.getOwnPropertyDescriptors((metatype as { prototype: object }).prototype))
      .map(({ value }) => value as object)
      .filter((method) => typeof method === 'function' && read('method', method) !== undefined);
    return methods.map((method) => {
      const path = [read('path', metatype as object), read('path', method)].flat().map(String);
      const parts = path.flatMap((part) => part.split('/')).filter((part) => part !== '');
      const url = parts.map((part) => part.replace(/^:(\w+)$/, '{$1}')).join('/');
      return `${RequestMethod[read('method', method) as number]} /${url}`;
    });
  });
}

/** Nest takes a branded string for an object, unless the field names its type. */
function objectsWithoutFields(part: unknown, path = ''): string[] {
  if (typeof part !== 'object' || part === null) return [];
  const hasFields = ['properties', 'additionalProperties'].some((name) => name in part);
  const isUntyped = 'type' in part && part.type === 'object' && !hasFields;
  const inner = Object.entries(part).flatMap(([name, value]) => objectsWithoutFields(value, `${path}/${name}`));
  return isUntyped ? [path, ...inner] : inner;
}
