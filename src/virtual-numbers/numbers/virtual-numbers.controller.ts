import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { EntityManager } from 'typeorm';

import { AcceptsIdempotencyKey } from '../../platform/http/idempotency/accepts-idempotency-key.js';
import { answered } from '../../platform/http/idempotency/keyed-request.js';
import { Expensive } from '../../platform/http/expensive.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import {
  maySeePool,
  RequestedBy,
  type KeyPrincipal,
  type Principal,
} from '../../platform/http/authentication/principal.js';
import { ForKeysOfPools, NeedsScope } from '../../platform/http/authentication/route-access.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import { NumberImportService } from './number-import.service.js';
import { PoolsService } from '../pools/pools.service.js';
import type { VirtualNumber } from '../pools/virtual-number.entity.js';
import { ImportNumbersRequest, ListNumbersQuery, NumberResponse, NumbersResponse } from './virtual-numbers.dto.js';
import {
  NumberInUse,
  NumberNotFound,
  NumberRetired,
  PoolNotFound,
  UnusableVirtualNumbers,
} from '../pools/virtual-numbers.problems.js';
import { VirtualNumbersService } from './virtual-numbers.service.js';

@ApiTags('numbers')
@ApiProblem(MissingKey)
@Controller('v1/numbers')
export class VirtualNumbersController {
  constructor(
    private readonly numbers: VirtualNumbersService,
    private readonly imports: NumberImportService,
    private readonly pools: PoolsService,
  ) {}

  @Get()
  @NeedsScope('operate')
  @ForKeysOfPools()
  @Expensive()
  @ApiOperation({ operationId: 'listNumbers', summary: 'List virtual numbers, with what they serve' })
  @ApiOkResponse({ type: NumbersResponse })
  @ApiProblem(InvalidRequest, PoolNotFound)
  async list(
    @RequestedBy() by: KeyPrincipal,
    @Query() { pool, status, limit, cursor }: ListNumbersQuery,
  ): Promise<NumbersResponse> {
    if (pool !== undefined && !maySeePool(by, pool)) throw new PoolNotFound();
    const { numbers, nextCursor } = await this.numbers.list({ pool, pools: by.pools, status }, limit, cursor);
    return { numbers: await this.describe(numbers), nextCursor };
  }

  @Post('import')
  @AcceptsIdempotencyKey()
  @NeedsScope('operate')
  @ForKeysOfPools()
  @ApiOperation({
    operationId: 'importNumbers',
    summary: 'Import numbers you already own',
    description: 'Their call flow must already point to Maskline.',
  })
  @ApiCreatedResponse({ type: NumbersResponse })
  @ApiProblem(InvalidRequest, PoolNotFound, UnusableVirtualNumbers)
  async import(
    @RequestedBy() by: KeyPrincipal,
    @Body() { pool, numbers }: ImportNumbersRequest,
  ): Promise<NumbersResponse> {
    if (!maySeePool(by, pool)) throw new PoolNotFound();
    return answered(
      async () => this.imports.import(pool, numbers, by),
      async (imported, tx) => ({ numbers: await this.describe(imported, tx), nextCursor: null }),
    );
  }

  @Post(':number/drain')
  @AcceptsIdempotencyKey()
  @NeedsScope('operate')
  @ForKeysOfPools()
  @HttpCode(200)
  @ApiOperation({ operationId: 'drainNumber', summary: 'Drain a number: it serves its orders and takes no new ones' })
  @ApiParam({ name: 'number', example: '+918047000001' })
  @ApiOkResponse({ type: NumberResponse })
  @ApiProblem(NumberNotFound, NumberRetired)
  async drain(@RequestedBy() by: Principal, @Param('number') number: string): Promise<NumberResponse> {
    return this.changed(async () => this.numbers.drain(number, by));
  }

  @Post(':number/resume')
  @AcceptsIdempotencyKey()
  @NeedsScope('operate')
  @ForKeysOfPools()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'resumeNumber',
    summary: 'Resume a draining, resting or withheld number',
    description:
      'Also disables automatic resting of this number for 7 days. Resume a withheld number only if nobody can have got it since the backup.',
  })
  @ApiParam({ name: 'number', example: '+918047000001' })
  @ApiOkResponse({ type: NumberResponse })
  @ApiProblem(NumberNotFound, NumberRetired)
  async resume(@RequestedBy() by: Principal, @Param('number') number: string): Promise<NumberResponse> {
    return this.changed(async () => this.numbers.resume(number, by));
  }

  @Post(':number/retire')
  @AcceptsIdempotencyKey()
  @NeedsScope('operate')
  @ForKeysOfPools()
  @HttpCode(200)
  @ApiOperation({ operationId: 'retireNumber', summary: 'Retire a number; refused while somebody may still dial it' })
  @ApiParam({ name: 'number', example: '+918047000001' })
  @ApiOkResponse({ type: NumberResponse })
  @ApiProblem(NumberNotFound, NumberInUse)
  async retire(@RequestedBy() by: Principal, @Param('number') number: string): Promise<NumberResponse> {
    return this.changed(async () => this.numbers.retire(number, by));
  }

  private async changed(change: () => Promise<VirtualNumber>): Promise<NumberResponse> {
    return answered(change, async (row, tx) => (await this.describe([row], tx))[0]!);
  }

  private async describe(rows: readonly VirtualNumber[], tx?: EntityManager): Promise<NumberResponse[]> {
    const names = await this.pools.names(tx);
    return rows.map((row) => NumberResponse.from(row, names.get(row.poolId)!));
  }
}
