import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { IsNull, type DataSource, type EntityManager } from 'typeorm';

import { pageOf, placeCursor, readPlace } from '../../platform/http/cursor-page.js';
import { masked, type E164 } from '../../phone-number/e164.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { phoneOf } from '../../phone-number/sealed-place.js';
import { BatchedStatement } from '../../platform/database/batched-statement.js';
import { CallConnections } from '../../platform/database/call-connections.js';
import { connectionOf, sharedPool, type Connections } from '../../platform/database/statement.js';
import type { SideOfLink } from '../../virtual-numbers/history/callee-of-link.js';
import { AssignmentHistoryService } from '../../virtual-numbers/history/assignment-history.service.js';
import { linkSides, type LinkSide } from '../../virtual-numbers/assignments/assignments.queries.js';
import type { Role } from '../../virtual-numbers/role.js';
import type { PinPolicy } from '../../virtual-numbers/pools/pool.entity.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import type { TextUse } from '../../virtual-numbers/pools/provider-accounts.js';
import type { OrderEvent } from '../order/order-event.entity.js';
import { chosenRole } from './chosen-role.js';
import {
  eventsOf,
  everyParticipantOf,
  findOrder,
  listOrders,
  participantsOf,
  referencesOf,
} from '../order/known-orders.queries.js';
import { linkedTo, linksOf, onlyFromOn } from '../order/order-links.js';
import { Order, type KeptBlock, type OrderStatus } from '../order/order.entity.js';
import { storiesAndReferences, type StoryAsked, type StoryTold } from './order-story.queries.js';
import { OrderNotFound } from '../order/orders.problems.js';
import { unconfirmedAmong } from './unconfirmed-among.queries.js';
import { Participant } from '../order/participant.entity.js';

/** The number that a participant dials to reach another. */
export interface Dialled {
  /** The role of the other participant. */
  readonly to: Role;
  /** Null while the link waits for numbers, or for the other participant. */
  readonly number: E164 | null;
  readonly status: DialStatus;
  /** The only one of the two who may call and text the other; null = as the pool's direction says. */
  readonly onlyFrom: Role | null;
  /** Whether this participant blocks the other. */
  readonly blocks: boolean;
}

/**
 * open: calls connect. grace: the order is over, and calls still connect. half-open: the number stays, and calls are
 * refused until the other participant is known. waiting: there is no number yet.
 */
export const DIAL_STATUSES = ['waiting', 'half-open', 'open', 'grace'] as const;
export type DialStatus = (typeof DIAL_STATUSES)[number];

export interface ParticipantView {
  readonly role: Role;
  /** Masked, `+91••••••••01`; null once it is deleted. */
  readonly phone: string | null;
  /** One for each link; none before and after the order. */
  readonly dials: readonly Dialled[];
}

export interface OrderView {
  readonly order: Order;
  readonly pool: string;
  /** Whether a participant is in doubt since a restore. */
  readonly unconfirmed: boolean;
  /** Who must enter a PIN, by its pool's current policy. */
  readonly pin: PinPolicy;
  /** Whether its participants may text each other, by its pool's current policy. */
  readonly texts: TextUse;
  readonly participants: readonly ParticipantView[];
}

export interface ServedOrder extends SideOfLink {
  readonly reference: string | null;
}

export interface OrderPage {
  readonly orders: readonly OrderView[];
  readonly nextCursor: string | null;
}

/** Read views of orders, without phones in clear. */
@Injectable()
export class OrderViewsService {
  private readonly told = new BatchedStatement<StoryAsked, StoryTold>((asked) =>
    storiesAndReferences(sharedPool(this.dataSource), asked),
  );
  private readonly reading: Connections;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly connections: CallConnections,
    private readonly vault: PhoneVault,
    private readonly pools: PoolsService,
    private readonly history: AssignmentHistoryService,
  ) {
    this.reading = sharedPool(dataSource);
  }

  /** @param tx a transaction that has changed the order; default: as it is committed. @throws OrderNotFound */
  async find(reference: string, tx?: EntityManager): Promise<OrderView> {
    const [view] = await this.views([await this.byReference(reference, tx)], tx);
    return view!;
  }

  /** @throws OrderNotFound */
  async byReference(reference: string, tx?: EntityManager): Promise<Order> {
    const order = await findOrder(tx ? await connectionOf(tx) : this.reading, { reference });
    if (!order) throw new OrderNotFound();
    return order;
  }

  /**
   * Which number a participant dials to reach another, and from which phone (keyed lookup); null without a participant or
   * number.
   *
   * @param to the other's role; null if the participant has one link only
   * @throws LinkNotFound, SeveralLinks
   */
  async dialling(
    orderId: string,
    role: Role,
    to: Role | null,
  ): Promise<{ dials: E164; phoneKey: Buffer; to: Role } | null> {
    const { manager } = this.dataSource;
    const participant = await manager.findOneBy(Participant, { orderId, role, leftAt: IsNull() });
    if (!participant?.phoneKey) return null;
    const sides = (await linkSides(manager, [orderId])).filter(({ diallerId }) => diallerId === participant.id);
    if (sides.length === 0) return null;
    const { reference } = await manager.findOneByOrFail(Order, { id: orderId });
    const others = sides.map(({ calleeRole }) => calleeRole);
    const calleeRole = chosenRole(reference, role, others, to);
    const { number } = sides.find((side) => side.calleeRole === calleeRole)!;
    return { dials: number, phoneKey: participant.phoneKey, to: calleeRole };
  }

  /** The order system's reference of an order; null if there is no such order. */
  async referenceOf(orderId: string): Promise<string | null> {
    return (await findOrder(this.connections, { id: orderId }))?.reference ?? null;
  }

  /** The references of orders, live and ended, by their ids. Those of deleted orders are missing. */
  async referencesOf(orderIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return referencesOf(this.reading, orderIds);
  }

  /**
   * Newest first.
   *
   * @param filter.pools names; null = all pools
   * @throws InvalidRequest for an invalid cursor
   */
  async list(
    { status = null, pools }: { status?: OrderStatus | null; pools: readonly string[] | null },
    limit: number,
    cursor: string | undefined,
  ): Promise<OrderPage> {
    const before = readPlace(cursor, 'uuid');
    const poolIds = pools && (await this.pools.idsOf(pools));
    const orders = await listOrders(this.reading, { status, poolIds, before, limit: limit + 1 });
    const { page, nextCursor } = pageOf(orders, limit, ({ placedAt, id }) => placeCursor({ at: placedAt, id }));
    return { orders: await this.views(page), nextCursor };
  }

  /** The events of an order, oldest first. @throws OrderNotFound */
  async events(reference: string): Promise<OrderEvent[]> {
    return eventsOf(this.reading, await this.byReference(reference));
  }

  /** Everybody who was ever on an order. */
  async everyoneOn(order: Order): Promise<Participant[]> {
    return everyParticipantOf(this.reading, order);
  }

  /** The role of a participant of an order that is not moved yet. They keep it for ever. */
  async roleOf(participantId: string): Promise<Role> {
    return (await this.dataSource.manager.findOneByOrFail(Participant, { id: participantId })).role;
  }

  /**
   * The events and participants of one order, and the references of others. Questions that are asked at the same time
   * share a statement.
   */
  async storyAndReferences(asked: StoryAsked): Promise<StoryTold> {
    return this.told.ask(asked);
  }

  /** The orders that a number of ours connected at an instant, past or present, and for whom. */
  async servedBy(number: E164, at: Date): Promise<ServedOrder[]> {
    const services = await this.history.served(number, at);
    const references = await referencesOf(
      this.reading,
      services.map(({ orderId }) => orderId),
    );
    return services.map((service) => ({ ...service, reference: references.get(service.orderId) ?? null }));
  }

  /** The views of these orders, in the same sequence. @param tx as in `find` */
  async views(orders: readonly Order[], tx?: EntityManager): Promise<OrderView[]> {
    const unmoved = orders.filter(({ overAt }) => overAt === null).map(({ id }) => id);
    const [participants, sides, unconfirmed, pools] = await this.rowsOf(orders, unmoved, tx);
    return orders.map((order) => {
      const present = participants.filter((one) => one.orderId === order.id).sort(byJoining);
      const roles = present.map(({ role }) => role);
      const links = order.dueAt === null ? [] : linksOf(order.links, roles, order.assignNumbers);
      const { name: pool, pin, texts } = pools.get(order.poolId)!;
      const views = present.map(({ id, role, phone }): ParticipantView => {
        const own = sides.filter(({ diallerId }) => diallerId === id);
        const waiting = linkedTo(links, role).filter((to) => !own.some(({ calleeRole }) => calleeRole === to));
        return {
          role,
          phone: phone === null ? null : masked(this.vault.open(phone, phoneOf(id))),
          dials: [
            ...own.map((side) => ({ to: side.calleeRole, number: side.number, status: statusOf(side) })),
            ...waiting.map((to) => ({ to, number: null, status: 'waiting' as const })),
          ].map((dial) => ({
            ...dial,
            onlyFrom: onlyFromOn(links, role, dial.to),
            blocks: blocks(order, sides, { by: role, of: dial.to }),
          })),
        };
      });
      return { order, pool, unconfirmed: unconfirmed.has(order.id), pin, texts, participants: views };
    });
  }

  /** A transaction has one connection, which runs one statement after the other. */
  private async rowsOf(orders: readonly Order[], unmoved: readonly string[], tx?: EntityManager) {
    if (tx) {
      const participants = await participantsOf(await connectionOf(tx), orders);
      const sides = await linkSides(tx, unmoved);
      return [participants, sides, await unconfirmedAmong(tx, unmoved), await this.pools.briefs(tx)] as const;
    }
    const { manager } = this.dataSource;
    return Promise.all([
      participantsOf(this.reading, orders),
      linkSides(manager, unmoved),
      unconfirmedAmong(manager, unmoved),
      this.pools.briefs(),
    ]);
  }
}

/** A link that lost its numbers keeps its blocks in the order. */
function blocks({ id, blocks: kept }: Order, sides: readonly LinkSide[], { by, of }: KeptBlock): boolean {
  const isOfLink = (side: LinkSide) => side.orderId === id && side.diallerRole === of && side.calleeRole === by;
  return sides.some((side) => isOfLink(side) && side.blocked) || kept.some((one) => one.by === by && one.of === of);
}

function statusOf({ calleeId, closed }: LinkSide): DialStatus {
  if (calleeId === null) return 'half-open';
  return closed ? 'grace' : 'open';
}

function byJoining(one: Participant, other: Participant): number {
  return one.joinedAt.getTime() - other.joinedAt.getTime() || (one.role < other.role ? -1 : 1);
}
