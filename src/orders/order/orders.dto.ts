import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsDefined,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';

import type { E164 } from '../../phone-number/e164.js';
import { PageQuery } from '../../platform/http/page.query.js';
import { TEXT_POLICIES } from '../../virtual-numbers/pools/pool.entity.js';
import type { TextUse } from '../../virtual-numbers/pools/provider-accounts.js';
import { ORDER_EVENT_KINDS, type OrderEvent } from './order-event.entity.js';
import { ORDER_REFERENCE, REFERENCE_FORM } from './order-reference.js';
import { ORDER_STATUSES, type OrderStatus } from './order.entity.js';
import type { OrderView, ParticipantView } from './order-views.service.js';

const YEAR_SECONDS = 366 * 24 * 60 * 60;
const PHONE = 'E.164, or as it is dialled within the country of the pool';

export class PhoneRequest {
  @ApiProperty({ example: '+919000000002', description: PHONE })
  @IsString({ message: 'phone must be a text, as in +<country code><number>' })
  @MaxLength(40, { message: 'phone must be 40 characters at most' })
  phone: string;
}

class CustomerRequest {
  @ApiProperty({ example: '+919000000001', description: PHONE })
  @IsString({ message: 'phone must be a text, as in +<country code><number>' })
  @MaxLength(40, { message: 'phone must be 40 characters at most' })
  phone: string;
}

export class PlaceOrderRequest {
  @ApiProperty({
    example: 'order-1001',
    description:
      "The order system's own name for the order: 1 to 128 letters, digits and . _ : @ -, but neither . nor .. alone",
  })
  @Matches(ORDER_REFERENCE, { message: `reference must be ${REFERENCE_FORM}` })
  reference: string;

  @ApiProperty({ type: CustomerRequest })
  @IsDefined({ message: 'customer must be an object with a phone' })
  @IsObject({ message: 'customer must be an object with a phone' })
  @ValidateNested()
  @Type(() => CustomerRequest)
  customer: CustomerRequest;

  @ApiProperty({ example: 'default', required: false, default: 'default' })
  @IsOptional()
  @IsString({ message: 'pool must be the name of a pool' })
  pool?: string;

  @ApiProperty({
    example: 86400,
    required: false,
    description: "Seconds after which the order ends if nobody closes it; default: the pool's value",
  })
  @IsOptional()
  @IsInt({ message: 'lifetimeSeconds must be a whole number' })
  @Min(1, { message: 'lifetimeSeconds must be at least 1' })
  @Max(YEAR_SECONDS, { message: 'lifetimeSeconds must be a year at most' })
  lifetimeSeconds?: number;
}

export class ListOrdersQuery extends PageQuery {
  @ApiProperty({ required: false, enum: ORDER_STATUSES })
  @IsOptional()
  @IsIn(ORDER_STATUSES)
  status?: OrderStatus;
}

export class ParticipantResponse {
  @ApiProperty({
    type: String,
    nullable: true,
    example: '+91••••••••01',
    description: 'The phone with only its country code and last two digits; null once it is deleted',
  })
  phone: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '+918047000001',
    description: 'The virtual number that this participant dials to reach the other',
  })
  dials: E164 | null;

  static from({ phone, dials }: ParticipantView): ParticipantResponse {
    return { phone, dials };
  }
}

export class OrderResponse {
  @ApiProperty({ example: 'order-1001' }) reference: string;
  @ApiProperty({ enum: ORDER_STATUSES, example: 'active' }) status: OrderStatus;
  @ApiProperty({ example: 'default' }) pool: string;
  @ApiProperty({ example: '2026-11-22T06:00:00.000Z' }) placedAt: Date;
  @ApiProperty({ type: Date, nullable: true, example: '2026-11-22T06:05:00.000Z' }) activeAt: Date | null;
  @ApiProperty({ type: Date, nullable: true, example: null }) closedAt: Date | null;
  @ApiProperty({
    type: Date,
    nullable: true,
    example: '2026-11-23T06:30:00.000Z',
    description: 'The last instant at which a call may connect',
  })
  connectsUntil: Date | null;
  @ApiProperty({
    enum: [...TEXT_POLICIES, 'unavailable'],
    example: 'unavailable',
    description: 'Whether texts to these numbers are forwarded; unavailable = the provider cannot',
  })
  texts: TextUse;
  @ApiProperty({ type: ParticipantResponse }) customer: ParticipantResponse;
  @ApiProperty({ type: ParticipantResponse, nullable: true }) agent: ParticipantResponse | null;

  static from({ order, pool, texts, customer, agent }: OrderView): OrderResponse {
    const { reference, status, placedAt, activeAt, closedAt, connectsUntil } = order;
    return {
      reference,
      status,
      pool,
      placedAt,
      activeAt,
      closedAt,
      connectsUntil,
      texts,
      customer: ParticipantResponse.from(customer),
      agent: agent && ParticipantResponse.from(agent),
    };
  }
}

export class OrdersResponse {
  @ApiProperty({ type: [OrderResponse] }) orders: OrderResponse[];
  @ApiProperty({ type: String, nullable: true, example: null }) nextCursor: string | null;
}

export class OrderEventResponse {
  @ApiProperty({ enum: ORDER_EVENT_KINDS, example: 'order.agent-assigned' }) kind: string;
  @ApiProperty({ example: '2026-11-22T06:05:00.000Z' }) at: Date;

  static from({ kind, at }: OrderEvent): OrderEventResponse {
    return { kind, at };
  }
}

export class OrderEventsResponse {
  @ApiProperty({ type: [OrderEventResponse] }) events: OrderEventResponse[];
}
