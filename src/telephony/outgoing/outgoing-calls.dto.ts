import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';

import { ROLES, type Role } from '../../virtual-numbers/role.js';
import { InteractionResponse } from '../interactions/interactions.dto.js';
import { OUTGOING_STATES } from './outgoing-call.entity.js';
import type { OrderedCall } from './outgoing-calls.service.js';

const STATES = [...OUTGOING_STATES, 'ended'] as const;

export class OrderCallRequest {
  @ApiProperty({ enum: ROLES, example: 'agent', description: 'Whose phone rings first; then the other side’s' })
  @IsIn(ROLES)
  from: Role;
}

export class OrderedCallResponse {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ enum: ROLES, example: 'agent' }) from: Role;
  @ApiProperty({
    ...{ enum: STATES, example: 'placed' },
    description:
      'ordered: it is not known whether the provider took it, and is being found out; it is never ordered twice',
  })
  state: (typeof STATES)[number];
  @ApiProperty({ type: String, nullable: true, example: null, description: 'Why it failed' }) reason: string | null;
  @ApiProperty({ example: '+918047000001', description: 'The number of ours that the other side sees' })
  shownNumber: string;
  @ApiProperty({ example: '2026-11-22T06:00:00.000Z' }) wantedAt: Date;
  @ApiProperty({ type: InteractionResponse, nullable: true, description: 'The call itself, once the provider has it' })
  interaction: InteractionResponse | null;

  static from({ call, interaction: row }: Omit<OrderedCall, 'isNew'>): OrderedCallResponse {
    const { id, callerRole: from, state, reason, shownNumber, wantedAt } = call;
    const interaction = row && InteractionResponse.from(row);
    return { id, from, state: interaction?.outcome ? 'ended' : state, reason, shownNumber, wantedAt, interaction };
  }
}
