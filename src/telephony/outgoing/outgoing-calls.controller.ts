import { Body, Controller, Get, Headers, Param, ParseUUIDPipe, Post, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { AcceptsIdempotencyKey } from '../../platform/http/idempotency/accepts-idempotency-key.js';
import { IDEMPOTENCY_KEY, readIdempotencyKey } from '../../platform/http/idempotency/idempotency-key.js';
import { LinkNotFound, OrderNotFound, SeveralLinks } from '../../orders/order/orders.problems.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import { ForKeysOfPools, NeedsScope } from '../../platform/http/authentication/route-access.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import { OrderCallRequest, OrderedCallResponse } from './outgoing-calls.dto.js';
import { CallKeyTaken, CallNotAllowed, CallsNotOffered, OrderedCallNotFound } from './outgoing-calls.problems.js';
import { OutgoingCallsService } from './outgoing-calls.service.js';

@ApiTags('orders')
@ApiProblem(MissingKey)
@Controller('v1/orders/:reference/calls')
export class OutgoingCallsController {
  constructor(private readonly calls: OutgoingCallsService) {}

  @Post()
  @AcceptsIdempotencyKey({ required: true, uniqueByPath: true })
  @NeedsScope('orders:write')
  @ForKeysOfPools()
  @ApiOperation({
    operationId: 'orderCall',
    summary: 'Order a call: ring one participant, then the other, and join them; once for each Idempotency-Key',
  })
  @ApiCreatedResponse({ type: OrderedCallResponse })
  @ApiAcceptedResponse({
    type: OrderedCallResponse,
    description: 'The provider did not answer. Maskline finds out whether it placed the call.',
  })
  @ApiOkResponse({
    type: OrderedCallResponse,
    description: 'The same call was ordered before: more than 24 h ago, or by another client',
  })
  @ApiProblem(InvalidRequest, OrderNotFound, LinkNotFound, SeveralLinks, CallNotAllowed, CallKeyTaken, CallsNotOffered)
  async order(
    @Param('reference') reference: string,
    @Headers(IDEMPOTENCY_KEY) header: string | undefined,
    @Body() { from, to }: OrderCallRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderedCallResponse> {
    const ordered = await this.calls.order(reference, from, to ?? null, readIdempotencyKey(header ?? ''));
    reply.status(!ordered.isNew ? 200 : ordered.call.state === 'ordered' ? 202 : 201);
    if (ordered.isNew) {
      reply.header('location', `/v1/orders/${encodeURIComponent(reference)}/calls/${ordered.call.id}`);
    }
    return OrderedCallResponse.from(ordered);
  }

  @Get(':id')
  @NeedsScope('orders:read')
  @ForKeysOfPools()
  @ApiOperation({ operationId: 'getOrderedCall', summary: 'Get an ordered call, and its state' })
  @ApiParam({ name: 'id', example: '6f1c2f5e-2f0a-4a57-9d6c-3f0f6a1f2b11' })
  @ApiOkResponse({ type: OrderedCallResponse })
  @ApiProblem(OrderNotFound, OrderedCallNotFound)
  async find(
    @Param('reference') reference: string, // An invalid id is answered like an unknown one.
    @Param('id', new ParseUUIDPipe({ exceptionFactory: () => new OrderedCallNotFound() })) id: string,
  ): Promise<OrderedCallResponse> {
    const found = await this.calls.find(reference, id);
    if (!found) throw new OrderedCallNotFound();
    return OrderedCallResponse.from(found);
  }
}
