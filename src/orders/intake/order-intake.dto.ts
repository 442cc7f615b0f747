import { ApiProperty } from '@nestjs/swagger';

import type { RejectedEvent } from './order-intake.queries.js';
import type { Intake, RejectedAtOnce } from './order-intake.service.js';

export class RejectedAtOnceResponse implements RejectedAtOnce {
  @ApiProperty({ example: 1, description: 'Its place in the request, from 0' }) index: number;
  @ApiProperty({ type: String, nullable: true, example: 'data.reference', description: 'null: the event itself' })
  field: string | null;
  @ApiProperty({ example: 'data.customer.phone is no phone' }) reason: string;
}

export class IntakeResponse implements Intake {
  @ApiProperty({ example: 2, description: 'Number of events in the request; all of them are stored' }) received: number;
  @ApiProperty({
    example: 0,
    description: 'Number of those that were stored before (same source and id) and are ignored',
  })
  repeated: number;
  @ApiProperty({
    type: [RejectedAtOnceResponse],
    example: [],
    description: 'Events of a batch that can never be applied. `GET /v1/events/rejected` lists them, too',
  })
  rejected: readonly RejectedAtOnceResponse[];
}

export class RejectedEventResponse {
  @ApiProperty({ example: '/order-system' }) source: string;
  @ApiProperty({ example: 'e-4711' }) id: string;
  @ApiProperty({ type: String, nullable: true, example: 'order.placed' }) type: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'order-1001' }) reference: string | null;
  @ApiProperty({ example: 'data.customer.phone is no phone' }) reason: string;
  @ApiProperty({ example: '2026-11-22T06:00:00.000Z' }) receivedAt: Date;

  static from({ source, eventId, type, reference, reason, receivedAt }: RejectedEvent): RejectedEventResponse {
    return { source, id: eventId, type, reference, reason, receivedAt };
  }
}

export class RejectedEventsResponse {
  @ApiProperty({ type: [RejectedEventResponse] }) events: RejectedEventResponse[];
  @ApiProperty({ type: String, nullable: true, example: null }) nextCursor: string | null;
}
