import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Pool as Connections } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';

import type { E164 } from '../phone-number/e164.js';
import { sharedPool } from '../platform/database/statement.js';
import {
  assignTwo,
  insertAssignment,
  numbersDialled,
  redirectAssignment,
  releaseNumbers,
  setEnd,
  type Role,
  type Side,
  type Span,
} from './assignments.queries.js';
import {
  countPins,
  describeUnjoined,
  findReachable,
  findReachableByPin,
  type Reachable,
  type Unjoined,
} from './call-facts.queries.js';
import { FittingNumbersAreLocked } from './lost-race.js';
import { fittingNumberExists, mayAlsoDial, takeNumber, type Taking } from './take-number.queries.js';
import { PoolIsDry } from './virtual-numbers.problems.js';

/** A participant of an order, before or after it has a number to dial. */
export type Participant = Omit<Side, 'dials'>;

export interface OrderToServe {
  readonly id: string;
  readonly poolId: string;
}

export interface End {
  readonly connectsUntil: Date;
  readonly quarantinedUntil: Date;
}

export interface Replacement {
  readonly leaver: Side;
  readonly newcomer: Participant;
  readonly stayer: Side;
  /** Whether the newcomer goes on with the leaver's number, where its pair with it is free: the same person's new phone. */
  readonly keepsNumber: boolean;
  readonly span: Span;
  readonly quarantinedUntil: Date;
}

const SIDES: Record<Role, Role> = { customer: 'agent', agent: 'customer' };

/** Lends numbers to the two sides of an order, and takes them back. What changes them works within the caller's transaction. */
@Injectable()
export class AssignmentsService {
  private readonly connections: Connections;

  constructor(@InjectDataSource() dataSource: DataSource) {
    this.connections = sharedPool(dataSource);
  }

  /** Whom a dialler reaches behind a number; null when no assignment joins the two. For calls: index probes only. */
  async behind(number: E164, diallerKey: Buffer): Promise<Reachable | null> {
    return findReachable(this.connections, number, diallerKey);
  }

  /** Whom the holder of a PIN reaches behind a number; null when it is nobody's there. */
  async behindByPin(number: E164, pinKey: Buffer): Promise<Reachable | null> {
    return findReachableByPin(this.connections, number, pinKey);
  }

  /** How many PINs of a number connect at present. */
  async countPins(number: E164): Promise<number> {
    return countPins(this.connections, number);
  }

  /** What is known of a number and a caller whom no assignment joins; null for a withheld caller. */
  async unjoined(number: E164, callerKey: Buffer | null): Promise<Unjoined> {
    return describeUnjoined(this.connections, number, callerKey);
  }

  /**
   * Gives both sides of an order a number each. They differ where they can; where only one number fits both it serves
   * both, and dialling it back still works.
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
    const two = await assignTwo(tx, order, customer, agent, span);
    if (two) return two;
    const customerDials = await this.take(tx, order, customer, span, null);
    const agentDials = await this.take(tx, order, agent, span, customerDials);
    const sides = [
      { ...customer, dials: customerDials },
      { ...agent, dials: agentDials },
    ] as const;
    await this.write(tx, order, ...sides, span);
    await this.write(tx, order, sides[1], sides[0], span);
    return { customer: customerDials, agent: agentDials };
  }

  /**
   * Puts a newcomer in the place of one side. The other side goes on dialling the number it knows, which now rings the
   * newcomer; the pair of the one who left rests at once.
   *
   * @returns the number the newcomer dials.
   * @throws as `assign` does.
   */
  async replace(tx: EntityManager, order: OrderToServe, change: Replacement): Promise<E164> {
    const { leaver, newcomer, stayer, span } = change;
    const keeps = change.keepsNumber && (await mayAlsoDial(tx, leaver.dials, newcomer.phoneKey));
    await setEnd(tx, [order.id], span.assignedAt, change.quarantinedUntil, leaver.participantId);
    // First give back, then take: whoever waits for a number's lock must hold none yet. A number that is kept is not
    // given back, because the newcomer's row holds it already.
    if (keeps) await this.write(tx, order, { ...newcomer, dials: leaver.dials }, stayer, span);
    await releaseNumbers(tx, [order.id], span.assignedAt, leaver.participantId);
    if (keeps) {
      await redirectAssignment(tx, order.id, stayer.participantId, { ...newcomer, dials: leaver.dials });
      return leaver.dials;
    }
    const dials = await this.take(tx, order, newcomer, span, stayer.dials);
    await this.write(tx, order, { ...newcomer, dials }, stayer, span);
    await redirectAssignment(tx, order.id, stayer.participantId, { ...newcomer, dials });
    return dials;
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

  /** The number each participant of these orders dials, by the participant's id, while calls through it connect. */
  async numbersDialled(tx: EntityManager, orderIds: readonly string[]): Promise<Map<string, E164>> {
    return numbersDialled(tx, orderIds);
  }

  private async take(
    tx: EntityManager,
    order: OrderToServe,
    dialler: Participant,
    span: Span,
    otherSideDials: E164 | null,
  ): Promise<E164> {
    const taking: Taking = {
      poolId: order.poolId,
      diallerKey: dialler.phoneKey,
      besides: otherSideDials ?? undefined,
      now: span.assignedAt,
    };
    const taken = await takeNumber(tx, taking);
    if (taken) return taken;
    if (await fittingNumberExists(tx, taking)) throw new FittingNumbersAreLocked();
    if (otherSideDials && (await mayAlsoDial(tx, otherSideDials, dialler.phoneKey))) return otherSideDials;
    throw new PoolIsDry();
  }

  private async write(tx: EntityManager, order: OrderToServe, dialler: Side, callee: Side, span: Span): Promise<void> {
    mustDiffer(dialler, callee);
    await insertAssignment(tx, { orderId: order.id, dialler, callee, span });
  }
}

function mustDiffer(dialler: Participant, callee: Participant): void {
  if (SIDES[dialler.role] !== callee.role) throw new Error('An order joins a customer and an agent.');
}
