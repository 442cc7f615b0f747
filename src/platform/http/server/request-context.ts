import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { Span } from '../../observability/span.js';
import { startSpan } from '../../observability/tracing.js';
import { inWork } from '../../observability/work-context.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The name of a trace that this request shares with others, set before `preHandler`; null = a trace of its own. */
    sharedTrace: string | null;
    span: Span | null;
  }
}

export const REQUEST_ID = 'x-request-id';
/** A UUID with or without hyphens, as proxies make them. */
const UUID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;
const WELL_FORMED = /^[\w.-]{1,64}$/;

/** Operators' tools ask for these every few seconds. */
const NOT_TRACED = /^\/(health\/|metrics$)/;

/**
 * The id that a client or proxy gave a request, if it is well-formed and cannot contain a phone, or else a new one. It
 * is written to the log.
 */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers[REQUEST_ID];
  const isUsable =
    typeof given === 'string' &&
    (UUID.test(given) || (WELL_FORMED.test(given) && !/\d{7}/.test(given.replace(/[_.-]/g, ''))));
  return isUsable ? given : randomUUID();
}

/** Names the id of a request in its answer. */
export function tellRequestId(request: FastifyRequest, reply: FastifyReply): void {
  reply.raw.setHeader(REQUEST_ID, request.id);
}

/**
 * Gives each request a context, from which log lines, jobs and spans take the request's id; and a span, if traces are
 * on.
 */
export function followRequests(server: FastifyInstance): void {
  server.decorateRequest('sharedTrace', null);
  server.decorateRequest('span', null);
  server.addHook('onRequest', (request, reply, done) => {
    tellRequestId(request, reply);
    inWork({ requestId: request.id, span: null }, done);
  });
  // Again, because a body arrives outside of the context.
  server.addHook('preHandler', (request, reply, done) => {
    request.span = begin(request, reply);
    inWork({ requestId: request.id, span: request.span }, done);
  });
  server.addHook('onResponse', (request, reply, done) => {
    const span = request.span ?? begin(request, reply); // a request that was refused early has none yet
    span?.set({ 'http.response.status_code': reply.statusCode });
    if (reply.statusCode >= 500) span?.fail(String(reply.statusCode));
    span?.end();
    done();
  });
}

function begin(request: FastifyRequest, reply: FastifyReply): Span | null {
  const { method, id, headers, sharedTrace } = request;
  const { url: route } = request.routeOptions;
  if (route !== undefined && NOT_TRACED.test(route)) return null;
  // Providers send no trace, and whoever has guessed a callback's path must not choose one.
  const cause = sharedTrace === null && !route?.startsWith('/hooks/') ? headers['traceparent'] : undefined;
  return startSpan(route === undefined ? method : `${method} ${route}`, {
    kind: 'server',
    attributes: { 'http.request.method': method, 'http.route': route, 'maskline.request_id': id },
    startedAt: Date.now() - reply.elapsedTime,
    ...(sharedTrace === null ? {} : { trace: sharedTrace }),
    ...(typeof cause === 'string' ? { cause } : {}),
  });
}
