import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import type { Role } from '../../virtual-numbers/role.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';

/**
 * wanted (written down) → ordered (the provider is being asked, or was and did not answer) → placed (it has an id of it);
 * wanted and ordered → failed. How a placed call ends is told by its interaction.
 */
export const OUTGOING_STATES = ['wanted', 'ordered', 'placed', 'failed'] as const;
export type OutgoingState = (typeof OUTGOING_STATES)[number];

/** A call that a client of ours wants made between the two sides of an order. No phone is in it. */
@Entity('outgoing_calls')
export class OutgoingCall {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column('uuid', { name: 'order_id' }) orderId: string;
  @Column('text', { name: 'idempotency_key' }) idempotencyKey: string;
  @Column('text', { name: 'caller_role' }) callerRole: Role;
  @Column('uuid', { name: 'caller_id' }) callerId: string;
  @Column('uuid', { name: 'callee_id' }) calleeId: string;
  @Column('text') provider: ProviderName;
  @Column('text', { name: 'caller_dials' }) callerDials: E164;
  @Column('text', { name: 'shown_number' }) shownNumber: E164;
  @Column('integer', { name: 'ring_seconds' }) ringSeconds: number;
  @Column('integer', { name: 'talk_seconds' }) talkSeconds: number;
  @Column('boolean') record: boolean;
  @Column('text') state: OutgoingState;
  @Column('text', { name: 'provider_call_id', nullable: true }) providerCallId: string | null;
  @Column('text', { nullable: true }) reason: string | null;
  @Column('timestamptz', { name: 'wanted_at' }) wantedAt: Date;
  @Column('timestamptz', { name: 'ordered_at', nullable: true }) orderedAt: Date | null;
  /** When to look whether the provider placed it after all; null = settled. */
  @Column('timestamptz', { name: 'look_at', nullable: true }) lookAt: Date | null;
  @Column('integer', { name: 'times_looked', default: 0 }) timesLooked: number;
}
