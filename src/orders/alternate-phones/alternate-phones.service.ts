import { randomUUID } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';

import { masked, type E164 } from '../../phone-number/e164.js';
import { PhoneVault, type SealedPhone } from '../../phone-number/phone-vault.js';
import { alternatePhone, phoneOf } from '../../phone-number/sealed-place.js';
import { Clock } from '../../platform/clock/clock.js';
import {
  admitDialler,
  withdrawDialler,
  type HowKnown,
} from '../../virtual-numbers/assignments/alternate-diallers.queries.js';
import { confirmAlternate } from '../../virtual-numbers/restoration/doubted-assignments.queries.js';
import type { Role } from '../../virtual-numbers/role.js';
import { retryOnConflict } from '../../virtual-numbers/pools/retry-on-conflict.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { alternatesOf, deleteAlternate, insertAlternate, ownerOfAlternate } from './alternate-phones.queries.js';
import type { OpenOrder } from '../order/open-order.js';
import { OrderLocks } from '../order/order-locks.service.js';
import { OrderNotFound, PhoneNotFound, PhoneTaken, SamePhone, TooManyPhones } from '../order/orders.problems.js';
import { recordEvent, type OrderParticipant } from '../order/orders.queries.js';
import { doubtedParticipants } from '../restoration/unconfirmed-orders.queries.js';
import { ParticipantPhones } from '../order/participant-phones.service.js';
import { PhoneGuesses } from '../order/phone-guesses.service.js';

/** A phone from which a participant may call, and how it became known. */
export interface KnownPhone {
  /** Null = the registered phone, the only one that rings. */
  readonly id: string | null;
  /** Masked, `+91••••••••01`. */
  readonly phone: string;
  readonly known: 'registered' | HowKnown;
  readonly since: Date;
}

/** A single person has no more phones than this. */
const MOST_ALTERNATES = 10;

/** Problems that keep a claimed phone from becoming the participant's. */
const WHY_NOT_CLAIMED = [OrderNotFound, SamePhone, PhoneTaken, TooManyPhones];

/**
 * Alternate phones: phones from which a participant may call in addition to the registered one. They dial the same
 * number, and nobody rings them.
 */
@Injectable()
export class AlternatePhonesService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly locks: OrderLocks,
    private readonly vault: PhoneVault,
    private readonly phones: ParticipantPhones,
    private readonly guesses: PhoneGuesses,
    private readonly pools: PoolsService,
  ) {}

  /**
   * The phones from which a participant may call, the registered one first. @throws OrderNotFound, NoAgentYet,
   * OrderClosed
   */
  async list(reference: string, role: Role): Promise<KnownPhone[]> {
    return this.dataSource.transaction(async (tx) => {
      const open = await this.locks.lockOpen(tx, { reference });
      return this.known(tx, open.mustHave(role));
    });
  }

  /**
   * Lets a participant call from one more phone, whether or not there is an agent yet. The same phone again changes
   * nothing.
   *
   * @throws OrderNotFound, NoAgentYet, OrderClosed, UnusablePhone, TooManyPhonesTried, TooManyPhones; SamePhone if it is the other
   *   participant's; PhoneTaken if calls from that phone to the participant's number lead elsewhere, or did until
   *   recently
   */
  async declare(reference: string, role: Role, text: string): Promise<KnownPhone[]> {
    return retryOnConflict(this.dataSource, async (tx) => {
      const open = await this.locks.lockOpen(tx, { reference });
      const participant = open.mustHave(role);
      const country = await this.pools.countryOf(tx, open.order.poolId);
      const id = randomUUID();
      const sealed = await this.phones.seal(tx, 'phone', text, country, alternatePhone(id));
      this.guesses.count(reference, sealed.phoneKey);
      await this.add(tx, open, participant, { id, ...sealed }, 'declared');
      return this.known(tx, participant);
    });
  }

  /**
   * Removes an alternate phone by its id. Callers from it hear that the order has ended.
   *
   * @throws OrderNotFound, NoAgentYet, OrderClosed, PhoneNotFound
   */
  async withdraw(reference: string, role: Role, id: string): Promise<KnownPhone[]> {
    return this.dataSource.transaction(async (tx) => {
      const open = await this.locks.lockOpen(tx, { reference });
      const { order } = open;
      const participant = open.mustHave(role);
      const phoneKey = await deleteAlternate(tx, participant.participantId, id);
      if (!phoneKey) throw new PhoneNotFound(reference);
      const now = this.clock.now();
      const { quarantinedUntil } = order.connectingUntil(now);
      await withdrawDialler(tx, order.id, participant.participantId, phoneKey, now, quarantinedUntil);
      await recordEvent(tx, order.id, 'order.phone-withdrawn', now);
      return this.known(tx, participant);
    });
  }

  /**
   * Adds a phone from which the right PIN was entered. Changes nothing if that is not possible, because the order is
   * over or the phone belongs to somebody else.
   *
   * @returns whether the participant may call from it
   */
  async claim(orderId: string, participantId: string, phone: E164): Promise<boolean> {
    try {
      return await retryOnConflict(this.dataSource, async (tx) => {
        const open = await this.locks.lockOpenOrInGrace(tx, { id: orderId });
        const participant = open?.participants.find((one) => one.participantId === participantId);
        if (!open || !participant) return false;
        const id = randomUUID();
        const sealed = this.vault.seal(phone, alternatePhone(id));
        await this.add(tx, open, participant, { id, ...sealed }, 'pin');
        return true;
      });
    } catch (failure) {
      if (WHY_NOT_CLAIMED.some((problem) => failure instanceof problem)) return false;
      throw failure;
    }
  }

  private async add(
    tx: EntityManager,
    open: OpenOrder,
    participant: OrderParticipant,
    { id, phone, phoneKey }: SealedPhone & { readonly id: string },
    howKnown: HowKnown,
  ): Promise<void> {
    const { order } = open;
    const { participantId } = participant;
    if (participant.phoneKey?.equals(phoneKey)) return;
    if (open.others(participant).some((other) => other.phoneKey?.equals(phoneKey)))
      throw new SamePhone(order.reference);
    const owner = await ownerOfAlternate(tx, order.id, phoneKey);
    if (owner === participantId) {
      if (howKnown === 'declared') {
        await confirmAlternate(tx, order.id, phoneKey, await doubtedParticipants(tx, order.id));
      }
      return;
    }
    if (owner !== null) throw new SamePhone(order.reference);
    if ((await alternatesOf(tx, participantId)).length >= MOST_ALTERNATES) {
      throw new TooManyPhones(order.reference, MOST_ALTERNATES);
    }
    const now = this.clock.now();
    await insertAlternate(tx, { id, orderId: order.id, participantId, phone, phoneKey, howKnown }, now);
    const admitted = await admitDialler(tx, order.id, participantId, { phoneKey, howKnown }, now);
    if (!admitted) throw new PhoneTaken(order.reference);
    await recordEvent(tx, order.id, howKnown === 'pin' ? 'order.phone-claimed' : 'order.phone-declared', now);
  }

  private async known(tx: EntityManager, { participantId, phone, joinedAt }: OrderParticipant): Promise<KnownPhone[]> {
    const others = await alternatesOf(tx, participantId);
    return [
      {
        id: null,
        phone: masked(this.vault.open(phone!, phoneOf(participantId))),
        known: 'registered',
        since: joinedAt,
      },
      ...others.map(({ id, phone, howKnown, addedAt }) => ({
        id,
        phone: masked(this.vault.open(phone, alternatePhone(id))),
        known: howKnown,
        since: addedAt,
      })),
    ];
  }
}
