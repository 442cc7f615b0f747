import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** What can happen to an order; docs/integrate.md explains each to those who follow them. */
export const ORDER_EVENT_KINDS = [
  'order.placed',
  'order.awaiting-numbers',
  'order.agent-assigned',
  'order.agent-replaced',
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

/** What happened to an order, written in the transaction that did it. */
@Entity('order_events')
export class OrderEvent {
  @PrimaryGeneratedColumn('identity') id: string;
  @Column('uuid', { name: 'order_id' }) orderId: string;
  @Column('text') kind: OrderEventKind;
  @Column('timestamptz') at: Date;
  /** In the feed of all orders; null = not in it yet. */
  @Column('bigint', { nullable: true }) position: string | null;
}
