import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

import type { Role } from '../../virtual-numbers/role.js';

/** What can happen to an order. docs/events.md explains each for the engineers of an order system. */
export const ORDER_EVENT_KINDS = [
  'order.placed',
  'order.awaiting-numbers',
  'order.agent-assigned',
  'order.agent-replaced',
  'order.numbers-assigned',
  'order.participant-joined',
  'order.participant-replaced',
  'order.participant-removed',
  'order.link-opened',
  'order.link-closed',
  'order.phone-corrected',
  'order.phone-declared',
  'order.phone-claimed',
  'order.phone-withdrawn',
  'order.blocked',
  'order.unblocked',
  'order.numbers-changed',
  'order.reopened',
  'order.completed',
  'order.cancelled',
  'order.expired',
  'order.ended',
  'order.call-made-up',
  'order.unconfirmed',
  'order.confirmed',
] as const;
export type OrderEventKind = (typeof ORDER_EVENT_KINDS)[number];

/** Which participant or link an event is about. */
export interface EventSubject {
  /** The role of the participant, or both roles of the link. */
  readonly roles: readonly Role[];
  /** The only role that may call on the link since the event; null = as the pool's direction says. */
  readonly onlyFrom?: Role | null;
  /** The same before the event. Missing if the link was not open before. */
  readonly onlyFromBefore?: Role | null;
}

/** An event of an order, written in the transaction that caused it. */
@Entity('order_events')
export class OrderEvent {
  @PrimaryGeneratedColumn('identity') id: string;
  @Column('uuid', { name: 'order_id' }) orderId: string;
  @Column('text') kind: OrderEventKind;
  @Column('timestamptz') at: Date;
  /** Null if it is about the order as a whole, and for events of earlier versions. */
  @Column('jsonb', { nullable: true }) about: EventSubject | null;
  /** Its place in the feed; null = not in the feed yet. */
  @Column('bigint', { nullable: true }) position: string | null;
}
