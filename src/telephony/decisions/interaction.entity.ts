import { Column, Entity, PrimaryColumn } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import type { Role } from '../../virtual-numbers/role.js';
import type { Outcome, Progress } from '../providers/call-report.js';
import type { Delivery } from '../providers/delivery-report.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import type { CallAnswer } from './call-reasons.js';

/** The answer at one step of a call's flow, so that a repeated request gets the same one. Contains no phone. */
export type Step = CallAnswer & {
  readonly at: string;
  /**
   * Identifies a repeated request: HMAC over the call's id, the dialled number and the caller, with the call's own
   * secret.
   */
  readonly proof?: string;
  /** Missing if no link is known, and in steps of earlier versions. */
  readonly calleeRole?: Role;
  readonly calleeId?: string;
  readonly shownNumber?: E164;
  readonly ringSeconds?: number;
  readonly talkSeconds?: number;
  readonly record?: boolean;
};

/** The decision about a text, so that a repeated request gets the same one. Contains neither words nor phones. */
export interface TextStep {
  readonly decision: 'forward' | 'drop';
  readonly reason: string;
  readonly at: string;
  /**
   * Identifies a repeated request: HMAC over the text's id, its sender, number and words, with the text's own secret.
   */
  readonly proof?: string;
  readonly senderId?: string;
  /** Missing if no link is known, and in steps of earlier versions. */
  readonly recipientRole?: Role;
  readonly recipientId?: string;
  readonly shownNumber?: E164;
  readonly redacted?: boolean;
}

/** One call or text: the decision, and how it ended. Its state never goes back, in whichever order reports come. */
@Entity('interactions')
export class Interaction {
  @PrimaryColumn('text') provider: ProviderName;
  @PrimaryColumn('text', { name: 'provider_call_id' }) providerCallId: string;
  /** Orders calls of the same instant in lists. */
  @Column({ type: 'bigint', insert: false, update: false }) ordinal: string;
  @Column('text', { default: 'call' }) kind: 'call' | 'text';
  @Column('timestamptz') at: Date;
  @Column('uuid', { name: 'order_id', nullable: true }) orderId: string | null;
  /** Null = the caller is unknown. */
  @Column('text', { name: 'caller_role', nullable: true }) callerRole: Role | null;
  @Column('text', { name: 'virtual_number', nullable: true }) virtualNumber: E164 | null;
  @Column('jsonb', { default: {} }) steps: Record<string, Step | TextStep>;
  @Column('text', { nullable: true }) decision: (Step | TextStep)['decision'] | null;
  @Column('text', { nullable: true }) reason: string | null;
  @Column('text', { nullable: true }) outcome: Outcome | null;
  @Column('integer', { name: 'talk_seconds', nullable: true }) talkSeconds: number | null;
  @Column('timestamptz', { name: 'ended_at', nullable: true }) endedAt: Date | null;
  @Column('text', { nullable: true }) progress: Progress | null;
  /** The provider's sequence number of the report with the outcome, if it has one. */
  @Column('integer', { nullable: true }) sequence: number | null;
  @Column('integer', { name: 'ring_seconds', nullable: true }) ringSeconds: number | null;
  @Column('text', { name: 'hung_up_by', nullable: true }) hungUpBy: 'caller' | 'callee' | null;
  /** The provider's link to the recording, sealed, because it opens the recording without a password. */
  @Column('bytea', { nullable: true }) recording: Buffer | null;
  /** When to ask the provider for the call's end; null = it is known, or nobody was rung. */
  @Column('timestamptz', { name: 'ask_at', nullable: true }) askAt: Date | null;
  @Column('integer', { name: 'times_asked', default: 0 }) timesAsked: number;
  /** False = the provider knows no such call: it was invented. Null = it was not asked. */
  @Column('boolean', { name: 'is_genuine', nullable: true }) isGenuine: boolean | null;
  /** The number of segments of a forwarded text; null = it was not forwarded. */
  @Column('integer', { nullable: true }) segments: number | null;
  /** The delivery state of a text, as far as it was reported. */
  @Column('text', { nullable: true }) delivery: Delivery | null;
}
