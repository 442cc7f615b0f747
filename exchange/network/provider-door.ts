import { setTimeout as sleep } from 'node:timers/promises';

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { Fault, FaultyApi, Faults, Provider } from './faults.js';
import type { RequestCounts } from './request-counts.js';

export interface Account {
  sid: string;
  apiKey: string;
  apiToken: string;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The name of this route in faults. */
    api?: FaultyApi;
  }
  interface FastifyRequest {
    fault: Fault | null;
  }
}

/** A refusal, in the provider's words. */
export class RestException extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** Twilio's error code. */
    readonly code?: number,
  ) {
    super(message);
  }
}

/** The body of a provider's error. */
export type ErrorBody = (status: number, message: string, code: number | undefined) => object;

export const exotelError: ErrorBody = (status, message) => ({ RestException: { Status: status, Message: message } });

/** What the APIs of both providers share: forms, HTTP Basic, error bodies, and faults. */
export function openProviderDoor(
  provider: FastifyInstance,
  name: Provider,
  account: Account,
  { faults, requests }: { faults: Faults; requests: RequestCounts },
  errorBody: ErrorBody,
): void {
  const expected = `Basic ${Buffer.from(`${account.apiKey}:${account.apiToken}`).toString('base64')}`;
  readForms(provider);
  provider.decorateRequest('fault', null);
  provider.addHook('onRequest', async (request) => {
    if (request.headers.authorization !== expected) throw new RestException(401, 'Authentication failed');
    const { sid } = request.params as { sid?: string };
    if (sid !== undefined && sid !== account.sid) throw new RestException(404, 'No such account');
  });
  provider.addHook('preHandler', async (request, reply) => {
    const { api } = request.routeOptions.config;
    if (!api) return;
    requests.count(name, api);
    const { slowMs, fault } = faults.meet(name, api);
    request.fault = fault;
    if (slowMs > 0) await sleep(slowMs, undefined, { ref: false });
    await failBeforeDoing(fault, request, reply, errorBody);
  });
  provider.addHook('onSend', async (request) => {
    if (request.fault?.kind !== 'hang-after-doing') return;
    if (request.fault.ms > 0) await sleep(request.fault.ms, undefined, { ref: false });
    request.raw.socket.destroy();
  });
  provider.setErrorHandler(async (error: FastifyError | RestException, _request, reply) => {
    const status = error instanceof RestException ? error.status : clientsFault(error);
    const message = status === 500 ? 'Internal server error' : error.message;
    const code = error instanceof RestException ? error.code : undefined;
    await reply.status(status).send(errorBody(status, message, code));
  });
}

async function failBeforeDoing(
  fault: Fault | null,
  request: FastifyRequest,
  reply: FastifyReply,
  errorBody: ErrorBody,
): Promise<void> {
  if (fault?.kind === 'empty' && request.routeOptions.config.api === 'get')
    throw new RestException(404, 'No such number', TWILIO_NOT_FOUND);
  if (fault?.kind === 'cut') {
    reply.hijack();
    request.raw.socket.destroy();
  }
  if (fault?.kind === 'rate-limit') {
    void reply.header('retry-after', '60');
    await reply.status(429).send(errorBody(429, 'Too many requests', undefined));
  }
  if (fault?.kind === 'status') {
    if (fault.status === 429) void reply.header('retry-after', String(fault.retryAfterSeconds));
    if (fault.status === 502) await reply.status(502).type('text/html').send(GATEWAY_PAGE);
    else {
      const quote = fault.quotes ? `: ${whatWasSent(request).join(', ')}` : '';
      await reply.status(fault.status).send(errorBody(fault.status, STATUS_MESSAGES[fault.status] + quote, undefined));
    }
  }
  if (fault?.kind === 'garbled') await reply.type('application/json').send(whatWasSent(request)[0] ?? 'Accepted');
}

function whatWasSent(request: FastifyRequest): string[] {
  return [...form(request).values(), ...Object.values(request.query as Record<string, string | string[]>).flat()];
}

const TWILIO_NOT_FOUND = 20404;

/** A gateway answers in place of the provider, and not with JSON. */
const GATEWAY_PAGE = '<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>';

const STATUS_MESSAGES = {
  400: 'Bad request',
  401: 'Authentication failed',
  402: 'Insufficient balance',
  404: 'Not found',
  409: 'Conflict',
  422: 'Cannot be processed',
  429: 'Too many requests',
  500: 'Internal server error',
  503: 'Service unavailable',
};

/** A body that is not a form is a bad request, whatever status the server gives it. */
function clientsFault(error: FastifyError): number {
  return error.statusCode !== undefined && error.statusCode < 500 ? 400 : 500;
}

function readForms(provider: FastifyInstance): void {
  provider.removeAllContentTypeParsers();
  provider.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, new URLSearchParams(String(body))),
  );
}

/** The form of a request; empty if none was sent. */
export function form(request: FastifyRequest): URLSearchParams {
  return request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
}

/** One value of a query; if it was sent several times, the first. */
export function queryText(request: FastifyRequest, name: string): string | undefined {
  const value = (request.query as Record<string, string | string[] | undefined>)[name];
  return Array.isArray(value) ? value[0] : value;
}

/** A whole number of a query, limited to its range; the default if it is not a number. */
export function queryNumber(
  request: FastifyRequest,
  name: string,
  otherwise: number,
  least: number,
  most: number,
): number {
  const value = queryText(request, name) ?? '';
  return /^\d{1,9}$/.test(value) ? Math.min(Math.max(Number(value), least), most) : otherwise;
}
