import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { AcceptsIdempotencyKey } from '../../platform/http/idempotency/accepts-idempotency-key.js';
import { answered } from '../../platform/http/idempotency/keyed-request.js';
import { Expensive } from '../../platform/http/expensive.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import { NeedsScope } from '../../platform/http/authentication/route-access.js';
import { PageQuery } from '../../platform/http/page.query.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import { IntakeResponse, RejectedEventResponse, RejectedEventsResponse } from './order-intake.dto.js';
import { OrderIntakeService } from './order-intake.service.js';

export const CLOUD_EVENTS_BATCH = 'application/cloudevents-batch+json';

const EXAMPLE = [
  {
    specversion: '1.0',
    type: 'order.placed',
    source: '/order-system',
    id: 'e-1',
    time: '2026-11-22T06:00:00Z',
    data: { reference: 'order-1001', customer: { phone: '+919000000001' } },
  },
  {
    specversion: '1.0',
    type: 'order.agent-assigned',
    source: '/order-system',
    id: 'e-2',
    time: '2026-11-22T06:05:00Z',
    data: { reference: 'order-1001', agent: { phone: '+919000000002' } },
  },
];

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
    description: 'They are stored before the response, and applied after it.',
  })
  @ApiConsumes(CLOUD_EVENTS_BATCH)
  @ApiBody({
    schema: {
      type: 'array',
      maxItems: 1000,
      items: { $ref: '#/components/schemas/IncomingEvent' },
      example: EXAMPLE,
    },
  })
  @ApiAcceptedResponse({ type: IntakeResponse })
  @ApiProblem(InvalidRequest)
  async store(@Body() batch: unknown): Promise<IntakeResponse> {
    return answered(
      async () => this.intake.store(batch),
      (intake) => intake,
    );
  }

  @Get('rejected')
  @NeedsScope('orders:read')
  @Expensive()
  @ApiOperation({ operationId: 'listRejectedEvents', summary: 'List rejected events, newest first' })
  @ApiOkResponse({ type: RejectedEventsResponse })
  @ApiProblem(InvalidRequest)
  async rejected(@Query() { limit, cursor }: PageQuery): Promise<RejectedEventsResponse> {
    const { events, nextCursor } = await this.intake.rejected(limit, cursor);
    return { events: events.map((event) => RejectedEventResponse.from(event)), nextCursor };
  }
}
