import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { CallConnections } from '../../platform/database/call-connections.js';
import {
  admitDialler,
  dropDialler,
  passDiallersOn,
  withdrawDialler,
  type Alternate,
} from './alternate-diallers.queries.js';
import {
  assignTwo,
  insertAssignment,
  numbersDialled,
  ordersDialling,
  phonesWithPairs,
  redirectAssignment,
  releaseNumbers,
  setEnd,
  type AssignedParticipant,
  type Span,
} from './assignments.queries.js';
import type { Role } from '../role.js';
import {
  pinsOn,
  describeUnjoined,
  findCallAssignment,
  findCallAssignmentByPin,
  type PinsOnNumber,
  type CallAssignment,
  type Unjoined,
} from './call-facts.queries.js';
import { blockCallersOf, participantAssignment, setBlocked, setPin } from './participant-assignments.queries.js';
import { FittingNumbersAreLocked } from '../pools/retry-on-conflict.js';
import { PROVIDERS } from '../provider-name.js';
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

/** A participant of an order, before or after it has a number to dial. */
export interface Participant extends Omit<AssignedParticipant, 'dials'> {
  /** Phones that may dial the same number. */
  readonly alternates?: readonly Alternate[];
}

export interface OrderToServe {
  readonly id: string;
  readonly poolId: string;
}

export interface End {
  readonly connectsUntil: Date;
  readonly quarantinedUntil: Date;
}

export interface Replacement {
  readonly leaver: AssignedParticipant;
  readonly newcomer: Participant;
  readonly stayer: AssignedParticipant;
  /**
   * Whether it is the same person's new phone. Then the newcomer goes on with the leaver's number, where its pair with it
   * is free, and with all that goes with it: blocks, the PIN, other phones.
   */
  readonly samePerson: boolean;
  readonly span: Span;
  readonly quarantinedUntil: Date;
}

const SIDES: Record<Role, Role> = { customer: 'agent', agent: 'customer' };

/** Lends numbers to the two sides of an order, and takes them back. What changes them works within the caller's transaction. */
@Injectable()
export class AssignmentsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly connections: CallConnections,
    private readonly vault: PhoneVault,
  ) {}

  /** Whom a dialler reaches behind a number; null when no assignment joins the two. For calls: index probes only. */
  async behind(number: E164, diallerKey: Buffer): Promise<CallAssignment | null> {
    return findCallAssignment(this.connections, this.vault.keyOf(number), diallerKey);
  }

  /** Whom the holder of a PIN reaches behind a number; null when it is nobody's there. */
  async behindByPin(number: E164, pinKey: Buffer): Promise<CallAssignment | null> {
    return findCallAssignmentByPin(this.connections, number, pinKey);
  }

  /** The pool of a number of ours, and how many PINs connect on it at present. */
  async pinsOn(number: E164): Promise<PinsOnNumber> {
    return pinsOn(this.connections, number);
  }

  /** What is known of a number and a caller whom no assignment joins; null for a withheld caller. */
  async unjoined(number: E164, callerKey: Buffer | null): Promise<Unjoined> {
    return describeUnjoined(this.connections, this.vault.keyOf(number), callerKey);
  }

  /**
   * Gives both sides of an order a number each, of one provider: a call can only show a number of the provider that
   * carries it. They differ where they can; where only one number fits both it serves both, and dialling it back still
   * works.
   *
   * @throws PoolIsDry when a side has no fitting number, FittingNumbersAreLocked when others are just taking the last
   *   ones; the transaction must then be rolled back, so that it is both or none.
   */
  async assign(
    tx: EntityManager,
    order: OrderToServe,
    customer: Participant,
    agent: Participant,
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
   * Puts a newcomer in the place of one side. The other side goes on dialling the number it knows, which now rings the
   * newcomer; the pair of the one who left rests at once.
   *
   * @returns the number the newcomer dials.
   * @throws as `assign` does.
   */
  async replace(tx: EntityManager, order: OrderToServe, change: Replacement): Promise<E164> {
    const { leaver, newcomer, stayer, span, samePerson } = change;
    const right = samePerson ? await participantAssignment(tx, order.id, leaver.participantId) : null;
    const keeps = samePerson && (await this.keepsNumber(tx, order, leaver, newcomer));
    await setEnd(tx, [order.id], span.assignedAt, change.quarantinedUntil, leaver.participantId);
    // First give back, then take: whoever waits for a number's lock must hold none yet. A number that is kept is not
    // given back, because the newcomer's row holds it already.
    if (keeps) await this.write(tx, order, { ...newcomer, dials: leaver.dials }, stayer, span);
    await releaseNumbers(tx, [order.id], span.assignedAt, leaver.participantId);
    const dials = keeps ? leaver.dials : await this.take(tx, order, newcomer, span, stayer.dials);
    if (!keeps) await this.write(tx, order, { ...newcomer, dials }, stayer, span);
    if (right?.blockedAt) await setBlocked(tx, order.id, newcomer.participantId, right.blockedAt);
    if (keeps && right?.pin && right.pinKey) {
      await setPin(tx, order.id, newcomer.participantId, { pin: right.pin, pinKey: right.pinKey });
    }
    if (!keeps) await this.admitAlternates(tx, order, newcomer, span);
    await redirectAssignment(tx, order.id, stayer.participantId, { ...newcomer, dials }, samePerson);
    return dials;
  }

  /**
   * Gives both sides other numbers, for when there is none left beside the one that one of them would keep: of another
   * provider, say. Their pairs with the old ones rest; who is blocked stays blocked.
   *
   * @throws as `assign` does.
   */
  async renew(
    tx: EntityManager,
    order: OrderToServe,
    customer: Participant,
    agent: Participant,
    span: Span,
    quarantinedUntil: Date,
  ): Promise<void> {
    const sides = [customer, agent];
    const rights = [
      await participantAssignment(tx, order.id, customer.participantId),
      await participantAssignment(tx, order.id, agent.participantId),
    ];
    await setEnd(tx, [order.id], span.assignedAt, quarantinedUntil);
    await releaseNumbers(tx, [order.id], span.assignedAt);
    await this.assign(tx, order, customer, agent, span);
    for (const [at, side] of sides.entries()) {
      const blockedAt = rights[at]?.blockedAt;
      if (blockedAt) await setBlocked(tx, order.id, side.participantId, blockedAt);
    }
  }

  /**
   * Lets another phone of a participant dial the participant's number; while there is none, nothing is written.
   *
   * @returns false when the phone may not dial that number: the pair leads elsewhere, or rests.
   */
  async admit(
    tx: EntityManager,
    orderId: string,
    participantId: string,
    alternate: Alternate,
    now: Date,
  ): Promise<boolean> {
    return admitDialler(tx, orderId, participantId, alternate, now);
  }

  /** Takes that right away again; the pair rests. */
  async withdraw(
    tx: EntityManager,
    orderId: string,
    participantId: string,
    phoneKey: Buffer,
    now: Date,
    quarantinedUntil: Date,
  ): Promise<void> {
    await withdrawDialler(tx, orderId, participantId, phoneKey, now, quarantinedUntil);
  }

  /** Blocks whoever may ring a participant, or with null lifts it. @returns false when nobody may, as nobody has a number */
  async block(tx: EntityManager, orderId: string, participantId: string, since: Date | null): Promise<boolean> {
    return blockCallersOf(tx, orderId, participantId, since);
  }

  /** Takes the end of an order's assignments back: they connect until then, and their pairs do not rest yet. */
  async reopen(tx: EntityManager, orderId: string, connectsUntil: Date): Promise<void> {
    await setEnd(tx, [orderId], connectsUntil, null);
  }

  /**
   * Closes the orders' assignments: calls connect until `connectsUntil`, and the pairs rest until `quarantinedUntil`.
   * The numbers stay with the orders until `release`, of many orders at once, so that they are locked in one order.
   */
  async close(tx: EntityManager, orderIds: readonly string[], end: End): Promise<void> {
    await setEnd(tx, orderIds, end.connectsUntil, end.quarantinedUntil);
  }

  /** Gives the orders' numbers back to their pools; from here on their pairs only rest. @returns numbers given back */
  async release(tx: EntityManager, orderIds: readonly string[], now: Date): Promise<number> {
    return releaseNumbers(tx, orderIds, now);
  }

  /** Those of the phones, by their keyed lookups, that have a pair with any number, resting ones included. */
  async phonesWithPairs(tx: EntityManager, phoneKeys: readonly Buffer[]): Promise<Buffer[]> {
    return phonesWithPairs(tx, phoneKeys);
  }

  /** The orders in which somebody dials this number, while calls through it connect. */
  async ordersOn(number: E164): Promise<string[]> {
    return ordersDialling(this.dataSource.manager, number);
  }

  /** The number each participant of these orders dials, by the participant's id, while calls through it connect. */
  async numbersDialled(tx: EntityManager, orderIds: readonly string[]): Promise<Map<string, E164>> {
    return numbersDialled(tx, orderIds);
  }

  /** Whether a person's new phone may dial the number of the old one. What was the old one's is then passed on. */
  private async keepsNumber(
    tx: EntityManager,
    order: OrderToServe,
    leaver: AssignedParticipant,
    newcomer: Participant,
  ): Promise<boolean> {
    await dropDialler(tx, order.id, leaver.participantId, newcomer.phoneKey);
    if (!(await mayAlsoDial(tx, leaver.dials, [newcomer.phoneKey]))) return false;
    await passDiallersOn(tx, order.id, leaver.participantId, newcomer.participantId);
    await setPin(tx, order.id, leaver.participantId, null);
    return true;
  }

  private async admitAlternates(
    tx: EntityManager,
    order: OrderToServe,
    { participantId, alternates = [] }: Participant,
    { assignedAt }: Span,
  ): Promise<void> {
    for (const alternate of alternates) {
      const admitted = await admitDialler(tx, order.id, participantId, alternate, assignedAt);
      if (!admitted) throw new FittingNumbersAreLocked(); // another order was quicker with that pair
    }
  }

  /** For somebody with several phones; and where two numbers were not to be had at once, to find out who has none, and why. */
  private async assignOneByOne(
    tx: EntityManager,
    order: OrderToServe,
    customer: Participant,
    agent: Participant,
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

  /** Two numbers of one provider, whichever has them; where none has two that fit, one that serves both sides. */
  private async takeTwo(
    tx: EntityManager,
    { poolId }: OrderToServe,
    customer: Participant,
    agent: Participant,
    { assignedAt: now }: Span,
  ): Promise<Record<Role, E164>> {
    const first = await this.takeUnlocked(tx, { poolId, diallerKeys: phoneKeysOf(customer), now });
    if (!first) throw new PoolIsDry();
    const agentKeys = phoneKeysOf(agent);
    let forBoth: E164 | null = null;
    for (const provider of [first.provider, ...PROVIDERS.filter((other) => other !== first.provider)]) {
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

  /** For a newcomer beside somebody who goes on with their number: one of the same provider, or that number itself. */
  private async take(
    tx: EntityManager,
    { poolId }: OrderToServe,
    dialler: Participant,
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

  /** @returns null when there is none. @throws FittingNumbersAreLocked when others are just taking those there are */
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

function phoneKeysOf({ phoneKey, alternates = [] }: Participant): Buffer[] {
  return [phoneKey, ...alternates.map((alternate) => alternate.phoneKey)];
}

function mustDiffer(dialler: Participant, callee: Participant): void {
  if (SIDES[dialler.role] !== callee.role) throw new Error('An order joins a customer and an agent.');
}
