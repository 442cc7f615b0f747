import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';

import { ApiProblem } from '../../platform/http/api-problem.js';
import { ForKeysOfPools, NeedsScope } from '../../platform/http/authentication/route-access.js';
import { Expensive } from '../../platform/http/expensive.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import { ChangePolicyRequest } from '../../virtual-numbers/pools/pools.dto.js';
import {
  PoolNotFound,
  ProviderNotSetUp,
  TextsUnavailable,
  UnsoundPolicy,
} from '../../virtual-numbers/pools/virtual-numbers.problems.js';
import { PolicyPreviewResponse } from './policy-preview.dto.js';
import { PolicyPreviewService } from './policy-preview.service.js';

@ApiTags('pools')
@ApiProblem(MissingKey)
@Controller('v1/pools/:name/policy-preview')
export class PolicyPreviewController {
  constructor(private readonly previews: PolicyPreviewService) {}

  @Post()
  @NeedsScope('operate')
  @ForKeysOfPools()
  @HttpCode(200)
  @Expensive()
  @ApiOperation({
    operationId: 'previewPolicy',
    summary: "Say what a change of the pool's policy would do, in numbers and in words",
    description: 'Takes what `PATCH /v1/pools/{name}` takes, refuses what it refuses, and changes nothing.',
  })
  @ApiParam({ name: 'name', example: 'default' })
  @ApiOkResponse({ type: PolicyPreviewResponse })
  @ApiProblem(InvalidRequest, PoolNotFound, UnsoundPolicy, TextsUnavailable, ProviderNotSetUp)
  async preview(@Param('name') name: string, @Body() change: ChangePolicyRequest): Promise<PolicyPreviewResponse> {
    return PolicyPreviewResponse.from(name, await this.previews.preview(name, change));
  }
}
