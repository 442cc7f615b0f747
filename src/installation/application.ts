import { randomUUID } from 'node:crypto';

import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { NestFactory } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject, type SwaggerCustomOptions } from '@nestjs/swagger';
import type { FastifyInstance, FastifyReply, FastifyRequest, RawServerDefault } from 'fastify';
import { NativeLogger } from 'nestjs-pino';

import { AppModule, type Installation } from './app.module.js';
import { CLOUD_EVENTS_BATCH } from '../orders/intake/order-intake.controller.js';
import { OPEN_TO_ANYBODY } from '../platform/http/authentication/route-access.js';
import { problemResponse } from '../platform/http/api-problem.js';
import { Authentication } from '../platform/http/authentication/authentication.js';
import { installFrontDoor } from '../platform/http/server/front-door.js';
import { jsonBody } from '../platform/http/server/json-body.js';
import { answerUnroutable } from '../platform/http/problem.filter.js';
import { TooManyWrongKeys } from '../platform/http/request.problems.js';
import { setSecurityHeaders } from '../platform/http/server/security-headers.js';
import { MOST_CONNECTIONS, SERVER_LIMITS } from '../platform/http/server/server-limits.js';
import { requestValidation } from '../platform/http/validation.js';
import { usualSpelling } from '../telephony/providers/callback-path.js';
import { ProviderRegistry } from '../telephony/providers/provider-registry.js';
import { CSV } from '../virtual-numbers/numbers/number-import.controller.js';
import { PROVIDER_FORMAT } from '../virtual-numbers/provider-name.js';

const KIB = 1024;
/** What one order, pool or participant is described in. */
const LARGEST_BODY_BYTES = 64 * KIB;
/** A text of 1,600 characters, each of up to nine bytes in a form, and what is told about it. */
const LARGEST_CALLBACK_BYTES = 32 * KIB;
/** Routes that take many things in one request. */
const LARGEST_BATCH_BYTES: Readonly<Record<string, number>> = {
  '/v1/events': 4 * KIB * KIB,
  '/v1/numbers/import': KIB * KIB,
  '/v1/pools/:name/numbers/import': KIB * KIB,
};

/** What a process with ROLE=worker serves: what its operator's tools ask. */
const SERVED_BY_A_WORKER = ['/health/live', '/health/ready', '/metrics'];

const SWAGGER_UI: SwaggerCustomOptions = {
  jsonDocumentUrl: 'docs-json',
  customSiteTitle: 'Maskline API',
  swaggerOptions: { persistAuthorization: false, displayRequestDuration: true, defaultModelsExpandDepth: 0 },
};

/** What stands in a path, so that "Try it out" fits the examples of the bodies. */
const PATH_EXAMPLES: Readonly<Record<string, string>> = {
  reference: 'order-1001',
  name: 'default',
  number: '+918047000001',
};

/** One process of Maskline, ready to listen. The database must be migrated. */
export async function createApplication(installation: Installation): Promise<NestFastifyApplication> {
  const spelledAsUsual = usualSpelling(installation.providers);
  const adapter = new FastifyAdapter({
    ...SERVER_LIMITS,
    bodyLimit: LARGEST_BODY_BYTES,
    trustProxy: [...(installation.trustedProxies ?? [])],
    genReqId: () => randomUUID(),
    rewriteUrl: ({ url = '/' }) => spelledAsUsual(url),
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (failure: { statusCode?: number }, request: FastifyRequest, reply: FastifyReply) => {
      setSecurityHeaders(request.url, request.raw, reply.raw); // no hook is run for what has no route
      answerUnroutable(failure, reply);
    },
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.of(installation), adapter, {
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(app.get(NativeLogger));
  app.useGlobalPipes(requestValidation());
  const server = adapter.getInstance() as unknown as FastifyInstance<RawServerDefault>;
  server.server.maxConnections = MOST_CONNECTIONS;
  if (installation.role === 'worker') serveOnlyHealth(server);
  installFrontDoor(server, app.get(Authentication));
  configureRoutes(server);
  if (installation.role !== 'worker') SwaggerModule.setup('docs', app, () => openApi(app), SWAGGER_UI);
  for (const type of ['application/json', CLOUD_EVENTS_BATCH]) app.useBodyParser(type, {}, jsonBody(server));
  app.useBodyParser(CSV, {}, (_request, file, done) => done(null, file));
  await app.init();
  await server.ready();
  return app;
}

/** The API as OpenAPI; what a provider calls is none of its users' business and not in it. */
export function openApi(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Maskline')
    .setDescription(
      'People who share an order call each other without learning each other’s number. Place an order, assign an agent, and show each side the number in `dials`.',
    )
    .setVersion('1')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'API key',
      description: 'The API key that the start printed, or API_KEY',
    })
    .addTag('orders', 'Who may call whom, and until when')
    .addTag('events', 'The same in bulk, as CloudEvents')
    .addTag('pools', 'Virtual numbers of a country and region, and their policy')
    .addTag('numbers', 'The virtual numbers themselves')
    .addTag('support', 'Why a call went as it did, and who asked')
    .addTag('health', 'Whether this process runs and can serve')
    .build();
  const document = SwaggerModule.createDocument(app, config);
  for (const { parameters = [], responses, security } of operations(document)) {
    if (security !== undefined) responses['429'] ??= problemResponse([TooManyWrongKeys]);
    for (const parameter of parameters) {
      if ('in' in parameter && parameter.in === 'path') parameter.example ??= PATH_EXAMPLES[parameter.name];
    }
  }
  listProviders(document, app.get(ProviderRegistry).names);
  return document;
}

/** Adds the names of the providers to each field that holds one. */
function listProviders(part: unknown, names: readonly string[]): void {
  if (typeof part !== 'object' || part === null) return;
  const schema = part as { format?: unknown; enum?: string[] };
  if (schema.format === PROVIDER_FORMAT) schema.enum = [...names];
  for (const inner of Object.values(part)) listProviders(inner, names);
}

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

function operations({ paths }: OpenAPIObject): Operation[] {
  const isOperation = (part: unknown): part is Operation =>
    typeof part === 'object' && part !== null && 'responses' in part;
  return Object.values(paths).flatMap((path) => Object.values(path).filter(isOperation));
}

/** Swagger UI may be read without a key, as only its requests need one; and every route has the body that it needs. */
function configureRoutes(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    if (/^\/docs(?=$|[/-])/.test(route.url)) route.config = { ...route.config, ...OPEN_TO_ANYBODY };
    if (route.url.startsWith('/hooks/')) route.bodyLimit ??= LARGEST_CALLBACK_BYTES;
    route.bodyLimit ??= LARGEST_BATCH_BYTES[route.url];
  });
}

function serveOnlyHealth(server: FastifyInstance): void {
  server.addHook('onRequest', async (request, reply) => {
    const [path = ''] = request.url.split('?');
    if (!SERVED_BY_A_WORKER.includes(path)) await reply.status(404).send();
  });
}
