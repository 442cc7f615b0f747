import { Body, Controller, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { ApiProblem } from '../../platform/http/api-problem.js';
import { RequestedBy, type KeyPrincipal } from '../../platform/http/authentication/principal.js';
import { ForKeysOfPools, NeedsScope } from '../../platform/http/authentication/route-access.js';
import { Expensive } from '../../platform/http/expensive.js';
import { PageQuery } from '../../platform/http/page.query.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import { SearchRequest, SearchResponse } from './search.dto.js';
import { SearchByOne } from './search.problems.js';
import { SearchService } from './search.service.js';

@ApiTags('support')
@ApiProblem(MissingKey)
@Controller('v1/search')
export class SearchController {
  constructor(private readonly search: SearchService) {}

  /** A POST although it changes nothing, so that no phone is in a URL. */
  @Post()
  @NeedsScope('support')
  @ForKeysOfPools()
  @HttpCode(200)
  @Expensive()
  @ApiOperation({
    operationId: 'findOrders',
    summary: 'Find orders, open and ended, by a phone, a reference, a virtual number or a call; audited',
    description:
      'Send exactly one of the fields. Orders whose quarantine is over contain no phone, so they cannot be found by one. Nothing found is an empty list.',
  })
  @ApiOkResponse({ type: SearchResponse })
  @ApiProblem(InvalidRequest, SearchByOne)
  async find(
    @RequestedBy() by: KeyPrincipal,
    @Query() { limit, cursor }: PageQuery,
    @Body() request: SearchRequest,
  ): Promise<SearchResponse> {
    return SearchResponse.from(await this.search.find(by, request, { limit, cursor }), by);
  }
}
