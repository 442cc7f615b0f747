import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';

import { Clock } from '../../platform/clock/clock.js';
import { blockCallersOf } from '../../virtual-numbers/assignments/participant-assignments.queries.js';
import type { Role } from '../../virtual-numbers/role.js';
import { retryOnConflict } from '../../virtual-numbers/pools/retry-on-conflict.js';
import { PinsService, type ParticipantPin } from '../../virtual-numbers/assignments/pins.service.js';
import { OrderLocks } from '../order/order-locks.service.js';
import { OrderWithoutNumbers } from '../order/orders.problems.js';
import { recordEvent, type OrderParticipant } from '../order/orders.queries.js';

/** Who gets through to whom on an order beside what the numbers say: by PIN, or not at all. */
@Injectable()
export class ParticipantAccessService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly locks: OrderLocks,
    private readonly pins: PinsService,
  ) {}

  /**
   * The PIN by which a participant gets through from a phone that is not known. It is the same each time, until the
   * participant's number is another.
   *
   * @throws OrderNotFound, NumbersBusy; OrderWithoutNumbers when there is no number on which it could be keyed.
   */
  async pin(reference: string, role: Role): Promise<ParticipantPin> {
    return retryOnConflict(this.dataSource, async (tx) => {
      const { orderId, participantId } = await this.find(tx, reference, role);
      const pin = await this.pins.pinOf(tx, orderId, participantId);
      if (!pin) throw new OrderWithoutNumbers(reference);
      return pin;
    });
  }

  /**
   * Lets nobody of the order through to a participant any more. It concerns who is on the order now: a successor of
   * theirs is not blocked. A call that runs goes on. Blocking twice is blocking once.
   *
   * @throws OrderNotFound, OrderWithoutNumbers
   */
  async block(reference: string, role: Role): Promise<void> {
    await this.setBlock(reference, role, true);
  }

  /** Takes that back. @throws as `block` does */
  async unblock(reference: string, role: Role): Promise<void> {
    await this.setBlock(reference, role, false);
  }

  private async setBlock(reference: string, role: Role, blocks: boolean): Promise<void> {
    await this.dataSource.transaction(async (tx) => {
      const { orderId, participantId } = await this.find(tx, reference, role);
      const now = this.clock.now();
      if (!(await blockCallersOf(tx, orderId, participantId, blocks ? now : null))) {
        throw new OrderWithoutNumbers(reference);
      }
      await recordEvent(tx, orderId, blocks ? 'order.blocked' : 'order.unblocked', now);
    });
  }

  private async find(
    tx: EntityManager,
    reference: string,
    role: Role,
  ): Promise<OrderParticipant & { orderId: string }> {
    const open = await this.locks.lockOpenOrInGrace(tx, { reference });
    const participant = open?.participant(role);
    if (!open || !participant) throw new OrderWithoutNumbers(reference);
    return { ...participant, orderId: open.order.id };
  }
}
