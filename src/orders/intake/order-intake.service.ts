import { randomBytes } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import type { DataSource } from 'typeorm';

import { transactionOfRequest } from '../../platform/http/idempotency/keyed-request.js';
import { pageOf, readOrdinal } from '../../platform/http/cursor-page.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { dataOf } from '../../phone-number/sealed-place.js';
import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { Problem } from '../../platform/http/problem.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { InvalidRequest } from '../../platform/http/request.problems.js';
import type { Role } from '../../virtual-numbers/role.js';
import { NumbersBusy } from '../../virtual-numbers/pools/virtual-numbers.problems.js';
import { LinkChangesService } from '../links/link-changes.service.js';
import { ParticipantChangesService } from '../participants/participant-changes.service.js';
import { identityOf, parseOrderNews, UnusableEvent, type OrderChange, type OrderPlaced } from './cloud-event.js';
import type { EventMessage } from './event-message.js';
import { EventUnusable } from './order-intake.problems.js';
import { OrderIntakeQueue } from './order-intake.queue.js';
import {
  claimEvents,
  hurry,
  markApplied,
  markRejected,
  putOff,
  rejectedEvents,
  storeEvents,
  type EventToStore,
  type RejectedEvent,
  type StoredEvent,
} from './order-intake.queries.js';
import { OrderClosed, OrderNotFound, UnusableParticipants } from '../order/orders.problems.js';
import { OrdersService } from '../lifecycle/orders.service.js';

export interface Intake {
  readonly received: number;
  /** Stored before (same source and id), and ignored now. */
  readonly repeated: number;
  readonly rejected: readonly RejectedAtOnce[];
}

/** An event of a batch that can never be applied. */
export interface RejectedAtOnce {
  /** Its place in the batch, from 0. */
  readonly index: number;
  /** Null = the event itself. */
  readonly field: string | null;
  readonly reason: string;
}

const MOST_EVENTS_A_REQUEST = 1_000;

/** How long an event waits for an order that is not placed yet. */
const EARLY_SECONDS = 15 * 60;
/** After this many failures on our side, an event is rejected. */
const MOST_TRIES = 12;
const LONGEST_PAUSE_SECONDS = 60;
/** After this time, the process that claimed an event counts as dead, and another one applies it. */
const CLAIM_SECONDS = 60;
const EVENTS_A_CLAIM = 200;
/** Orders that are processed at a time. The events of one order are applied one after the other. */
const ORDERS_AT_A_TIME = 8;

/**
 * Incoming events: stored before the response, each applied once. They may arrive repeatedly and out of order. They use
 * the same methods as API requests.
 */
@Injectable()
export class OrderIntakeService {
  /**
   * Keys the identity of events without an id, which could otherwise be used to test guesses of their contents. Never
   * stored.
   */
  private readonly secretOfIdentities = randomBytes(32);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly vault: PhoneVault,
    private readonly orders: OrdersService,
    private readonly participants: ParticipantChangesService,
    private readonly links: LinkChangesService,
    private readonly queue: OrderIntakeQueue,
    private readonly metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(OrderIntakeService.name);
  }

  /**
   * Stores the events of a request. An event of a batch that cannot be read is stored as rejected with the reason, and
   * blocks none of the others. One that came alone is refused.
   *
   * @throws InvalidRequest, without storing anything, if there are too many; EventUnusable
   */
  async store(message: EventMessage): Promise<Intake> {
    const now = this.clock.now();
    if ('event' in message) {
      const read = this.read(message.event, now);
      if (read.why) throw new EventUnusable(read.why.field, read.why.message);
      return this.storeAll([read], now);
    }
    const { batch } = message;
    if (batch.length > MOST_EVENTS_A_REQUEST) {
      throw new InvalidRequest([
        `a request may contain at most ${MOST_EVENTS_A_REQUEST} events; this one has ${batch.length}`,
      ]);
    }
    return this.storeAll(
      batch.map((event) => this.read(event, now)),
      now,
    );
  }

  /** Applies stored events that are due, until none is left. Any number of processes may do it at once. */
  async applyStored(): Promise<{ applied: number; rejected: number; putOff: number }> {
    const totals = { applied: 0, rejected: 0, putOff: 0 };
    for (;;) {
      const now = this.clock.now();
      const events = await claimEvents(this.dataSource, now, addSeconds(now, CLAIM_SECONDS), EVENTS_A_CLAIM);
      if (events.length === 0) return totals;
      const orders = [...byReference(events).values()];
      const workers = Array.from({ length: ORDERS_AT_A_TIME }, async () => {
        for (let events = orders.pop(); events; events = orders.pop()) {
          for (const event of events.sort(byTime)) totals[await this.apply(event)] += 1;
        }
      });
      await Promise.all(workers);
    }
  }

  /** Rejected events, newest first. @throws InvalidRequest for an invalid cursor */
  async rejected(
    limit: number,
    cursor: string | undefined,
  ): Promise<{ events: readonly RejectedEvent[]; nextCursor: string | null }> {
    const events = await rejectedEvents(this.dataSource.manager, limit + 1, readOrdinal(cursor));
    const { page, nextCursor } = pageOf(events, limit, ({ id }) => id);
    return { events: page, nextCursor };
  }

  private async storeAll(read: readonly ReadEvent[], now: Date): Promise<Intake> {
    const rejected = read.flatMap((one, index): RejectedAtOnce[] =>
      one.why ? [{ index, field: one.why.field, reason: one.why.message }] : [],
    );
    const events = read.map(({ toStore }) => toStore);
    let fresh = { stored: 0, rejected: 0 };
    const intake = await transactionOfRequest(this.dataSource, async (tx) => {
      fresh = await storeEvents(tx, events, now);
      return { received: events.length, repeated: events.length - fresh.stored, rejected };
    });
    this.metrics.incomingEventsRejected.inc(fresh.rejected);
    if (fresh.stored > fresh.rejected) await this.queue.announce();
    return intake;
  }

  private read(event: unknown, now: Date): ReadEvent {
    try {
      const { source, id: eventId, happenedAt, reference, change } = parseOrderNews(event);
      const data = this.vault.sealText(JSON.stringify(change), dataOf(source, eventId));
      const at = earlier(happenedAt, now);
      return {
        toStore: { source, eventId, type: change.type, reference, happenedAt: at, data, reason: null },
      };
    } catch (failure) {
      if (!(failure instanceof UnusableEvent)) throw failure;
      // Without a source and an id, the event's content identifies it: sent again to this process, it is the same
      // event.
      const said = JSON.stringify(event) ?? '';
      const identity = identityOf(event) ?? { source: '', id: this.vault.proofOf(said, this.secretOfIdentities) };
      const { source, id: eventId } = identity;
      const { message: reason } = failure;
      return {
        why: failure,
        toStore: { source, eventId, type: null, reference: null, happenedAt: now, data: null, reason },
      };
    }
  }

  private async apply(event: StoredEvent): Promise<'applied' | 'rejected' | 'putOff'> {
    const tx = this.dataSource.manager;
    let change: OrderChange | undefined;
    try {
      change = JSON.parse(this.vault.openText(event.data, dataOf(event.source, event.eventId))) as OrderChange;
      await this.change(event, change);
      await markApplied(tx, event.id);
      if (change.type === 'order.placed') await hurry(tx, event.reference, this.clock.now());
      return 'applied';
    } catch (failure) {
      const reason = this.reasonToReject(event, change?.type, failure);
      if (reason !== null) {
        await markRejected(tx, event.id, reason);
        this.metrics.incomingEventsRejected.inc();
        this.logger.warn({ eventRow: event.id, reason }, 'event set aside');
        return 'rejected';
      }
      const pause = Math.min(2 ** (event.tries - 1), LONGEST_PAUSE_SECONDS);
      await putOff(tx, event.id, addSeconds(this.clock.now(), pause));
      return 'putOff';
    }
  }

  private async change({ reference, happenedAt }: StoredEvent, change: OrderChange): Promise<void> {
    switch (change.type) {
      case 'order.placed':
        return this.place(reference, change);
      case 'order.agent-assigned':
        return this.put(reference, 'agent', change.agentPhone, happenedAt);
      case 'order.participant-assigned':
        return this.put(reference, change.role, change.phone, happenedAt);
      case 'order.participant-removed':
        return unlessOver(this.participants.remove(reference, change.role, happenedAt));
      case 'order.link-opened':
        return unlessOver(this.links.open(reference, change.link));
      case 'order.link-closed':
        return unlessOver(this.links.close(reference, change.link.roles));
      case 'order.completed':
        return this.orders.close(reference, 'completed');
      case 'order.cancelled':
        return this.orders.close(reference, 'cancelled');
    }
  }

  private async place(reference: string, { customerPhone, participants, ...order }: OrderPlaced): Promise<void> {
    const joining =
      participants?.map((one, index) => ({ ...one, field: `data.participants.${index}.phone` })) ??
      ([{ role: 'customer', phone: customerPhone!, field: 'customer.phone' }] as const);
    await this.orders.place({ ...order, reference, participants: joining });
  }

  private async put(reference: string, role: Role, phone: string, since: Date): Promise<void> {
    await unlessOver(this.participants.put(reference, role, phone, since));
  }

  /** Why to reject the event; null while it is worth retrying. */
  private reasonToReject(event: StoredEvent, type: OrderChange['type'] | undefined, failure: unknown): string | null {
    if (failure instanceof OrderNotFound || isLinkOfNobodyYet(type, failure)) {
      const early = addSeconds(event.receivedAt, EARLY_SECONDS) > this.clock.now();
      return early ? null : failure.detail;
    }
    if (failure instanceof Problem && !(failure instanceof NumbersBusy)) return failure.detail;
    this.logger.error({ err: failure, eventRow: event.id, tries: event.tries }, 'event not applied');
    return event.tries < MOST_TRIES ? null : 'It failed repeatedly on our side: report it.';
  }
}

/** An event, and if it is unusable, why. */
interface ReadEvent {
  readonly toStore: EventToStore;
  readonly why?: UnusableEvent;
}

/** An event that came after the order's end changes nothing. */
async function unlessOver(change: Promise<void>): Promise<void> {
  try {
    await change;
  } catch (failure) {
    if (!(failure instanceof OrderClosed)) throw failure;
  }
}

/** The event of a participant may come after that of their link. */
function isLinkOfNobodyYet(type: OrderChange['type'] | undefined, failure: unknown): failure is UnusableParticipants {
  return type === 'order.link-opened' && failure instanceof UnusableParticipants;
}

/** An event of the future would win against all later ones. */
function earlier(happenedAt: Date | null, now: Date): Date {
  return happenedAt !== null && happenedAt < now ? happenedAt : now;
}

function byReference(events: readonly StoredEvent[]): Map<string, StoredEvent[]> {
  const groups = new Map<string, StoredEvent[]>();
  for (const event of events) groups.set(event.reference, [...(groups.get(event.reference) ?? []), event]);
  return groups;
}

function byTime(one: StoredEvent, other: StoredEvent): number {
  return one.happenedAt.getTime() - other.happenedAt.getTime() || Number(BigInt(one.id) - BigInt(other.id));
}
