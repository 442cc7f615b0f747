import { RequestMethod } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';

import { SCOPES, type Scope } from '../src/platform/http/authentication/scopes.js';
import { TestApp } from './support/app.js';

interface Schema {
  $ref?: string;
  type?: string;
  allOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  enum?: unknown[];
  format?: string;
  [more: string]: unknown;
}

interface Operation {
  summary?: string;
  tags?: string[];
  description?: string;
  security?: { bearer: Scope[] }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  parameters?: { name: string; in: string; example?: unknown; schema?: Schema }[];
  responses: Record<string, { description: string; content?: Record<string, { schema: Schema }> }>;
}

const NEEDS_NO_KEY = ['GET /health/live', 'GET /health/ready', 'GET /problems/{slug}'];

let app: TestApp;
let schemas: Record<string, Schema>;
/** Every call that the document describes, by method and path. */
let described: Map<string, Operation>;
let document: { servers: unknown[]; tags: { name: string }[]; components: { securitySchemes: object } };

beforeAll(async () => {
  app = await TestApp.start();
  const { body } = await app.request('GET', '/docs-json', {});
  document = body;
  schemas = body.components.schemas;
  described = new Map(
    Object.entries<Record<string, Operation>>(body.paths).flatMap(([path, methods]) =>
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
  expect(document.servers).toEqual([]); // the page is used where it was opened
  for (const [call, { security, responses }] of described) {
    const needsKey = !NEEDS_NO_KEY.includes(call);
    expect([call, security !== undefined, '401' in responses]).toEqual([call, needsKey, needsKey]);
  }
});

it('says which scopes of a key allow each request', () => {
  const named = [...described].flatMap(([call, { security = [], description = '', responses }]) => {
    const scopes = security.flatMap(({ bearer }) => bearer);
    expect([call, '403' in responses]).toEqual([call, scopes.length > 0]);
    for (const scope of scopes) expect([call, description]).toEqual([call, expect.stringContaining(`\`${scope}\``)]);
    return scopes;
  });
  expect([...new Set(named)].toSorted()).toEqual(SCOPES.toSorted());
});

it('gives every value its type: what is an object has fields', () => {
  const untyped = objectsWithoutFields({ schemas, described: [...described] });
  expect(untyped).toEqual([]);
});

it('gives an example of everything that is sent or answered', () => {
  for (const [call, { parameters = [], requestBody, responses }] of described) {
    for (const parameter of parameters.filter(({ in: place }) => place === 'path')) {
      expect([
        call,
        parameter.name,
        parameter.example ?? parameter.schema?.['example'] ?? parameter.schema?.enum,
      ]).not.toContain(undefined);
    }
    const bodies = [requestBody, ...Object.values(responses)].flatMap((part) => Object.values(part?.content ?? {}));
    for (const { schema } of bodies) expect([call, withoutExample(schema)]).toEqual([call, []]);
  }
});

it('describes problems as what they are, with their type', () => {
  for (const [call, { responses }] of described) {
    const failures = Object.entries(responses).filter(([status]) => status >= '400' && !call.startsWith('GET /health'));
    for (const [status, { description, content }] of failures) {
      const example = content?.['application/problem+json']?.schema['example'];
      expect([call, status, example]).toEqual([
        ...[call, status],
        expect.objectContaining({ type: expect.stringMatching(/^\/problems\/[a-z-]+$/), status: Number(status) }),
      ]);
      expect(description).toMatch(/\(`[a-z-]+`\)/);
    }
  }
});

it('gives generators of types what they need: no defaults in requests, one schema of problems, types of events', () => {
  const requests = [...described.values()].flatMap(({ requestBody }) => Object.values(requestBody?.content ?? {}));
  const seen = new Set<Schema>();
  const withDefault = (schema: Schema | undefined): string[] => {
    if (!schema || seen.has(schema)) return [];
    seen.add(schema);
    const inner = [...Object.values(schema.properties ?? {}), ...(schema.allOf ?? []), schema.items];
    const referred = schema.$ref && schemas[schema.$ref.split('/').at(-1)!];
    const own = schema['default'] === undefined ? [] : [JSON.stringify(schema)];
    return [...own, ...inner.flatMap(withDefault), ...(referred ? withDefault(referred) : [])];
  };
  expect(requests.flatMap(({ schema }) => withDefault(schema))).toEqual([]);
  expect(schemas['PlaceOrderRequest']!.properties!['pool']!['description']).toContain('Default: "default"');
  expect(schemas['FeedResponse']!.properties!['events']!.items!.$ref).toContain('OrderCloudEventResponse');
  for (const { responses } of described.values()) {
    const problems = Object.values(responses).flatMap(({ content }) => content?.['application/problem+json'] ?? []);
    for (const { schema } of problems) expect(schema.allOf).toEqual([{ $ref: '#/components/schemas/Problem' }]);
  }
});

it('lists endpoints by part of the API and by path', () => {
  const paths = [...described.keys()].map((call) => call.split(' ')[1]!);
  const orders = paths.filter((path) => path.startsWith('/v1/orders'));
  expect(orders).toEqual(orders.toSorted());
  expect(paths[0]).toBe('/v1/orders');
});

/** The paths of properties for which a reader, or "Try it out", is given nothing to go by. */
function withoutExample(schema: Schema, path = ''): string[] {
  if (schema['example'] !== undefined) return [];
  if (schema.$ref !== undefined) return withoutExample(schemas[schema.$ref.split('/').at(-1)!]!, path);
  if (schema.allOf) return schema.allOf.flatMap((part) => withoutExample(part, path));
  if (schema.items) return withoutExample(schema.items, `${path}[]`);
  if (schema.properties) {
    return Object.entries(schema.properties).flatMap(([name, part]) => withoutExample(part, `${path}.${name}`));
  }
  const tellsItself = schema.enum !== undefined || schema['default'] !== undefined || schema.format !== undefined;
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
  const hasFields = ['properties', 'additionalProperties', 'allOf'].some((name) => name in part);
  const isUntyped = 'type' in part && part.type === 'object' && !hasFields;
  const inner = Object.entries(part).flatMap(([name, value]) => objectsWithoutFields(value, `${path}/${name}`));
  return isUntyped ? [path, ...inner] : inner;
}
