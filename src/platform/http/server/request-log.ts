import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PinoLogger } from 'nestjs-pino';

import { inWork } from '../../observability/work-context.js';
import { nameOfPrincipal } from '../authentication/principal.js';

/** Operators' tools ask for these every few seconds. */
const ASKED_ALL_THE_TIME = /^\/(health\/|metrics$)/;

type RequestLogger = Pick<PinoLogger, 'info' | 'debug'>;

/** Logs a line for each request when it is answered. It contains no path, query or body, because they contain phones. */
export function logRequests(server: FastifyInstance, logger: RequestLogger): void {
  server.addHook('onResponse', (request, reply, done) => {
    logRequest(logger, request, reply);
    done();
  });
}

/** The line of one request. Routes have placeholders in place of values; `none` is a path that does not exist. */
export function logRequest(logger: RequestLogger, request: FastifyRequest, reply: FastifyReply): void {
  const { id: requestId, method, principal = null, span = null } = request;
  const { url: route = 'none' } = request.routeOptions;
  const who = principal === null ? null : nameOfPrincipal(principal);
  const fields = { method, route, status: reply.statusCode, who, durationMs: Math.round(reply.elapsedTime) };
  inWork({ requestId, span }, () => {
    if (ASKED_ALL_THE_TIME.test(route)) logger.debug(fields, 'request answered');
    else logger.info(fields, 'request answered');
  });
}
