import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags, PickType } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsOptional, Matches } from 'class-validator';

import { Expensive } from '../../platform/http/expensive.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import { NeedsScope } from '../../platform/http/authentication/route-access.js';
import { PageQuery } from '../../platform/http/page.query.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import { asCloudEvent, feedCloudEvent, type FeedCloudEvent } from './order-event-cloud-event.js';
import { EVENT_TYPES, ORDER_EVENTS, TYPE_CHOICES, typesIn } from './event-types.js';
import { BEGINNING, OrderEventFeedService } from './order-event-feed.service.js';

export class FeedQuery extends PickType(PageQuery, ['limit'] as const) {
  @ApiProperty({ required: false, default: BEGINNING, description: 'The `next` of the last page' })
  @IsOptional()
  @Matches(/^\d{1,18}$/, { message: "after must be the last page's next" })
  after: string = BEGINNING;

  @ApiProperty({
    type: String,
    required: false,
    default: ORDER_EVENTS,
    example: 'order.*,call.missed',
    description:
      'Types of events, separated by commas; call.* stands for all of a group, * for all. Default: the events of orders',
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',') : value))
  @IsIn(TYPE_CHOICES, { each: true, message: `types must be a comma-separated list of ${TYPE_CHOICES.join(', ')}` })
  types: readonly string[] = [ORDER_EVENTS];
}

/** Which fields an event has depends on its type: docs/events.md. */
class EventData implements Readonly<Record<string, unknown>> {
  [field: string]: unknown;
  @ApiProperty({ required: false, example: 'order-1001', description: "The order's; in every event of an order" })
  reference?: string;
  @ApiProperty({ required: false, example: 'exotel', description: 'Of a call or text' }) provider?: string;
  @ApiProperty({ required: false, example: '5f0c1e7a9b3d4c2e8a6f7b1d2c3e191a' }) providerCallId?: string;
  @ApiProperty({ required: false, example: 'SM5f0c1e7a9b3d4c2e8a6f7b1d2c3e191a' }) providerMessageId?: string;
  @ApiProperty({ required: false, example: 'customer', description: 'The role of the caller or sender, or unknown' })
  from?: string;
  @ApiProperty({
    required: false,
    type: String,
    nullable: true,
    example: 'agent',
    description: 'The role of the callee or recipient; null = no link is known',
  })
  to?: string | null;
  @ApiProperty({ required: false, example: 'agent', description: 'Of the participant who opted out of texts, or in' })
  role?: string;
  @ApiProperty({ required: false, example: 'connect' }) decision?: string;
  @ApiProperty({ required: false, example: 'CONNECTED' }) reason?: string;
  @ApiProperty({ required: false, example: 'no-answer' }) outcome?: string;
  @ApiProperty({ required: false, type: Number, nullable: true, example: 0 }) talkSeconds?: number | null;
  @ApiProperty({
    required: false,
    example: '6f1c2f5e-2f0a-4a57-9d6c-3f0f6a1f2b11',
    description: 'The id of a webhook endpoint',
  })
  endpoint?: string;
  @ApiProperty({ required: false, example: 'failing', description: 'Why the endpoint is disabled' }) because?: string;
}

export class OrderCloudEventResponse implements FeedCloudEvent {
  @ApiProperty({ enum: ['1.0'] }) specversion: '1.0';
  @ApiProperty({ enum: ['maskline'] }) source: 'maskline';
  @ApiProperty({ example: '17', description: 'Its place in the feed, which increases along the feed' }) id: string;
  @ApiProperty({ enum: EVENT_TYPES, example: 'order.agent-assigned' }) type: string;
  @ApiProperty({ example: 'order-1001', description: "The order's reference, or what else it is about" })
  subject: string;
  @ApiProperty({ format: 'date-time', example: '2026-11-22T06:00:00.000Z' }) time: string;
  @ApiProperty({ type: EventData }) data: EventData;
}

export class FeedResponse {
  @ApiProperty({
    type: [OrderCloudEventResponse],
    description: "CloudEvents 1.0. Delivery is at least once: deduplicate on the event's id.",
  })
  events: FeedCloudEvent[];

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
    summary: 'List the events of all orders, or of other types, oldest first, page by page',
  })
  @ApiOkResponse({ type: FeedResponse })
  @ApiProblem(InvalidRequest)
  async page(@Query() { after, limit, types }: FeedQuery): Promise<FeedResponse> {
    if (types.length === 1 && types[0] === ORDER_EVENTS) {
      const events = await this.feed.after(after, limit);
      return { events: events.map(asCloudEvent), next: events.at(-1)?.position ?? after };
    }
    await this.feed.placeAll();
    const { events, next } = await this.feed.page(after, limit, typesIn(types));
    return { events: events.map(feedCloudEvent), next };
  }
}
