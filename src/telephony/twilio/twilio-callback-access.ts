import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type {
  FastifyError,
  FastifyInstance,
  FastifyRequest,
  onRequestAsyncHookHandler,
  preHandlerAsyncHookHandler,
  preValidationAsyncHookHandler,
} from 'fastify';
import { PinoLogger } from 'nestjs-pino';
import webhooks from 'twilio/lib/webhooks/webhooks.js';

import type { Principal } from '../../platform/http/authentication/principal.js';
import { OPEN_TO_PROVIDERS } from '../../platform/http/authentication/route-access.js';
import { closeIfMuchIsLeft } from '../../platform/http/server/front-door.js';
import { LogThrottle } from '../../platform/observability/log-throttle.js';
import { DatabaseOutages } from '../../platform/database/database-outages.js';
import { isDatabaseTrouble } from '../../platform/database/connections/database-trouble.js';
import { DatabaseUnavailable } from '../../platform/http/request.problems.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { withDeadline } from '../../platform/clock/deadline.js';
import { callTrace } from '../providers/call-trace.js';
import { tookTooLong } from '../providers/took-too-long.js';
import { TwilioConfig } from './twilio-config.js';
import { parseForm, sidIn, type TwilioForm } from './twilio-form.js';

const TWILIO: Principal = { kind: 'provider', name: 'twilio' };

/** Twilio waits 15 s. */
const ANSWER_WITHIN_MS = 10_000;

/** HMAC-SHA1 in base64. */
const SIGNATURE = /^[\w+/]{27}=$/;

/**
 * Access to Twilio's callbacks. The signature covers the form exactly as sent, so it is checked before anything is
 * removed or converted. Hence these are Fastify routes with their own parser.
 * https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
@Injectable()
export class TwilioCallbackAccess {
  private readonly lines = new LogThrottle();

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly config: TwilioConfig,
    private readonly metrics: Metrics,
    private readonly outages: DatabaseOutages,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(TwilioCallbackAccess.name);
  }

  /**
   * Answers POST /hooks/twilio/`path` if Twilio signed it; others get 403 without a body. To be used while the modules
   * start.
   *
   * @param answer returns TwiML, or null if there is nothing to say
   */
  serve(path: string, answer: (form: TwilioForm, query: TwilioForm) => Promise<string | null>): void {
    const server = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    const url = `/hooks/twilio/${path}`;
    void server.register(async (door) => {
      door.removeAllContentTypeParsers();
      door.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
        done(null, parseForm(String(body))),
      );
      door.setErrorHandler(async (failure: FastifyError, request, reply) => {
        const isOurs = failure.statusCode === undefined || failure.statusCode >= 500;
        if (isOurs) {
          const fields = { err: failure, requestId: request.id, path };
          this.outages.failed(this.logger, fields, 'request of twilio failed');
        } else {
          this.refuse(path, 'form');
        }
        const mayBeTriedAgain = isDatabaseTrouble(failure) || failure instanceof DatabaseUnavailable;
        await reply.status(isOurs ? (mayBeTriedAgain ? 503 : 500) : 403).send();
      });
      // Checked before the body is read: only Twilio sends a well-formed signature.
      const onRequest: onRequestAsyncHookHandler = async (request, reply) => {
        if (signatureOf(request) !== null) return;
        this.refuse(path, 'signature');
        closeIfMuchIsLeft(request, reply);
        await reply.status(403).send();
      };
      const preValidation: preValidationAsyncHookHandler = async (request) => {
        const form = (request.body ?? {}) as TwilioForm;
        const callSid = sidIn(form, 'ParentCallSid') ?? sidIn(form, 'CallSid');
        if (callSid !== null) request.sharedTrace = callTrace('twilio', callSid);
      };
      // The signature covers the form, so it is verified after the form is read.
      const preHandler: preHandlerAsyncHookHandler = async (request, reply) => {
        const form = request.body === undefined ? {} : (request.body as TwilioForm | null);
        if (form === null || !this.isSigned(request, form)) {
          this.refuse(path, form === null ? 'form' : 'signature');
          return reply.status(403).send();
        }
        request.principal = TWILIO;
      };
      door.post(url, { config: OPEN_TO_PROVIDERS, onRequest, preValidation, preHandler }, async (request, reply) => {
        const form = (request.body ?? {}) as TwilioForm;
        const answering = answer(form, request.query as TwilioForm);
        const twiml = await withDeadline(ANSWER_WITHIN_MS, answering, tookTooLong);
        return twiml === null
          ? reply.status(204).send()
          : reply.header('content-type', 'text/xml; charset=utf-8').header('cache-control', 'no-store').send(twiml);
      });
    });
  }

  /** Counts and logs a request that was not signed, or that was signed but cannot be used. */
  refuse(path: string, why: 'signature' | 'form' | 'path' | 'call-id' | 'message-id'): void {
    this.metrics.callbacksRefused.inc({ provider: 'twilio', why });
    const times = this.lines.occurrences(`${path} ${why}`);
    if (times === null) return;
    const said = why === 'signature' ? 'request without a signature of twilio refused' : 'callback not understood';
    this.logger.warn({ provider: 'twilio', path, why, times }, said);
  }

  private isSigned(request: FastifyRequest, form: TwilioForm): boolean {
    const signature = signatureOf(request);
    if (signature === null) return false;
    const url = this.config.publicBaseUrl + request.originalUrl;
    return this.config.signingTokens.some((token) => webhooks.validateRequest(token, signature, url, form));
  }
}

function signatureOf({ headers }: FastifyRequest): string | null {
  const signature = headers['x-twilio-signature'];
  return typeof signature === 'string' && SIGNATURE.test(signature) ? signature : null;
}
