import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { Expensive } from '../../platform/http/expensive.js';
import { OrderNotFound } from '../../orders/order/orders.problems.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import { ForKeysOfPools, NeedsScope } from '../../platform/http/authentication/route-access.js';
import { PageQuery } from '../../platform/http/page.query.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import { InteractionResponse, InteractionsResponse } from './interactions.dto.js';
import { InteractionsService } from './interactions.service.js';

@ApiTags('orders')
@ApiProblem(MissingKey)
@Controller('v1/orders/:reference/interactions')
export class InteractionsController {
  constructor(private readonly interactions: InteractionsService) {}

  @Get()
  @NeedsScope('orders:read')
  @ForKeysOfPools()
  @Expensive()
  @ApiOperation({
    operationId: 'listInteractions',
    summary: 'List the calls and texts of an order, with the decision, its reason, and the outcome',
  })
  @ApiOkResponse({ type: InteractionsResponse })
  @ApiProblem(InvalidRequest, OrderNotFound)
  async ofOrder(
    @Param('reference') reference: string,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<InteractionsResponse> {
    const { interactions, nextCursor } = await this.interactions.ofOrder(reference, limit, cursor);
    return { interactions: interactions.map((row) => InteractionResponse.from(row)), nextCursor };
  }
}
