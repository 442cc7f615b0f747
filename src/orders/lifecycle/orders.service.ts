import { randomUUID } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';

import type { Country } from '../../phone-number/e164.js';
import { phoneOf } from '../../phone-number/sealed-place.js';
import { Clock } from '../../platform/clock/clock.js';
import { CallConnections } from '../../platform/database/call-connections.js';
import { reopenAssignments } from '../../virtual-numbers/assignments/assignment-end.queries.js';
import { retryOnConflict } from '../../virtual-numbers/pools/retry-on-conflict.js';
import { PoolLowQueue } from '../../virtual-numbers/pools/pool-low.queue.js';
import { DEFAULT_POOL, type Pool } from '../../virtual-numbers/pools/pool.entity.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { AwaitingNumbersQueue } from '../participants/awaiting-numbers.queue.js';
import { endOrder } from '../order/end-order.js';
import { OrderLocks } from '../order/order-locks.service.js';
import { OrderEvent, type OrderEventKind } from '../order/order-event.entity.js';
import type { Ending } from '../order/order.entity.js';
import { NotInGrace, ReferenceTaken } from '../order/orders.problems.js';
import {
  waitingByPool,
  type Waiting,
  currentParticipants,
  insertOrder,
  joinOrder,
  lockOrder,
  reopenOrder,
} from '../order/orders.queries.js';
import { ParticipantPhones } from '../order/participant-phones.service.js';

export interface OrderToPlace {
  readonly reference: string;
  readonly customerPhone: string;
  readonly pool?: string;
  readonly lifetimeSeconds?: number;
}

/**
 * Places, closes and reopens orders. `AgentAssignmentService` assigns agents and numbers; `OrdersDueService` ends what
 * is due.
 */
@Injectable()
export class OrdersService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly connections: CallConnections,
    private readonly clock: Clock,
    private readonly locks: OrderLocks,
    private readonly pools: PoolsService,
    private readonly phones: ParticipantPhones,
    private readonly poolLow: PoolLowQueue,
    private readonly awaitingNumbers: AwaitingNumbersQueue,
  ) {}

  /**
   * Stores an order, and announces that its pool will be needed. Assigns no number yet. The same order again changes
   * nothing.
   *
   * @returns whether it is new
   * @throws PoolNotFound, UnusablePhone; ReferenceTaken if the reference belongs to an order with other contents
   */
  async place(request: OrderToPlace): Promise<{ placed: boolean }> {
    const pool = await this.pools.byName(request.pool ?? DEFAULT_POOL);
    const lifetimeSeconds = request.lifetimeSeconds ?? pool.lifetimeSeconds;
    const placed = await this.dataSource.transaction(async (tx) => {
      const participantId = randomUUID();
      const { phone, phoneKey } = await this.phones.seal(
        tx,
        'customer.phone',
        request.customerPhone,
        pool.country as Country,
        phoneOf(participantId),
      );
      const now = this.clock.now();
      const orderId = await insertOrder(tx, request.reference, pool, lifetimeSeconds, now);
      if (orderId === null) return this.mustBeTheSame(tx, request, pool, phoneKey);
      await joinOrder(tx, orderId, { participantId, role: 'customer', phone, phoneKey, joinedAt: now });
      return true;
    });
    if (placed) await this.poolLow.announce(pool.id);
    return { placed };
  }

  /**
   * Closes an order. Calls connect during its grace; then its numbers are released and the quarantine begins. An order
   * that is over stays as it ended.
   *
   * @throws OrderNotFound, NumbersBusy
   */
  async close(reference: string, because: Exclude<Ending, 'expired'>): Promise<void> {
    const freed = await retryOnConflict(this.dataSource, async (tx) => {
      const order = await this.locks.lock(tx, { reference });
      if (order.endedBecause !== null) return null;
      return (await endOrder(tx, order, this.clock.now(), because)) ? order.poolId : null;
    });
    if (freed !== null) await this.awaitingNumbers.announce(freed);
  }

  /**
   * Reopens an order in its grace. It keeps its numbers, which connect for another lifetime. An open order stays
   * unchanged.
   *
   * @throws OrderNotFound; NotInGrace if its numbers are already released
   */
  async reopen(reference: string): Promise<void> {
    await this.dataSource.transaction(async (tx) => {
      const order = await this.locks.lock(tx, { reference });
      if (order.endedBecause === null) return;
      const now = this.clock.now();
      if (order.status !== 'closing' || order.connectsUntil! <= now) throw new NotInGrace(reference);
      const { expiresAt, connectsUntil } = order.lifetimeFrom(now);
      await reopenOrder(tx, order.id, expiresAt, connectsUntil, now);
      await reopenAssignments(tx, order.id, connectsUntil);
    });
  }

  /** The number of the pool's orders that wait for numbers. */
  async countAwaiting(poolId: string): Promise<number> {
    return (await this.waiting(poolId))?.orders ?? 0;
  }

  /** The pool's orders that wait for numbers, and since when; null = none. */
  async waiting(poolId: string): Promise<Waiting | null> {
    return (await waitingByPool(this.dataSource.manager, poolId))[0] ?? null;
  }

  /** The sealed phone of a participant; null once it is deleted. */
  async sealedPhone(participantId: string): Promise<Buffer | null> {
    const { rows } = await this.connections.query<{ phone: Buffer | null }>({
      name: 'sealed-phone',
      text: 'SELECT participant.phone FROM participants AS participant WHERE participant.id = $1',
      values: [participantId],
    });
    return rows[0]?.phone ?? null;
  }

  /** Records an event that does not change the order. */
  async note(tx: EntityManager, orderId: string, kind: Extract<OrderEventKind, 'order.call-made-up'>): Promise<void> {
    await tx.insert(OrderEvent, { orderId, kind, at: this.clock.now() });
  }

  /** @returns false, because nothing new is placed. @throws ReferenceTaken */
  private async mustBeTheSame(
    tx: EntityManager,
    { reference, lifetimeSeconds }: OrderToPlace,
    pool: Pool,
    phoneKey: Buffer,
  ): Promise<false> {
    const order = (await lockOrder(tx, { reference }))!;
    const participants = await currentParticipants(tx, order.id);
    const customer = participants.find(({ role }) => role === 'customer');
    const same =
      order.poolId === pool.id &&
      // If the request left it to the pool, the pool's value may have changed since; the order is still the same.
      (lifetimeSeconds === undefined || order.lifetimeSeconds === lifetimeSeconds) &&
      customer?.phoneKey?.equals(phoneKey);
    if (!same) throw new ReferenceTaken(reference);
    return false;
  }
}
