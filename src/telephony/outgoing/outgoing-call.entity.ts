import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import type { Role } from '../../virtual-numbers/role.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';

/**
 * wanted (stored) → ordered (the provider was asked, and has perhaps not answered) → placed (the provider gave it an
 * id); wanted and ordered → failed. The interaction of a placed call has its end.
 */
export const OUTGOING_STATES = ['wanted', 'ordered', 'placed', 'failed'] as const;
export type OutgoingState = (typeof OUTGOING_STATES)[number];

/** A call between the participants of an order that a client ordered. Contains no phone. */
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
  /** When to check whether the provider placed the call after all; null = settled. */
  @Column('timestamptz', { name: 'look_at', nullable: true }) lookAt: Date | null;
  @Column('integer', { name: 'times_looked', default: 0 }) timesLooked: number;
}
