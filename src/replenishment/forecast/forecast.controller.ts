import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';

import { Expensive } from '../../platform/http/expensive.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import { ForKeysOfPools, NeedsScope } from '../../platform/http/authentication/route-access.js';
import { MissingKey } from '../../platform/http/request.problems.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { PoolNotFound } from '../../virtual-numbers/pools/virtual-numbers.problems.js';
import { ForecastResponse } from './forecast.dto.js';
import { ForecastService } from './forecast.service.js';

@ApiTags('pools')
@ApiProblem(MissingKey)
@Controller('v1/pools/:name/forecast')
export class ForecastController {
  constructor(
    private readonly pools: PoolsService,
    private readonly forecasts: ForecastService,
  ) {}

  @Get()
  @NeedsScope('operate')
  @ForKeysOfPools()
  @Expensive()
  @ApiOperation({
    operationId: 'getForecast',
    summary: 'Forecast of the numbers that the pool will need, with the reason',
  })
  @ApiParam({ name: 'name', example: 'default' })
  @ApiOkResponse({ type: ForecastResponse })
  @ApiProblem(PoolNotFound)
  async forecast(@Param('name') name: string): Promise<ForecastResponse> {
    const { pool, level } = await this.pools.find(name);
    return ForecastResponse.from(pool, await this.forecasts.forecast(pool, level, await this.forecasts.coming(level)));
  }
}
