import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString, Matches, MaxLength, ValidateIf } from 'class-validator';

import { HasOneOf } from '../../platform/http/alternatives.js';
import { IsInstant } from '../../platform/http/instant.js';
import type { E164 } from '../../phone-number/e164.js';
import { ROLE, ROLE_FORM, type Role } from '../../virtual-numbers/role.js';
import { ASK_REASONS, CONNECT_REASONS, REFUSE_REASONS } from '../decisions/call-reasons.js';
import { InteractionResponse, TELL_SCHEMA, WORDS_SCHEMA } from '../interactions/interactions.dto.js';
import { tellOf } from '../interactions/interaction-words.js';
import type { KnownCall } from '../interactions/known-interactions.queries.js';
import { FORGOTTEN, inWords, type Facts } from './explanation.js';
import { orderInWords, type FactsOfOrder } from './order-explanation.js';

const IsGiven = (field: keyof ExplainRequest) => ValidateIf((request: ExplainRequest) => request[field] !== undefined);

/** A call, by the phone and the number; or all calls of an order. */
@HasOneOf({ needs: ['from', 'to'], allows: ['at'] }, { needs: ['reference'], allows: ['role'] })
export class ExplainRequest {
  @ApiProperty({
    required: false,
    example: '+919000000001',
    description: 'The calling phone, in any form. Text that is not a number counts as withheld. With `to`.',
  })
  @IsGiven('from')
  @IsString()
  @MaxLength(64)
  from?: string;

  @ApiProperty({
    required: false,
    example: '+918047000001',
    description: 'The virtual number that it dials, in E.164. With `from`.',
  })
  @IsGiven('to')
  @IsString()
  @MaxLength(64)
  to?: string;

  @ApiProperty({
    required: false,
    type: String,
    example: '2026-11-22T06:00:00Z',
    description: 'An instant with a time zone; default: now. With `from` and `to`.',
  })
  @IsOptional()
  @IsInstant()
  at?: string;

  @ApiProperty({
    required: false,
    example: 'order-1001',
    description: 'Explains every call and text of this order, in place of one call',
  })
  @IsGiven('reference')
  @IsString()
  @MaxLength(128)
  reference?: string;

  @ApiProperty({
    required: false,
    type: String,
    example: 'agent',
    description: 'Only the calls and texts that the participant in this role took part in. With `reference`.',
  })
  @IsGiven('role')
  @Matches(ROLE, { message: `role must be ${ROLE_FORM}` })
  role?: Role;
}

/** One call needs an example of its own: the two kinds of request do not go together. */
export const EXPLAIN_EXAMPLES = {
  call: {
    summary: 'One call, now or in the past',
    value: { from: '+919000000001', to: '+918047000001', at: '2026-11-22T06:00:00Z' },
  },
  order: { summary: 'Every call of an order', value: { reference: 'order-1001' } },
};

export class ExplainedSide {
  @ApiProperty({ type: String, example: 'customer' }) role: Role;
  @ApiProperty({ format: 'uuid', type: String, nullable: true }) participantId: string | null;
  @ApiProperty({ type: String, nullable: true, example: '+91••••••••01' }) phone: string | null;
}

export class HappenedResponse {
  @ApiProperty({ example: 'order.placed' }) kind: string;
  @ApiProperty({ example: '2026-11-22T06:00:00.000Z' }) at: Date;
}

export class ExplainedOrder {
  @ApiProperty({ example: 'order-1001' }) reference: string;
  @ApiProperty({ type: [HappenedResponse], description: 'Events of the order until then' }) events: HappenedResponse[];
}

export class ExplainedPair {
  @ApiProperty({ example: '2026-11-22T06:00:00.000Z' }) assignedAt: Date;
  @ApiProperty({ example: '2026-11-23T06:30:00.000Z' }) connectsUntil: Date;
  @ApiProperty({ type: Date, nullable: true, example: null }) quarantinedUntil: Date | null;
}

export class ExplainedPolicy {
  @ApiProperty({ example: 'default' }) pool: string;
  @ApiProperty({
    type: Date,
    nullable: true,
    example: '2026-11-01T00:00:00.000Z',
    description:
      'Since when the policy applied; null = the policy of that time is not stored, and this is the current one',
  })
  since: Date | null;
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { direction: 'both', pin: 'off', quietHours: null, maxCallsPerHour: null },
  })
  policy: object;
}

export class ForgottenPairResponse {
  @ApiProperty({ example: 'order-1001' }) reference: string;
  @ApiProperty({ type: String, example: 'customer' }) role: Role;
  @ApiProperty({ type: String, example: 'agent', description: 'The role of the participant whom the number led to' })
  calleeRole: Role;
  @ApiProperty({ format: 'uuid' }) participantId: string;
  @ApiProperty({ example: '2026-11-22T06:00:00.000Z' }) assignedAt: Date;
  @ApiProperty({ example: '2026-11-22T07:00:00.000Z' }) connectsUntil: Date;
}

export class RecordedCallResponse {
  @ApiProperty({ example: 'exotel' }) provider: string;
  @ApiProperty({ example: '5f0c1e7a9b3d4c2e8a6f7b1d2c3e191a' }) providerCallId: string;
  @ApiProperty({ example: '2026-11-22T06:00:02.000Z' }) at: Date;
  @ApiProperty({ example: 'customer', description: 'The role of the caller or sender, or unknown' }) from: string;
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'agent',
    description: 'The role of the participant whom the number leads to; null if no link is known',
  })
  to: Role | null;
  @ApiProperty({ type: String, nullable: true, example: 'order-1001' }) reference: string | null;
  @ApiProperty({ example: 'connect' }) decision: string;
  @ApiProperty({ example: 'CONNECTED' }) reason: string;
  @ApiProperty({ type: String, nullable: true, example: 'completed' }) outcome: string | null;
  @ApiProperty(WORDS_SCHEMA) words: string;
}

/** A decision, and the facts behind it. */
export class ExplanationResponse {
  @ApiProperty({ example: '2026-11-22T06:00:00.000Z' }) at: Date;
  @ApiProperty({
    enum: ['now', 'then'],
    example: 'now',
    description: 'now = the current rows; then = rows reconstructed for that time',
  })
  asOf: string;
  @ApiProperty({ type: String, nullable: true, example: '+91••••••••01' }) from: string | null;
  @ApiProperty({ example: '+918047000001' }) to: string;
  @ApiProperty({ enum: ['connect', 'refuse', 'ask-pin', 'unknown'], example: 'connect' }) decision: string;
  @ApiProperty({
    enum: [...new Set([...CONNECT_REASONS, ...REFUSE_REASONS, ...ASK_REASONS, FORGOTTEN])],
    example: 'CONNECTED',
  })
  reason: string;
  @ApiProperty({
    type: [String],
    example: ['Now, a call from +91••••••••01 to +918047000001 connects.'],
    description:
      'Sentences to read out, the decisive one first. The last ones are about `calls`, one for each of them.',
  })
  words: string[];
  @ApiProperty(TELL_SCHEMA) tell: string | null;
  @ApiProperty({ type: ExplainedOrder, nullable: true }) order: ExplainedOrder | null;
  @ApiProperty({ type: ExplainedSide, nullable: true }) caller: ExplainedSide | null;
  @ApiProperty({
    type: ExplainedSide,
    nullable: true,
    description: 'Whom the call reaches, or would reach if it were not refused; null if no link is known',
  })
  callee: ExplainedSide | null;
  @ApiProperty({ type: String, nullable: true, example: '+918047000002' }) shownNumber: string | null;
  @ApiProperty({ type: ExplainedPair, nullable: true, description: 'The assignment of caller and number' })
  pair: ExplainedPair | null;
  @ApiProperty({ type: ExplainedPolicy, nullable: true }) policy: ExplainedPolicy | null;
  @ApiProperty({
    type: [ForgottenPairResponse],
    description:
      'The participants whom the number served then, if their phones are deleted, so that it is unknown whether the caller was one of them',
  })
  forgotten: ForgottenPairResponse[];
  @ApiProperty({
    type: [RecordedCallResponse],
    description: 'Recorded decisions about calls to the number around that time',
  })
  calls: RecordedCallResponse[];

  static from(facts: Facts): ExplanationResponse {
    const { at, asOf, from, number: to, decision, reason, order, caller, callee, shownNumber, policy } = facts;
    const { pair, forgotten, calls } = facts;
    return {
      at,
      asOf,
      from,
      to,
      decision,
      reason,
      words: inWords(facts),
      tell: tellOf({ kind: 'call', decision, reason }),
      caller,
      callee,
      shownNumber,
      policy,
      order: order && { reference: order.reference, events: order.events.map(({ kind, at }) => ({ kind, at })) },
      pair: pair && {
        assignedAt: pair.assignedAt,
        connectsUntil: pair.connectsUntil,
        quarantinedUntil: pair.quarantinedUntil,
      },
      forgotten: [...forgotten],
      calls: [...calls],
    } as ExplanationResponse;
  }
}

/** A call or text of an order, or one that may be. */
export class ExplainedInteraction extends InteractionResponse {
  @ApiProperty({ type: String, nullable: true, example: '+918047000001', description: 'The virtual number' })
  number: E164 | null;

  static override from(call: KnownCall): ExplainedInteraction {
    return { ...InteractionResponse.from(call), number: call.virtualNumber };
  }
}

/** Every call and text of an order, in words. */
export class OrderExplanationResponse {
  @ApiProperty({ example: 'order-1001' }) reference: string;
  @ApiProperty({ type: String, nullable: true, example: null, description: 'Null = of all participants' })
  role: Role | null;
  @ApiProperty({ type: [String], example: ['Order order-1001 has 1 call.'] }) words: string[];
  @ApiProperty({ type: [ExplainedInteraction], description: 'The calls and texts of the order, oldest first' })
  calls: ExplainedInteraction[];
  @ApiProperty({
    type: [ExplainedInteraction],
    description:
      "Calls and texts of unknown callers to the order's numbers while it had them, oldest first. They belong to no order: perhaps a participant called from another phone, perhaps a stranger.",
  })
  possiblyTheirs: ExplainedInteraction[];
  @ApiProperty({ example: true, description: 'false = there are older ones, which are left out' }) isWhole: boolean;

  static from(facts: FactsOfOrder): OrderExplanationResponse {
    const { reference, role, calls, possiblyTheirs, isWhole } = facts;
    return {
      ...{ reference, role, words: orderInWords(facts), isWhole },
      calls: calls.map((call) => ExplainedInteraction.from(call)),
      possiblyTheirs: possiblyTheirs.map((call) => ExplainedInteraction.from(call)),
    };
  }
}
