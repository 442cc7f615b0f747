import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

import { Clock } from '../../platform/clock/clock.js';
import { expire } from './end-order.js';
import { OpenOrder } from './open-order.js';
import type { Order } from './order.entity.js';
import { OrderClosed, OrderNotFound } from './orders.problems.js';
import type { OrderKey } from './known-orders.queries.js';
import { currentParticipants, lockOrder } from './orders.queries.js';

/**
 * Locks an order for a change, until the transaction ends. An order whose lifetime is over expires first, even if no
 * sweep has found it yet. Otherwise a late completion would let its calls connect again.
 */
@Injectable()
export class OrderLocks {
  constructor(private readonly clock: Clock) {}

  /** @throws OrderNotFound */
  async lock(tx: EntityManager, key: OrderKey): Promise<Order> {
    const order = await this.find(tx, key);
    if (order.endedBecause !== null || order.dueAt! > this.clock.now()) return order;
    await expire(tx, order);
    return this.find(tx, key);
  }

  /** @throws OrderNotFound; OrderClosed if the order is over, even in its grace */
  async lockOpen(tx: EntityManager, key: OrderKey): Promise<OpenOrder> {
    const order = await this.lock(tx, key);
    if (order.endedBecause !== null) throw new OrderClosed(order.reference, order.endedBecause);
    return this.withParticipants(tx, order);
  }

  /** @returns null if the order has ended and its grace is over. @throws OrderNotFound */
  async lockOpenOrInGrace(tx: EntityManager, key: OrderKey): Promise<OpenOrder | null> {
    const order = await this.lock(tx, key);
    return order.status === 'ended' ? null : this.withParticipants(tx, order);
  }

  private async find(tx: EntityManager, key: OrderKey): Promise<Order> {
    const order = await lockOrder(tx, key);
    if (!order) throw new OrderNotFound();
    return order;
  }

  private async withParticipants(tx: EntityManager, order: Order): Promise<OpenOrder> {
    return new OpenOrder(order, await currentParticipants(tx, order.id));
  }
}
