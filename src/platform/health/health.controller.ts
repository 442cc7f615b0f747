import { Controller, Get, Header, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { Metrics } from '../observability/metrics.js';
import { Readiness, type State, type Work } from '../observability/readiness.js';
import { NeedsScope, OpenToAnybody } from '../http/authentication/route-access.js';
import { ApiProblem } from '../http/api-problem.js';
import { MissingKey } from '../http/request.problems.js';

interface ReadyResponse {
  readonly status: State['status'];
  /** What this process does now: decide `calls`, and serve `orders` and everything else of the API. */
  readonly works: readonly Work[];
  readonly database: 'up' | 'down';
  /** By check: `up`, or what does not work. */
  readonly checks: Readonly<Record<string, string>>;
}

const READY_SCHEMA = {
  type: 'object',
  required: ['status', 'works', 'database', 'checks'],
  properties: {
    status: { type: 'string', enum: ['ready', 'degraded', 'not ready', 'stopping'] },
    works: { type: 'array', items: { type: 'string', enum: ['calls', 'orders'] } },
    database: { type: 'string', enum: ['up', 'down'] },
    checks: { type: 'object', additionalProperties: { type: 'string' } },
  },
};

@ApiTags('health')
@Controller()
export class HealthController {
  constructor(
    private readonly readiness: Readiness,
    private readonly metrics: Metrics,
  ) {}

  @Get('health/live')
  @OpenToAnybody()
  @ApiOperation({ operationId: 'checkLiveness', summary: 'Check whether the process runs' })
  @ApiOkResponse({
    schema: { type: 'object', required: ['status'], properties: { status: { type: 'string', enum: ['live'] } } },
  })
  live(): { status: string } {
    return { status: 'live' };
  }

  @Get('health/ready')
  @OpenToAnybody()
  @ApiOperation({
    operationId: 'checkReadiness',
    summary: 'Check whether the process can serve requests, and if not, why',
  })
  @ApiOkResponse({
    description: '`degraded`: calls are decided, and something else does not work; `works` says what does',
    schema: {
      ...READY_SCHEMA,
      example: { status: 'ready', works: ['calls', 'orders'], database: 'up', checks: { database: 'up' } },
    },
  })
  @ApiServiceUnavailableResponse({
    description: '`not ready`: nothing works; `stopping`: the process still answers, but send requests elsewhere',
    schema: {
      ...READY_SCHEMA,
      example: { status: 'not ready', works: [], database: 'down', checks: { database: 'read-only' } },
    },
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadyResponse> {
    const { status, works, wrong } = await this.readiness.ask();
    if (status === 'not ready' || status === 'stopping') reply.status(503);
    return {
      status,
      works,
      database: (wrong['database'] ?? null) === null ? 'up' : 'down',
      checks: Object.fromEntries(Object.entries(wrong).map(([check, what]) => [check, what ?? 'up'])),
    };
  }

  @Get('metrics')
  @NeedsScope('metrics')
  @Header('content-type', 'text/plain; version=0.0.4')
  @ApiOperation({ operationId: 'getMetrics', summary: 'Metrics of this process, for Prometheus' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ schema: { type: 'string', example: 'maskline_pool_assignable{pool="default"} 18' } })
  @ApiProblem(MissingKey)
  async scrape(): Promise<string> {
    return this.metrics.scrape();
  }
}
