import { Controller, Get, Header, Res } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import { InjectDataSource } from '@nestjs/typeorm';
import type { FastifyReply } from 'fastify';
import type { DataSource } from 'typeorm';

import { Metrics } from '../observability/metrics.js';
import { NeedsNoKey } from './api-key.guard.js';
import { ApiProblem } from './api-problem.js';
import { MissingKey } from './request.problems.js';

const DATABASE_ANSWERS_WITHIN_MS = 2_000;

@ApiTags('health')
@Controller()
export class HealthController {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly metrics: Metrics,
  ) {}

  @Get('health/live')
  @NeedsNoKey()
  @ApiOperation({ summary: 'The process runs' })
  @ApiOkResponse({ schema: { example: { status: 'live' } } })
  live(): { status: string } {
    return { status: 'live' };
  }

  @Get('health/ready')
  @NeedsNoKey()
  @ApiOperation({ summary: 'The process can serve: its database answers' })
  @ApiOkResponse({ schema: { example: { status: 'ready', database: 'up' } } })
  @ApiServiceUnavailableResponse({ schema: { example: { status: 'not ready', database: 'down' } } })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<{ status: string; database: string }> {
    if (await this.databaseAnswers()) return { status: 'ready', database: 'up' };
    reply.status(503);
    return { status: 'not ready', database: 'down' };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'What the process measures, for Prometheus' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ schema: { type: 'string', example: 'maskline_pool_assignable{pool="default"} 18' } })
  @ApiProblem(MissingKey)
  async scrape(): Promise<string> {
    return this.metrics.registry.metrics();
  }

  private async databaseAnswers(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), DATABASE_ANSWERS_WITHIN_MS);
    });
    const answers = this.dataSource.query('SELECT 1').then(
      () => true,
      () => false,
    );
    return Promise.race([answers, late]).finally(() => clearTimeout(timer));
  }
}
