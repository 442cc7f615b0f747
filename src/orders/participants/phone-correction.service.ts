import { randomUUID } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';

import { phoneOf } from '../../phone-number/sealed-place.js';
import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { AssignmentsService } from '../../virtual-numbers/assignments/assignments.service.js';
import type { Role } from '../../virtual-numbers/role.js';
import { retryOnConflict } from '../../virtual-numbers/pools/retry-on-conflict.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { alternatesOf, ownerOfAlternate, passAlternatesOn } from './alternate-phones.queries.js';
import { lockOrderAsOf } from '../order/expire-order.js';
import { NoAgentYet, OrderClosed, OrderNotFound, SamePhone } from '../order/orders.problems.js';
import { currentParticipants, joinOrder, leaveOrder, moveOrder, stripPhones } from '../order/orders.queries.js';
import { ParticipantPhones } from '../order/participant-phones.service.js';

/** A participant's phone turns out to be another one in mid-order. */
@Injectable()
export class PhoneCorrectionService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly phones: ParticipantPhones,
    private readonly pools: PoolsService,
    private readonly assignments: AssignmentsService,
  ) {}

  /**
   * Puts another phone in the place of a participant's. Both sides go on dialling the numbers they know, as far as the
   * new phone may dial the old one's; whoever has the old phone hears from now on that the order has ended. The same
   * phone again changes nothing.
   *
   * @throws OrderNotFound, OrderClosed, NoAgentYet, UnusablePhone, SamePhone, NumbersBusy; PoolIsDry when the new phone
   *   can neither keep the number nor get another; nothing is changed then.
   */
  async correct(reference: string, role: Role, text: string): Promise<void> {
    await retryOnConflict(this.dataSource, (tx) => this.correctIn(tx, reference, role, text));
  }

  private async correctIn(tx: EntityManager, reference: string, role: Role, text: string): Promise<void> {
    const order = await lockOrderAsOf(this.clock.now(), tx, reference);
    if (!order) throw new OrderNotFound();
    if (order.endedBecause !== null) throw new OrderClosed(reference, order.endedBecause);
    const participants = await currentParticipants(tx, order.id);
    const before = participants.find((one) => one.role === role);
    const other = participants.find((one) => one.role !== role);
    if (!before) throw new NoAgentYet(reference);
    const participantId = randomUUID();
    const country = await this.pools.countryOf(tx, order.poolId);
    const { phone, phoneKey } = await this.phones.seal(tx, 'phone', text, country, phoneOf(participantId));
    if (other?.phoneKey?.equals(phoneKey)) throw new SamePhone(reference);
    if ((await ownerOfAlternate(tx, order.id, phoneKey)) === other?.participantId) throw new SamePhone(reference);
    if (before.phoneKey?.equals(phoneKey)) return;

    const now = this.clock.now();
    await leaveOrder(tx, before.participantId, now);
    await joinOrder(tx, order.id, { participantId, role, phone, phoneKey, joinedAt: now });
    await passAlternatesOn(tx, before.participantId, participantId, phoneKey);
    if (order.status === 'active') {
      const side = ({ participantId, role, phone, phoneKey }: typeof before) => ({
        ...{ participantId, role, phone: phone!, phoneKey: phoneKey! },
      });
      await this.assignments.replace(tx, order, {
        leaving: side(before),
        joining: { participantId, role, phone, phoneKey, alternates: await alternatesOf(tx, participantId) },
        staying: side(other!),
        samePerson: true,
        span: { assignedAt: now, connectsUntil: order.connectsUntil! },
        quarantinedUntil: addSeconds(now, order.quarantineSeconds),
      });
    } else {
      await stripPhones(tx, [before.participantId]); // never had a number
    }
    await moveOrder(tx, order.id, { status: order.status, dueAt: order.dueAt, event: 'order.phone-corrected' }, now);
  }
}
