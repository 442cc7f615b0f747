import { randomUUID } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';

import { phoneOf } from '../../phone-number/sealed-place.js';
import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { closeAssignments, releaseNumbers } from '../../virtual-numbers/assignments/assignment-end.queries.js';
import { AssignmentsService, type Participant as Side } from '../../virtual-numbers/assignments/assignments.service.js';
import { PoolIsDry } from '../../virtual-numbers/pools/virtual-numbers.problems.js';
import { retryOnConflict } from '../../virtual-numbers/pools/retry-on-conflict.js';
import { PoolLowQueue } from '../../virtual-numbers/pools/pool-low.queue.js';
import { PoolsService } from '../../virtual-numbers/pools/pools.service.js';
import { alternatesOf, forgetAlternates, ownerOfAlternate } from './alternate-phones.queries.js';
import { AwaitingNumbersQueue } from './awaiting-numbers.queue.js';
import { lockOrderAsOf } from '../order/expire-order.js';
import { OrderClosed, OrderNotFound, SamePhone } from '../order/orders.problems.js';
import {
  awaitingOrders,
  currentParticipants,
  joinedAgain,
  leaveOrder,
  moveOrder,
  stripPhones,
  type OrderParticipant,
  type LockedOrder,
  type JoiningParticipant,
} from '../order/orders.queries.js';
import { ParticipantPhones } from '../order/participant-phones.service.js';

/** Who delivers an order, and with that the numbers of both its sides. */
@Injectable()
export class AgentAssignmentService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly pools: PoolsService,
    private readonly phones: ParticipantPhones,
    private readonly assignments: AssignmentsService,
    private readonly poolLow: PoolLowQueue,
    private readonly awaitingNumbers: AwaitingNumbersQueue,
  ) {}

  /**
   * Puts an agent on an order and assigns the numbers through which the two sides reach each other. All of it commits
   * together, so no active order is without its numbers. The same agent again changes nothing; another one takes the
   * place of the first, and the customer goes on dialling the number already shown.
   *
   * When the pool is dry, the agent is stored and the order awaits numbers; `finishAwaiting` assigns them.
   *
   * @param since when the agent was put on it, by the order system's clock, where that is not now: of two agents the later
   *   one stands, in whichever order the news of them comes
   * @throws OrderNotFound, OrderClosed, UnusablePhone, SamePhone, NumbersBusy
   */
  async assignAgent(reference: string, agentPhone: string, since = this.clock.now()): Promise<void> {
    const attempt = async (tx: EntityManager) => {
      const order = await this.lockOpen(tx, reference);
      const on = sides(await currentParticipants(tx, order.id));
      const agent = await this.agentFor(tx, order, on, agentPhone, since);
      await this.putOn(tx, order, on, agent);
      return order.poolId;
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
   * Assigns numbers to the orders of a pool that wait for them, oldest first. Safe to run twice and beside itself: each
   * order is looked at again under its lock.
   *
   * @returns how many became active, and how many still wait.
   */
  async finishAwaiting(poolId: string): Promise<{ finished: number; waiting: number }> {
    let finished = 0;
    let waiting = 0;
    const references = await awaitingOrders(this.dataSource.manager, poolId);
    for (const [index, reference] of references.entries()) {
      try {
        const served = await retryOnConflict(this.dataSource, async (tx) => {
          const order = await this.lock(tx, reference);
          if (order?.status !== 'awaiting-numbers') return false; // somebody else was quicker
          const on = sides(await currentParticipants(tx, order.id));
          await this.putOn(tx, order, on, on.agent!);
          return true;
        });
        if (served) finished += 1;
      } catch (failure) {
        if (!(failure instanceof PoolIsDry)) throw failure;
        if (!(await this.pools.hasNumbers(poolId))) return { finished, waiting: waiting + references.length - index };
        waiting += 1; // dry for this order's people only; a younger order of others may still be served
      }
    }
    return { finished, waiting };
  }

  private async lock(tx: EntityManager, reference: string): Promise<LockedOrder | null> {
    return lockOrderAsOf(this.clock.now(), tx, reference);
  }

  private async lockOpen(tx: EntityManager, reference: string): Promise<LockedOrder> {
    const order = await this.lock(tx, reference);
    if (!order) throw new OrderNotFound();
    if (order.endedBecause !== null) throw new OrderClosed(reference, order.endedBecause);
    return order;
  }

  /** The agent who is to be on the order: the one who is, where phones are the same or the news is old, else a newcomer. */
  private async agentFor(
    tx: EntityManager,
    order: LockedOrder,
    { customer, agent }: Sides,
    agentPhone: string,
    since: Date,
  ): Promise<OrderParticipant | Newcomer> {
    const country = await this.pools.countryOf(tx, order.poolId);
    const participantId = randomUUID();
    const { phone, phoneKey } = await this.phones.seal(tx, 'phone', agentPhone, country, phoneOf(participantId));
    if (customer.phoneKey?.equals(phoneKey)) throw new SamePhone(order.reference);
    const isCustomers =
      customer.hasAlternates && (await ownerOfAlternate(tx, order.id, phoneKey)) === customer.participantId;
    if (isCustomers) throw new SamePhone(order.reference);
    if (agent?.phoneKey?.equals(phoneKey)) {
      if (agent.joinedAt < since) await joinedAgain(tx, agent.participantId, since);
      return agent;
    }
    if (agent && agent.joinedAt > since) return agent;
    return { participantId, role: 'agent', phone, phoneKey, joinedAt: since, isNew: true };
  }

  /** Makes the order active with this agent. @throws PoolIsDry, FittingNumbersAreLocked: roll back. */
  private async putOn(
    tx: EntityManager,
    order: LockedOrder,
    { customer, agent: before }: Sides,
    agent: OrderParticipant | Newcomer,
  ): Promise<void> {
    if (order.status === 'active' && !isNew(agent)) return;
    const now = this.clock.now();
    const expiresAt = order.dueAt!;
    const connectsUntil = order.connectsUntil ?? addSeconds(expiresAt, order.graceSeconds);
    const span = { assignedAt: now, connectsUntil };
    const { side: joined, joins } = await this.makeRoom(tx, order, before, agent, now);
    if (order.status === 'active') {
      const quarantinedUntil = addSeconds(now, order.quarantineSeconds);
      await this.assignments.replace(tx, order, {
        ...{ leaving: known(before!), joining: joined, staying: known(customer) },
        ...{ samePerson: false, span, quarantinedUntil },
      });
      await moveOrder(tx, order.id, { status: 'active', dueAt: expiresAt, event: 'order.agent-replaced', joins }, now);
      return;
    }
    await this.assignments.assign(tx, order, await withAlternates(tx, customer), joined, span);
    await moveOrder(
      tx,
      order.id,
      { status: 'active', dueAt: expiresAt, event: 'order.agent-assigned', connectsUntil, activeAt: now, joins },
      now,
    );
  }

  /** Stores the agent while there is no number to be had. An agent who was replaced can no longer be reached. @returns the pool's id */
  private async awaitNumbers(tx: EntityManager, reference: string, agentPhone: string, since: Date): Promise<string> {
    const order = await this.lockOpen(tx, reference);
    const on = sides(await currentParticipants(tx, order.id));
    const agent = await this.agentFor(tx, order, on, agentPhone, since);
    if (!isNew(agent)) return order.poolId; // a repeat; it waits, or has been served meanwhile
    const now = this.clock.now();
    if (order.status === 'active') {
      const end = { connectsUntil: now, quarantinedUntil: addSeconds(now, order.quarantineSeconds) };
      await closeAssignments(tx, [order.id], end);
      await releaseNumbers(tx, [order.id], now);
    }
    const { joins } = await this.makeRoom(tx, order, on.agent, agent, now);
    await moveOrder(
      tx,
      order.id,
      { status: 'awaiting-numbers', dueAt: order.dueAt, event: 'order.awaiting-numbers', joins },
      now,
    );
    return order.poolId;
  }

  /** Whoever has the agent's role leaves it to a newcomer, who joins in the statement that moves the order on. */
  private async makeRoom(
    tx: EntityManager,
    order: LockedOrder,
    before: OrderParticipant | undefined,
    agent: OrderParticipant | Newcomer,
    now: Date,
  ): Promise<{ side: Side; joins?: JoiningParticipant }> {
    if (!isNew(agent)) return { side: await withAlternates(tx, agent) };
    if (before) await leaveOrder(tx, before.participantId, now);
    if (before?.hasAlternates) await forgetAlternates(tx, before.participantId);
    if (before && order.status === 'awaiting-numbers') await stripPhones(tx, [before.participantId]); // never had a number
    return { side: agent, joins: agent };
  }
}

type Newcomer = JoiningParticipant & { readonly isNew: true };

function isNew(agent: OrderParticipant | Newcomer): agent is Newcomer {
  return 'isNew' in agent;
}

interface Sides {
  readonly customer: OrderParticipant;
  readonly agent?: OrderParticipant;
}

function sides(participants: readonly OrderParticipant[]): Sides {
  return {
    customer: participants.find(({ role }) => role === 'customer')!,
    agent: participants.find(({ role }) => role === 'agent'),
  };
}

/** The same with the other phones; few have any. */
async function withAlternates(tx: EntityManager, participant: OrderParticipant): Promise<Side> {
  if (!participant.hasAlternates) return known(participant);
  return { ...known(participant), alternates: await alternatesOf(tx, participant.participantId) };
}

/** A participant of an order that has not ended: the phone is still there. */
function known({ participantId, role, phone, phoneKey }: OrderParticipant): Side {
  return { participantId, role, phone: phone!, phoneKey: phoneKey! };
}
