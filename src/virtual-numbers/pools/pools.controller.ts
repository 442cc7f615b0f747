import { Body, Controller, Get, Param, Patch, Post, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { AcceptsIdempotencyKey } from '../../platform/http/idempotency/accepts-idempotency-key.js';
import { answered } from '../../platform/http/idempotency/keyed-request.js';
import { Expensive } from '../../platform/http/expensive.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import { LimitedToPools } from '../../platform/http/authentication/access.problems.js';
import {
  maySeePool,
  RequestedBy,
  type KeyPrincipal,
  type Principal,
} from '../../platform/http/authentication/principal.js';
import { ForKeysOfPools, NeedsScope } from '../../platform/http/authentication/route-access.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import { ChangePolicyRequest, OpenPoolRequest, PoolResponse, PoolsResponse } from './pools.dto.js';
import { PoolsService } from './pools.service.js';
import {
  NumbersBusy,
  PoolNameTaken,
  PoolNotFound,
  ProviderNotSetUp,
  TextsUnavailable,
  UnsoundPolicy,
} from './virtual-numbers.problems.js';

@ApiTags('pools')
@ApiProblem(MissingKey)
@Controller('v1/pools')
export class PoolsController {
  constructor(private readonly pools: PoolsService) {}

  @Get()
  @NeedsScope('operate')
  @ForKeysOfPools()
  @Expensive()
  @ApiOperation({ operationId: 'listPools', summary: 'List all pools, with policy and level' })
  @ApiOkResponse({ type: PoolsResponse })
  async list(@RequestedBy() by: KeyPrincipal): Promise<PoolsResponse> {
    const pools = (await this.pools.list()).filter(({ pool }) => maySeePool(by, pool.name));
    return { pools: pools.map((pool) => PoolResponse.from(pool)) };
  }

  @Get(':name')
  @NeedsScope('operate')
  @ForKeysOfPools()
  @ApiOperation({ operationId: 'getPool', summary: 'Get a pool, with policy and level' })
  @ApiOkResponse({ type: PoolResponse })
  @ApiProblem(PoolNotFound)
  async find(@Param('name') name: string): Promise<PoolResponse> {
    return PoolResponse.from(await this.pools.find(name));
  }

  @Post()
  @AcceptsIdempotencyKey()
  @NeedsScope('operate')
  @ForKeysOfPools()
  @ApiOperation({ operationId: 'openPool', summary: 'Open a pool; Maskline buys its first numbers at once' })
  @ApiCreatedResponse({ type: PoolResponse })
  @ApiProblem(InvalidRequest, PoolNameTaken, UnsoundPolicy, TextsUnavailable, ProviderNotSetUp)
  async open(
    @RequestedBy() by: KeyPrincipal,
    @Body() request: OpenPoolRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PoolResponse> {
    if (!maySeePool(by, request.name)) {
      throw new LimitedToPools('This key is limited to pools, and can open only those that it names.');
    }
    return answered(
      async () => this.pools.open(request, by),
      (opened) => {
        reply.header('location', `/v1/pools/${opened.pool.name}`);
        return PoolResponse.from(opened);
      },
    );
  }

  @Patch(':name')
  @NeedsScope('operate')
  @ForKeysOfPools()
  @ApiOperation({
    operationId: 'changePool',
    summary: "Change a pool's policy",
    description: 'Running orders keep their times; calls follow the new policy at once.',
  })
  @ApiOkResponse({ type: PoolResponse })
  @ApiProblem(InvalidRequest, PoolNotFound, UnsoundPolicy, TextsUnavailable, NumbersBusy)
  async changePolicy(
    @RequestedBy() by: Principal,
    @Param('name') name: string,
    @Body() change: ChangePolicyRequest,
  ): Promise<PoolResponse> {
    return PoolResponse.from(await this.pools.changePolicy(name, change, by));
  }
}
