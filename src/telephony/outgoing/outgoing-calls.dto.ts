import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';

import { ROLE, ROLE_FORM, type Role } from '../../virtual-numbers/role.js';
import { InteractionResponse } from '../interactions/interactions.dto.js';
import { OUTGOING_STATES } from './outgoing-call.entity.js';
import type { OrderedCall } from './outgoing-calls.service.js';

const STATES = [...OUTGOING_STATES, 'ended'] as const;

export class OrderCallRequest {
  @ApiProperty({
    type: String,
    example: 'agent',
    description: 'The participant whose phone rings first',
  })
  @Matches(ROLE, { message: `from must be a role: ${ROLE_FORM}` })
  from: Role;

  @ApiProperty({
    type: String,
    required: false,
    example: 'customer',
    description: 'The participant whose phone rings then; required only if `from` has links to several others',
  })
  @IsOptional()
  @Matches(ROLE, { message: `to must be a role: ${ROLE_FORM}` })
  to?: Role;
}

export class OrderedCallResponse {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ type: String, example: 'agent' }) from: Role;
  @ApiProperty({ type: String, example: 'customer' }) to: Role;
  @ApiProperty({
    enum: STATES,
    example: 'placed',
    description:
      'ordered = it is not known whether the provider placed the call; Maskline finds out, and never orders it twice',
  })
  state: (typeof STATES)[number];
  @ApiProperty({ type: String, nullable: true, example: null, description: 'Why the call failed' }) reason:
    | string
    | null;
  @ApiProperty({ example: '+918047000001', description: 'The virtual number that the second participant sees' })
  shownNumber: string;
  @ApiProperty({ example: '2026-11-22T06:00:00.000Z' }) wantedAt: Date;
  @ApiProperty({
    type: InteractionResponse,
    nullable: true,
    description: "The call's id at the provider, once it is known",
  })
  interaction: InteractionResponse | null;

  static from({ call, calleeRole: to, interaction: row }: Omit<OrderedCall, 'isNew'>): OrderedCallResponse {
    const { id, callerRole: from, state, reason, shownNumber, wantedAt } = call;
    const interaction = row && InteractionResponse.from(row);
    return { id, from, to, state: interaction?.outcome ? 'ended' : state, reason, shownNumber, wantedAt, interaction };
  }
}
