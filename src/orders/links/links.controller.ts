import { Body, Controller, Delete, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { AcceptsIdempotencyKey } from '../../platform/http/idempotency/accepts-idempotency-key.js';
import { answered } from '../../platform/http/idempotency/keyed-request.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import { RequestedBy, type KeyPrincipal } from '../../platform/http/authentication/principal.js';
import { ForKeysOfPools, NeedsScope } from '../../platform/http/authentication/route-access.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import { readLink } from '../../virtual-numbers/link.js';
import { NumbersBusy } from '../../virtual-numbers/pools/virtual-numbers.problems.js';
import { OrderViewsService } from '../views/order-views.service.js';
import { OrderResponse } from '../views/orders.dto.js';
import { LinkNotFound, OrderClosed, OrderNotFound, UnusableParticipants } from '../order/orders.problems.js';
import { usable } from '../order/usable-links.js';
import { LinkChangesService } from './link-changes.service.js';
import { CloseLinkQuery, OpenLinkRequest } from './links.dto.js';

@ApiTags('orders')
@ApiProblem(MissingKey)
@Controller('v1/orders/:reference/links')
export class LinksController {
  constructor(
    private readonly links: LinkChangesService,
    private readonly views: OrderViewsService,
  ) {}

  @Post()
  @AcceptsIdempotencyKey()
  @NeedsScope('orders:write')
  @ForKeysOfPools()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'openLink',
    summary: 'Link two participants of an order',
    description:
      'Each gets a number to reach the other. For participants who are linked already, it changes the direction.',
  })
  @ApiOkResponse({ type: OrderResponse })
  @ApiAcceptedResponse({
    type: OrderResponse,
    description: 'The pool has no free numbers. Maskline assigns them when they become available.',
  })
  @ApiProblem(InvalidRequest, OrderNotFound, OrderClosed, UnusableParticipants, NumbersBusy)
  async open(
    @RequestedBy() by: KeyPrincipal,
    @Param('reference') reference: string,
    @Body() { between, onlyFrom }: OpenLinkRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderResponse> {
    const link = usable(() => readLink({ between, onlyFrom }, 'between'));
    return answered(
      async () => this.links.open(reference, link),
      async (_, tx) => {
        const order = OrderResponse.from(await this.views.find(reference, tx), by);
        reply.status(order.status === 'awaiting-numbers' ? 202 : 200);
        return order;
      },
    );
  }

  @Delete()
  @NeedsScope('orders:write')
  @ForKeysOfPools()
  @ApiOperation({
    operationId: 'closeLink',
    summary: 'Close the link between two participants',
    description:
      'Calls between them no longer connect. An order without links stays open, and nobody on it can be reached.',
  })
  @ApiOkResponse({ type: OrderResponse })
  @ApiProblem(InvalidRequest, OrderNotFound, OrderClosed, UnusableParticipants, LinkNotFound, NumbersBusy)
  async close(
    @RequestedBy() by: KeyPrincipal,
    @Param('reference') reference: string,
    @Query() { between }: CloseLinkQuery,
  ): Promise<OrderResponse> {
    await this.links.close(
      reference,
      usable(() =>
        readLink(
          between.split(',').map((role) => role.trim()),
          'between',
        ),
      ).roles,
    );
    return OrderResponse.from(await this.views.find(reference), by);
  }
}
