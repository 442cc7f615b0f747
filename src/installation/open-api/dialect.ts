import type { OpenAPIObject } from '@nestjs/swagger';

/** A schema of OpenAPI 3.0, as the decorators write it, on its way to 3.1. */
interface Schema {
  type?: string | string[];
  nullable?: boolean;
  enum?: unknown[];
  example?: unknown;
  examples?: unknown[];
  $ref?: string;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  [more: string]: unknown;
}

/** Names under which a schema, or several by name, can be found. Examples and extensions contain none. */
const OF_ONE = ['schema', 'items', 'additionalProperties'];
const OF_MANY = ['schemas', 'properties'];
const OF_LISTS = ['allOf', 'anyOf', 'oneOf'];

/** Rewrites a document of OpenAPI 3.0 as 3.1, whose schemas are JSON Schema 2020-12. */
export function asOpenApi31(document: OpenAPIObject): void {
  document.openapi = '3.1.0';
  visit(document);
}

function visit(part: unknown): void {
  if (typeof part !== 'object' || part === null) return;
  for (const [name, inner] of Object.entries(part)) {
    if (name === 'example' || name === 'examples' || inner === null) continue;
    if (OF_ONE.includes(name)) rewrite(inner as Schema);
    if (OF_MANY.includes(name)) Object.values(inner as object).forEach((schema) => rewrite(schema as Schema));
    if (OF_LISTS.includes(name)) (inner as Schema[]).forEach(rewrite);
    visit(inner);
  }
}

function rewrite(schema: Schema): void {
  if (typeof schema !== 'object') return;
  if ('example' in schema) {
    schema.examples = [schema.example];
    delete schema.example;
  }
  if (schema.allOf?.length === 1 && schema.allOf[0]!.$ref !== undefined) {
    schema.$ref = schema.allOf[0]!.$ref; // a reference may have siblings now
    delete schema.allOf;
    delete schema.type;
  }
  if (schema.nullable === true) makeNullable(schema);
  delete schema.nullable;
}

function makeNullable(schema: Schema): void {
  if (schema.$ref !== undefined) {
    schema.anyOf = [{ $ref: schema.$ref }, { type: 'null' }];
    delete schema.$ref;
  } else if (schema.type !== undefined) {
    schema.type = [schema.type, 'null'].flat();
    if (schema.enum && !schema.enum.includes(null)) schema.enum = [...schema.enum, null];
  } else {
    (schema.anyOf ?? schema.oneOf)?.push({ type: 'null' });
  }
}
