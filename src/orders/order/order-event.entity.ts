import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** What can happen to an order. docs/integrate.md explains each for the engineers of an order system. */
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
] as const;
export type OrderEventKind = (typeof ORDER_EVENT_KINDS)[number];

/** An event of an order, written in the transaction that caused it. */
@Entity('order_events')
export class OrderEvent {
  @PrimaryGeneratedColumn('identity') id: string;
  @Column('uuid', { name: 'order_id' }) orderId: string;
  @Column('text') kind: OrderEventKind;
  @Column('timestamptz') at: Date;
  /** Its place in the feed; null = not in the feed yet. */
  @Column('bigint', { nullable: true }) position: string | null;
}
