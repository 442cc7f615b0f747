import { ApiProperty } from '@nestjs/swagger';
import { IsString, MaxLength, ValidateIf } from 'class-validator';

import type { FoundOrder } from '../../orders/search/order-search.service.js';
import { OrderResponse } from '../../orders/views/orders.dto.js';
import type { KeyPrincipal } from '../../platform/http/authentication/principal.js';
import type { Role } from '../../virtual-numbers/role.js';
import { InteractionResponse } from '../interactions/interactions.dto.js';
import type { Found } from './search.service.js';
import type { SearchedBy } from './search.problems.js';

const LONGEST = 128;
const SPELLING =
  'in E.164, or as it is dialled within the country of any pool; in several, each number that it may be is looked for';
const REFERENCE =
  "The order's reference. If no order has it, orders are found whose references are the same in capitals, in small letters, or with one capital at the beginning.";
const IsGiven = (field: SearchedBy) => ValidateIf((request: SearchRequest) => request[field] !== undefined);

/** What to look for: exactly one. */
export class SearchRequest {
  @ApiProperty({ required: false, example: '+919000000001', description: `The phone of a participant, ${SPELLING}` })
  @IsGiven('phone')
  @IsString()
  @MaxLength(64)
  phone?: string;

  @ApiProperty({ required: false, example: 'order-1001', description: REFERENCE })
  @IsGiven('reference')
  @IsString()
  @MaxLength(LONGEST)
  reference?: string;

  @ApiProperty({ required: false, example: '+918047000001', description: `A virtual number, ${SPELLING}` })
  @IsGiven('number')
  @IsString()
  @MaxLength(64)
  number?: string;

  @ApiProperty({
    required: false,
    example: '5f0c1e7a9b3d4c2e8a6f7b1d2c3e191a',
    description: "The provider's id of a call or text",
  })
  @IsGiven('providerCallId')
  @IsString()
  @MaxLength(LONGEST)
  providerCallId?: string;
}

export class FoundPerson {
  @ApiProperty({ type: String, example: 'customer' }) role: Role;
  @ApiProperty({
    enum: ['registered', 'declared', 'pin'],
    example: 'registered',
    description: '`declared` and `pin`: an alternate phone of the participant',
  })
  known: string;
  @ApiProperty({ example: '2026-11-22T06:00:00.000Z' }) joinedAt: Date;
  @ApiProperty({ type: Date, nullable: true, example: null }) leftAt: Date | null;
}

export class FoundSpan {
  @ApiProperty({ type: String, example: 'customer', description: 'The role of the participant who could dial it' })
  dialler: Role;
  @ApiProperty({ type: String, example: 'agent', description: 'The role of the participant whom it reached' })
  callee: Role;
  @ApiProperty({ example: '2026-11-22T06:05:00.000Z' }) assignedAt: Date;
  @ApiProperty({ example: '2026-11-23T06:30:00.000Z' }) connectsUntil: Date;
}

export class FoundOrderResponse {
  @ApiProperty({ type: OrderResponse }) order: OrderResponse;
  @ApiProperty({ type: [FoundPerson], description: 'Whose phone it is. Empty if the search was not by `phone`.' })
  people: FoundPerson[];
  @ApiProperty({
    type: [FoundSpan],
    description: 'When the number served the order, oldest first. Empty if the search was not by `number`.',
  })
  served: FoundSpan[];

  static from({ view, people, spans }: FoundOrder, by: KeyPrincipal): FoundOrderResponse {
    return {
      order: OrderResponse.from(view, by),
      people: people.map(({ role, known, joinedAt, leftAt }) => ({ role, known, joinedAt, leftAt })),
      served: spans.map(({ diallerRole, calleeRole, assignedAt, connectsUntil }) => ({
        ...{ dialler: diallerRole, callee: calleeRole, assignedAt, connectsUntil },
      })),
    };
  }
}

export class SearchResponse {
  @ApiProperty({
    type: [FoundOrderResponse],
    description: 'Newest first; for `number`, by the last time that it was assigned',
  })
  orders: FoundOrderResponse[];
  @ApiProperty({
    type: [InteractionResponse],
    description: 'The call or text with this id, also if it belongs to no order. Empty for other searches.',
  })
  interactions: InteractionResponse[];
  @ApiProperty({ type: String, nullable: true, example: null }) nextCursor: string | null;

  static from({ orders, calls, nextCursor }: Found, by: KeyPrincipal): SearchResponse {
    return {
      orders: orders.map((found) => FoundOrderResponse.from(found, by)),
      interactions: calls.map((call) => InteractionResponse.from(call)),
      nextCursor,
    };
  }
}
