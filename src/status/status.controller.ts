import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { Clock } from '../platform/clock/clock.js';
import { ApiProblem } from '../platform/http/api-problem.js';
import { maySeePool, RequestedBy, type KeyPrincipal } from '../platform/http/authentication/principal.js';
import { ForKeysOfPools, NeedsScope } from '../platform/http/authentication/route-access.js';
import { Expensive } from '../platform/http/expensive.js';
import { MissingKey } from '../platform/http/request.problems.js';
import { InstallationStatusResponse, PoolStatusResponse, StatusResponse } from './status.dto.js';
import { StatusService } from './status.service.js';

@ApiTags('status')
@ApiProblem(MissingKey)
@Controller('v1/status')
export class StatusController {
  constructor(
    private readonly status: StatusService,
    private readonly clock: Clock,
  ) {}

  @Get()
  @NeedsScope('operate')
  @ForKeysOfPools()
  @Expensive()
  @ApiOperation({
    operationId: 'getStatus',
    summary: 'What is going on now: live orders, calls a minute, spending, providers, and what is behind',
    description:
      'For people and consoles, which may ask every few seconds. For alerts use the metrics, which say the same.',
  })
  @ApiOkResponse({ type: StatusResponse })
  async get(@RequestedBy() by: KeyPrincipal): Promise<StatusResponse> {
    const pools = (await this.status.ofPools()).filter(({ pool }) => maySeePool(by, pool.name));
    const installation = by.pools === null ? await this.status.installation() : null;
    return {
      at: this.clock.now(),
      pools: pools.map((pool) => PoolStatusResponse.from(pool)),
      installation: installation && InstallationStatusResponse.from(installation),
    };
  }
}
