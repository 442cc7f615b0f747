import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { ApiProblem } from '../../platform/http/api-problem.js';
import { ForKeysOfPools, NeedsScope } from '../../platform/http/authentication/route-access.js';
import { pageOf, placeCursor, readPlace } from '../../platform/http/cursor-page.js';
import { Expensive } from '../../platform/http/expensive.js';
import { PageQuery } from '../../platform/http/page.query.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { PoolNotFound } from '../../virtual-numbers/pools/virtual-numbers.problems.js';
import { PurchaseResponse, PurchasesResponse } from './purchases.dto.js';
import { purchasesOf } from './purchases.queries.js';

@ApiTags('pools')
@ApiProblem(MissingKey)
@Controller('v1/pools/:name/purchases')
export class PurchasesController {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly pools: PoolsService,
  ) {}

  @Get()
  @NeedsScope('operate')
  @ForKeysOfPools()
  @Expensive()
  @ApiOperation({
    operationId: 'listPurchases',
    summary: 'List the purchases of numbers for the pool, with the step that each has reached, newest first',
  })
  @ApiParam({ name: 'name', example: 'default' })
  @ApiOkResponse({ type: PurchasesResponse })
  @ApiProblem(InvalidRequest, PoolNotFound)
  async list(@Param('name') name: string, @Query() { limit, cursor }: PageQuery): Promise<PurchasesResponse> {
    const behind = readPlace(cursor, 'uuid');
    const { id } = await this.pools.byName(name);
    const purchases = await purchasesOf(this.dataSource.manager, id, { behind, limit: limit + 1 });
    const { page, nextCursor } = pageOf(purchases, limit, (last) => placeCursor({ at: last.wantedAt, id: last.id }));
    return { purchases: page.map((purchase) => PurchaseResponse.from(purchase)), nextCursor };
  }
}
