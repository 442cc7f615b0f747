import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

import { PROBLEM_SCHEMA, problemResponse } from '../../platform/http/api-problem.js';
import { BEARER } from '../../platform/http/authentication/route-access.js';
import { TooManyWrongKeys } from '../../platform/http/request.problems.js';
import { ProviderRegistry } from '../../telephony/providers/provider-registry.js';
import { PROVIDER_FORMAT } from '../../virtual-numbers/provider-name.js';

/** Values of path parameters that match the examples of the bodies, for "Try it out". */
const PATH_EXAMPLES: Readonly<Record<string, string>> = {
  reference: 'order-1001',
  name: 'default',
  number: '+918047000001',
};

/** The API as OpenAPI, without the callbacks of the providers. */
export function openApi(app: NestFastifyApplication, publicPath = ''): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Maskline')
    .setDescription(
      'People who share an order call each other without learning each other’s number. Place an order, assign an agent, and show each participant the number in `dials`.',
    )
    .setVersion('1')
    .addBearerAuth(
      {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'API key',
        description: 'The API key that the start printed, one that API_KEY contains, or one from POST /v1/keys',
      },
      BEARER,
    )
    .addTag('orders', 'Orders: which participants may reach each other, and until when')
    .addTag('events', 'Incoming events: orders in bulk, as CloudEvents')
    .addTag('webhooks', 'Webhook endpoints: where events are told')
    .addTag('pools', 'Pools: virtual numbers of a country and region, and their policy')
    .addTag('numbers', 'Virtual numbers')
    .addTag('restoration', 'After a restore of the database: what is in doubt')
    .addTag('support', 'Explanations, and what is stored about a person')
    .addTag('audit', 'The audit log: who read or changed what')
    .addTag('keys', 'API keys: who may use this API, and for what')
    .addTag('problems', 'Problems: what each error means')
    .addTag('health', 'Health and metrics of this process')
    .build();
  if (publicPath !== '') config.servers = [{ url: publicPath }];
  const document = SwaggerModule.createDocument(app, config);
  for (const operation of operations(document)) {
    const { parameters = [], responses, security } = operation;
    if (security !== undefined) {
      responses['429'] ??= problemResponse([TooManyWrongKeys]);
      operation.description = [operation.description, scopesInWords(security)].filter(Boolean).join(' ');
    }
    for (const parameter of parameters) {
      if ('in' in parameter && parameter.in === 'path') parameter.example ??= PATH_EXAMPLES[parameter.name];
    }
  }
  listProviders(document, app.get(ProviderRegistry).names);
  document.components!.schemas!['Problem'] = PROBLEM_SCHEMA;
  tellDefaultsInWords(document);
  document.paths = inOrder(document);
  return document;
}

/** Which scope the key needs. Each requirement alone is enough. */
function scopesInWords(security: NonNullable<Operation['security']>): string {
  const scopes = security.flatMap((requirement) => requirement[BEARER] ?? []);
  return `The key needs the scope ${scopes.map((scope) => `\`${scope}\``).join(' or ')}.`;
}

/**
 * Endpoints by part of the API, in the order of its tags, and then by path: what belongs to an order or a pool follows
 * it.
 */
function inOrder({ paths, tags = [] }: OpenAPIObject): OpenAPIObject['paths'] {
  const placeOf = (path: OpenAPIObject['paths'][string]) => {
    const [operation] = Object.values(path).filter(isOperation);
    return tags.findIndex(({ name }) => name === operation?.tags?.[0]);
  };
  const sorted = Object.entries(paths).sort(([one, here], [other, there]) => {
    return placeOf(here) - placeOf(there) || (one < other ? -1 : 1);
  });
  return Object.fromEntries(sorted);
}

/**
 * Moves the defaults of requests' fields into the descriptions. Generators of types take a field with a default for one
 * that is always there, and so ask for it in requests.
 */
function tellDefaultsInWords(document: OpenAPIObject): void {
  const seen = new Set<Schema>();
  const visit = (part: Schema | undefined): void => {
    if (!part || seen.has(part)) return;
    seen.add(part);
    if ('$ref' in part) return visit(document.components!.schemas![part.$ref.split('/').at(-1)!]);
    for (const [name, field] of Object.entries(part.properties ?? {})) {
      if (!('$ref' in field) && field.default !== undefined && !part.required?.includes(name)) {
        const words = `Default: ${JSON.stringify(field.default)}`;
        field.description = field.description ? `${field.description}. ${words}` : words;
        field.example ??= field.default as unknown;
        delete field.default;
      }
      visit(field);
    }
    for (const inner of [part.items, ...(part.allOf ?? []), ...(part.oneOf ?? []), ...(part.anyOf ?? [])]) visit(inner);
  };
  for (const { requestBody } of operations(document)) {
    if (!requestBody || '$ref' in requestBody) continue;
    for (const { schema } of Object.values(requestBody.content)) visit(schema);
  }
}

/** Describes each field that contains a provider's name as one of the names that there are. */
function listProviders(part: unknown, names: readonly string[]): void {
  if (typeof part !== 'object' || part === null) return;
  const schema = part as { type?: string; format?: unknown; enum?: string[] };
  if (schema.format === PROVIDER_FORMAT) {
    Object.assign(schema, { type: 'string', enum: [...names] });
    delete schema.format;
  }
  for (const inner of Object.values(part)) listProviders(inner, names);
}

/** A schema, or a reference to one. */
type Schema = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string];
type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

function isOperation(part: unknown): part is Operation {
  return typeof part === 'object' && part !== null && 'responses' in part;
}

function operations({ paths }: OpenAPIObject): Operation[] {
  return Object.values(paths).flatMap((path) => Object.values(path).filter(isOperation));
}
