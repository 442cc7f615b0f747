import type { IncomingHttpHeaders } from 'node:http';

import { Body, Controller, Get, Headers, HttpCode, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiHeaders, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { AcceptsIdempotencyKey } from '../../platform/http/idempotency/accepts-idempotency-key.js';
import { answered } from '../../platform/http/idempotency/keyed-request.js';
import { Expensive } from '../../platform/http/expensive.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import { NeedsScope } from '../../platform/http/authentication/route-access.js';
import { PageQuery } from '../../platform/http/page.query.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import { readMessage } from './event-message.js';
import { IntakeResponse, RejectedEventResponse, RejectedEventsResponse } from './order-intake.dto.js';
import { EventUnusable } from './order-intake.problems.js';
import { OrderIntakeService } from './order-intake.service.js';

/** The headers of an event in binary mode. */
const ATTRIBUTES = [
  { name: 'ce-specversion', example: '1.0' },
  { name: 'ce-type', example: 'order.placed' },
  { name: 'ce-source', example: '/order-system' },
  { name: 'ce-id', example: 'e-1' },
  { name: 'ce-time', example: '2026-11-22T06:00:00Z' },
].map((one) => ({ ...one, required: false, description: 'Only in binary mode' }));

@ApiTags('events')
@ApiProblem(MissingKey)
@Controller('v1/events')
export class OrderIntakeController {
  constructor(private readonly intake: OrderIntakeService) {}

  @Post()
  @AcceptsIdempotencyKey()
  @NeedsScope('orders:write')
  @HttpCode(202)
  @ApiOperation({
    operationId: 'sendEvents',
    summary: 'Send up to 1,000 CloudEvents about orders',
    description:
      'In any mode of CloudEvents over HTTP: batched, structured, or binary, with the attributes in headers. They are stored before the response, and applied after it. An event of a batch that cannot be read is stored as rejected; one that comes alone is refused.',
  })
  @ApiBody({ schema: {} }) // INCOMING_EVENT_BODIES describe it
  @ApiHeaders(ATTRIBUTES)
  @ApiAcceptedResponse({ type: IntakeResponse })
  @ApiProblem(InvalidRequest, EventUnusable)
  async store(@Headers() headers: IncomingHttpHeaders, @Body() body: unknown): Promise<IntakeResponse> {
    const message = readMessage(headers, body);
    return answered(
      async () => this.intake.store(message),
      (intake) => intake,
    );
  }

  @Get('rejected')
  @NeedsScope('orders:read', 'events')
  @Expensive()
  @ApiOperation({ operationId: 'listRejectedEvents', summary: 'List rejected events, newest first' })
  @ApiOkResponse({ type: RejectedEventsResponse })
  @ApiProblem(InvalidRequest)
  async rejected(@Query() { limit, cursor }: PageQuery): Promise<RejectedEventsResponse> {
    const { events, nextCursor } = await this.intake.rejected(limit, cursor);
    return { events: events.map((event) => RejectedEventResponse.from(event)), nextCursor };
  }
}
