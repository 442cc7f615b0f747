import { Body, Controller, Get, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { EntityManager } from 'typeorm';

import { AcceptsIdempotencyKey } from '../../platform/http/idempotency/accepts-idempotency-key.js';
import { answered } from '../../platform/http/idempotency/keyed-request.js';
import { Expensive } from '../../platform/http/expensive.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import { LimitedToPools } from '../../platform/http/authentication/access.problems.js';
import { maySeePool, RequestedBy, type KeyPrincipal } from '../../platform/http/authentication/principal.js';
import { ForKeysOfPools, NeedsScope } from '../../platform/http/authentication/route-access.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import { NumbersBusy, PoolNotFound } from '../../virtual-numbers/pools/virtual-numbers.problems.js';
import { DEFAULT_POOL } from '../../virtual-numbers/pools/pool.entity.js';
import { ParticipantChangesService } from '../participants/participant-changes.service.js';
import { OrderViewsService } from '../views/order-views.service.js';
import {
  ListOrdersQuery,
  OrderEventResponse,
  OrderEventsResponse,
  OrderResponse,
  OrdersResponse,
  PhoneRequest,
  PLACE_ORDER_EXAMPLES,
  PlaceOrderRequest,
} from '../views/orders.dto.js';
import {
  NotInGrace,
  OrderClosed,
  OrderNotFound,
  ReferenceTaken,
  SamePhone,
  TooManyPhonesTried,
  UnusableParticipants,
  UnusablePhone,
} from '../order/orders.problems.js';
import { orderToPlace } from './order-to-place.js';
import { OrdersService } from './orders.service.js';
import { RestorationService } from '../restoration/restoration.service.js';

@ApiTags('orders')
@ApiProblem(MissingKey)
@Controller('v1/orders')
export class OrdersController {
  constructor(
    private readonly orders: OrdersService,
    private readonly participants: ParticipantChangesService,
    private readonly views: OrderViewsService,
    private readonly restoration: RestorationService,
  ) {}

  @Post()
  @AcceptsIdempotencyKey()
  @NeedsScope('orders:write')
  @ForKeysOfPools()
  @ApiBody({ type: PlaceOrderRequest, examples: PLACE_ORDER_EXAMPLES })
  @ApiOperation({
    operationId: 'placeOrder',
    summary: 'Place an order',
    description:
      'Each link gets its numbers as soon as both participants are known. If the pool has no free numbers, the order is `awaiting-numbers` and gets them later.',
  })
  @ApiCreatedResponse({ type: OrderResponse })
  @ApiOkResponse({ type: OrderResponse, description: 'The same order was placed before' })
  @ApiProblem(
    InvalidRequest,
    PoolNotFound,
    ReferenceTaken,
    UnusableParticipants,
    UnusablePhone,
    NumbersBusy,
    TooManyPhonesTried,
  )
  async place(
    @RequestedBy() by: KeyPrincipal,
    @Body() request: PlaceOrderRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderResponse> {
    const order = orderToPlace(request);
    mayPlaceIn(by, order.pool);
    return answered(
      async () => this.orders.place(order),
      async (poolId, tx) => {
        const isNew = poolId !== null;
        reply.status(isNew ? 201 : 200);
        if (isNew) reply.header('location', `/v1/orders/${encodeURIComponent(order.reference)}`);
        return this.shown(by, order.reference, tx);
      },
    );
  }

  @Get()
  @NeedsScope('orders:read')
  @ForKeysOfPools()
  @Expensive()
  @ApiOperation({ operationId: 'listOrders', summary: 'List orders, newest first' })
  @ApiOkResponse({ type: OrdersResponse })
  @ApiProblem(InvalidRequest)
  async list(
    @RequestedBy() by: KeyPrincipal,
    @Query() { status, limit, cursor }: ListOrdersQuery,
  ): Promise<OrdersResponse> {
    const { orders, nextCursor } = await this.views.list({ status, pools: by.pools }, limit, cursor);
    return { orders: orders.map((view) => OrderResponse.from(view, by)), nextCursor };
  }

  @Get(':reference')
  @NeedsScope('orders:read')
  @ForKeysOfPools()
  @ApiOperation({ operationId: 'getOrder', summary: 'Get an order, with the number that each participant dials' })
  @ApiOkResponse({ type: OrderResponse })
  @ApiProblem(OrderNotFound)
  async find(@RequestedBy() by: KeyPrincipal, @Param('reference') reference: string): Promise<OrderResponse> {
    return this.shown(by, reference);
  }

  @Put(':reference/agent')
  @NeedsScope('orders:write')
  @ForKeysOfPools()
  @ApiOperation({
    operationId: 'assignAgent',
    summary: 'Assign an agent, and a number to each participant',
    description: 'Another agent replaces the first.',
  })
  @ApiOkResponse({ type: OrderResponse, description: 'Both participants have their number' })
  @ApiAcceptedResponse({
    type: OrderResponse,
    description:
      'The pool has no free numbers. Maskline assigns numbers when they become available and emits `order.agent-assigned`.',
  })
  @ApiProblem(
    InvalidRequest,
    OrderNotFound,
    OrderClosed,
    UnusableParticipants,
    UnusablePhone,
    SamePhone,
    NumbersBusy,
    TooManyPhonesTried,
  )
  async assignAgent(
    @RequestedBy() by: KeyPrincipal,
    @Param('reference') reference: string,
    @Body() { phone }: PhoneRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderResponse> {
    await this.participants.put(reference, 'agent', phone);
    const order = await this.find(by, reference);
    reply.status(order.status === 'awaiting-numbers' ? 202 : 200);
    return order;
  }

  @Post(':reference/complete')
  @AcceptsIdempotencyKey()
  @NeedsScope('orders:write')
  @ForKeysOfPools()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'completeOrder',
    summary: 'Complete an order',
    description: 'Calls keep connecting for `graceSeconds`; then the numbers return to the pool.',
  })
  @ApiOkResponse({ type: OrderResponse })
  @ApiProblem(OrderNotFound, NumbersBusy)
  async complete(@RequestedBy() by: KeyPrincipal, @Param('reference') reference: string): Promise<OrderResponse> {
    return this.changed(by, reference, async () => this.orders.close(reference, 'completed'));
  }

  @Post(':reference/cancel')
  @AcceptsIdempotencyKey()
  @NeedsScope('orders:write')
  @ForKeysOfPools()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'cancelOrder',
    summary: 'Cancel an order',
    description: 'Calls keep connecting for `cancelGraceSeconds` (default 0).',
  })
  @ApiOkResponse({ type: OrderResponse })
  @ApiProblem(OrderNotFound, NumbersBusy)
  async cancel(@RequestedBy() by: KeyPrincipal, @Param('reference') reference: string): Promise<OrderResponse> {
    return this.changed(by, reference, async () => this.orders.close(reference, 'cancelled'));
  }

  @Post(':reference/reopen')
  @AcceptsIdempotencyKey()
  @NeedsScope('orders:write')
  @ForKeysOfPools()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'reopenOrder',
    summary: 'Reopen an order in its grace: it is active for another lifetime',
  })
  @ApiOkResponse({ type: OrderResponse })
  @ApiProblem(OrderNotFound, NotInGrace)
  async reopen(@RequestedBy() by: KeyPrincipal, @Param('reference') reference: string): Promise<OrderResponse> {
    return this.changed(by, reference, async () => this.orders.reopen(reference));
  }

  @Post(':reference/confirm')
  @AcceptsIdempotencyKey()
  @NeedsScope('orders:write')
  @ForKeysOfPools()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'confirmOrder',
    summary: 'Confirm an order after the database was restored',
    description:
      'Calls between its participants connect again, as they are stored. Placing the order again also checks its participants. Does nothing to an order that is not unconfirmed.',
  })
  @ApiOkResponse({ type: OrderResponse })
  @ApiProblem(OrderNotFound)
  async confirm(@RequestedBy() by: KeyPrincipal, @Param('reference') reference: string): Promise<OrderResponse> {
    return this.changed(by, reference, async () => this.restoration.confirm(reference));
  }

  @Get(':reference/events')
  @NeedsScope('orders:read')
  @ForKeysOfPools()
  @Expensive()
  @ApiOperation({ operationId: 'listEventsOfOrder', summary: 'List the events of an order, oldest first' })
  @ApiOkResponse({ type: OrderEventsResponse })
  @ApiProblem(OrderNotFound)
  async events(@Param('reference') reference: string): Promise<OrderEventsResponse> {
    return { events: (await this.views.events(reference)).map((event) => OrderEventResponse.from(event)) };
  }

  private async changed(by: KeyPrincipal, reference: string, change: () => Promise<unknown>): Promise<OrderResponse> {
    return answered(change, async (_, tx) => this.shown(by, reference, tx));
  }

  private async shown(by: KeyPrincipal, reference: string, tx?: EntityManager): Promise<OrderResponse> {
    return OrderResponse.from(await this.views.find(reference, tx), by);
  }
}

/** @throws PoolNotFound, LimitedToPools */
function mayPlaceIn(by: KeyPrincipal, pool: string | undefined): void {
  if (maySeePool(by, pool ?? DEFAULT_POOL)) return;
  if (pool !== undefined) throw new PoolNotFound();
  throw new LimitedToPools(
    `This key is limited to pools, and ${DEFAULT_POOL} is not among them. Name one of them in \`pool\`: ${by.pools!.join(', ')}.`,
  );
}
