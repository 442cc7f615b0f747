/** A schema of the document, after it was rewritten as OpenAPI 3.1. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

const INSTANT = '2026-11-22T06:00:00.000Z';
const ID = '6f1c2f5e-2f0a-4a57-9d6c-3f0f6a1f2b11';

/**
 * An example of a schema, from the examples of its parts.
 *
 * @param whole examples of whole schemas, by name: used in place of an example that is made of its parts
 */
export function exampleOf(
  schema: Schema,
  schemas: Readonly<Record<string, Schema>>,
  whole: Readonly<Record<string, unknown>>,
): unknown {
  const inner = (part: Schema): unknown => exampleOf(part, schemas, whole);
  const { $ref, type, format, enum: values, examples, items, properties, anyOf, oneOf } = schema;
  if (examples && examples.length > 0) return examples[0];
  if ($ref !== undefined) {
    const name = $ref.split('/').at(-1)!;
    return name in whole ? whole[name] : inner(schemas[name]!);
  }
  if (values) return values[0];
  if (schema.default !== undefined) return schema.default;
  const [first] = anyOf ?? oneOf ?? [];
  if (first) return inner(first);
  if (items) return [inner(items)];
  if (properties) return Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, inner(part)]));
  if (format === 'date-time') return INSTANT;
  if (format === 'uuid') return ID;
  const [kind] = [type].flat();
  return kind === 'boolean' ? true : kind === 'integer' || kind === 'number' ? 1 : kind === 'object' ? {} : 'text';
}
