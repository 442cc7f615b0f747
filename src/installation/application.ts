import type { IncomingMessage } from 'node:http';

import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { NestFactory } from '@nestjs/core';
import { SwaggerModule, type SwaggerCustomOptions } from '@nestjs/swagger';
import type { FastifyInstance, FastifyReply, FastifyRequest, RawServerDefault } from 'fastify';
import { NativeLogger, PinoLogger } from 'nestjs-pino';

import { AppModule, type Installation } from './app.module.js';
import { servePlayground } from './playground.js';
import { openApi } from './open-api/open-api.js';
import { CLOUD_EVENT, CLOUD_EVENTS_BATCH } from '../orders/intake/event-message.js';
import { mustNameScope, OPEN_TO_ANYBODY } from '../platform/http/authentication/route-access.js';
import { Authentication } from '../platform/http/authentication/authentication.js';
import { closeConnectionsWhile } from '../platform/http/server/drain.js';
import { serveConsole } from '../platform/http/server/console-files.js';
import { installFrontDoor } from '../platform/http/server/front-door.js';
import { RefusalAudit } from '../platform/http/server/refusal-audit.js';
import { followRequests, requestIdOf, tellRequestId } from '../platform/http/server/request-context.js';
import { measureRequests } from '../platform/http/server/request-metrics.js';
import { Metrics } from '../platform/observability/metrics.js';
import { jsonBody } from '../platform/http/server/json-body.js';
import { EndpointNotFound } from '../platform/http/request.problems.js';
import { JSON_TYPE } from '../platform/http/server/body-types.js';
import { answerUnroutable } from '../platform/http/problems/problem.filter.js';
import { logRequest, logRequests } from '../platform/http/server/request-log.js';
import { answerUnreadable } from '../platform/http/problems/unreadable-requests.js';
import { Readiness } from '../platform/observability/readiness.js';
import { setSecurityHeaders } from '../platform/http/server/security-headers.js';
import { LONGEST_PATH_VALUE, MOST_CONNECTIONS, SERVER_LIMITS } from '../platform/http/server/server-limits.js';
import { requestValidation } from '../platform/http/validation.js';
import { usualSpelling } from '../telephony/providers/callback-path.js';
import { CSV } from '../virtual-numbers/numbers/number-import.controller.js';

const KIB = 1024;
/** For requests about one order, pool or participant. */
const LARGEST_BODY_BYTES = 64 * KIB;
/** A text of 1,600 characters, each of up to nine bytes in a form, and its other parameters. */
const LARGEST_CALLBACK_BYTES = 32 * KIB;
/** Routes that accept many items in one request, and the one that reads a body of anybody. */
const LARGEST_BODIES_BYTES: Readonly<Record<string, number>> = {
  '/v1/session': KIB,
  '/v1/events': 4 * KIB * KIB,
  '/v1/numbers/import': KIB * KIB,
  '/v1/pools/:name/numbers/import': KIB * KIB,
};

/** Routes whose bodies are something else than JSON, or may be. */
const READS: Readonly<Record<string, readonly string[]>> = {
  '/v1/events': [CLOUD_EVENTS_BATCH, CLOUD_EVENT, JSON_TYPE],
  '/v1/pools/:name/numbers/import': [CSV],
};

/** The routes of a process with ROLE=worker, for the operator's tools. */
const SERVED_BY_A_WORKER = ['/health/live', '/health/ready', '/metrics'];

const SWAGGER_UI: SwaggerCustomOptions = {
  jsonDocumentUrl: 'docs-json',
  customSiteTitle: 'Maskline API',
  swaggerOptions: { persistAuthorization: false, displayRequestDuration: true, defaultModelsExpandDepth: 0 },
};

/** One process of Maskline, ready to listen. The database must be migrated. */
export async function createApplication(installation: Installation): Promise<NestFastifyApplication> {
  const { publicPath = '' } = installation;
  const spelledAsUsual = usualSpelling(installation.providers);
  let logger: Pick<PinoLogger, 'info' | 'debug'> | null = null; // until there is one
  const adapter = new FastifyAdapter({
    ...SERVER_LIMITS,
    bodyLimit: LARGEST_BODY_BYTES,
    return503OnClosing: false, // a request that has arrived is answered
    trustProxy: [...(installation.trustedProxies ?? [])],
    genReqId: (request: IncomingMessage) => requestIdOf(request),
    rewriteUrl: ({ url = '/' }) => spelledAsUsual(url),
    routerOptions: { maxParamLength: LONGEST_PATH_VALUE },
    clientErrorHandler: answerUnreadable,
    frameworkErrors: (failure: { statusCode?: number }, request: FastifyRequest, reply: FastifyReply) => {
      setSecurityHeaders(request.url, request.raw, reply.raw); // Fastify runs no hook for unknown routes
      tellRequestId(request, reply);
      reply.raw.once('finish', () => logger && logRequest(logger, request, reply));
      answerUnroutable(failure, reply);
    },
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.of(installation), adapter, {
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(app.get(NativeLogger));
  const requestLogger = await app.resolve(PinoLogger);
  requestLogger.setContext('Requests');
  logger = requestLogger;
  app.useGlobalPipes(requestValidation());
  const server = adapter.getInstance() as unknown as FastifyInstance<RawServerDefault>;
  server.server.maxConnections = MOST_CONNECTIONS;
  const readiness = app.get(Readiness);
  followRequests(server);
  measureRequests(server, app.get(Metrics));
  logRequests(server, requestLogger);
  if (installation.role === 'worker') serveOnlyHealth(server);
  closeConnectionsWhile(() => readiness.isStopping, server);
  app.get(RefusalAudit).watch(server);
  installFrontDoor(server, app.get(Authentication));
  configureRoutes(server);
  if (publicPath !== '') locateBelow(publicPath, server);
  if (installation.role !== 'worker') {
    const { exchangeUrl = null } = installation;
    await serveConsole(server, { hasPlayground: exchangeUrl !== null });
    if (exchangeUrl !== null) servePlayground(server, exchangeUrl);
    SwaggerModule.setup('docs', app, () => openApi(app, publicPath), SWAGGER_UI);
  }
  for (const type of [JSON_TYPE, CLOUD_EVENT, CLOUD_EVENTS_BATCH]) app.useBodyParser(type, {}, jsonBody(server));
  app.useBodyParser(CSV, {}, (_request, file, done) => done(null, file));
  await app.init();
  await server.ready();
  return app;
}

/** Pages and their files need no key, because only their requests need one. */
const PAGES = /^\/(?:$|docs(?=$|[/-])|console(?=$|\/))/;

/** Each route accepts the body that it needs, and says which scope its key needs. */
function configureRoutes(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    if (PAGES.test(route.url)) route.config = { ...route.config, ...OPEN_TO_ANYBODY };
    if (route.url.startsWith('/hooks/')) route.bodyLimit ??= LARGEST_CALLBACK_BYTES;
    route.bodyLimit ??= LARGEST_BODIES_BYTES[route.url];
    mustNameScope(route);
    if (READS[route.url]) route.config = { ...route.config, reads: READS[route.url] };
  });
}

/** Controllers name what they created without the path below which a proxy serves it. */
function locateBelow(publicPath: string, server: FastifyInstance): void {
  server.addHook('onSend', (_request, reply, _body, done) => {
    const location = reply.getHeader('location');
    if (typeof location === 'string' && location.startsWith('/v1/')) reply.header('location', publicPath + location);
    done();
  });
}

function serveOnlyHealth(server: FastifyInstance): void {
  server.addHook('onRequest', (request, _reply, done) => {
    const [path = ''] = request.url.split('?');
    done(SERVED_BY_A_WORKER.includes(path) ? undefined : new EndpointNotFound());
  });
}
