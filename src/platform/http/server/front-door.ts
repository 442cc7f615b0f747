import { NotFoundException, UnsupportedMediaTypeException } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { Authentication } from '../authentication/authentication.js';
import { accessOf } from '../authentication/route-access.js';
import { dropForwardedPorts } from './forwarded-for.js';
import { setSecurityHeaders } from './security-headers.js';

/** The rest of a refused request's body is read and dropped up to this size; beyond it the connection is closed. */
const MOST_DROPPED_BYTES = 64 * 1024;

const HOOKS = '/hooks/';
const FORM_OR_TEXT = /^(application\/x-www-form-urlencoded|text\/plain)\b/i;

/**
 * Prepares every request before its body is read: reads the sender's address, sets the headers for browsers and caches,
 * answers unknown paths, and checks the API key where one is needed. Provider callbacks have their own access checks
 * after this.
 */
export function installFrontDoor(server: FastifyInstance, authentication: Authentication): void {
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
    if (request.is404) return refuse(new NotFoundException());
    if (accessOf(request) !== 'key') return done();
    const go = () => {
      if (path.startsWith('/v1/') && isFormOrText(request)) throw new UnsupportedMediaTypeException();
      done();
    };
    void authentication.authenticate(request, reply).then(go).catch(refuse);
  });
}

/**
 * Whether a body is marked as a form or as text, as `curl -d` and `fetch` mark it by default. The server has readers for
 * both, for the callbacks of providers. They would take JSON for the name of a field, or for a text.
 */
function isFormOrText({ headers }: FastifyRequest): boolean {
  const hasBody = Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined;
  return hasBody && FORM_OR_TEXT.test(headers['content-type'] ?? '');
}

/**
 * To be used when a request is refused before its body is read. A sender with little left to send keeps its connection.
 */
export function closeIfMuchIsLeft({ headers }: FastifyRequest, reply: FastifyReply): void {
  const isLong = Number(headers['content-length'] ?? 0) > MOST_DROPPED_BYTES;
  if (isLong || headers['transfer-encoding'] !== undefined) void reply.header('connection', 'close');
}
