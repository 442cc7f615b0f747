import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

import { INCOMING_EVENT_BODIES, INCOMING_EVENT_SCHEMAS } from '../../orders/intake/incoming-event.schema.js';
import { byStatus, PROBLEM_SCHEMA, problemResponse } from '../../platform/http/api-problem.js';
import { KeyUnconfirmed } from '../../platform/http/authentication/access.problems.js';
import { BEARER } from '../../platform/http/authentication/route-access.js';
import {
  IdempotencyKeyInUse,
  IdempotencyKeyReused,
  InvalidIdempotencyKey,
} from '../../platform/http/idempotency/idempotency.problems.js';
import type { ProblemClass } from '../../platform/http/problem.js';
import {
  BodyTooLarge,
  DatabaseUnavailable,
  InvalidHttp,
  InvalidJson,
  InvalidRequest,
  TooManyWrongKeys,
  UnsupportedMediaType,
} from '../../platform/http/request.problems.js';
import { ProviderRegistry } from '../../telephony/providers/provider-registry.js';
import { PROVIDER_FORMAT } from '../../virtual-numbers/provider-name.js';
import { asOpenApi31 } from './dialect.js';
import { exampleOf, type Schema as Schema31 } from './example-of.js';
import { REQUEST_EXAMPLES, RESPONSE_EXAMPLES, SCHEMA_EXAMPLES, type NamedExample } from './examples.js';
import { describeHeaders, headersOf } from './headers.js';
import { isOperation, operationsOf, type Operation } from './operations.js';
import { shareParts } from './shared-parts.js';

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
    .addTag('status', 'What is going on now')
    .addTag('restoration', 'After a restore of the database: what is in doubt')
    .addTag('support', 'Explanations, and what is stored about a person')
    .addTag('audit', 'The audit log: who read or changed what')
    .addTag('keys', 'API keys: who may use this API, and for what')
    .addTag('problems', 'Problems: what each error means')
    .addTag('health', 'Health and metrics of this process')
    .build();
  config.info.license = { name: 'MIT', url: 'https://spdx.org/licenses/MIT.html' };
  config.servers = [{ url: publicPath === '' ? '/' : publicPath }];
  const document = structuredClone(SwaggerModule.createDocument(app, config, { operationIdFactory: operationId }));
  Object.assign(document.components!.schemas!, structuredClone({ Problem: PROBLEM_SCHEMA, ...INCOMING_EVENT_SCHEMAS }));
  for (const operation of operationsOf(document)) {
    const { parameters = [], responses, security } = operation;
    if (security === undefined) {
      operation.security = []; // anybody may ask
      addProblems(operation, [InvalidHttp]);
    } else {
      addProblems(operation, [TooManyWrongKeys, KeyUnconfirmed, DatabaseUnavailable]);
      operation.description = [operation.description, scopesInWords(security)].filter(Boolean).join(' ');
    }
    if (operation.operationId === 'sendEvents') {
      operation.requestBody = { required: true, content: structuredClone(INCOMING_EVENT_BODIES) };
    }
    if (operation.requestBody) {
      const json = operation.operationId === 'importNumbersFromCsv' ? [] : [InvalidRequest, InvalidJson];
      addProblems(operation, [...json, BodyTooLarge, UnsupportedMediaType]);
    }
    const isKeyed = parameters.some((parameter) => 'in' in parameter && parameter.name === 'Idempotency-Key');
    if (isKeyed) addProblems(operation, [InvalidIdempotencyKey, IdempotencyKeyInUse, IdempotencyKeyReused]);
    for (const [status, response] of Object.entries(responses)) {
      if (response && 'description' in response)
        response.headers = { ...response.headers, ...headersOf(operation.operationId, status, isKeyed) };
    }
    for (const parameter of parameters) {
      if (!('in' in parameter) || parameter.in !== 'path') continue;
      const { schema } = parameter as { schema?: { example?: unknown } };
      parameter.example ??= PATH_EXAMPLES[parameter.name];
      if (parameter.example === schema?.example) delete schema?.example;
    }
  }
  listProviders(document, app.get(ProviderRegistry).names);
  describeHeaders(document);
  tellDefaultsInWords(document);
  document.paths = inOrder(document);
  asOpenApi31(document);
  nameExamples(document);
  shareParts(document, operationsOf(document));
  return document;
}

/** The id of an operation that names none itself: `WebhooksController.list` is `listWebhooks`. */
function operationId(controller: string, method: string): string {
  return `${method}${controller.replace(/Controller$/, '')}`;
}

/** Adds problems to those that an operation already has, by status. */
function addProblems({ responses }: Operation, problems: readonly ProblemClass[]): void {
  for (const [status, kinds] of byStatus(problems)) {
    const added = problemResponse(kinds);
    const known = responses[status] as ReturnType<typeof problemResponse> | undefined;
    if (known === undefined) responses[status] = added;
    else {
      const { examples } = known.content['application/problem+json'];
      const fresh = kinds.filter(({ kind }) => !(kind.slug in examples));
      if (fresh.length === 0) continue;
      known.description = [known.description, problemResponse(fresh).description].join('; ');
      Object.assign(examples, problemResponse(fresh).content['application/problem+json'].examples);
    }
  }
}

/** Gives every body of the document a named example. */
function nameExamples(document: OpenAPIObject): void {
  const schemas = document.components!.schemas as Record<string, Schema31>;
  for (const { operationId: id = '', requestBody, responses } of operationsOf(document)) {
    const show = (media: Media, named: Readonly<Record<string, NamedExample>> | undefined) => {
      if (media.examples || !media.schema) return;
      const made = 'example' in media ? media.example : exampleOf(media.schema, schemas, SCHEMA_EXAMPLES);
      delete media.example;
      const examples = named ?? { example: { summary: 'An example', value: made as object } };
      media.examples = Object.fromEntries(
        Object.entries(examples).map(([name, { summary, value }]) => [
          name,
          { summary, value: typeof value === 'function' ? value(made) : value },
        ]),
      );
    };
    for (const media of mediaOf(requestBody)) show(media, REQUEST_EXAMPLES[id]);
    for (const [status, response] of Object.entries(responses)) {
      for (const media of mediaOf(response)) show(media, RESPONSE_EXAMPLES[id]?.[status]);
    }
  }
}

interface Media {
  schema?: Schema31;
  example?: unknown;
  examples?: Record<string, unknown>;
}

function mediaOf(part: object | undefined): Media[] {
  return Object.values((part as { content?: Record<string, Media> } | undefined)?.content ?? {});
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
        delete field.default;
      }
      visit(field);
    }
    for (const inner of [part.items, ...(part.allOf ?? []), ...(part.oneOf ?? []), ...(part.anyOf ?? [])]) visit(inner);
  };
  for (const { requestBody } of operationsOf(document)) {
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
