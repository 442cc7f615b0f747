import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { Authentication } from '../authentication/authentication.js';
import { accessOf } from '../authentication/route-access.js';
import { EndpointNotFound, MethodNotAllowed, UnsupportedMediaType } from '../request.problems.js';
import { hasUnreadBody, typesReadBy } from './body-types.js';
import { dropForwardedPorts } from './forwarded-for.js';
import { methodsByPath } from './routes.js';
import { setSecurityHeaders } from './security-headers.js';

/** The rest of a refused request's body is read and dropped up to this size; beyond it the connection is closed. */
const MOST_DROPPED_BYTES = 64 * 1024;

const HOOKS = '/hooks/';

/**
 * Prepares every request before its body is read: reads the sender's address, sets the headers for browsers and caches,
 * answers unknown paths, and checks the API key where one is needed. Provider callbacks have their own access checks
 * after this.
 */
export function installFrontDoor(server: FastifyInstance, authentication: Authentication): void {
  const methodsOf = methodsByPath(server);
  server.decorateRequest('principal', null);
  server.addHook('onRequest', (request, reply, done) => {
    dropForwardedPorts(request.raw.headers);
    const path = request.url;
    if (!path.startsWith(HOOKS)) {
      setSecurityHeaders(path, request.raw, reply.raw);
      if (path.startsWith('/v1/')) void reply.header('cache-control', 'no-store');
    }
    const refuse = (refusal: Error) => {
      closeIfMuchIsLeft(request, reply);
      done(refusal);
    };
    if (request.is404) {
      const allowed = methodsOf(path);
      return refuse(allowed.length > 0 ? new MethodNotAllowed(request.method, allowed) : new EndpointNotFound());
    }
    if (accessOf(request) !== 'key') return done();
    const go = () => {
      if (path.startsWith('/v1/') && hasUnreadBody(request)) {
        throw new UnsupportedMediaType(typesReadBy(request), request.method);
      }
      done();
    };
    void authentication.authenticate(request, reply).then(go).catch(refuse);
  });
}

/**
 * To be used when a request is refused before its body is read. A sender with little left to send keeps its connection.
 */
export function closeIfMuchIsLeft({ headers }: FastifyRequest, reply: FastifyReply): void {
  const isLong = Number(headers['content-length'] ?? 0) > MOST_DROPPED_BYTES;
  if (isLong || headers['transfer-encoding'] !== undefined) void reply.header('connection', 'close');
}
