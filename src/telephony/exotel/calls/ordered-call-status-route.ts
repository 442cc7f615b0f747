import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import { OPEN_TO_PROVIDERS } from '../../../platform/http/authentication/route-access.js';
import { withDeadline } from '../../../platform/clock/deadline.js';
import { tookTooLong } from '../../providers/took-too-long.js';
import { EXOTEL_ANSWER_WITHIN_MS } from '../answer-deadline.js';
import { InteractionsService } from '../../interactions/interactions.service.js';
import { callTrace } from '../../providers/call-trace.js';
import { callSidOf } from '../exotel-query.js';
import { parseCallStatus, type StatusFields } from './exotel-call-status.js';
import { ExotelCallbackAccess } from '../exotel-callback-access.js';

interface StatusRequest {
  Body: StatusFields;
}

/** StatusCallback of ordered calls: JSON as requested, or a multipart form, which Exotel sends otherwise. */
@Injectable()
export class ExotelCallStatusRoute implements OnModuleInit {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly access: ExotelCallbackAccess,
    private readonly interactions: InteractionsService,
  ) {}

  onModuleInit(): void {
    const server = this.adapterHost.httpAdapter.getInstance<FastifyInstance>();
    void server.register(async (scope) => {
      scope.addContentTypeParser(
        'multipart/form-data',
        { parseAs: 'buffer' },
        async (request: FastifyRequest, body: Buffer | string) =>
          readForm(body as Buffer, request.headers['content-type']!),
      );
      scope.post<StatusRequest>(
        '/hooks/exotel/:secret/call-status',
        {
          config: OPEN_TO_PROVIDERS,
          preValidation: async (request) => {
            const callSid = callSidIn(fieldsOf(request.body));
            if (callSid !== null) request.sharedTrace = callTrace('exotel', callSid);
          },
        },
        async (request, reply) => {
          await this.record(request.body);
          return reply.status(200).send();
        },
      );
    });
  }

  private async record(fields: unknown): Promise<void> {
    const status = fieldsOf(fields);
    const callSid = callSidIn(status);
    if (callSid === null) return this.access.refuse('call-id');
    const report = parseCallStatus(status);
    if (report === null) return;
    await withDeadline(EXOTEL_ANSWER_WITHIN_MS, this.interactions.report('exotel', callSid, report), tookTooLong);
  }
}

function fieldsOf(body: unknown): StatusFields {
  return (typeof body === 'object' && body !== null ? body : {}) as StatusFields;
}

function callSidIn({ CallSid: sid }: StatusFields): string | null {
  return typeof sid === 'string' ? callSidOf({ CallSid: sid }) : null;
}

/** Keys stay as sent, `Legs[0][Status]`. @throws TypeError if the body is not a form */
async function readForm(body: Buffer, contentType: string): Promise<StatusFields> {
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData();
  return Object.fromEntries([...form].filter(([, value]) => typeof value === 'string'));
}
