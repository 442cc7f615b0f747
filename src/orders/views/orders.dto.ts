import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayNotEmpty,
  IsArray,
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
import type { KeyPrincipal } from '../../platform/http/authentication/principal.js';
import { HasOneOf } from '../../platform/http/alternatives.js';
import { PageQuery } from '../../platform/http/page.query.js';
import { PIN_POLICIES, TEXT_POLICIES, type PinPolicy } from '../../virtual-numbers/pools/pool.entity.js';
import { LINKS_SCHEMA } from '../../virtual-numbers/links.dto.js';
import { ROLE, ROLE_FORM, type Role } from '../../virtual-numbers/role.js';
import type { TextUse } from '../../virtual-numbers/pools/provider-accounts.js';
import { ORDER_EVENT_KINDS, type OrderEvent } from '../order/order-event.entity.js';
import { ORDER_REFERENCE, REFERENCE_FORM } from '../order/order-reference.js';
import { ORDER_STATUSES, type OrderStatus } from '../order/order.entity.js';
import { DIAL_STATUSES, type DialStatus, type OrderView, type ParticipantView } from './order-views.service.js';

const MASKED_PHONE = {
  type: String,
  example: '+91••••••••01',
  description: 'The phone with only its country code and last two digits; null once it is deleted',
} as const;
const YEAR_SECONDS = 366 * 24 * 60 * 60;
const PHONE = 'E.164, or as it is dialled within the country of the pool';
const ROLE_DESCRIPTION = `What the participant is on the order, unique in it: ${ROLE_FORM}`;

export class PhoneRequest {
  @ApiProperty({ example: '+919000000002', description: PHONE })
  @IsString()
  @MaxLength(40, { message: 'phone must be 40 characters at most' })
  phone: string;
}

class CustomerRequest {
  @ApiProperty({ example: '+919000000001', description: PHONE })
  @IsString()
  @MaxLength(40, { message: 'phone must be 40 characters at most' })
  phone: string;
}

class ParticipantRequest extends PhoneRequest {
  @ApiProperty({ type: String, example: 'courier', description: ROLE_DESCRIPTION })
  @Matches(ROLE, { message: `role must be ${ROLE_FORM}` })
  role: Role;
}

@HasOneOf({ needs: ['customer'] }, { needs: ['participants'] })
export class PlaceOrderRequest {
  @ApiProperty({
    example: 'order-1001',
    description:
      "The order system's own name for the order: 1 to 128 letters, digits and . _ : @ -, but neither . nor .. alone",
  })
  @Matches(ORDER_REFERENCE, { message: `reference must be ${REFERENCE_FORM}` })
  reference: string;

  @ApiProperty({
    type: CustomerRequest,
    required: false,
    description: 'The participant in the role customer, for orders of two. Instead of `participants`.',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => CustomerRequest)
  customer?: CustomerRequest;

  @ApiProperty({
    type: [ParticipantRequest],
    required: false,
    minItems: 1,
    maxItems: 10,
    description: 'Who is known already; others can join later. Each role and each phone only once.',
  })
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty({ message: 'participants must name at least one participant' })
  @ValidateNested({ each: true, message: 'participants must be a list of objects with a role and a phone' })
  @Type(() => ParticipantRequest)
  participants?: ParticipantRequest[];

  @ApiProperty({
    ...LINKS_SCHEMA,
    required: false,
    description: `Who may reach whom. Default: the links of the pool; without any, an agent, courier or driver with everybody else, and without such a role everybody with everybody.`,
  })
  @IsOptional()
  links?: unknown;

  @ApiProperty({ example: 'default', required: false, default: 'default' })
  @IsOptional()
  @IsString()
  pool?: string;

  @ApiProperty({
    example: 86400,
    required: false,
    description: "Seconds after which the order ends if nobody closes it; default: the pool's value",
  })
  @IsOptional()
  @IsInt()
  @Min(1, { message: 'lifetimeSeconds must be at least 1' })
  @Max(YEAR_SECONDS, { message: 'lifetimeSeconds must be a year at most' })
  lifetimeSeconds?: number;
}

/** An order names its people in one of two ways, so one example cannot contain all fields. */
export const PLACE_ORDER_EXAMPLES = {
  two: {
    summary: 'A customer, whose agent comes later',
    value: { reference: 'order-1001', customer: { phone: '+919000000001' } },
  },
  three: {
    summary: 'A parcel with a sender, a recipient and a courier',
    value: {
      reference: 'parcel-1001',
      participants: [
        { role: 'sender', phone: '+919000000011' },
        { role: 'recipient', phone: '+919000000012' },
        { role: 'courier', phone: '+919000000013' },
      ],
      links: [
        ['courier', 'sender'],
        ['courier', 'recipient'],
      ],
    },
  },
};

export class ListOrdersQuery extends PageQuery {
  @ApiProperty({ required: false, enum: ORDER_STATUSES })
  @IsOptional()
  @IsIn(ORDER_STATUSES)
  status?: OrderStatus;
}

/** A participant of an order of two, as `customer` and `agent`. */
export class ParticipantResponse {
  @ApiProperty({ ...MASKED_PHONE, nullable: true })
  phone: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '+918047000001',
    description:
      'The virtual number that this participant dials to reach the other; null if there are several, or none yet',
  })
  dials: E164 | null;

  static from({ phone, dials }: ParticipantView): ParticipantResponse {
    const [only, ...more] = dials;
    return { phone, dials: only && more.length === 0 ? only.number : null };
  }
}

export class DialledResponse {
  @ApiProperty({ type: String, example: 'sender', description: 'The role of the participant whom the number reaches' })
  to: Role;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '+918047000001',
    description: 'The virtual number to dial; null while there is none',
  })
  number: E164 | null;

  @ApiProperty({
    enum: DIAL_STATUSES,
    example: 'open',
    description:
      'waiting: no number yet. half-open: the number stays, and calls connect once the other participant is known. open: calls connect. grace: the order is over, and calls still connect.',
  })
  status: DialStatus;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: "The only one of the two who may call and text the other; null = as the pool's `direction` says",
  })
  onlyFrom: Role | null;

  @ApiProperty({
    type: Boolean,
    nullable: true,
    example: null,
    description:
      'Whether this participant blocks calls and texts from the other; null = not shown, because the key does not have the scope `support`',
  })
  blocks: boolean | null;
}

export class OrderParticipantResponse {
  @ApiProperty({ type: String, example: 'courier' }) role: Role;
  @ApiProperty({ ...MASKED_PHONE, nullable: true }) phone: string | null;
  @ApiProperty({ type: [DialledResponse], description: 'One number for each link' }) dials: DialledResponse[];

  static from({ role, phone, dials }: ParticipantView, by: KeyPrincipal): OrderParticipantResponse {
    const shows = by.scopes.includes('support');
    return { role, phone, dials: dials.map(({ blocks, ...dial }) => ({ ...dial, blocks: shows ? blocks : null })) };
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
    example: false,
    description:
      'Whether the database was restored and the order was not placed again yet. Its calls are refused meanwhile.',
  })
  unconfirmed: boolean;
  @ApiProperty({
    enum: PIN_POLICIES,
    example: 'off',
    description: "Who must enter a PIN to be connected, by the pool's current policy; off = nobody",
  })
  pin: PinPolicy;
  @ApiProperty({
    enum: [...TEXT_POLICIES, 'unavailable'],
    example: 'unavailable',
    description: 'Whether texts to these numbers are forwarded; unavailable = the provider cannot',
  })
  texts: TextUse;
  @ApiProperty({ type: [OrderParticipantResponse], description: 'By the time at which they joined, then by role' })
  participants: OrderParticipantResponse[];
  @ApiProperty({ type: ParticipantResponse, nullable: true, description: 'The participant in the role customer' })
  customer: ParticipantResponse | null;
  @ApiProperty({ type: ParticipantResponse, nullable: true, description: 'The participant in the role agent' })
  agent: ParticipantResponse | null;

  /** @param by to whom it is shown */
  static from({ order, pool, unconfirmed, pin, texts, participants }: OrderView, by: KeyPrincipal): OrderResponse {
    const { reference, status, placedAt, activeAt, closedAt, connectsUntil } = order;
    return {
      reference,
      status,
      pool,
      placedAt,
      activeAt,
      closedAt,
      connectsUntil,
      unconfirmed,
      pin,
      texts,
      participants: participants.map((participant) => OrderParticipantResponse.from(participant, by)),
      customer: inRole('customer', participants),
      agent: inRole('agent', participants),
    };
  }
}

function inRole(role: Role, participants: readonly ParticipantView[]): ParticipantResponse | null {
  const participant = participants.find((one) => one.role === role);
  return participant ? ParticipantResponse.from(participant) : null;
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
