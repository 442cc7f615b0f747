import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import { PinoLogger } from 'nestjs-pino';
import webhooks from 'twilio/lib/webhooks/webhooks.js';

import { TwilioConfig } from './twilio-config.js';
import { parseForm, type TwilioForm } from './twilio-form.js';

/** Some fifty parameters, of which a text is the longest. */
const LARGEST_FORM_BYTES = 64 * 1024;

/**
 * The door for Twilio's requests. Its signature is over the very form that was sent, so it is checked before anything is
 * left out of that or converted; hence routes of Fastify's own, and a parser beside the one of the API.
 * https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
@Injectable()
export class TwilioHooks {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly config: TwilioConfig,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(TwilioHooks.name);
  }

  /**
   * Answers POST /hooks/twilio/`path` where Twilio signed it, and anybody else with 403 and nothing. To be called while
   * the modules start.
   *
   * @param answer gives TwiML, or null when there is nothing to say
   */
  serve(path: string, answer: (form: TwilioForm, query: TwilioForm) => Promise<string | null>): void {
    const server = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    void server.register(async (door) => {
      door.removeAllContentTypeParsers();
      const limits = { parseAs: 'string', bodyLimit: LARGEST_FORM_BYTES } as const;
      door.addContentTypeParser('application/x-www-form-urlencoded', limits, (_request, body, done) =>
        done(null, parseForm(String(body))),
      );
      door.setErrorHandler(async (failure: FastifyError, request, reply) => {
        const isOurs = failure.statusCode === undefined || failure.statusCode >= 500;
        if (isOurs) this.logger.error({ err: failure, requestId: request.id, path }, 'request of twilio failed');
        await reply.status(isOurs ? 500 : 403).send();
      });
      door.post(`/hooks/twilio/${path}`, async (request, reply) => {
        const form = (request.body ?? {}) as TwilioForm;
        if (!this.isSigned(request, form)) {
          this.logger.warn({ requestId: request.id, path }, 'request without a signature of twilio refused');
          return reply.status(403).send();
        }
        const twiml = await answer(form, request.query as TwilioForm);
        return twiml === null
          ? reply.status(204).send()
          : reply.header('content-type', 'text/xml; charset=utf-8').header('cache-control', 'no-store').send(twiml);
      });
    });
  }

  private isSigned(request: FastifyRequest, form: TwilioForm): boolean {
    const signature = request.headers['x-twilio-signature'];
    if (typeof signature !== 'string') return false;
    const url = this.config.publicBaseUrl + request.originalUrl;
    return this.config.signingTokens.some((token) => webhooks.validateRequest(token, signature, url, form));
  }
}
