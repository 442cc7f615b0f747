import { Controller, Get, Header, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { Expensive } from '../../platform/http/expensive.js';
import { OrderNotFound } from '../../orders/order/orders.problems.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import { ForKeysOfPools, NeedsScope } from '../../platform/http/authentication/route-access.js';
import { RequestedBy, type Principal } from '../../platform/http/authentication/principal.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import { KeptTextsQuery, KeptTextsResponse } from './kept-texts.dto.js';
import { KeptTextsService } from './kept-texts.service.js';

@ApiTags('support')
@ApiProblem(MissingKey)
@Controller('v1/orders/:reference/texts')
export class KeptTextsController {
  constructor(private readonly kept: KeptTextsService) {}

  @Get()
  @NeedsScope('support')
  @ForKeysOfPools()
  @Expensive()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    operationId: 'listTexts',
    summary: 'List the kept texts of an order, newest first, redacted; audited',
    description:
      'Only forwarded texts are kept, for the `textsKeptSeconds` that the pool had at that time. Afterwards, or if the pool keeps none, the list is empty.',
  })
  @ApiOkResponse({ type: KeptTextsResponse })
  @ApiProblem(InvalidRequest, OrderNotFound)
  async ofOrder(
    @RequestedBy() by: Principal,
    @Param('reference') reference: string,
    @Query() query: KeptTextsQuery,
  ): Promise<KeptTextsResponse> {
    return KeptTextsResponse.from(await this.kept.ofOrder(by, reference, query));
  }
}
