import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProperty, ApiTags, PickType } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';

import { Expensive } from '../../platform/http/expensive.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import { PageQuery } from '../../platform/http/page.query.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import { asCloudEvent, type OrderCloudEvent } from './order-event-cloud-event.js';
import { ORDER_EVENT_KINDS } from '../order/order-event.entity.js';
import { BEGINNING, OrderEventFeedService } from './order-event-feed.service.js';

export class FeedQuery extends PickType(PageQuery, ['limit'] as const) {
  @ApiProperty({ required: false, default: BEGINNING, description: "The last page's next: what happened after it" })
  @IsOptional()
  @Matches(/^\d{1,18}$/, { message: "after must be the last page's next" })
  after: string = BEGINNING;
}

export class FeedResponse {
  @ApiProperty({
    type: 'array',
    items: { type: 'object' },
    description: `CloudEvents 1.0; an event may be met twice, by the same id. Types: ${ORDER_EVENT_KINDS.join(', ')}`,
    example: [
      asCloudEvent({
        position: '17',
        reference: 'ord-1001',
        kind: 'order.agent-assigned',
        at: new Date('2026-11-22T06:00:00Z'),
      }),
    ],
  })
  events: OrderCloudEvent[];

  @ApiProperty({ example: '17', description: 'Where the next page begins, be there more by now or not' }) next: string;
}

@ApiTags('events')
@ApiBearerAuth()
@ApiProblem(MissingKey)
@Controller('v1/order-events')
export class OrderEventFeedController {
  constructor(private readonly feed: OrderEventFeedService) {}

  @Get()
  @Expensive()
  @ApiOperation({ summary: 'What happened to all orders, oldest first, to be followed page by page' })
  @ApiOkResponse({ type: FeedResponse })
  @ApiProblem(InvalidRequest)
  async page(@Query() { after, limit }: FeedQuery): Promise<FeedResponse> {
    const events = await this.feed.after(after, limit);
    return { events: events.map(asCloudEvent), next: events.at(-1)?.position ?? after };
  }
}
