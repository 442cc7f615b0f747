import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { InjectDataSource } from '@nestjs/typeorm';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import type { DataSource } from 'typeorm';

import { Expensive } from '../../platform/http/expensive.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import { ForKeysOfPools, NeedsScope } from '../../platform/http/authentication/route-access.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import { PROVIDER_FORMAT, type ProviderName } from '../../virtual-numbers/provider-name.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { PoolNotFound } from '../../virtual-numbers/pools/virtual-numbers.problems.js';
import { SUPPLY_EVENTS, type SupplyEvent, type SupplyEventKind } from './supply-event.entity.js';
import { eventsOf } from './supply-events.queries.js';

export class SupplyEventsQuery {
  @ApiProperty({ type: 'integer', required: false, default: 50, minimum: 1, maximum: 500 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(500)
  limit: number = 50;
}

export class SupplyEventResponse {
  @ApiProperty({ enum: SUPPLY_EVENTS }) kind: SupplyEventKind;
  @ApiProperty({ type: String, format: PROVIDER_FORMAT, nullable: true }) provider: ProviderName | null;
  @ApiProperty({ example: 'Pool default has reached 80 % of its 100 numbers.' }) detail: string;
  @ApiProperty({ example: '2026-11-22T06:05:00.000Z' }) at: Date;

  static from({ kind, provider, detail, at }: Omit<SupplyEvent, 'id' | 'poolId'>): SupplyEventResponse {
    return { kind, provider, detail, at };
  }
}

export class SupplyEventsResponse {
  @ApiProperty({ type: [SupplyEventResponse], description: 'Newest first' }) events: SupplyEventResponse[];
}

@ApiTags('pools')
@ApiProblem(MissingKey)
@Controller('v1/pools/:name/events')
export class SupplyEventsController {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly pools: PoolsService,
  ) {}

  @Get()
  @NeedsScope('operate')
  @ForKeysOfPools()
  @Expensive()
  @ApiOperation({
    operationId: 'listSupplyEvents',
    summary: 'Supply alerts for a pool: budgets, lost numbers, providers in trouble',
  })
  @ApiOkResponse({ type: SupplyEventsResponse })
  @ApiProblem(InvalidRequest, PoolNotFound)
  async list(@Param('name') name: string, @Query() { limit }: SupplyEventsQuery): Promise<SupplyEventsResponse> {
    const { id, provider, alternativeProvider } = await this.pools.byName(name);
    const events = await eventsOf(this.dataSource.manager, id, [provider, alternativeProvider], limit);
    return { events: events.map((event) => SupplyEventResponse.from(event)) };
  }
}
