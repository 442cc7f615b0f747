import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';

import { transactionOfRequest } from '../../platform/http/idempotency/keyed-request.js';
import { Clock } from '../../platform/clock/clock.js';
import {
  blockCaller,
  callersOf,
  participantAssignments,
} from '../../virtual-numbers/assignments/participant-assignments.queries.js';
import type { Role } from '../../virtual-numbers/role.js';
import { retryOnConflict } from '../../virtual-numbers/pools/retry-on-conflict.js';
import { PinsService, type ParticipantPin } from '../../virtual-numbers/assignments/pins.service.js';
import { chosenRole } from '../views/chosen-role.js';
import { OrderLocks } from '../order/order-locks.service.js';
import { OrderWithoutNumbers } from '../order/orders.problems.js';
import { recordEvent, type OrderParticipant } from '../order/orders.queries.js';

/** PINs, which let other phones reach a participant, and blocks, which keep another participant from it. */
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
   * @param to the other participant of the link; null if there is only one link
   * @throws OrderNotFound, ParticipantNotFound, NumbersBusy, LinkNotFound, SeveralLinks; OrderWithoutNumbers if the participant has no number
   *   to enter it on
   */
  async pin(reference: string, role: Role, to: Role | null): Promise<ParticipantPin> {
    return retryOnConflict(this.dataSource, async (tx) => {
      const { orderId, participantId } = await this.find(tx, reference, role);
      const assignments = await participantAssignments(tx, orderId, participantId);
      if (assignments.length === 0) throw new OrderWithoutNumbers(reference);
      const others = assignments.map(({ calleeRole }) => calleeRole);
      const chosen = chosenRole(reference, role, others, to);
      const assignment = assignments.find(({ calleeRole }) => calleeRole === chosen)!;
      return this.pins.pinOf(tx, orderId, participantId, assignment);
    });
  }

  /**
   * Blocks all calls and texts to a participant from another one of the order. A later replacement of the blocked
   * participant is not blocked. A call in progress continues. Blocking twice changes nothing.
   *
   * @param from the blocked participant; null if there is only one link
   * @throws OrderNotFound, ParticipantNotFound, OrderWithoutNumbers, LinkNotFound, SeveralLinks
   */
  async block(reference: string, role: Role, from: Role | null): Promise<void> {
    await this.setBlock(reference, role, from, true);
  }

  /** Removes the block. @throws as `block` does */
  async unblock(reference: string, role: Role, from: Role | null): Promise<void> {
    await this.setBlock(reference, role, from, false);
  }

  private async setBlock(reference: string, role: Role, from: Role | null, blocks: boolean): Promise<void> {
    await transactionOfRequest(this.dataSource, async (tx) => {
      const { orderId, participantId } = await this.find(tx, reference, role);
      const callers = await callersOf(tx, orderId, participantId);
      if (callers.length === 0) throw new OrderWithoutNumbers(reference);
      const now = this.clock.now();
      await blockCaller(
        tx,
        { orderId, calleeId: participantId },
        chosenRole(reference, role, callers, from),
        blocks ? now : null,
      );
      await recordEvent(tx, orderId, blocks ? 'order.blocked' : 'order.unblocked', now);
    });
  }

  private async find(
    tx: EntityManager,
    reference: string,
    role: Role,
  ): Promise<OrderParticipant & { orderId: string }> {
    const open = await this.locks.lockOpenOrInGrace(tx, { reference });
    if (!open || (role === 'agent' && !open.participant(role))) throw new OrderWithoutNumbers(reference);
    const participant = open.mustHave(role);
    return { ...participant, orderId: open.order.id };
  }
}
