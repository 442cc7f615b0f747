import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { ApiProblem } from '../../platform/http/api-problem.js';
import { ForKeysOfPools, NeedsScope } from '../../platform/http/authentication/route-access.js';
import { RequestedBy, type Principal } from '../../platform/http/authentication/principal.js';
import { Expensive } from '../../platform/http/expensive.js';
import { readInstant } from '../../platform/http/instant.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import { ExplainRequest, ExplanationResponse } from './explain.dto.js';
import { ExplainService } from './explain.service.js';

@ApiTags('support')
@ApiProblem(MissingKey)
@Controller('v1/routing/explain')
export class ExplainController {
  constructor(private readonly explanations: ExplainService) {}

  /** A POST although it changes nothing, so that no phone is in a URL. */
  @Post()
  @NeedsScope('support')
  @ForKeysOfPools()
  @HttpCode(200)
  @Expensive({ sharesStatements: true })
  @ApiOperation({
    operationId: 'explainCall',
    summary: 'Explain why a call connects or is refused, now or at a time in the past; audited',
  })
  @ApiOkResponse({ type: ExplanationResponse })
  @ApiProblem(InvalidRequest)
  async explain(@RequestedBy() by: Principal, @Body() { from, to, at }: ExplainRequest): Promise<ExplanationResponse> {
    const asked = { from, to, at: at === undefined ? null : readInstant(at) };
    return ExplanationResponse.from(await this.explanations.explain(by, asked));
  }
}
