import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';

import { AcceptsIdempotencyKey } from '../../platform/http/idempotency/accepts-idempotency-key.js';
import { AuditService } from '../../platform/audit/audit.service.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import { RequestedBy, type Principal } from '../../platform/http/authentication/principal.js';
import { ForKeysOfPools, NeedsScope } from '../../platform/http/authentication/route-access.js';
import { MissingKey } from '../../platform/http/request.problems.js';
import { PoolLowQueue } from '../../virtual-numbers/pools/pool-low.queue.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { PoolNotFound } from '../../virtual-numbers/pools/virtual-numbers.problems.js';

export class ReplenishResponse {
  @ApiProperty({ example: 'default' }) pool: string;
}

@ApiTags('pools')
@ApiProblem(MissingKey)
@Controller('v1/pools/:name/replenish')
export class ReplenishmentController {
  constructor(
    private readonly pools: PoolsService,
    private readonly poolLow: PoolLowQueue,
    private readonly audit: AuditService,
  ) {}

  @Post()
  @AcceptsIdempotencyKey()
  @NeedsScope('operate')
  @ForKeysOfPools()
  @HttpCode(202)
  @ApiOperation({
    operationId: 'replenishPool',
    summary: 'Run a replenishment round for the pool now, with a fresh list of the provider',
  })
  @ApiAcceptedResponse({ type: ReplenishResponse })
  @ApiProblem(PoolNotFound)
  async replenish(@RequestedBy() by: Principal, @Param('name') name: string): Promise<ReplenishResponse> {
    const { id } = await this.pools.byName(name);
    await this.audit.record(by, { what: 'pools.replenish', about: name });
    await this.poolLow.announceInventory(id);
    return { pool: name };
  }
}
