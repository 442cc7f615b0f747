import { randomUUID } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';

import { phoneOf } from '../../phone-number/sealed-place.js';
import { Clock } from '../../platform/clock/clock.js';
import { closeAssignments, releaseNumbers } from '../../virtual-numbers/assignments/assignment-end.queries.js';
import { AssignmentsService } from '../../virtual-numbers/assignments/assignments.service.js';
import { PoolIsDry } from '../../virtual-numbers/pools/virtual-numbers.problems.js';
import { retryOnConflict } from '../../virtual-numbers/pools/retry-on-conflict.js';
import { PoolLowQueue } from '../../virtual-numbers/pools/pool-low.queue.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { forgetAlternates, ownerOfAlternate } from './alternate-phones.queries.js';
import { AwaitingNumbersQueue } from './awaiting-numbers.queue.js';
import { dialling, diallingFromAllPhones } from './dialling-participant.js';
import type { OpenOrder } from '../order/open-order.js';
import { OrderLocks } from '../order/order-locks.service.js';
import { SamePhone } from '../order/orders.problems.js';
import {
  awaitingOrders,
  joinedAgain,
  leaveOrder,
  moveOrder,
  stripPhones,
  type OrderParticipant,
  type JoiningParticipant,
} from '../order/orders.queries.js';
import { ParticipantPhones } from '../order/participant-phones.service.js';

/** Assigns agents to orders, and with them the numbers of both participants. */
@Injectable()
export class AgentAssignmentService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly locks: OrderLocks,
    private readonly pools: PoolsService,
    private readonly phones: ParticipantPhones,
    private readonly assignments: AssignmentsService,
    private readonly poolLow: PoolLowQueue,
    private readonly awaitingNumbers: AwaitingNumbersQueue,
  ) {}

  /**
   * Assigns an agent to an order, and the numbers through which customer and agent reach each other. All of it commits
   * together, so no active order is without its numbers. The same agent again changes nothing. Another agent replaces
   * the first, and the customer keeps the number.
   *
   * If the pool is dry, the agent is stored and the order waits for numbers, which `finishAwaiting` assigns.
   *
   * @param since when the order system assigned the agent; default: now. Of two agents the later one stays, in
   *   whichever order they arrive.
   * @throws OrderNotFound, OrderClosed, UnusablePhone, SamePhone, NumbersBusy
   */
  async assignAgent(reference: string, agentPhone: string, since = this.clock.now()): Promise<void> {
    const attempt = async (tx: EntityManager) => {
      const open = await this.locks.lockOpen(tx, { reference });
      await this.putOn(tx, open, await this.agentFor(tx, open, agentPhone, since));
      return open.order.poolId;
    };
    try {
      const poolId = await retryOnConflict(this.dataSource, attempt);
      await this.poolLow.announce(poolId);
    } catch (failure) {
      if (!(failure instanceof PoolIsDry)) throw failure;
      const poolId = await this.dataSource.transaction((tx) => this.awaitNumbers(tx, reference, agentPhone, since));
      await Promise.all([this.poolLow.announce(poolId), this.awaitingNumbers.announce(poolId)]);
    }
  }

  /**
   * Assigns numbers to the waiting orders of a pool, oldest first. Safe to run twice and concurrently: each order is
   * checked again under its lock.
   *
   * @returns how many became active, and how many still wait
   */
  async finishAwaiting(poolId: string): Promise<{ finished: number; waiting: number }> {
    let finished = 0;
    let waiting = 0;
    const orderIds = await awaitingOrders(this.dataSource.manager, poolId);
    for (const [index, id] of orderIds.entries()) {
      try {
        const served = await retryOnConflict(this.dataSource, async (tx) => {
          const open = await this.locks.lockOpenOrInGrace(tx, { id });
          if (open?.order.status !== 'awaiting-numbers') return false; // another process was faster
          await this.putOn(tx, open, { stays: open.mustHave('agent') });
          return true;
        });
        if (served) finished += 1;
      } catch (failure) {
        if (!(failure instanceof PoolIsDry)) throw failure;
        if (!(await this.pools.hasNumbers(poolId))) return { finished, waiting: waiting + orderIds.length - index };
        waiting += 1; // dry for this order's participants only; a younger order may still get numbers
      }
    }
    return { finished, waiting };
  }

  /**
   * The order's agent from now on: the current one if the phone is the same or the assignment is older, otherwise a new
   * one.
   */
  private async agentFor(tx: EntityManager, open: OpenOrder, agentPhone: string, since: Date): Promise<Agent> {
    const { order, customer, agent } = open;
    const country = await this.pools.countryOf(tx, order.poolId);
    const participantId = randomUUID();
    const { phone, phoneKey } = await this.phones.seal(tx, 'phone', agentPhone, country, phoneOf(participantId));
    if (customer.phoneKey?.equals(phoneKey)) throw new SamePhone(order.reference);
    const isCustomers =
      customer.hasAlternates && (await ownerOfAlternate(tx, order.id, phoneKey)) === customer.participantId;
    if (isCustomers) throw new SamePhone(order.reference);
    if (agent?.phoneKey?.equals(phoneKey)) {
      if (agent.joinedAt < since) await joinedAgain(tx, agent.participantId, since);
      return { stays: agent };
    }
    if (agent && agent.joinedAt > since) return { stays: agent };
    return { joins: { participantId, role: 'agent', phone, phoneKey, joinedAt: since } };
  }

  /** Makes the order active with this agent. @throws PoolIsDry, FittingNumbersAreLocked: roll back */
  private async putOn(tx: EntityManager, open: OpenOrder, agent: Agent): Promise<void> {
    const { order, customer } = open;
    if (order.status === 'active' && agent.stays) return;
    const now = this.clock.now();
    const span = order.spanFrom(now);
    const { connectsUntil } = span;
    const change = { status: 'active', dueAt: order.dueAt, joins: agent.joins } as const;
    if (agent.joins) await this.makeRoom(tx, open, now);
    const joining = agent.joins ?? (await diallingFromAllPhones(tx, agent.stays));
    if (order.status === 'active') {
      await this.assignments.replace(tx, order, {
        leaving: dialling(open.mustHave('agent')),
        joining,
        staying: dialling(customer),
        samePerson: false,
        span,
        quarantinedUntil: order.connectingUntil(now).quarantinedUntil,
      });
      await moveOrder(tx, order.id, { ...change, event: 'order.agent-replaced' }, now);
      return;
    }
    await this.assignments.assign(tx, order, await diallingFromAllPhones(tx, customer), joining, span);
    await moveOrder(tx, order.id, { ...change, event: 'order.agent-assigned', connectsUntil, activeAt: now }, now);
  }

  /**
   * Stores the agent while the pool is dry. An agent who was replaced can no longer be reached. @returns the pool's id
   */
  private async awaitNumbers(tx: EntityManager, reference: string, agentPhone: string, since: Date): Promise<string> {
    const open = await this.locks.lockOpen(tx, { reference });
    const { order } = open;
    const { joins } = await this.agentFor(tx, open, agentPhone, since);
    if (!joins) return order.poolId; // a repeated request: the order waits, or has its numbers by now
    const now = this.clock.now();
    if (order.status === 'active') {
      await closeAssignments(tx, [order.id], order.connectingUntil(now));
      await releaseNumbers(tx, [order.id], now);
    }
    await this.makeRoom(tx, open, now);
    const change = { status: 'awaiting-numbers', dueAt: order.dueAt, event: 'order.awaiting-numbers', joins } as const;
    await moveOrder(tx, order.id, change, now);
    return order.poolId;
  }

  /** Removes the current agent. The new one joins in the statement that updates the order. */
  private async makeRoom(tx: EntityManager, { order, agent }: OpenOrder, now: Date): Promise<void> {
    if (!agent) return;
    await leaveOrder(tx, agent.participantId, now);
    if (agent.hasAlternates) await forgetAlternates(tx, agent.participantId);
    if (order.status === 'awaiting-numbers') await stripPhones(tx, [agent.participantId]); // never had a number
  }
}

/** The order's agent: the current participant, or one who joins. */
type Agent =
  | { readonly stays: OrderParticipant; readonly joins?: undefined }
  | { readonly joins: JoiningParticipant; readonly stays?: undefined };
