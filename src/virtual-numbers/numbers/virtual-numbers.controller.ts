import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';

import { Expensive } from '../../platform/http/expensive.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
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
@ApiBearerAuth()
@ApiProblem(MissingKey)
@Controller('v1/numbers')
export class VirtualNumbersController {
  constructor(
    private readonly numbers: VirtualNumbersService,
    private readonly imports: NumberImportService,
    private readonly pools: PoolsService,
  ) {}

  @Get()
  @Expensive()
  @ApiOperation({ summary: 'The numbers we rent, and what they hold' })
  @ApiOkResponse({ type: NumbersResponse })
  @ApiProblem(InvalidRequest, PoolNotFound)
  async list(@Query() { pool, status, limit, cursor }: ListNumbersQuery): Promise<NumbersResponse> {
    const { numbers, nextCursor } = await this.numbers.list({ pool, status }, limit, cursor);
    return { numbers: await this.describe(numbers), nextCursor };
  }

  @Post('import')
  @ApiOperation({ summary: 'Put numbers that the account already owns into a pool; their flow must ask us' })
  @ApiCreatedResponse({ type: NumbersResponse })
  @ApiProblem(InvalidRequest, PoolNotFound, UnusableVirtualNumbers)
  async import(@Body() { pool, numbers }: ImportNumbersRequest): Promise<NumbersResponse> {
    return { numbers: await this.describe(await this.imports.import(pool, numbers)), nextCursor: null };
  }

  @Post(':number/drain')
  @HttpCode(200)
  @ApiOperation({ summary: 'Take no new order on this number; what it holds goes on' })
  @ApiParam({ name: 'number', example: '+918047000001' })
  @ApiOkResponse({ type: NumberResponse })
  @ApiProblem(NumberNotFound, NumberRetired)
  async drain(@Param('number') number: string): Promise<NumberResponse> {
    return (await this.describe([await this.numbers.drain(number)]))[0]!;
  }

  @Post(':number/resume')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Let a draining or resting number take orders again; a rested one is then left in peace for a week',
  })
  @ApiParam({ name: 'number', example: '+918047000001' })
  @ApiOkResponse({ type: NumberResponse })
  @ApiProblem(NumberNotFound, NumberRetired)
  async resume(@Param('number') number: string): Promise<NumberResponse> {
    return (await this.describe([await this.numbers.resume(number)]))[0]!;
  }

  @Post(':number/retire')
  @HttpCode(200)
  @ApiOperation({ summary: 'Take this number out of use; refused while anybody may still dial it' })
  @ApiParam({ name: 'number', example: '+918047000001' })
  @ApiOkResponse({ type: NumberResponse })
  @ApiProblem(NumberNotFound, NumberInUse)
  async retire(@Param('number') number: string): Promise<NumberResponse> {
    return (await this.describe([await this.numbers.retire(number)]))[0]!;
  }

  private async describe(rows: readonly VirtualNumber[]): Promise<NumberResponse[]> {
    const names = await this.pools.names();
    return rows.map((row) => NumberResponse.from(row, names.get(row.poolId)!));
  }
}
