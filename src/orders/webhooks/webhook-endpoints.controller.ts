import { Body, Controller, Delete, Get, HttpCode, Param, ParseUUIDPipe, Patch, Post, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';

import { AcceptsIdempotencyKey } from '../../platform/http/idempotency/accepts-idempotency-key.js';
import { answered } from '../../platform/http/idempotency/keyed-request.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import { RequestedBy, type KeyPrincipal } from '../../platform/http/authentication/principal.js';
import { NeedsScope } from '../../platform/http/authentication/route-access.js';
import { Expensive } from '../../platform/http/expensive.js';
import { readInstant } from '../../platform/http/instant.js';
import { PageQuery } from '../../platform/http/page.query.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import {
  AddWebhookEndpointRequest,
  ChangeWebhookEndpointRequest,
  ReplayRequest,
  RotateSecretRequest,
  WebhookAttemptResponse,
  WebhookAttemptsResponse,
  WebhookEndpointResponse,
  WebhookEndpointsResponse,
  WebhookEndpointWithSecretResponse,
} from './webhook-endpoints.dto.js';
import { WebhookEndpointsService } from './webhook-endpoints.service.js';
import { TooManyWebhookEndpoints, WebhookEndpointNotFound, WebhookUrlNotAllowed } from './webhooks.problems.js';

/** An invalid id is answered like an unknown one. */
const idPipe = new ParseUUIDPipe({ exceptionFactory: () => new WebhookEndpointNotFound() });
const AnId = () => ApiParam({ name: 'id', example: '6f1c2f5e-2f0a-4a57-9d6c-3f0f6a1f2b11' });

@ApiTags('webhooks')
@ApiProblem(MissingKey)
@Controller('v1/webhook-endpoints')
export class WebhookEndpointsController {
  constructor(private readonly endpoints: WebhookEndpointsService) {}

  @Post()
  @AcceptsIdempotencyKey()
  @NeedsScope('events')
  @ApiOperation({
    operationId: 'createWebhookEndpoint',
    summary: 'Add a webhook endpoint; it gets the events from now on',
    description: 'Store the `secret` of the response: it verifies the requests, and is shown only once.',
  })
  @ApiCreatedResponse({ type: WebhookEndpointWithSecretResponse })
  @ApiProblem(InvalidRequest, WebhookUrlNotAllowed, TooManyWebhookEndpoints)
  async add(
    @RequestedBy() by: KeyPrincipal,
    @Body() request: AddWebhookEndpointRequest,
  ): Promise<WebhookEndpointWithSecretResponse> {
    return answered(
      async () => this.endpoints.add(request, by),
      (shown) => WebhookEndpointWithSecretResponse.with(shown),
    );
  }

  @Get()
  @NeedsScope('events')
  @ApiOperation({ operationId: 'listWebhookEndpoints', summary: 'List all webhook endpoints, oldest first' })
  @ApiOkResponse({ type: WebhookEndpointsResponse })
  async list(): Promise<WebhookEndpointsResponse> {
    return { endpoints: (await this.endpoints.list()).map((endpoint) => WebhookEndpointResponse.from(endpoint)) };
  }

  @Get(':id')
  @NeedsScope('events')
  @ApiOperation({ operationId: 'getWebhookEndpoint', summary: 'Get a webhook endpoint' })
  @AnId()
  @ApiOkResponse({ type: WebhookEndpointResponse })
  @ApiProblem(WebhookEndpointNotFound)
  async find(@Param('id', idPipe) id: string): Promise<WebhookEndpointResponse> {
    return WebhookEndpointResponse.from(await this.endpoints.find(id));
  }

  @Patch(':id')
  @NeedsScope('events')
  @ApiOperation({
    operationId: 'changeWebhookEndpoint',
    summary: 'Change a webhook endpoint, disable it, or enable it again',
  })
  @AnId()
  @ApiOkResponse({ type: WebhookEndpointResponse })
  @ApiProblem(InvalidRequest, WebhookEndpointNotFound, WebhookUrlNotAllowed)
  async change(
    @RequestedBy() by: KeyPrincipal,
    @Param('id', idPipe) id: string,
    @Body() change: ChangeWebhookEndpointRequest,
  ): Promise<WebhookEndpointResponse> {
    return WebhookEndpointResponse.from(await this.endpoints.change(id, change, by));
  }

  @Delete(':id')
  @NeedsScope('events')
  @HttpCode(204)
  @ApiOperation({ operationId: 'deleteWebhookEndpoint', summary: 'Delete a webhook endpoint' })
  @AnId()
  @ApiNoContentResponse({ description: 'It gets no more events' })
  @ApiProblem(WebhookEndpointNotFound)
  async remove(@RequestedBy() by: KeyPrincipal, @Param('id', idPipe) id: string): Promise<void> {
    await this.endpoints.remove(id, by);
  }

  @Post(':id/test')
  @AcceptsIdempotencyKey()
  @NeedsScope('events')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'testWebhookEndpoint',
    summary: 'Send a test event (`webhook.test`) now, and say what came back',
    description:
      'Also to a disabled endpoint. If it is acknowledged, events that wait for their next attempt follow at once.',
  })
  @AnId()
  @ApiOkResponse({ type: WebhookAttemptResponse, description: 'The attempt, whether it succeeded or not' })
  @ApiProblem(WebhookEndpointNotFound)
  async test(@Param('id', idPipe) id: string): Promise<WebhookAttemptResponse> {
    return WebhookAttemptResponse.from(await this.endpoints.test(id));
  }

  @Post(':id/rotate-secret')
  @AcceptsIdempotencyKey()
  @NeedsScope('events')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'rotateWebhookSecret',
    summary: 'Replace the secret; both secrets sign for `overlapSeconds`',
  })
  @AnId()
  @ApiOkResponse({ type: WebhookEndpointWithSecretResponse })
  @ApiProblem(InvalidRequest, WebhookEndpointNotFound)
  async rotateSecret(
    @RequestedBy() by: KeyPrincipal,
    @Param('id', idPipe) id: string,
    @Body() { overlapSeconds, secret }: RotateSecretRequest,
  ): Promise<WebhookEndpointWithSecretResponse> {
    return answered(
      async () => this.endpoints.rotateSecret(id, overlapSeconds, secret, by),
      (shown) => WebhookEndpointWithSecretResponse.with(shown),
    );
  }

  @Get(':id/attempts')
  @NeedsScope('events')
  @ApiOperation({
    operationId: 'listWebhookAttempts',
    summary: 'List the attempts to send to a webhook endpoint, newest first',
  })
  @AnId()
  @ApiOkResponse({ type: WebhookAttemptsResponse })
  @ApiProblem(InvalidRequest, WebhookEndpointNotFound)
  async attempts(
    @Param('id', idPipe) id: string,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<WebhookAttemptsResponse> {
    const { attempts, nextCursor } = await this.endpoints.attempts(id, limit, cursor);
    return { attempts: attempts.map((attempt) => WebhookAttemptResponse.from(attempt)), nextCursor };
  }

  @Post(':id/replay')
  @AcceptsIdempotencyKey()
  @NeedsScope('events')
  @HttpCode(202)
  @Expensive()
  @ApiOperation({ operationId: 'replayWebhookEvents', summary: 'Send the events since an instant again' })
  @AnId()
  @ApiAcceptedResponse({ type: WebhookEndpointResponse })
  @ApiProblem(InvalidRequest, WebhookEndpointNotFound)
  async replay(
    @RequestedBy() by: KeyPrincipal,
    @Param('id', idPipe) id: string,
    @Body() { since }: ReplayRequest,
  ): Promise<WebhookEndpointResponse> {
    return answered(
      async () => this.endpoints.replay(id, readInstant(since)!, by),
      (endpoint) => WebhookEndpointResponse.from(endpoint),
    );
  }
}
