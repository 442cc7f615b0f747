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
  @ApiProperty({ required: false, default: BEGINNING, description: 'The `next` of the last page' })
  @IsOptional()
  @Matches(/^\d{1,18}$/, { message: "after must be the last page's next" })
  after: string = BEGINNING;
}

export class FeedResponse {
  @ApiProperty({
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    description: `CloudEvents 1.0. Delivery is at least once: deduplicate on the event's id. Types: ${ORDER_EVENT_KINDS.join(', ')}`,
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

  @ApiProperty({ example: '17', description: 'Pass it as `after` to get the next page, also when this page is empty' })
  next: string;
}

@ApiTags('events')
@ApiBearerAuth()
@ApiProblem(MissingKey)
@Controller('v1/order-events')
export class OrderEventFeedController {
  constructor(private readonly feed: OrderEventFeedService) {}

  @Get()
  @Expensive()
  @ApiOperation({ summary: 'List the events of all orders, oldest first, page by page' })
  @ApiOkResponse({ type: FeedResponse })
  @ApiProblem(InvalidRequest)
  async page(@Query() { after, limit }: FeedQuery): Promise<FeedResponse> {
    const events = await this.feed.after(after, limit);
    return { events: events.map(asCloudEvent), next: events.at(-1)?.position ?? after };
  }
}
