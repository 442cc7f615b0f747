import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';

import { Clock } from '../../platform/clock/clock.js';
import { closeAssignments, releaseNumbers } from '../../virtual-numbers/assignments/assignment-end.queries.js';
import {
  expectInstead,
  halveLinks,
  linkSides,
  type LinkSide,
  type Span,
} from '../../virtual-numbers/assignments/assignments.queries.js';
import { setBlocked } from '../../virtual-numbers/assignments/participant-assignments.queries.js';
import { AssignmentsService, type LinkToOpen } from '../../virtual-numbers/assignments/assignments.service.js';
import { isSameLink, type Link } from '../../virtual-numbers/link.js';
import type { Role } from '../../virtual-numbers/role.js';
import { PoolLowQueue } from '../../virtual-numbers/pools/pool-low.queue.js';
import { retryOnConflict } from '../../virtual-numbers/pools/retry-on-conflict.js';
import { PoolIsDry } from '../../virtual-numbers/pools/virtual-numbers.problems.js';
import type { KeptBlock } from '../order/order.entity.js';
import type { OpenOrder } from '../order/open-order.js';
import type { EventSubject, OrderEventKind } from '../order/order-event.entity.js';
import { expectedInPlaceOf, onlyFromOn, withNumbered } from '../order/order-links.js';
import {
  moveOrder,
  recordEvent,
  setBlocks,
  type JoiningParticipant,
  type OrderParticipant,
} from '../order/orders.queries.js';
import { AwaitingNumbersQueue } from './awaiting-numbers.queue.js';
import { dialling, diallingFromAllPhones } from '../alternate-phones/dialling-participant.js';

/**
 * A change of an order that may need numbers.
 *
 * @param isDry whether the pool has no fitting numbers, so that the change must do without
 * @returns the id of the pool that will be needed; null = none
 */
export type OrderChange = (tx: EntityManager, isDry: boolean) => Promise<string | null>;

export interface Replaced {
  readonly leaving: OrderParticipant;
  readonly joining: OrderParticipant;
  /** Whether it is the same person's new phone. */
  readonly samePerson: boolean;
}

/** Events whose news is that the order has its numbers. While it waits, `order.awaiting-numbers` is told instead. */
const NEWS_OF_NUMBERS: readonly OrderEventKind[] = [
  'order.agent-assigned',
  'order.agent-replaced',
  'order.numbers-assigned',
];

/** Assigns numbers to the links of orders: to all that can be opened, or to none. */
@Injectable()
export class LinkNumbersService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly assignments: AssignmentsService,
    private readonly poolLow: PoolLowQueue,
    private readonly awaitingNumbers: AwaitingNumbersQueue,
  ) {}

  /**
   * Runs a change in a transaction. If the pool is dry, runs it once more without assigning numbers: the order then
   * waits for them. Announces the need.
   *
   * @returns what the change returned
   * @throws what the change throws; NumbersBusy
   */
  async change(work: OrderChange): Promise<string | null> {
    try {
      const poolId = await retryOnConflict(this.dataSource, (tx) => work(tx, false));
      if (poolId !== null) await this.poolLow.announce(poolId);
      return poolId;
    } catch (failure) {
      if (!(failure instanceof PoolIsDry)) throw failure;
      const poolId = await retryOnConflict(this.dataSource, (tx) => work(tx, true));
      if (poolId !== null) {
        await Promise.all([this.poolLow.announce(poolId), this.awaitingNumbers.announce(poolId)]);
      }
      return poolId;
    }
  }

  /**
   * Assigns numbers to every link that lacks them, and stores the order's new state and the event. Links that have
   * numbers keep them while others wait.
   *
   * @param open the order after the change
   * @param about which participant or link the event is about
   * @param joins a participant who joins in the same statement
   * @throws PoolIsDry, FittingNumbersAreLocked: roll back
   */
  async settle(
    tx: EntityManager,
    open: OpenOrder,
    {
      event,
      about,
      joins,
      isDry,
    }: { event: OrderEventKind; about?: EventSubject; joins?: JoiningParticipant; isDry: boolean },
  ): Promise<void> {
    const { order } = open;
    const now = this.clock.now();
    const span = order.spanFrom(now);
    const sides = await this.sidesOf(tx, open);
    const lacking = lackingLinks(open, sides);
    if (!isDry) {
      await this.fill(tx, open, lacking, sides, span);
      await this.blockAgain(tx, open, lacking, now);
    }
    const waits = isDry && lacking.length > 0;
    const hasNumbers = sides.length > 0 || (!isDry && lacking.length > 0);
    const status = waits ? 'awaiting-numbers' : hasNumbers ? 'active' : 'placed';
    const links = numberedLinks(sides) + lacking.filter(({ isHalfOpen }) => !isHalfOpen).length;
    const change = {
      status,
      joins,
      dueAt: order.dueAt,
      ...(waits ? { event: 'order.awaiting-numbers' as const } : { event, about }),
      connectsUntil: hasNumbers ? span.connectsUntil : null,
      activeAt: status === 'active' && order.connectsUntil === null ? now : undefined,
      linkCount: links > 0 ? links : undefined,
    } as const;
    if (waits && !NEWS_OF_NUMBERS.includes(event)) await recordEvent(tx, order.id, event, now, about);
    await moveOrder(tx, order.id, change, now);
  }

  /** Whether links of the order could be opened and have no numbers. */
  async lacksNumbers(tx: EntityManager, open: OpenOrder): Promise<boolean> {
    return lackingLinks(open, await this.sidesOf(tx, open)).length > 0;
  }

  /** The links of the order, whether or not they have numbers and both participants are known. */
  async linksOf(tx: EntityManager, open: OpenOrder): Promise<readonly Link[]> {
    return withNumbered(open.links, await this.sidesOf(tx, open));
  }

  /** The sides of the order's links that have numbers. */
  async sidesOf(tx: EntityManager, { order }: OpenOrder): Promise<LinkSide[]> {
    return order.connectsUntil === null ? [] : linkSides(tx, [order.id]);
  }

  /**
   * Replaces a participant on all links that have numbers. If the pool is dry for the joining one, those links lose them
   * as when the participant leaves. The pool may be dry for another link of the order only.
   *
   * @param open the order before the change
   * @throws FittingNumbersAreLocked, and PoolIsDry unless `isDry`: roll back
   */
  async replace(tx: EntityManager, open: OpenOrder, replaced: Replaced, isDry: boolean): Promise<void> {
    if (!isDry) return this.replaceOnLinks(tx, open, replaced);
    try {
      await tx.transaction((inner) => this.replaceOnLinks(inner, open, replaced)); // a savepoint
    } catch (failure) {
      if (!(failure instanceof PoolIsDry)) throw failure;
      await this.withdraw(tx, open, replaced.leaving);
    }
  }

  /** Makes numbers that were assigned early, for a carrier in the usual role, lead to the one who joins. */
  async takePlace(tx: EntityManager, { order, participants }: OpenOrder, joining: Role): Promise<void> {
    if (order.connectsUntil === null) return;
    const expected = expectedInPlaceOf(joining, order.links, participants);
    if (expected !== null) await expectInstead(tx, order.id, expected, joining);
  }

  /**
   * Ends the assignments of a participant who leaves. If the order assigns numbers before both participants are known,
   * the others keep theirs on half-open links; otherwise the links lose them.
   */
  async withdraw(tx: EntityManager, { order }: OpenOrder, leaving: OrderParticipant): Promise<void> {
    if (order.connectsUntil === null) return;
    const now = this.clock.now();
    const staysHalfOpen = order.assignNumbers === 'when-one-known';
    const part = staysHalfOpen ? { diallerId: leaving.participantId } : { linksOf: leaving.role };
    const goesOn = { leaverId: leaving.participantId };
    await closeAssignments(tx, [order.id], order.connectingUntil(now), part, goesOn);
    await releaseNumbers(tx, [order.id], now, part);
    if (staysHalfOpen) await halveLinks(tx, order.id, leaving.participantId);
  }

  private async replaceOnLinks(
    tx: EntityManager,
    open: OpenOrder,
    { leaving, joining, samePerson }: Replaced,
  ): Promise<void> {
    const { order, participants } = open;
    const sides = (await this.sidesOf(tx, open)).filter(({ diallerId }) => diallerId === leaving.participantId);
    if (sides.length === 0) return;
    const now = this.clock.now();
    await this.assignments.replace(tx, order, {
      samePerson,
      leaving: dialling(leaving),
      joining: await diallingFromAllPhones(tx, joining),
      staying: sides.map(({ calleeId, calleeRole }) => {
        const staying = participants.find(({ participantId }) => participantId === calleeId);
        return staying ? dialling(staying) : { role: calleeRole };
      }),
      onlyFrom: (other) => onlyFromOn(open.links, leaving.role, other),
      span: order.spanFrom(now),
      quarantinedUntil: order.connectingUntil(now).quarantinedUntil,
    });
  }

  /** Applies the blocks of links that were closed and are open again. */
  private async blockAgain(
    tx: EntityManager,
    open: OpenOrder,
    opened: readonly LackingLink[],
    now: Date,
  ): Promise<void> {
    const { order } = open;
    if (order.blocks.length === 0) return;
    const applies = ({ by, of }: KeptBlock) =>
      opened.some(({ link, other }) => 'participantId' in other && isSameLink(link, { roles: [by, of] }));
    for (const { by, of } of order.blocks.filter(applies)) {
      const { participantId } = open.participant(of)!;
      await setBlocked(tx, { orderId: order.id, diallerId: participantId, calleeRole: by }, now);
    }
    await setBlocks(tx, order.id, (order.blocks = order.blocks.filter((block) => !applies(block))));
  }

  /** Opens links, and completes half-open ones. */
  private async fill(
    tx: EntityManager,
    { order }: OpenOrder,
    lacking: readonly LackingLink[],
    sides: readonly LinkSide[],
    span: Span,
  ): Promise<void> {
    const links: LinkToOpen[] = [];
    for (const { link, one, other } of lacking) {
      const { onlyFrom } = link;
      const first = await diallingFromAllPhones(tx, one);
      if (!('participantId' in other)) {
        await this.assignments.openHalf(tx, order, { one: first, other, onlyFrom }, span);
        continue;
      }
      const second = await diallingFromAllPhones(tx, other);
      const [side] = sides.filter((known) => isSideOf(known, one, other) || isSideOf(known, other, one));
      if (!side) {
        links.push({ one: first, other: second, onlyFrom });
        continue;
      }
      const [waiting, joining] = side.diallerRole === one.role ? [first, second] : [second, first];
      const completed = { waiting: { ...waiting, dials: side.number }, joining, onlyFrom };
      await this.assignments.complete(tx, order, completed, span);
    }
    if (links.length > 0) await this.assignments.open(tx, order, links, span);
  }
}

/** A link that can be opened or completed now. */
interface LackingLink {
  readonly link: Link;
  readonly one: OrderParticipant;
  /** Only the role while the other one is not known: the link becomes half-open. */
  readonly other: OrderParticipant | Pick<OrderParticipant, 'role'>;
  /** Whether one side has its number already. */
  readonly isHalfOpen: boolean;
}

function lackingLinks(open: OpenOrder, sides: readonly LinkSide[]): LackingLink[] {
  return withNumbered(open.links, sides).flatMap((link): LackingLink[] => {
    const [one, other] = link.roles.map((role) => open.participant(role));
    const present = one ?? other;
    if (!present) return [];
    if (one && other) {
      const known = sides.filter((side) => isSideOf(side, one, other) || isSideOf(side, other, one));
      return known.length === 2 ? [] : [{ link, one, other, isHalfOpen: known.length === 1 }];
    }
    const expected = { role: link.roles[one ? 1 : 0] };
    const isWanted = open.order.assignNumbers === 'when-one-known';
    return isWanted && !sides.some((side) => isSideOf(side, present, expected))
      ? [{ link, one: present, other: expected, isHalfOpen: false }]
      : [];
  });
}

/** How many links these sides belong to. */
function numberedLinks(sides: readonly LinkSide[]): number {
  return new Set(sides.map(({ diallerRole, calleeRole }) => [diallerRole, calleeRole].sort().join(' '))).size;
}

function isSideOf(side: LinkSide, dialler: OrderParticipant, callee: Pick<OrderParticipant, 'role'>): boolean {
  return side.diallerId === dialler.participantId && side.calleeRole === callee.role;
}
