import { randomUUID } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';

import { transactionOfRequest } from '../../platform/http/idempotency/keyed-request.js';
import type { Country } from '../../phone-number/e164.js';
import { phoneOf } from '../../phone-number/sealed-place.js';
import { Clock } from '../../platform/clock/clock.js';
import { connectionOf } from '../../platform/database/statement.js';
import { CallConnections } from '../../platform/database/call-connections.js';
import { reopenAssignments } from '../../virtual-numbers/assignments/assignment-end.queries.js';
import { isSameLink, type Link } from '../../virtual-numbers/link.js';
import { retryOnConflict } from '../../virtual-numbers/pools/retry-on-conflict.js';
import { DEFAULT_POOL, type Pool } from '../../virtual-numbers/pools/pool.entity.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import type { Role } from '../../virtual-numbers/role.js';
import { AwaitingNumbersQueue } from '../links/awaiting-numbers.queue.js';
import { LinkNumbersService } from '../links/link-numbers.service.js';
import { servedEvent } from '../links/served-event.js';
import { endOrder } from '../order/end-order.js';
import { MOST_PARTICIPANTS, unknownRoles } from '../order/order-links.js';
import { OrderLocks } from '../order/order-locks.service.js';
import { OrderEvent, type OrderEventKind } from '../order/order-event.entity.js';
import type { Ending } from '../order/order.entity.js';
import { NotInGrace, ReferenceTaken, UnusableParticipants } from '../order/orders.problems.js';
import { participantsOf } from '../order/known-orders.queries.js';
import {
  waitingByPool,
  type Waiting,
  insertOrder,
  joinOrder,
  lockOrder,
  reopenOrder,
  type JoiningParticipant,
} from '../order/orders.queries.js';
import { confirmSome } from '../restoration/order-confirmation.js';
import { ParticipantPhones } from '../order/participant-phones.service.js';
import { PhoneGuesses } from '../order/phone-guesses.service.js';

/** A participant of an order that is being placed. */
export interface ParticipantToPlace {
  readonly role: Role;
  readonly phone: string;
  /** The request's field with the phone, for problems. */
  readonly field: string;
}

export interface OrderToPlace {
  readonly reference: string;
  readonly participants: readonly ParticipantToPlace[];
  /** Null = the pool's. */
  readonly links?: readonly Link[] | null;
  readonly pool?: string;
  readonly lifetimeSeconds?: number;
}

/**
 * Places, closes and reopens orders. `ParticipantChangesService` changes who is on them; `OrdersDueService` ends what is
 * due.
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
    private readonly guesses: PhoneGuesses,
    private readonly numbers: LinkNumbersService,
    private readonly awaitingNumbers: AwaitingNumbersQueue,
  ) {}

  /**
   * Stores an order, and announces that its pool will be needed. Assigns numbers to the links whose participants are
   * known. The same order again changes nothing, but that it takes the named participants out of doubt after a restore.
   *
   * @returns the id of its pool; null = it was placed before
   * @throws PoolNotFound, UnusablePhone, UnusableParticipants, TooManyPhonesTried, NumbersBusy; ReferenceTaken if the reference belongs to an
   *   order with other contents
   */
  async place(request: OrderToPlace): Promise<string | null> {
    const pool = await this.pools.byName(request.pool ?? DEFAULT_POOL);
    const links = request.links ?? pool.links;
    checkRoles(request, pool);
    return this.numbers.change(async (tx, isDry) => {
      const now = this.clock.now();
      const joining = await this.sealed(tx, request.participants, pool.country as Country, now);
      for (const { phoneKey } of joining) this.guesses.count(request.reference, phoneKey);
      const lifetimeSeconds = request.lifetimeSeconds ?? pool.lifetimeSeconds;
      const orderId = await insertOrder(tx, request.reference, pool, links, lifetimeSeconds, now);
      if (orderId === null) {
        await this.mustBeTheSame(tx, request, pool, joining);
        return null;
      }
      for (const participant of joining) await joinOrder(tx, orderId, participant);
      if (joining.length === 1 && pool.assignNumbers === 'when-both-known') return pool.id;
      const open = await this.locks.lockOpen(tx, { id: orderId });
      if (await this.numbers.lacksNumbers(tx, open)) {
        await this.numbers.settle(tx, open, { event: servedEvent(open), isDry });
      }
      return pool.id;
    });
  }

  /**
   * Closes an order. Calls connect during its grace; then its numbers are released and the quarantine begins. An order
   * that is over stays as it ended.
   *
   * @throws OrderNotFound, NumbersBusy
   */
  async close(reference: string, because: Exclude<Ending, 'expired'>): Promise<void> {
    const freed = await retryOnConflict(this.dataSource, async (tx) => {
      const { order } = await this.locks.lock(tx, { reference });
      if (order.endedBecause !== null) return null;
      return (await endOrder(tx, order, this.clock.now(), because)) ? order.poolId : null;
    });
    if (freed !== null) await this.awaitingNumbers.announce(freed);
  }

  /**
   * Reopens an order in its grace. It keeps its numbers, which connect for another lifetime; links that waited for
   * numbers wait again. An open order stays unchanged.
   *
   * @throws OrderNotFound; NotInGrace if its numbers are already released
   */
  async reopen(reference: string): Promise<void> {
    const awaiting = await transactionOfRequest(this.dataSource, async (tx) => {
      const open = await this.locks.lock(tx, { reference });
      const { order } = open;
      if (order.endedBecause === null) return null;
      const now = this.clock.now();
      if (order.status !== 'closing' || order.connectsUntil! <= now) throw new NotInGrace(reference);
      const { expiresAt, connectsUntil } = order.lifetimeFrom(now);
      const waits = await this.numbers.lacksNumbers(tx, open);
      const status = waits ? 'awaiting-numbers' : 'active';
      await reopenOrder(tx, order.id, { status, expiresAt, connectsUntil }, now);
      await reopenAssignments(tx, order.id, connectsUntil);
      return waits ? order.poolId : null;
    });
    if (awaiting !== null) await this.awaitingNumbers.announce(awaiting);
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

  /** @throws UnusablePhone; UnusableParticipants if two have the same phone */
  private async sealed(
    tx: EntityManager,
    participants: readonly ParticipantToPlace[],
    country: Country,
    joinedAt: Date,
  ): Promise<JoiningParticipant[]> {
    const joining: JoiningParticipant[] = [];
    for (const { role, phone: text, field } of participants) {
      const participantId = randomUUID();
      const { phone, phoneKey } = await this.phones.seal(tx, field, text, country, phoneOf(participantId));
      const twin = joining.findIndex((one) => one.phoneKey.equals(phoneKey));
      if (twin >= 0) throw new UnusableParticipants(field, `is the same phone as ${participants[twin]!.field}`);
      joining.push({ participantId, role, phone, phoneKey, joinedAt });
    }
    return joining;
  }

  /** @throws ReferenceTaken */
  private async mustBeTheSame(
    tx: EntityManager,
    { reference, lifetimeSeconds, links }: OrderToPlace,
    pool: Pool,
    joining: readonly JoiningParticipant[],
  ): Promise<void> {
    const { order } = (await lockOrder(tx, { reference }))!;
    const participants = await participantsOf(await connectionOf(tx), [order]);
    const same =
      order.poolId === pool.id &&
      // If the request left it to the pool, the pool's value may have changed since; the order is still the same.
      (lifetimeSeconds === undefined || order.lifetimeSeconds === lifetimeSeconds) &&
      (!links || areSameLinks(links, order.links ?? [])) &&
      joining.every(({ role, phoneKey }) =>
        participants.some((one) => one.role === role && one.phoneKey?.equals(phoneKey)),
      );
    if (!same) throw new ReferenceTaken(reference);
    const named = participants.filter(({ role }) => joining.some((one) => one.role === role));
    await confirmSome(
      tx,
      order.id,
      named.map(({ id }) => id),
      this.clock.now(),
    );
  }
}

/** @throws UnusableParticipants */
function checkRoles({ participants, links: named }: OrderToPlace, pool: Pool): void {
  const links = named ?? [];
  if (participants.length > MOST_PARTICIPANTS) {
    throw new UnusableParticipants('participants', `must be ${MOST_PARTICIPANTS} at most`);
  }
  const roles = participants.map(({ role }) => role);
  for (const [index, role] of roles.entries()) {
    if (roles.indexOf(role) < index) {
      throw new UnusableParticipants(`participants.${index}.role`, 'is the role of another participant of the order');
    }
  }
  if (new Set([...roles, ...links.flatMap((link) => link.roles)]).size > MOST_PARTICIPANTS) {
    throw new UnusableParticipants('links', `name more roles than an order can have: ${MOST_PARTICIPANTS} at most`);
  }
  const known = [...roles, ...(pool.links ?? []).flatMap((link) => link.roles)];
  // Where a participant gets a number before the other one is known, the other one's role may be new.
  const mostUnknown = pool.assignNumbers === 'when-one-known' ? 1 : 0;
  for (const [index, link] of links.entries()) {
    const unknown = link.roles.filter((role) => !known.includes(role));
    if (unknown.length > mostUnknown) {
      throw new UnusableParticipants(`links.${index}`, `names ${unknownRoles(unknown, 'the pool')}`);
    }
  }
}

function areSameLinks(some: readonly Link[], others: readonly Link[]): boolean {
  const isIn = (link: Link) => others.some((other) => isSameLink(link, other) && link.onlyFrom === other.onlyFrom);
  return some.length === others.length && some.every(isIn);
}
