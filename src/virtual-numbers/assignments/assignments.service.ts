import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import { FittingNumbersAreLocked } from '../pools/retry-on-conflict.js';
import type { Role } from '../role.js';
import { admitDialler, dropDialler, passDiallersOn, type Alternate } from './alternate-diallers.queries.js';
import { closeAssignments, releaseNumbers } from './assignment-end.queries.js';
import { numberBeside, numberFor, numbersForBoth } from './fitting-numbers.js';
import {
  assignLinks,
  insertAssignment,
  linkSides,
  redirectAssignment,
  type AssignedParticipant,
  type ExpectedParticipant,
  type KnownLink,
  type LinkSide,
  type Span,
} from './assignments.queries.js';
import {
  participantAssignments,
  setBlocked,
  setPin,
  type ParticipantAssignment,
} from './participant-assignments.queries.js';
import { mayAlsoDial } from './take-number.queries.js';

/** A participant of an order, with or without a number to dial. */
export interface ParticipantToAssign extends Omit<AssignedParticipant, 'dials'> {
  /** Alternate phones, which may dial the same numbers. */
  readonly alternates?: readonly Alternate[];
}

export interface OrderToServe {
  readonly id: string;
  readonly poolId: string;
}

/** A link to be opened: two participants who may reach each other. */
export type LinkToOpen = KnownLink<ParticipantToAssign>;

/** A link whose other participant is not known yet. */
export interface LinkToHalfOpen {
  readonly one: ParticipantToAssign;
  readonly other: ExpectedParticipant;
  readonly onlyFrom: Role | null;
}

export interface Replacement {
  readonly leaving: ParticipantToAssign;
  /** In the same role. */
  readonly joining: ParticipantToAssign;
  /** The other participants of those links; a role alone for a half-open link. */
  readonly staying: readonly (ParticipantToAssign | ExpectedParticipant)[];
  /** The only role that may dial on the link to a role; null = as the pool's direction says. */
  readonly onlyFrom: (other: Role) => Role | null;
  /**
   * Whether it is the same person's new phone. Then the numbers stay that the new phone may dial, together with blocks,
   * PINs and alternate phones.
   */
  readonly samePerson: boolean;
  readonly span: Span;
  /** End of the quarantine of the leaving participant's assignments. */
  readonly quarantinedUntil: Date;
}

/** Assigns numbers to the links of an order, within the caller's transaction. */
@Injectable()
export class AssignmentsService {
  /**
   * Gives a number of one provider to each participant of each link: a call can only show a number of the provider that
   * carries it. The numbers of a link differ if possible. If only one number fits both participants, it serves both, and
   * calling back still works.
   *
   * @throws PoolIsDry if a participant has no fitting number, FittingNumbersAreLocked if others are taking the last
   *   ones; the transaction must be rolled back
   */
  async open(tx: EntityManager, order: OrderToServe, links: readonly LinkToOpen[], span: Span): Promise<void> {
    const fromOnePhoneEach = links.filter(({ one, other }) => hasOnePhone(one) && hasOnePhone(other));
    const isTogether = fromOnePhoneEach.length > 1 && (await assignLinks(tx, order, fromOnePhoneEach, span));
    for (const link of links) {
      const isSimple = fromOnePhoneEach.includes(link);
      if (isSimple && (isTogether || (await assignLinks(tx, order, [link], span)))) continue;
      await this.openOneByOne(tx, order, link, span);
      for (const participant of [link.one, link.other]) await this.admitAlternates(tx, order, participant, span);
    }
  }

  /** Gives a number to a participant before the other one is known. @throws as `open` does */
  async openHalf(tx: EntityManager, order: OrderToServe, link: LinkToHalfOpen, span: Span): Promise<E164> {
    const { one, other, onlyFrom } = link;
    const dials = await numberFor(tx, order.poolId, phoneKeysOf(one), span.assignedAt);
    const dialler = { ...one, dials };
    await insertAssignment(tx, { orderId: order.id, dialler, callee: other, onlyFrom, span });
    await this.admitAlternates(tx, order, one, span);
    return dials;
  }

  /**
   * Gives the joining participant of a half-open link a number of the same provider. The waiting one keeps theirs.
   *
   * @throws as `open` does
   */
  async complete(
    tx: EntityManager,
    order: OrderToServe,
    {
      waiting,
      joining,
      onlyFrom,
    }: { waiting: AssignedParticipant; joining: ParticipantToAssign; onlyFrom: Role | null },
    span: Span,
  ): Promise<E164> {
    const dials = await numberBeside(tx, order.poolId, waiting.dials, phoneKeysOf(joining), span.assignedAt);
    const dialler = { ...joining, dials };
    await insertAssignment(tx, { orderId: order.id, dialler, callee: waiting, onlyFrom, span });
    await redirectAssignment(tx, order.id, waiting.participantId, dialler, false);
    await this.admitAlternates(tx, order, joining, span);
    return dials;
  }

  /**
   * Replaces a participant on links that have numbers. The staying ones keep their numbers, which now ring the
   * joining one; the leaving one's assignments go into quarantine at once.
   *
   * @throws as `open` does
   */
  async replace(tx: EntityManager, order: OrderToServe, change: Replacement): Promise<void> {
    const { leaving, joining, span, samePerson } = change;
    const sides = await linkSides(tx, [order.id]);
    const before = await participantAssignments(tx, order.id, leaving.participantId);
    const links = change.staying.map((staying) => ({
      onlyFrom: change.onlyFrom(staying.role),
      callee: withNumber(staying, sides, joining.role),
      assignment: before.find(({ calleeRole }) => calleeRole === staying.role) ?? null,
    }));
    if (samePerson) await dropDialler(tx, order.id, leaving.participantId, joining.phoneKey);
    const kept: LinkOfReplacement[] = [];
    for (const link of links) {
      if (samePerson && (await this.keepsNumber(tx, order, leaving, joining, link.assignment))) kept.push(link);
    }
    const end = { connectsUntil: span.assignedAt, quarantinedUntil: change.quarantinedUntil };
    const part = { diallerId: leaving.participantId, calleeRoles: change.staying.map(({ role }) => role) };
    const isOtherNumber = leaving.participantId === joining.participantId;
    await closeAssignments(tx, [order.id], end, part, isOtherNumber ? {} : null);
    // First release, then take: a transaction that waits for a number's lock must not hold one. A number that is kept
    // is not released, because the joining participant's row already holds it.
    for (const link of kept) await this.ring(tx, order, change, link, link.assignment!.number);
    await releaseNumbers(tx, [order.id], span.assignedAt, part);
    for (const link of links) {
      if (!kept.includes(link)) await this.ring(tx, order, change, link, await this.take(tx, order, change, link));
    }
    await this.admitAlternates(tx, order, joining, span);
  }

  /**
   * Gives other numbers to both participants of a link, for example of another provider, if one of them cannot keep
   * theirs. Their old assignments go into quarantine; blocks stay.
   *
   * @throws as `open` does
   */
  async renew(
    tx: EntityManager,
    order: OrderToServe,
    link: LinkToOpen,
    span: Span,
    quarantinedUntil: Date,
  ): Promise<void> {
    const pair = [
      [link.one, link.other],
      [link.other, link.one],
    ] as const;
    const blocked: (Date | null)[] = [];
    for (const [{ participantId }, { role }] of pair) {
      const own = await participantAssignments(tx, order.id, participantId);
      blocked.push(own.find(({ calleeRole }) => calleeRole === role)?.blockedAt ?? null);
    }
    const part = { link: [link.one.role, link.other.role] } as const;
    await closeAssignments(tx, [order.id], { connectsUntil: span.assignedAt, quarantinedUntil }, part, {});
    await releaseNumbers(tx, [order.id], span.assignedAt, part);
    await this.open(tx, order, [link], span);
    for (const [at, [{ participantId }, { role }]] of pair.entries()) {
      const since = blocked[at];
      if (since) await setBlocked(tx, { orderId: order.id, diallerId: participantId, calleeRole: role }, since);
    }
  }

  /** Whether a person's new phone may dial the old one's number on a link. If so, moves what belongs to the old one. */
  private async keepsNumber(
    tx: EntityManager,
    order: OrderToServe,
    leaving: ParticipantToAssign,
    joining: ParticipantToAssign,
    assignment: ParticipantAssignment | null,
  ): Promise<boolean> {
    if (!assignment || !(await mayAlsoDial(tx, assignment.number, [joining.phoneKey]))) return false;
    const { calleeRole } = assignment;
    await passDiallersOn(tx, order.id, leaving.participantId, joining.participantId, calleeRole);
    await setPin(tx, { orderId: order.id, diallerId: leaving.participantId, calleeRole }, null);
    return true;
  }

  /** A number for the joining participant of a replacement, on one link. */
  private async take(
    tx: EntityManager,
    { poolId }: OrderToServe,
    { joining, span }: Replacement,
    { callee }: LinkOfReplacement,
  ): Promise<E164> {
    const keys = phoneKeysOf(joining);
    if ('dials' in callee) return numberBeside(tx, poolId, callee.dials, keys, span.assignedAt);
    return numberFor(tx, poolId, keys, span.assignedAt);
  }

  /** Joins the two participants of a link after a replacement. */
  private async ring(
    tx: EntityManager,
    order: OrderToServe,
    { joining, span, samePerson }: Replacement,
    { callee, onlyFrom, assignment }: LinkOfReplacement,
    dials: E164,
  ): Promise<void> {
    const dialler = { ...joining, dials };
    await insertAssignment(tx, { orderId: order.id, dialler, callee, onlyFrom, span });
    if (samePerson && assignment) {
      const side = { orderId: order.id, diallerId: joining.participantId, calleeRole: callee.role };
      if (assignment.blockedAt) await setBlocked(tx, side, assignment.blockedAt);
      const { number, pin, pinKey } = assignment;
      if (number === dials && pin && pinKey) await setPin(tx, side, { pin, pinKey });
    }
    if ('dials' in callee) await redirectAssignment(tx, order.id, callee.participantId, dialler, samePerson);
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
  private async openOneByOne(tx: EntityManager, order: OrderToServe, link: LinkToOpen, span: Span): Promise<void> {
    const { onlyFrom } = link;
    const keys = { one: phoneKeysOf(link.one), other: phoneKeysOf(link.other) };
    const dials = await numbersForBoth(tx, order.poolId, keys, span.assignedAt);
    const [one, other] = [
      { ...link.one, dials: dials.one },
      { ...link.other, dials: dials.other },
    ];
    await insertAssignment(tx, { orderId: order.id, dialler: one, callee: other, onlyFrom, span });
    await insertAssignment(tx, { orderId: order.id, dialler: other, callee: one, onlyFrom, span });
  }
}

/** One link of a participant who is replaced. */
interface LinkOfReplacement {
  readonly callee: AssignedParticipant | ExpectedParticipant;
  readonly onlyFrom: Role | null;
  /** The leaving participant's. */
  readonly assignment: ParticipantAssignment | null;
}

/** The participant with the number that they dial for a role; a role alone stays one. */
function withNumber(
  participant: ParticipantToAssign | ExpectedParticipant,
  sides: readonly LinkSide[],
  calleeRole: Role,
): AssignedParticipant | ExpectedParticipant {
  if (!('participantId' in participant)) return participant;
  const side = sides.find((one) => one.diallerId === participant.participantId && one.calleeRole === calleeRole);
  return { ...participant, dials: side!.number };
}

function hasOnePhone({ alternates = [] }: ParticipantToAssign): boolean {
  return alternates.length === 0;
}

function phoneKeysOf({ phoneKey, alternates = [] }: ParticipantToAssign): Buffer[] {
  return [phoneKey, ...alternates.map((alternate) => alternate.phoneKey)];
}
