import { Body, Controller, Delete, Param, Patch, Put, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { ApiProblem } from '../../platform/http/api-problem.js';
import { RequestedBy, type KeyPrincipal } from '../../platform/http/authentication/principal.js';
import { ForKeysOfPools, NeedsScope } from '../../platform/http/authentication/route-access.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import { NumbersBusy, PoolIsDry } from '../../virtual-numbers/pools/virtual-numbers.problems.js';
import type { Role } from '../../virtual-numbers/role.js';
import { OrderViewsService } from '../views/order-views.service.js';
import { OrderResponse, PhoneRequest } from '../views/orders.dto.js';
import {
  NoAgentYet,
  OrderClosed,
  OrderNotFound,
  ParticipantNotFound,
  SamePhone,
  TooManyPhonesTried,
  UnusableParticipants,
  UnusablePhone,
} from '../order/orders.problems.js';
import { ParticipantChangesService } from './participant-changes.service.js';
import { PhoneCorrectionService } from './phone-correction.service.js';
import { RolePipe } from './role.pipe.js';

@ApiTags('orders')
@ApiProblem(MissingKey)
@ApiParam({ name: 'role', type: String, example: 'courier' })
@Controller('v1/orders/:reference/participants/:role')
export class ParticipantChangesController {
  constructor(
    private readonly participants: ParticipantChangesService,
    private readonly corrections: PhoneCorrectionService,
    private readonly views: OrderViewsService,
  ) {}

  @Put()
  @NeedsScope('orders:write')
  @ForKeysOfPools()
  @ApiOperation({
    operationId: 'putParticipant',
    summary: 'Add or replace a participant',
    description:
      "The participant's links get their numbers. Another phone replaces the participant of the role; the others keep their numbers. The same phone again changes nothing.",
  })
  @ApiOkResponse({ type: OrderResponse })
  @ApiAcceptedResponse({
    type: OrderResponse,
    description: 'The pool has no free numbers. Maskline assigns them when they become available.',
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
  async put(
    @RequestedBy() by: KeyPrincipal,
    @Param('reference') reference: string,
    @Param('role', new RolePipe()) role: Role,
    @Body() { phone }: PhoneRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderResponse> {
    await this.participants.put(reference, role, phone);
    const order = await this.order(by, reference);
    reply.status(order.status === 'awaiting-numbers' ? 202 : 200);
    return order;
  }

  @Delete()
  @NeedsScope('orders:write')
  @ForKeysOfPools()
  @ApiOperation({
    operationId: 'removeParticipant',
    summary: 'Remove a participant',
    description:
      'Calls to and from the participant no longer connect. The links stay part of the order, for whoever joins in the same role.',
  })
  @ApiOkResponse({ type: OrderResponse })
  @ApiProblem(InvalidRequest, OrderNotFound, OrderClosed, NoAgentYet, ParticipantNotFound, NumbersBusy)
  async remove(
    @RequestedBy() by: KeyPrincipal,
    @Param('reference') reference: string,
    @Param('role', new RolePipe()) role: Role,
  ): Promise<OrderResponse> {
    await this.participants.remove(reference, role);
    return this.order(by, reference);
  }

  @Patch()
  @NeedsScope('orders:write')
  @ForKeysOfPools()
  @ApiOperation({
    operationId: 'correctPhone',
    summary: "Correct a participant's phone during an order",
    description: 'All participants keep their numbers if possible.',
  })
  @ApiOkResponse({ type: OrderResponse })
  @ApiProblem(
    InvalidRequest,
    OrderNotFound,
    OrderClosed,
    NoAgentYet,
    ParticipantNotFound,
    UnusablePhone,
    SamePhone,
    PoolIsDry,
    NumbersBusy,
    TooManyPhonesTried,
  )
  async correctPhone(
    @RequestedBy() by: KeyPrincipal,
    @Param('reference') reference: string,
    @Param('role', new RolePipe()) role: Role,
    @Body() { phone }: PhoneRequest,
  ): Promise<OrderResponse> {
    await this.corrections.correct(reference, role, phone);
    return this.order(by, reference);
  }

  private async order(by: KeyPrincipal, reference: string): Promise<OrderResponse> {
    return OrderResponse.from(await this.views.find(reference), by);
  }
}
