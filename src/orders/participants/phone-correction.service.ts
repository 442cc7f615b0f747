import { randomUUID } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';

import { phoneOf } from '../../phone-number/sealed-place.js';
import { Clock } from '../../platform/clock/clock.js';
import type { Role } from '../../virtual-numbers/role.js';
import { retryOnConflict } from '../../virtual-numbers/pools/retry-on-conflict.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { ownerOfAlternate, passAlternatesOn } from '../alternate-phones/alternate-phones.queries.js';
import { LinkNumbersService } from '../links/link-numbers.service.js';
import { OrderLocks } from '../order/order-locks.service.js';
import { SamePhone } from '../order/orders.problems.js';
import { joinOrder, leaveOrder, moveOrder, stripPhones } from '../order/orders.queries.js';
import { ParticipantPhones } from '../order/participant-phones.service.js';
import { PhoneGuesses } from '../order/phone-guesses.service.js';

/** Corrects a participant's phone during an order. */
@Injectable()
export class PhoneCorrectionService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly locks: OrderLocks,
    private readonly phones: ParticipantPhones,
    private readonly guesses: PhoneGuesses,
    private readonly pools: PoolsService,
    private readonly numbers: LinkNumbersService,
  ) {}

  /**
   * Replaces a participant's phone. All participants keep their numbers if the new phone can use the old one's. The owner
   * of the old phone hears that the order has ended. The same phone again changes nothing.
   *
   * @throws OrderNotFound, OrderClosed, NoAgentYet, ParticipantNotFound, UnusablePhone, TooManyPhonesTried, SamePhone,
   *   NumbersBusy; PoolIsDry, without a change, if the new phone can neither keep the number nor get another
   */
  async correct(reference: string, role: Role, text: string): Promise<void> {
    await retryOnConflict(this.dataSource, (tx) => this.correctIn(tx, reference, role, text));
  }

  private async correctIn(tx: EntityManager, reference: string, role: Role, text: string): Promise<void> {
    const open = await this.locks.lockOpen(tx, { reference });
    const { order } = open;
    const before = open.mustHave(role);
    const others = open.others(before);
    const participantId = randomUUID();
    const country = await this.pools.countryOf(tx, order.poolId);
    const { phone, phoneKey } = await this.phones.seal(tx, 'phone', text, country, phoneOf(participantId));
    this.guesses.count(reference, phoneKey);
    const owner = await ownerOfAlternate(tx, order.id, phoneKey);
    const isAnothers = others.some((other) => other.phoneKey?.equals(phoneKey) || other.participantId === owner);
    if (isAnothers) throw new SamePhone(reference);
    if (before.phoneKey?.equals(phoneKey)) return;

    const now = this.clock.now();
    await leaveOrder(tx, before.participantId, now);
    await joinOrder(tx, order.id, { participantId, role, phone, phoneKey, joinedAt: now });
    await passAlternatesOn(tx, before.participantId, participantId, phoneKey);
    const joining = { participantId, role, phone, phoneKey, joinedAt: now, hasAlternates: before.hasAlternates };
    await this.numbers.replace(tx, open, { leaving: before, joining, samePerson: true }, false);
    await stripPhones(tx, [before.participantId]); // if they never had a number
    await moveOrder(tx, order.id, { status: order.status, dueAt: order.dueAt, event: 'order.phone-corrected' }, now);
  }
}
