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

/** PINs, which let other phones reach a participant, and blocks, which keep the other participant from it. */
@Injectable()
export class ParticipantAccessService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly locks: OrderLocks,
    private readonly pins: PinsService,
  ) {}

  /**
   * The PIN with which a participant can call from an unknown phone. It stays the same until the participant's number
   * changes.
   *
   * @throws OrderNotFound, NumbersBusy; OrderWithoutNumbers if the participant has no number to enter it on
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
   * Blocks all calls and texts to a participant from the other participants of the order. A later replacement of the
   * blocked participant is not blocked. A call in progress continues. Blocking twice changes nothing.
   *
   * @throws OrderNotFound, OrderWithoutNumbers
   */
  async block(reference: string, role: Role): Promise<void> {
    await this.setBlock(reference, role, true);
  }

  /** Removes the block. @throws as `block` does */
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
