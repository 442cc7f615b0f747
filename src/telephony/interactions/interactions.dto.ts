import { ApiProperty } from '@nestjs/swagger';

import { PROVIDER_FORMAT, type ProviderName } from '../../virtual-numbers/provider-name.js';
import { ASK_REASONS, CONNECT_REASONS, REFUSE_REASONS } from '../decisions/call-reasons.js';
import type { Role } from '../../virtual-numbers/role.js';
import type { Interaction, Step, TextStep } from '../decisions/interaction.entity.js';
import { DROP_REASONS, FORWARD_REASONS } from '../texts/text-reasons.js';
import { tellOf, wordsOf } from './interaction-words.js';

const OUTCOMES = [
  ...(['completed', 'busy', 'no-answer', 'failed', 'canceled', 'refused'] as const),
  ...(['sent', 'delivered', 'dropped'] as const), // of a text, which can fail like a call
] as const;
const DECISIONS = ['connect', 'refuse', 'ask-pin', 'forward', 'drop'] as const;
const REASONS = [
  ...new Set([...CONNECT_REASONS, ...REFUSE_REASONS, ...ASK_REASONS, ...FORWARD_REASONS, ...DROP_REASONS]),
];
const STATES = ['decided', 'ringing', 'answered', 'ended'] as const;

/** What happened, and what to tell the person who called or wrote. */
export const WORDS_SCHEMA = {
  example:
    "The customer called the agent; the agent's phone rang for 5 s, they talked for 1 min 1 s and the customer hung up.",
  description: 'What happened, in one sentence for support staff',
} as const;
export const TELL_SCHEMA = {
  type: String,
  nullable: true,
  example: null,
  description:
    'What to tell the person who called or wrote, for example "Please call from the phone that is in the app."; null = nothing. Never tells of a block.',
} as const;

export class StepResponse {
  @ApiProperty({ example: 'connect', description: "The step of the provider's flow" }) step: string;
  @ApiProperty({ enum: DECISIONS, example: 'connect' }) decision: string;
  @ApiProperty({ example: 'CONNECTED' }) reason: string;
  @ApiProperty({ example: '2026-11-22T06:00:02.000Z' }) at: Date;
}

export class InteractionResponse {
  @ApiProperty({ enum: ['call', 'text'], example: 'call' }) kind: string;
  @ApiProperty({ format: PROVIDER_FORMAT, example: 'exotel' }) provider: ProviderName;
  @ApiProperty({ example: '5f0c1e7a9b3d4c2e8a6f7b1d2c3e191a' }) providerCallId: string;
  @ApiProperty({ example: '2026-11-22T06:00:02.000Z' }) at: Date;
  @ApiProperty({ example: 'customer', description: 'The role of the caller or sender, or unknown' }) from: string;
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'agent',
    description:
      'The role of the callee or recipient. Null if no link is known, and for calls and texts before links existed.',
  })
  to: Role | null;
  @ApiProperty({ enum: DECISIONS, example: 'connect', description: 'For a text, forward or drop' }) decision: string;
  @ApiProperty({ enum: REASONS, example: 'CONNECTED' })
  reason: string;
  @ApiProperty(WORDS_SCHEMA) words: string;
  @ApiProperty(TELL_SCHEMA) tell: string | null;
  @ApiProperty({ type: [StepResponse], description: 'Every decision about it, oldest first; the last one counts' })
  steps: StepResponse[];
  @ApiProperty({ enum: STATES, example: 'ended', description: 'How far it got, as reported by the provider' })
  state: (typeof STATES)[number];
  @ApiProperty({
    enum: OUTCOMES,
    nullable: true,
    example: 'completed',
    description: 'Null until the provider has reported the end',
  })
  outcome: (typeof OUTCOMES)[number] | null;
  @ApiProperty({ type: Number, nullable: true, example: 61, description: 'Seconds that both participants talked' })
  talkSeconds: number | null;
  @ApiProperty({ type: Number, nullable: true, example: 5, description: 'If the provider reports it' }) ringSeconds:
    | number
    | null;
  @ApiProperty({
    enum: ['caller', 'callee'],
    nullable: true,
    example: 'caller',
    description: 'If the provider reports it',
  })
  hungUpBy: 'caller' | 'callee' | null;
  @ApiProperty({ type: Date, nullable: true, example: '2026-11-22T06:01:20.000Z' }) endedAt: Date | null;
  @ApiProperty({
    type: Boolean,
    nullable: true,
    example: null,
    description:
      'false = the provider does not know this call, so somebody who has the secret invented it; null = not asked',
  })
  genuine: boolean | null;
  @ApiProperty({
    type: Number,
    nullable: true,
    example: null,
    description: 'Number of segments that a forwarded text was sent and charged as',
  })
  segments: number | null;
  @ApiProperty({
    example: false,
    description:
      'Whether a recording was reported. GET …/interactions/{provider}/{providerCallId}/recording returns it.',
  })
  recorded: boolean;

  static from(row: Interaction): InteractionResponse {
    const { kind, provider, providerCallId, at, steps, endedAt, segments } = row;
    const told = toldOf(row);
    const { from, to, decision, reason, state, outcome, talkSeconds, ringSeconds, hungUpBy, genuine, recorded } = told;
    return {
      ...{ kind, provider, providerCallId, at, from, to, decision, reason, words: wordsOf(told), tell: tellOf(told) },
      ...{ steps: stepsOf(steps), state, outcome, talkSeconds, ringSeconds, hungUpBy },
      endedAt: state === 'ended' ? endedAt : null,
      ...{ genuine, segments, recorded },
    };
  }
}

/** The columns of a call or text that its words are made of. */
export type ToldColumns = Pick<
  Interaction,
  | ('kind' | 'callerRole' | 'steps' | 'decision' | 'reason' | 'outcome' | 'delivery' | 'progress')
  | ('talkSeconds' | 'ringSeconds' | 'hungUpBy' | 'recording' | 'isGenuine')
>;

/** What is told of a call or text, also in words. */
export function toldOf(row: ToldColumns) {
  const { kind, callerRole, steps, decision, reason, progress, ringSeconds, hungUpBy, recording, isGenuine } = row;
  const outcome = outcomeOf(row);
  const hasEnded = outcome !== null && outcome !== 'sent';
  return {
    ...{ kind, from: callerRole ?? 'unknown', to: roleReached(steps), decision: decision!, reason: reason! },
    ...{ outcome, ringSeconds, hungUpBy, genuine: isGenuine, recorded: recording !== null },
    state: hasEnded ? ('ended' as const) : (progress ?? ('decided' as const)),
    talkSeconds: hasEnded ? row.talkSeconds : null,
  };
}

/** The role that the last step names; null if none does. */
export function roleReached(steps: Interaction['steps']): Role | null {
  const inOrder = Object.values(steps).toSorted((one, other) => one.at.localeCompare(other.at));
  return inOrder.reduce<Role | null>((known, step) => roleIn(step) ?? known, null);
}

function roleIn(step: Step | TextStep): Role | null {
  return ('recipientRole' in step ? step.recipientRole : 'calleeRole' in step ? step.calleeRole : null) ?? null;
}

/** The part of a step's name that stands for the entered digits: keyed, and of no use to anybody. */
const KEYED = / [\w-]{16}$/;

function stepsOf(steps: Interaction['steps']): StepResponse[] {
  return Object.entries(steps)
    .map(([step, { decision, reason, at }]) => ({ step: step.replace(KEYED, ''), decision, reason, at: new Date(at) }))
    .sort((one, other) => one.at.getTime() - other.at.getTime());
}

/**
 * Nobody was dialled: because Maskline refused, or because the provider could not dial the given phone. If an earlier
 * step refused, the report may be about that step, so it says nothing about a call that was connected later.
 */
export function outcomeOf({
  kind,
  outcome,
  decision,
  steps,
  delivery,
}: Pick<Interaction, 'kind' | 'outcome' | 'decision' | 'steps' | 'delivery'>): InteractionResponse['outcome'] {
  if (kind === 'text') return decision === 'drop' ? 'dropped' : delivery;
  if (outcome !== 'not-dialled') return outcome;
  if (decision !== 'connect') return 'refused';
  return Object.keys(steps).length > 1 ? null : 'failed';
}

export class InteractionsResponse {
  @ApiProperty({ type: [InteractionResponse] }) interactions: InteractionResponse[];
  @ApiProperty({ type: String, nullable: true, example: null }) nextCursor: string | null;
}
