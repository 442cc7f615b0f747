import { NotFoundException } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { LimitedToPools } from '../platform/http/authentication/access.problems.js';
import { ExchangeUnavailable } from './playground.problems.js';

/** As both simulated providers write it. */
const CALL_ID = /^\w+$/;

/** Longer than the exchange waits for a change of what its phones show. */
const ANSWERS_WITHIN_MS = 20_000;

/** Opening the page's pool needs this scope, too. */
const NEEDED = { config: { scopes: ['operate'] } } as const;

/** What the page does at the exchange; all else, for example its faults, stays with the operator of this machine. */
const PATHS = {
  GET: ['/exchange/phones'],
  PUT: ['/exchange/phones'],
  DELETE: ['/exchange/phones'],
  POST: [
    '/exchange/calls',
    '/exchange/calls/:callSid/answer',
    '/exchange/calls/:callSid/decline',
    '/exchange/calls/:callSid/keys',
    '/exchange/calls/:callSid/hang-up',
    '/exchange/texts',
  ],
} as const;

/**
 * Passes requests of the console's playground on to the exchange, which listens elsewhere, where the page may send
 * nothing. They need a session or key, like those of the API.
 */
export function servePlayground(server: FastifyInstance, exchangeUrl: string): void {
  const closing = new AbortController();
  server.addHook('preClose', (done) => {
    closing.abort(); // a page waits for news nearly all the time
    done();
  });
  for (const [method, urls] of Object.entries(PATHS)) {
    for (const url of urls) server.route({ method, url, ...NEEDED, handler: passOn });
  }

  async function passOn(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { principal, method, body, params } = request;
    if (principal?.kind !== 'key' || principal.pools !== null) throw new LimitedToPools();
    // `..` in place of a call would lead to another path of the exchange.
    if (Object.values(params as Record<string, string>).some((id) => !CALL_ID.test(id))) throw new NotFoundException();
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const signal = AbortSignal.any([closing.signal, gone.signal, AbortSignal.timeout(ANSWERS_WITHIN_MS)]);
    const content = body === undefined ? {} : { headers: { 'content-type': 'application/json' } };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(exchangeUrl + request.url, { method, signal, ...content, ...sent })
      .then(async (response) => ({ status: response.status, text: await response.text() }))
      .catch((): never => {
        throw new ExchangeUnavailable();
      });
    return reply
      .status(answer.status)
      .header('cache-control', 'no-store')
      .type('application/json; charset=utf-8')
      .send(answer.text);
  }
}
