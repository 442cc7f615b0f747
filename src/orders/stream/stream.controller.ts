import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiProduces, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsOptional } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { ApiProblem } from '../../platform/http/api-problem.js';
import { RequestedBy, type KeyPrincipal } from '../../platform/http/authentication/principal.js';
import { ForKeysOfPools, NeedsScope } from '../../platform/http/authentication/route-access.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import { EVENT_STREAM } from '../../platform/http/server/event-stream.js';
import { EVERY_TYPE, TYPE_CHOICES } from '../feed/event-types.js';
import { POOL_CHANGED, SEES_CHANGES } from './change.js';
import { ChangeStreams } from './change-streams.service.js';
import { StreamUnavailable } from './stream.problems.js';

const CHOICES = [...TYPE_CHOICES, 'pool.*', POOL_CHANGED];
const PLACE = /^\d{1,18}$/;

/**
 * `no-transform` keeps proxies from compressing the stream, which would hold messages back. nginx buffers no answer with
 * `X-Accel-Buffering: no`. A connection that served a stream is not used again: the process may be about to stop.
 */
const HEADERS = {
  'content-type': EVENT_STREAM,
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  connection: 'close',
};

export class StreamQuery {
  @ApiProperty({
    type: String,
    required: false,
    default: EVERY_TYPE,
    example: 'order.*,call.missed',
    description: 'Types of changes, separated by commas; call.* stands for all of a group. Default: all you may see',
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',') : value))
  @IsIn(CHOICES, { each: true, message: `types must be a comma-separated list of ${CHOICES.join(', ')}` })
  types: readonly string[] = [EVERY_TYPE];
}

const EXAMPLE = `id: 17
data: {"specversion":"1.0","source":"maskline","id":"17","type":"order.agent-assigned","subject":"order-1001","time":"2026-11-22T06:00:00.000Z","data":{"reference":"order-1001"}}

`;

@ApiTags('events')
@ApiProblem(MissingKey)
@Controller('v1/stream')
export class StreamController {
  constructor(private readonly streams: ChangeStreams) {}

  @Get()
  @NeedsScope(...SEES_CHANGES)
  @ForKeysOfPools()
  @ApiOperation({
    operationId: 'streamChanges',
    summary: 'Follow changes of orders, calls, texts and pools as they happen, as server-sent events',
    description:
      'Each message is a CloudEvent. The key sees orders, their calls and texts with `orders:read` or `events`, calls and texts with `support`, and pools with `operate`; of its own pools if it is limited to some. After `stream.reset`, changes are missing: read again what you show.',
  })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    schema: { type: 'string', pattern: PLACE.source },
    description: 'The id of the last message: the stream goes on after it. Browsers send it when they connect again',
  })
  @ApiProduces(EVENT_STREAM)
  @ApiOkResponse({ schema: { type: 'string', example: EXAMPLE } })
  @ApiProblem(InvalidRequest, StreamUnavailable)
  async follow(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @RequestedBy() by: KeyPrincipal,
    @Query() { types }: StreamQuery,
  ): Promise<void> {
    const after = request.headers['last-event-id'] ?? null;
    if (after !== null && !PLACE.test(String(after))) {
      throw new InvalidRequest(['Last-Event-ID must be the id of a message of the stream'], 'Last-Event-ID');
    }
    void reply.headers(HEADERS);
    if (request.method === 'HEAD') return void reply.send();
    const wants = (type: string) =>
      types.includes(EVERY_TYPE) || types.includes(type) || types.includes(`${type.split('.')[0]!}.*`);
    const stream = await this.streams.begin(request, by, { wants, after: after as string | null });
    void reply.send(stream);
  }
}
