import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

import { Clock } from '../../platform/clock/clock.js';
import { expire } from './end-order.js';
import { OpenOrder } from './open-order.js';
import { OrderClosed, OrderNotFound } from './orders.problems.js';
import type { OrderKey } from './known-orders.queries.js';
import { lockOrder } from './orders.queries.js';

/**
 * Locks an order for a change, until the transaction ends. An order whose lifetime is over expires first, even if no
 * sweep has found it yet. Otherwise a late completion would let its calls connect again.
 */
@Injectable()
export class OrderLocks {
  constructor(private readonly clock: Clock) {}

  /** @throws OrderNotFound */
  async lock(tx: EntityManager, key: OrderKey): Promise<OpenOrder> {
    const locked = await this.find(tx, key);
    const { order } = locked;
    if (order.endedBecause !== null || order.dueAt! > this.clock.now()) return locked;
    await expire(tx, order);
    return this.find(tx, key);
  }

  /** @throws OrderNotFound; OrderClosed if the order is over, even in its grace */
  async lockOpen(tx: EntityManager, key: OrderKey): Promise<OpenOrder> {
    const open = await this.lock(tx, key);
    const { reference, endedBecause } = open.order;
    if (endedBecause !== null) throw new OrderClosed(reference, endedBecause);
    return open;
  }

  /** @returns null if the order has ended and its grace is over. @throws OrderNotFound */
  async lockOpenOrInGrace(tx: EntityManager, key: OrderKey): Promise<OpenOrder | null> {
    const open = await this.lock(tx, key);
    return open.order.status === 'ended' ? null : open;
  }

  private async find(tx: EntityManager, key: OrderKey): Promise<OpenOrder> {
    const locked = await lockOrder(tx, key);
    if (!locked) throw new OrderNotFound();
    return new OpenOrder(locked.order, locked.participants);
  }
}
