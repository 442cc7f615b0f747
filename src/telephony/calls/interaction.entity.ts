import { Column, Entity, PrimaryColumn } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import type { Role } from '../../virtual-numbers/role.js';
import type { Outcome, Progress } from '../providers/call-report.js';
import type { Delivery } from '../providers/delivery-report.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import type { CallAnswer } from './call-reasons.js';

/** What was answered at one step of a call's flow, so that a repeated request hears the same. No phone is in it. */
export type Step = CallAnswer & {
  readonly at: string;
  /** Proves that a repeat is one: HMAC over the call's id, the dialled number and the caller, by the call's own secret. */
  readonly proof?: string;
  readonly calleeId?: string;
  readonly shownNumber?: E164;
  readonly ringSeconds?: number;
  readonly talkSeconds?: number;
  readonly record?: boolean;
};

/** What was decided of a text, so that the same text brought again comes to the same. Neither words nor phones are in it. */
export interface TextStep {
  readonly decision: 'forward' | 'drop';
  readonly reason: string;
  readonly at: string;
  /** Proves that a repeat is one: HMAC over the text's id, its sender, number and words, by the text's own secret. */
  readonly proof?: string;
  readonly senderId?: string;
  readonly recipientId?: string;
  readonly shownNumber?: E164;
  readonly redacted?: boolean;
}

/** One call or text: what we decided, and how it ended. Its state only moves forward, in whichever order the news comes. */
@Entity('interactions')
export class Interaction {
  @PrimaryColumn('text') provider: ProviderName;
  @PrimaryColumn('text', { name: 'provider_call_id' }) providerCallId: string;
  /** Tells calls of one instant apart, in lists. */
  @Column({ type: 'bigint', insert: false, update: false }) ordinal: string;
  @Column('text', { default: 'call' }) kind: 'call' | 'text';
  @Column('timestamptz') at: Date;
  @Column('uuid', { name: 'order_id', nullable: true }) orderId: string | null;
  /** Null = a caller we do not know. */
  @Column('text', { name: 'caller_role', nullable: true }) callerRole: Role | null;
  @Column('text', { name: 'virtual_number', nullable: true }) virtualNumber: E164 | null;
  @Column('jsonb', { default: {} }) steps: Record<string, Step | TextStep>;
  @Column('text', { nullable: true }) decision: (Step | TextStep)['decision'] | null;
  @Column('text', { nullable: true }) reason: string | null;
  @Column('text', { nullable: true }) outcome: Outcome | null;
  @Column('integer', { name: 'talk_seconds', nullable: true }) talkSeconds: number | null;
  @Column('timestamptz', { name: 'ended_at', nullable: true }) endedAt: Date | null;
  @Column('text', { nullable: true }) progress: Progress | null;
  /** The provider's own number of the report that the outcome is from, where it numbers them. */
  @Column('integer', { nullable: true }) sequence: number | null;
  @Column('integer', { name: 'ring_seconds', nullable: true }) ringSeconds: number | null;
  @Column('text', { name: 'hung_up_by', nullable: true }) hungUpBy: 'caller' | 'callee' | null;
  /** The provider's link to the recording, sealed: whoever has it can listen. */
  @Column('bytea', { nullable: true }) recording: Buffer | null;
  /** When the provider is to be asked how the call ended; null = it is known, or nobody was rung. */
  @Column('timestamptz', { name: 'ask_at', nullable: true }) askAt: Date | null;
  @Column('integer', { name: 'times_asked', default: 0 }) timesAsked: number;
  /** False = the provider knows no such call: somebody made it up. Null = it was not asked. */
  @Column('boolean', { name: 'is_genuine', nullable: true }) isGenuine: boolean | null;
  /** Of a text, as it was passed on: messages that it was sent, and charged, as. Null = it was not passed on. */
  @Column('integer', { nullable: true }) segments: number | null;
  /** Of a text, as far as the provider has told. */
  @Column('text', { nullable: true }) delivery: Delivery | null;
}
