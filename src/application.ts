import { randomUUID } from 'node:crypto';

import { BadRequestException } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { NestFactory } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject, type SwaggerCustomOptions } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { NativeLogger } from 'nestjs-pino';

import { AppModule, type Installation } from './app.module.js';
import { answerUnroutable } from './platform/http/problem.filter.js';
import { CLOUD_EVENTS_BATCH } from './orders/order-intake.controller.js';
import { requestValidation } from './platform/http/validation.js';
import { CSV } from './virtual-numbers/number-import.controller.js';

const LARGEST_BODY_BYTES = 1024 * 1024;
const LARGEST_BATCH_BYTES = 4 * LARGEST_BODY_BYTES;

/** What a process with ROLE=worker serves: what its operator's tools ask. */
const SERVED_BY_A_WORKER = ['/health/live', '/health/ready', '/metrics'];

const SWAGGER_UI: SwaggerCustomOptions = {
  jsonDocumentUrl: 'docs-json',
  customSiteTitle: 'Maskline API',
  swaggerOptions: { persistAuthorization: true, displayRequestDuration: true, defaultModelsExpandDepth: 0 },
};

/** What stands in a path, so that "Try it out" fits the examples of the bodies. */
const PATH_EXAMPLES: Readonly<Record<string, string>> = {
  reference: 'order-1001',
  name: 'default',
  number: '+918047000001',
};

/** One process of Maskline, ready to listen. The database must be migrated. */
export async function createApplication(installation: Installation): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: LARGEST_BODY_BYTES,
    trustProxy: [...(installation.trustedProxies ?? [])],
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (failure: { statusCode?: number }, _request: unknown, reply: FastifyReply) =>
      answerUnroutable(failure, reply),
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.of(installation), adapter, {
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(app.get(NativeLogger));
  app.useGlobalPipes(requestValidation());
  if (installation.role === 'worker') serveOnlyHealth(adapter);
  else SwaggerModule.setup('docs', app, () => openApi(app), SWAGGER_UI);
  app.useBodyParser(CLOUD_EVENTS_BATCH, { bodyLimit: LARGEST_BATCH_BYTES }, parseJson);
  app.useBodyParser(CSV, { bodyLimit: LARGEST_BODY_BYTES }, (_request, file, done) => done(null, file));
  await app.init();
  await adapter.getInstance().ready();
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
  for (const { parameters = [] } of operations(document)) {
    for (const parameter of parameters) {
      if ('in' in parameter && parameter.in === 'path') parameter.example ??= PATH_EXAMPLES[parameter.name];
    }
  }
  return document;
}

function parseJson(_request: unknown, body: Buffer, done: (error: Error | null, parsed?: unknown) => void): void {
  try {
    done(null, JSON.parse(body.toString('utf8')));
  } catch {
    done(new BadRequestException());
  }
}

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

function operations({ paths }: OpenAPIObject): Operation[] {
  const isOperation = (part: unknown): part is Operation =>
    typeof part === 'object' && part !== null && 'responses' in part;
  return Object.values(paths).flatMap((path) => Object.values(path).filter(isOperation));
}

function serveOnlyHealth(adapter: FastifyAdapter): void {
  adapter.getInstance().addHook('onRequest', async (request, reply) => {
    if (!SERVED_BY_A_WORKER.includes(request.url)) await reply.status(404).send();
  });
}
