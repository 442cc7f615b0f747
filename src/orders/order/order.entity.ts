import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

import { addSeconds } from '../../platform/clock/clock.js';
import type { AssignmentEnd } from '../../virtual-numbers/assignments/assignment-end.queries.js';
import type { Span } from '../../virtual-numbers/assignments/assignments.queries.js';
import type { AssignNumbers, Link } from '../../virtual-numbers/link.js';
import type { Role } from '../../virtual-numbers/role.js';

/**
 * placed (nobody has a number yet) → active (its links have numbers) → closing (over, in grace: calls still connect) →
 * ended. awaiting-numbers means that the pool is dry and that a link waits for numbers; other links of the order may
 * have theirs. Without grace, or without numbers, an order ends at once.
 */
export const ORDER_STATUSES = ['placed', 'awaiting-numbers', 'active', 'closing', 'ended'] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** A block of a link that is closed. */
export interface KeptBlock {
  /** The role that blocks. */
  readonly by: Role;
  /** The role that is blocked. */
  readonly of: Role;
}

export type Ending = 'completed' | 'cancelled' | 'expired';

/** An order: which participants may reach each other, and until when. */
@Entity('orders')
export class Order {
  @PrimaryGeneratedColumn('uuid') id: string;
  /** The order system's own name for it. */
  @Column('text') reference: string;
  @Column('uuid', { name: 'pool_id' }) poolId: string;
  @Column('text') status: OrderStatus;
  // The pool's policy when the order was placed. It applies to the whole order.
  @Column('integer', { name: 'lifetime_seconds' }) lifetimeSeconds: number;
  @Column('integer', { name: 'grace_seconds' }) graceSeconds: number;
  @Column('integer', { name: 'cancel_grace_seconds' }) cancelGraceSeconds: number;
  @Column('integer', { name: 'quarantine_seconds' }) quarantineSeconds: number;
  @Column('text', { name: 'assign_numbers' }) assignNumbers: AssignNumbers;
  /** Those that the order or its pool's policy names; null = those that follow from the participants' roles. */
  @Column('jsonb', { nullable: true }) links: readonly Link[] | null;
  /** Who blocks whom on links that are closed: the block applies again once the link is opened again. */
  @Column('jsonb') blocks: readonly KeptBlock[];
  /** Links that have numbers or wait for them; 1 before. */
  @Column('integer', { name: 'link_count' }) linkCount: number;
  @Column('timestamptz', { name: 'placed_at' }) placedAt: Date;
  @Column('timestamptz', { name: 'active_at', nullable: true }) activeAt: Date | null;
  @Column('timestamptz', { name: 'closed_at', nullable: true }) closedAt: Date | null;
  /** The last instant at which a call may connect; null while nobody has a number. */
  @Column('timestamptz', { name: 'connects_until', nullable: true }) connectsUntil: Date | null;
  @Column('text', { name: 'ended_because', nullable: true }) endedBecause: Ending | null;
  /** When its lifetime or its grace is over; null = time changes nothing any more. */
  @Column('timestamptz', { name: 'due_at', nullable: true }) dueAt: Date | null;
  /** The end of its grace, if it was found among those that were moved to their month; null = in the live table. */
  overAt: Date | null;

  /** The span of assignments that begin now: until calls stop connecting if nobody closes the order. */
  spanFrom(now: Date): Span {
    const connectsUntil = this.connectsUntil ?? addSeconds(this.dueAt!, this.graceSeconds);
    return { assignedAt: now, connectsUntil, quarantineSeconds: this.quarantineSeconds };
  }

  /**
   * The end of the order's assignments if it ends at an instant: calls connect during its grace, then the quarantine
   * follows.
   */
  endAt(at: Date, because: Ending): AssignmentEnd {
    return this.connectingUntil(addSeconds(at, because === 'cancelled' ? this.cancelGraceSeconds : this.graceSeconds));
  }

  /** The end of assignments that connect calls until an instant. */
  connectingUntil(connectsUntil: Date): AssignmentEnd {
    return { connectsUntil, quarantinedUntil: addSeconds(connectsUntil, this.quarantineSeconds) };
  }

  /** The end of grace of an order that has ended: it decides its month. Null = it has not, and has none. */
  endOfGrace(): Date | null {
    if (this.status !== 'ended') return null;
    return this.overAt ?? new Date(Math.max(Number(this.closedAt), Number(this.connectsUntil)));
  }

  /** When the order expires if it is opened now, and until when calls then connect. */
  lifetimeFrom(now: Date): { readonly expiresAt: Date; readonly connectsUntil: Date } {
    const expiresAt = addSeconds(now, this.lifetimeSeconds);
    return { expiresAt, connectsUntil: addSeconds(expiresAt, this.graceSeconds) };
  }
}
