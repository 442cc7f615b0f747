import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import { admitDialler, dropDialler, passDiallersOn, type Alternate } from './alternate-diallers.queries.js';
import { closeAssignments, releaseNumbers } from './assignment-end.queries.js';
import {
  assignTwo,
  insertAssignment,
  numbersDialled,
  redirectAssignment,
  type AssignedParticipant,
  type Span,
} from './assignments.queries.js';
import type { Role } from '../role.js';
import { participantAssignment, setBlocked, setPin } from './participant-assignments.queries.js';
import { FittingNumbersAreLocked } from '../pools/retry-on-conflict.js';
import type { ProviderName } from '../provider-name.js';
import {
  fittingNumberExists,
  mayAlsoDial,
  putBack,
  standing,
  takeNumber,
  type Taken,
  type Taking,
} from './take-number.queries.js';
import { PoolIsDry } from '../pools/virtual-numbers.problems.js';

/** A participant of an order, with or without a number to dial. */
export interface ParticipantToAssign extends Omit<AssignedParticipant, 'dials'> {
  /** Alternate phones, which may dial the same number. */
  readonly alternates?: readonly Alternate[];
}

export interface OrderToServe {
  readonly id: string;
  readonly poolId: string;
}

export interface Replacement {
  readonly leaving: ParticipantToAssign;
  readonly joining: ParticipantToAssign;
  readonly staying: ParticipantToAssign;
  /**
   * Whether it is the same person's new phone. Then the number stays if the new phone may dial it, together with
   * blocks, the PIN and alternate phones.
   */
  readonly samePerson: boolean;
  readonly span: Span;
  /** End of the quarantine of the leaving participant's assignments. */
  readonly quarantinedUntil: Date;
}

const SIDES: Record<Role, Role> = { customer: 'agent', agent: 'customer' };

/** Assigns numbers to the participants of an order, within the caller's transaction. */
@Injectable()
export class AssignmentsService {
  /**
   * Gives a number of one provider to each participant of an order: a call can only show a number of the provider that
   * carries it. The numbers differ if possible. If only one number fits both, it serves both, and calling back still
   * works.
   *
   * @throws PoolIsDry if a participant has no fitting number, FittingNumbersAreLocked if others are taking the last
   *   ones; the transaction must be rolled back
   */
  async assign(
    tx: EntityManager,
    order: OrderToServe,
    customer: ParticipantToAssign,
    agent: ParticipantToAssign,
    span: Span,
  ): Promise<Record<Role, E164>> {
    mustDiffer(customer, agent);
    const onePhoneEach = [customer, agent].every((side) => phoneKeysOf(side).length === 1);
    const dials =
      (onePhoneEach ? await assignTwo(tx, order, customer, agent, span) : null) ??
      (await this.assignOneByOne(tx, order, customer, agent, span));
    for (const side of [customer, agent]) await this.admitAlternates(tx, order, side, span);
    return dials;
  }

  /**
   * Replaces a participant. The staying one keeps their number, which now rings the joining one; the leaving one's
   * assignments go into quarantine at once.
   *
   * @returns the number that the joining participant dials
   * @throws as `assign` does
   */
  async replace(tx: EntityManager, order: OrderToServe, change: Replacement): Promise<E164> {
    const { joining, span, samePerson } = change;
    const dialled = await numbersDialled(tx, [order.id]);
    const leaving = { ...change.leaving, dials: dialled.get(change.leaving.participantId)! };
    const staying = { ...change.staying, dials: dialled.get(change.staying.participantId)! };
    const before = samePerson ? await participantAssignment(tx, order.id, leaving.participantId) : null;
    const keeps = samePerson && (await this.keepsNumber(tx, order, leaving, joining));
    const end = { connectsUntil: span.assignedAt, quarantinedUntil: change.quarantinedUntil };
    await closeAssignments(tx, [order.id], end, leaving.participantId);
    // First release, then take: a transaction that waits for a number's lock must not hold one. A number that is kept
    // is not released, because the joining participant's row already holds it.
    if (keeps) await this.write(tx, order, { ...joining, dials: leaving.dials }, staying, span);
    await releaseNumbers(tx, [order.id], span.assignedAt, leaving.participantId);
    const dials = keeps ? leaving.dials : await this.take(tx, order, joining, span, staying.dials);
    if (!keeps) await this.write(tx, order, { ...joining, dials }, staying, span);
    if (before?.blockedAt) await setBlocked(tx, order.id, joining.participantId, before.blockedAt);
    if (keeps && before?.pin && before.pinKey) {
      await setPin(tx, order.id, joining.participantId, { pin: before.pin, pinKey: before.pinKey });
    }
    if (!keeps) await this.admitAlternates(tx, order, joining, span);
    await redirectAssignment(tx, order.id, staying.participantId, { ...joining, dials }, samePerson);
    return dials;
  }

  /**
   * Gives other numbers to both participants, for example of another provider, if one of them cannot keep theirs. Their
   * old assignments go into quarantine; blocks stay.
   *
   * @throws as `assign` does
   */
  async renew(
    tx: EntityManager,
    order: OrderToServe,
    customer: ParticipantToAssign,
    agent: ParticipantToAssign,
    span: Span,
    quarantinedUntil: Date,
  ): Promise<void> {
    const before = [
      await participantAssignment(tx, order.id, customer.participantId),
      await participantAssignment(tx, order.id, agent.participantId),
    ];
    await closeAssignments(tx, [order.id], { connectsUntil: span.assignedAt, quarantinedUntil });
    await releaseNumbers(tx, [order.id], span.assignedAt);
    await this.assign(tx, order, customer, agent, span);
    for (const [at, { participantId }] of [customer, agent].entries()) {
      const blockedAt = before[at]?.blockedAt;
      if (blockedAt) await setBlocked(tx, order.id, participantId, blockedAt);
    }
  }

  /** Whether a person's new phone may dial the old one's number. If so, moves what belongs to the old one. */
  private async keepsNumber(
    tx: EntityManager,
    order: OrderToServe,
    leaving: AssignedParticipant,
    joining: ParticipantToAssign,
  ): Promise<boolean> {
    await dropDialler(tx, order.id, leaving.participantId, joining.phoneKey);
    if (!(await mayAlsoDial(tx, leaving.dials, [joining.phoneKey]))) return false;
    await passDiallersOn(tx, order.id, leaving.participantId, joining.participantId);
    await setPin(tx, order.id, leaving.participantId, null);
    return true;
  }

  private async admitAlternates(
    tx: EntityManager,
    order: OrderToServe,
    { participantId, alternates = [] }: ParticipantToAssign,
    { assignedAt }: Span,
  ): Promise<void> {
    for (const alternate of alternates) {
      const admitted = await admitDialler(tx, order.id, participantId, alternate, assignedAt);
      if (!admitted) throw new FittingNumbersAreLocked(); // another order was faster with that pair
    }
  }

  /**
   * Assigns one after the other: for people with several phones, or to find out which participant has no fitting number
   * and why.
   */
  private async assignOneByOne(
    tx: EntityManager,
    order: OrderToServe,
    customer: ParticipantToAssign,
    agent: ParticipantToAssign,
    span: Span,
  ): Promise<Record<Role, E164>> {
    const dials = await this.takeTwo(tx, order, customer, agent, span);
    const sides = [
      { ...customer, dials: dials.customer },
      { ...agent, dials: dials.agent },
    ] as const;
    await this.write(tx, order, sides[0], sides[1], span);
    await this.write(tx, order, sides[1], sides[0], span);
    return dials;
  }

  /** Two numbers of one provider, any of them; otherwise one number that serves both participants. */
  private async takeTwo(
    tx: EntityManager,
    { poolId }: OrderToServe,
    customer: ParticipantToAssign,
    agent: ParticipantToAssign,
    { assignedAt: now }: Span,
  ): Promise<Record<Role, E164>> {
    const first = await this.takeUnlocked(tx, { poolId, diallerKeys: phoneKeysOf(customer), now });
    if (!first) throw new PoolIsDry();
    const agentKeys = phoneKeysOf(agent);
    let forBoth: E164 | null = null;
    for await (const provider of this.providersFrom(tx, poolId, first.provider)) {
      const taken =
        provider === first.provider
          ? first
          : await this.takeUnlocked(tx, { poolId, diallerKeys: phoneKeysOf(customer), provider, now });
      if (!taken) continue;
      const beside = { poolId, diallerKeys: agentKeys, besides: taken.number, provider, now };
      const other = await this.takeUnlocked(tx, beside);
      if (other) {
        if (forBoth !== null) await putBack(tx, forBoth);
        return { customer: taken.number, agent: other.number };
      }
      if (forBoth === null && (await mayAlsoDial(tx, taken.number, agentKeys))) forBoth = taken.number;
      else await putBack(tx, taken.number);
    }
    if (forBoth === null) throw new PoolIsDry();
    return { customer: forBoth, agent: forBoth };
  }

  /**
   * The providers of a pool's numbers, `first` first. The others are looked up only if that one has no fitting numbers.
   */
  private async *providersFrom(tx: EntityManager, poolId: string, first: ProviderName): AsyncGenerator<ProviderName> {
    yield first;
    const others = await tx.sql<{ provider: ProviderName }[]>`
      SELECT DISTINCT number.provider FROM virtual_numbers AS number
      WHERE number.pool_id = ${poolId} AND number.assignable AND number.provider <> ${first}
      ORDER BY number.provider`;
    for (const { provider } of others) yield provider;
  }

  /** A number of the same provider for a participant who joins one who keeps their number; or that number itself. */
  private async take(
    tx: EntityManager,
    { poolId }: OrderToServe,
    dialler: ParticipantToAssign,
    { assignedAt: now }: Span,
    besides: E164,
  ): Promise<E164> {
    const diallerKeys = phoneKeysOf(dialler);
    const { provider, inReach } = await standing(tx, besides);
    const taken = await this.takeUnlocked(tx, { poolId, diallerKeys, besides, provider, now });
    if (taken) return taken.number;
    if (inReach && (await mayAlsoDial(tx, besides, diallerKeys))) return besides;
    throw new PoolIsDry();
  }

  /** @returns null if there is none. @throws FittingNumbersAreLocked if others are taking those there are */
  private async takeUnlocked(tx: EntityManager, taking: Taking): Promise<Taken | null> {
    const taken = await takeNumber(tx, taking);
    if (!taken && (await fittingNumberExists(tx, taking))) throw new FittingNumbersAreLocked();
    return taken;
  }

  private async write(
    tx: EntityManager,
    order: OrderToServe,
    dialler: AssignedParticipant,
    callee: AssignedParticipant,
    span: Span,
  ): Promise<void> {
    mustDiffer(dialler, callee);
    await insertAssignment(tx, { orderId: order.id, dialler, callee, span });
  }
}

function phoneKeysOf({ phoneKey, alternates = [] }: ParticipantToAssign): Buffer[] {
  return [phoneKey, ...alternates.map((alternate) => alternate.phoneKey)];
}

function mustDiffer(dialler: ParticipantToAssign, callee: ParticipantToAssign): void {
  if (SIDES[dialler.role] !== callee.role) throw new Error('An order joins a customer and an agent.');
}
