import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProperty, ApiTags } from '@nestjs/swagger';

import { Expensive } from '../../platform/http/expensive.js';
import type { E164 } from '../../phone-number/e164.js';
import { addSeconds } from '../../platform/clock/clock.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import { ForKeysOfPools, NeedsScope } from '../../platform/http/authentication/route-access.js';
import { MissingKey } from '../../platform/http/request.problems.js';
import { NUMBER_STATUSES, type NumberStatus } from '../../virtual-numbers/number-status.js';
import { NumberNotFound, PoolNotFound } from '../../virtual-numbers/pools/virtual-numbers.problems.js';
import { NumberHealthService, REST_SECONDS, type NumberHealth } from './number-health.service.js';

export class CallsResponse {
  @ApiProperty({
    example: 40,
    description: 'Calls of the last 24 hours that were connected and whose outcome is known',
  })
  calls: number;
  @ApiProperty({ example: 30 }) answered: number;
  @ApiProperty({ example: 2, description: 'Answered calls that lasted less than 6 seconds' }) short: number;
  @ApiProperty({ example: 1 }) failed: number;
}

export class NumberHealthResponse {
  @ApiProperty({ type: String, example: '+918047000001' }) number: E164;
  @ApiProperty({ enum: NUMBER_STATUSES }) status: NumberStatus;
  @ApiProperty({ type: CallsResponse, description: 'Calls through this number' }) calls: CallsResponse;
  @ApiProperty({ type: CallsResponse, description: "Calls through the pool's other numbers" }) pool: CallsResponse;
  @ApiProperty({
    type: String,
    nullable: true,
    example: '10 % of its calls are answered, 78 % of the pool’s.',
    description: 'Why the number is now worse than its pool; null if it is not',
  })
  sickBecause: string | null;
  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Why the number was put to rest; null if it was not',
  })
  restedBecause: string | null;
  @ApiProperty({
    type: Date,
    nullable: true,
    example: null,
    description: 'When the number takes new orders again; null unless it is resting',
  })
  restsUntil: Date | null;
  @ApiProperty({
    type: Date,
    nullable: true,
    example: null,
    description: 'Automatic resting is disabled until then, because an operator resumed the number',
  })
  overruledUntil: Date | null;

  static from({ number: row, calls, pool, sickBecause }: NumberHealth): NumberHealthResponse {
    const { number, status, restedBecause, restedAt, overruledUntil } = row;
    const restsUntil = status === 'resting' && restedAt ? addSeconds(restedAt, REST_SECONDS) : null;
    return { number, status, calls, pool, sickBecause, restedBecause, restsUntil, overruledUntil };
  }
}

export class NumbersHealthResponse {
  @ApiProperty({
    type: [NumberHealthResponse],
    description: 'Those with calls in the last 24 hours, and those that rest',
  })
  numbers: NumberHealthResponse[];
}

@ApiTags('numbers')
@ApiProblem(MissingKey)
@Controller('v1/numbers/:number/health')
export class NumberHealthController {
  constructor(private readonly health: NumberHealthService) {}

  @Get()
  @NeedsScope('operate')
  @ForKeysOfPools()
  @Expensive()
  @ApiOperation({
    operationId: 'getNumberHealth',
    summary: 'Compare the calls through this number with those of its pool',
  })
  @ApiParam({ name: 'number', example: '+918047000001' })
  @ApiOkResponse({ type: NumberHealthResponse })
  @ApiProblem(NumberNotFound)
  async of(@Param('number') number: string): Promise<NumberHealthResponse> {
    return NumberHealthResponse.from(await this.health.of(number));
  }
}

@ApiTags('pools')
@ApiProblem(MissingKey)
@Controller('v1/pools/:name/number-health')
export class PoolNumberHealthController {
  constructor(private readonly health: NumberHealthService) {}

  @Get()
  @NeedsScope('operate')
  @ForKeysOfPools()
  @Expensive()
  @ApiOperation({
    operationId: 'listNumberHealth',
    summary: "Compare the calls through each of the pool's numbers with those of the others",
  })
  @ApiParam({ name: 'name', example: 'default' })
  @ApiOkResponse({ type: NumbersHealthResponse })
  @ApiProblem(PoolNotFound)
  async ofPool(@Param('name') name: string): Promise<NumbersHealthResponse> {
    return { numbers: (await this.health.ofPool(name)).map((one) => NumberHealthResponse.from(one)) };
  }
}
