import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags, PickType } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';

import { Expensive } from '../../platform/http/expensive.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import { NeedsScope } from '../../platform/http/authentication/route-access.js';
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

class OrderOfEvent {
  @ApiProperty({ example: 'order-1001' }) reference: string;
}

export class OrderCloudEventResponse implements OrderCloudEvent {
  @ApiProperty({ enum: ['1.0'] }) specversion: '1.0';
  @ApiProperty({ enum: ['maskline'] }) source: 'maskline';
  @ApiProperty({ example: '17', description: 'Its place in the feed, which increases along the feed' }) id: string;
  @ApiProperty({ enum: ORDER_EVENT_KINDS, example: 'order.agent-assigned' }) type: string;
  @ApiProperty({ example: 'order-1001', description: "The order's reference" }) subject: string;
  @ApiProperty({ format: 'date-time', example: '2026-11-22T06:00:00.000Z' }) time: string;
  @ApiProperty({ type: OrderOfEvent }) data: OrderOfEvent;
}

export class FeedResponse {
  @ApiProperty({
    type: [OrderCloudEventResponse],
    description: "CloudEvents 1.0. Delivery is at least once: deduplicate on the event's id.",
  })
  events: OrderCloudEvent[];

  @ApiProperty({ example: '17', description: 'Pass it as `after` to get the next page, also when this page is empty' })
  next: string;
}

@ApiTags('events')
@ApiProblem(MissingKey)
@Controller('v1/order-events')
export class OrderEventFeedController {
  constructor(private readonly feed: OrderEventFeedService) {}

  @Get()
  @NeedsScope('events')
  @Expensive()
  @ApiOperation({
    operationId: 'listOrderEvents',
    summary: 'List the events of all orders, oldest first, page by page',
  })
  @ApiOkResponse({ type: FeedResponse })
  @ApiProblem(InvalidRequest)
  async page(@Query() { after, limit }: FeedQuery): Promise<FeedResponse> {
    const events = await this.feed.after(after, limit);
    return { events: events.map(asCloudEvent), next: events.at(-1)?.position ?? after };
  }
}
