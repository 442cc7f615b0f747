import type { Body, TestApp } from './app.js';

/** What an operation refers to, besides schemas. */
const SHARED = /^#\/components\/(responses|parameters|examples)\/([\w.-]+)$/;

/** The OpenAPI document, with the shared responses, parameters and examples written out in each operation. */
export async function openApiDocument(app: TestApp): Promise<Body> {
  const { body } = await app.request('GET', '/docs-json', {});
  return { ...body, paths: writtenOut(body.paths, body.components) };
}

function writtenOut(part: unknown, components: Body): unknown {
  if (Array.isArray(part)) return part.map((one) => writtenOut(one, components));
  if (typeof part !== 'object' || part === null) return part;
  const [, kind, name] = SHARED.exec(String((part as { $ref?: unknown }).$ref)) ?? [];
  if (kind !== undefined) return writtenOut(components[kind][name!], components);
  return Object.fromEntries(Object.entries(part).map(([field, inner]) => [field, writtenOut(inner, components)]));
}
