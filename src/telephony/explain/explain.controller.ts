import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';

import { OrderNotFound, ParticipantNotFound } from '../../orders/order/orders.problems.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import { ForKeysOfPools, NeedsScope } from '../../platform/http/authentication/route-access.js';
import { RequestedBy, type Principal } from '../../platform/http/authentication/principal.js';
import { Expensive } from '../../platform/http/expensive.js';
import { readInstant } from '../../platform/http/instant.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import { EXPLAIN_EXAMPLES, ExplainRequest, ExplanationResponse, OrderExplanationResponse } from './explain.dto.js';
import { ExplainService } from './explain.service.js';
import { OrderExplanationService } from './order-explanation.service.js';

@ApiTags('support')
@ApiProblem(MissingKey)
@ApiExtraModels(ExplanationResponse, OrderExplanationResponse)
@Controller('v1/routing/explain')
export class ExplainController {
  constructor(
    private readonly explanations: ExplainService,
    private readonly ofOrders: OrderExplanationService,
  ) {}

  /** A POST although it changes nothing, so that no phone is in a URL. */
  @Post()
  @NeedsScope('support')
  @ForKeysOfPools()
  @HttpCode(200)
  @Expensive({ sharesStatements: true })
  @ApiBody({ type: ExplainRequest, examples: EXPLAIN_EXAMPLES })
  @ApiOperation({
    operationId: 'explainCall',
    summary: 'Explain why a call connects or is refused, now or in the past, or every call of an order; audited',
    description:
      'With `from` and `to`, one call is explained. With `reference`, every call and text of that order, and those of unknown callers that may be theirs.',
  })
  @ApiOkResponse({
    schema: {
      oneOf: [{ $ref: getSchemaPath(ExplanationResponse) }, { $ref: getSchemaPath(OrderExplanationResponse) }],
    },
  })
  @ApiProblem(InvalidRequest, OrderNotFound, ParticipantNotFound)
  async explain(
    @RequestedBy() by: Principal,
    @Body() { from, to, at, reference, role }: ExplainRequest,
  ): Promise<ExplanationResponse | OrderExplanationResponse> {
    if (reference === undefined) {
      const asked = { from: from!, to: to!, at: at === undefined ? null : readInstant(at) };
      return ExplanationResponse.from(await this.explanations.explain(by, asked));
    }
    return OrderExplanationResponse.from(await this.ofOrders.explain(by, reference, role ?? null));
  }
}
