import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import { AcceptsIdempotencyKey } from '../../platform/http/idempotency/accepts-idempotency-key.js';
import { answered } from '../../platform/http/idempotency/keyed-request.js';
import { AuditService } from '../../platform/audit/audit.service.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import { BeyondOwnKey } from '../../platform/keys/keys.problems.js';
import { RequestedBy, type KeyPrincipal } from '../../platform/http/authentication/principal.js';
import { NeedsScope } from '../../platform/http/authentication/route-access.js';
import { readInstant } from '../../platform/http/instant.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import {
  EndRestorationRequest,
  RestorationResponse,
  StateRestorationRequest,
  UnconfirmedOrdersQuery,
  UnconfirmedOrdersResponse,
} from './restoration.dto.js';
import { RestorationService } from './restoration.service.js';

@ApiTags('restoration')
@ApiProblem(MissingKey)
@Controller('v1/restoration')
export class RestorationController {
  constructor(
    private readonly restoration: RestorationService,
    private readonly audit: AuditService,
  ) {}

  @Get()
  @NeedsScope('operate')
  @ApiOperation({
    operationId: 'getRestoration',
    summary: 'Get what is in doubt since the database was restored, and what to do',
  })
  @ApiOkResponse({ type: RestorationResponse })
  async find(): Promise<RestorationResponse> {
    return RestorationResponse.from(await this.restoration.doubt());
  }

  @Get('orders')
  @NeedsScope('operate')
  @ApiOperation({ operationId: 'listUnconfirmedOrders', summary: 'List the unconfirmed orders, page by page' })
  @ApiOkResponse({ type: UnconfirmedOrdersResponse })
  @ApiProblem(InvalidRequest)
  async orders(@Query() { limit, after }: UnconfirmedOrdersQuery): Promise<UnconfirmedOrdersResponse> {
    return { references: await this.restoration.unconfirmed(limit, after ?? null) };
  }

  @Post()
  @AcceptsIdempotencyKey()
  @NeedsScope('operate')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'declareRestoration',
    summary: 'Say that the database was restored',
    description:
      'Only needed if Maskline did not recognise it. **Calls of all open orders, and all API keys but those of API_KEY, are refused from then on**, until the orders are placed again and the keys are confirmed.',
  })
  @ApiOkResponse({ type: RestorationResponse })
  @ApiProblem(InvalidRequest)
  async state(
    @RequestedBy() by: KeyPrincipal,
    @Body() { contentUntil }: StateRestorationRequest,
  ): Promise<RestorationResponse> {
    await this.audit.record(by, { what: 'restorations.state', details: { after: { contentUntil } } });
    const until = contentUntil === undefined ? null : readInstant(contentUntil);
    return answered(
      async () => this.restoration.state(until),
      async (_, tx) => RestorationResponse.from(await this.restoration.doubt(tx)),
    );
  }

  @Post('end')
  @AcceptsIdempotencyKey()
  @NeedsScope('operate')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'endRestoration',
    summary: 'Say that nothing was lost',
    description:
      'Confirms all orders and keys (a key that waits needs what `POST /v1/keys/{id}/confirm` does), enables webhook endpoints, and lets all numbers take orders at once. **If anything was lost, calls reach the wrong people from then on.**',
  })
  @ApiOkResponse({ type: RestorationResponse })
  @ApiProblem(InvalidRequest, BeyondOwnKey)
  async end(
    @RequestedBy() by: KeyPrincipal,
    @Body() { nothingWasLost }: EndRestorationRequest,
  ): Promise<RestorationResponse> {
    return answered(
      async () => (nothingWasLost ? this.restoration.end(by) : undefined),
      async (_, tx) => RestorationResponse.from(await this.restoration.doubt(tx)),
    );
  }
}
