import { ApiProperty } from '@nestjs/swagger';

import { CONNECT_REASONS, REFUSE_REASONS } from './call-decision.js';
import type { Interaction } from './interaction.entity.js';

const OUTCOMES = ['completed', 'busy', 'no-answer', 'failed', 'canceled', 'refused'] as const;

export class InteractionResponse {
  @ApiProperty({ enum: ['call', 'text'], example: 'call' }) kind: string;
  @ApiProperty({ example: '5f0c1e7a9b3d4c2e8a6f7b1d2c3e191a' }) providerCallId: string;
  @ApiProperty({ example: '2026-11-22T06:00:02.000Z' }) at: Date;
  @ApiProperty({ enum: ['customer', 'agent', 'unknown'], example: 'customer' }) from: string;
  @ApiProperty({ enum: ['connect', 'refuse'], example: 'connect' }) decision: string;
  @ApiProperty({ enum: [...CONNECT_REASONS, ...REFUSE_REASONS], example: 'CONNECTED' }) reason: string;
  @ApiProperty({
    enum: OUTCOMES,
    nullable: true,
    example: 'completed',
    description: 'Null until the provider has reported the end',
  })
  outcome: (typeof OUTCOMES)[number] | null;
  @ApiProperty({ type: Number, nullable: true, example: 61, description: 'Seconds both talked' }) talkSeconds:
    number | null;

  static from(row: Interaction): InteractionResponse {
    const { kind, providerCallId, at, callerRole, decision, reason, talkSeconds } = row;
    return {
      kind,
      providerCallId,
      at,
      from: callerRole ?? 'unknown',
      decision: decision!,
      reason: reason!,
      outcome: outcomeOf(row),
      talkSeconds,
    };
  }
}

/** Nobody was dialled: because we refused, or, although we named somebody, because the provider could not. */
function outcomeOf({ outcome, decision }: Interaction): InteractionResponse['outcome'] {
  if (outcome !== 'not-dialled') return outcome;
  return decision === 'connect' ? 'failed' : 'refused';
}

export class InteractionsResponse {
  @ApiProperty({ type: [InteractionResponse] }) interactions: InteractionResponse[];
}
