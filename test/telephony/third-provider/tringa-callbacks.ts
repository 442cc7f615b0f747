import { createHmac, timingSafeEqual } from 'node:crypto';

import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import { parseSpelling, readSpelling } from '../../../src/phone-number/e164.js';
import type { Principal } from '../../../src/platform/http/authentication/principal.js';
import { OPEN_TO_PROVIDERS } from '../../../src/platform/http/authentication/route-access.js';
import { CallRoutingService } from '../../../src/telephony/calls/call-routing.service.js';
import { InteractionsService } from '../../../src/telephony/interactions/interactions.service.js';
import { TextDeliveriesService } from '../../../src/telephony/texts/text-deliveries.service.js';
import { TextForwardingService } from '../../../src/telephony/texts/text-forwarding.service.js';
import { endOf } from './tringa-calls.js';
import { TringaConfig } from './tringa-config.js';

type Fields = Readonly<Record<string, unknown>>;

const COUNTRY = 'GB';
const TRINGA: Principal = { kind: 'provider', name: 'tringa' };

/** What Tringa asks and tells: JSON, signed in the header `tringa-signature` over the body as it is. */
@Injectable()
export class TringaCallbacks implements OnModuleInit {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly config: TringaConfig,
    private readonly routing: CallRoutingService,
    private readonly interactions: InteractionsService,
    private readonly forwarding: TextForwardingService,
    private readonly deliveries: TextDeliveriesService,
  ) {}

  onModuleInit(): void {
    this.serve('call', (fields) => this.call(fields));
    this.serve('event', async (fields) => {
      const callId = idIn(fields, 'call');
      const end = endOf({ call: '', result: textIn(fields, 'result'), talked: Number(fields['talked']) || 0 });
      if (callId !== null && end !== null) await this.interactions.report('tringa', callId, end);
    });
    this.serve('text', async (fields) => {
      const providerMessageId = idIn(fields, 'text');
      if (providerMessageId === null) return;
      const body = textIn(fields, 'body');
      await this.forwarding.passOn({ ...endsIn(fields), providerMessageId, body, media: 0, optOut: null });
    });
    this.serve('text-event', async (fields, query) => {
      const messageId = idIn(query, 'of');
      const delivery = fields['state'] === 'delivered' ? 'delivered' : 'failed';
      if (messageId === null) return;
      await this.deliveries.report('tringa', messageId, { delivery, recipientOptedOut: false });
    });
  }

  private async call(fields: Fields): Promise<object> {
    const providerCallId = idIn(fields, 'call');
    if (providerCallId === null) return { reject: true };
    const { sender: caller, ...dialled } = endsIn(fields);
    const routed = await this.routing.route({ ...dialled, caller, providerCallId, step: 'call', digits: null });
    if (routed.decision !== 'connect') return { reject: true }; // it cannot ask for a PIN
    const { callee, shownNumber, ringSeconds: ring, talkSeconds: limit } = routed;
    return { dial: { to: callee.slice(1), as: shownNumber.slice(1), ring, limit } };
  }

  private serve(path: string, answer: (fields: Fields, query: Fields) => Promise<object | void>): void {
    const server = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    void server.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
      scope.post(`/hooks/tringa/${path}`, { config: OPEN_TO_PROVIDERS }, async (request, reply) => {
        if (!this.isSigned(request)) return reply.status(403).send();
        request.principal = TRINGA;
        const said = await answer(JSON.parse(request.body as string) as Fields, request.query as Fields);
        return reply.header('content-type', 'application/json').send(said ?? {});
      });
    });
  }

  private isSigned({ headers, body }: FastifyRequest): boolean {
    const said = Buffer.from(String(headers['tringa-signature']));
    const right = Buffer.from(signatureOf(this.config.signingKey, typeof body === 'string' ? body : ''));
    return said.length === right.length && timingSafeEqual(said, right);
  }
}

export function signatureOf(key: string, body: string): string {
  return createHmac('sha256', key).update(body).digest('hex');
}

function endsIn(fields: Fields) {
  const dialled = readSpelling(textIn(fields, 'to'), COUNTRY);
  const sender = parseSpelling(textIn(fields, 'from'), dialled?.country ?? COUNTRY);
  return { provider: 'tringa', dialled: dialled ? [dialled.number] : [], sender };
}

function textIn(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

function idIn(fields: Fields, name: string): string | null {
  const id = textIn(fields, name);
  return /^[\w-]{1,64}$/.test(id) ? id : null;
}
