import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import type { E164 } from '../../phone-number/e164.js';
import { BatchedStatement } from '../../platform/database/batched-statement.js';
import { sharedPool } from '../../platform/database/statement.js';
import { makeMonths } from '../../platform/retention/monthly-partitions.js';
import { monthsBack } from '../../platform/retention/months-back.js';
import { monthsToArchive, sidesOfOrdersServed } from './assignment-history.queries.js';
import { archiveAssignments, type ArchivedDialler } from '../assignments/assignment-end.queries.js';
import { retryOnConflict } from '../pools/retry-on-conflict.js';
import { MonthsOfHistory } from './months-of-history.js';
import { calleeOfLink, type SideOfLink } from './callee-of-link.js';
import {
  numbersAndCallersNow,
  numbersAndCallersThen,
  type NumberAndCaller,
  type NumberAndCallerAt,
} from './number-and-caller.queries.js';
import {
  servedIn,
  servingNow,
  spansOf,
  type NumberSpan,
  type Serving,
  type ServingAsked,
  type SpansAsked,
} from './orders-of-number.queries.js';

/** Past assignments: which number served which participants, by their ids and without phones. */
@Injectable()
export class AssignmentHistoryService {
  private readonly months = new MonthsOfHistory(() => sharedPool(this.dataSource));
  private readonly askedNow = new BatchedStatement<NumberAndCallerAt, NumberAndCaller | null>((asked) =>
    numbersAndCallersNow(sharedPool(this.dataSource), asked),
  );
  private readonly askedThen = new BatchedStatement<NumberAndCallerAt, NumberAndCaller | null>((asked) =>
    this.months.read(new Date(Math.min(...asked.map(({ at }) => at.getTime()))), (from) =>
      numbersAndCallersThen(sharedPool(this.dataSource), asked, from),
    ),
  );

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Moves assignments whose quarantine is over into history, at most `limit` at once. Calls `forget` within the
   * transaction with their diallers, whose stored phones are no longer needed.
   *
   * @returns how many were moved
   */
  async archive(
    now: Date,
    limit: number,
    forget: (tx: DataSource['manager'], diallers: readonly ArchivedDialler[]) => Promise<void>,
  ): Promise<number> {
    const months = await monthsToArchive(this.dataSource.manager, now, limit);
    if (months.length > 0) await makeMonths(this.dataSource.manager, ['assignment_history'], months);
    // Two processes may archive assignments of one participant at once, and then wait for each other's rows.
    return retryOnConflict(this.dataSource, async (tx) => {
      const diallers = await archiveAssignments(tx, now, limit);
      await forget(tx, diallers);
      return diallers.length;
    });
  }

  /** The orders and participants that a number served at an instant, with the callees of that time. */
  async served(number: E164, at: Date): Promise<SideOfLink[]> {
    const sides = await this.months.read(at, (from) =>
      sidesOfOrdersServed(sharedPool(this.dataSource), number, at, from),
    );
    const byOrder = new Map<string, SideOfLink[]>();
    for (const side of sides) byOrder.set(side.orderId, [...(byOrder.get(side.orderId) ?? []), side]);
    return sides
      .filter(({ virtualNumber }) => virtualNumber === number)
      .map((side) => ({ ...side, ...calleeOfLink(side, byOrder.get(side.orderId)!, at) }));
  }

  /**
   * The orders that a number served, newest first, live and past. Reads no more months than the page needs.
   *
   * @param latest nothing was assigned after this instant
   */
  async ordersServed(asked: ServingAsked, latest: Date): Promise<Serving[]> {
    const { before, limit } = asked;
    const connections = sharedPool(this.dataSource);
    const served = await servingNow(connections, asked);
    // Of what was archived, only what is newer than the last one matters if the page is full without it.
    const oldest = served.length < limit ? null : served.at(-1)!.assignedAt.toISOString();
    const past: Serving[] = [];
    for (const months of monthsBack(before === null || before.at > latest ? latest : before.at)) {
      past.push(...(await servedIn(connections, months, asked)));
      if (past.length >= limit || (oldest !== null && months.from <= oldest)) break;
    }
    return [...served, ...past].toSorted(newestFirst).slice(0, limit);
  }

  /** Which numbers orders had, and when. */
  async spansOf(asked: SpansAsked): Promise<NumberSpan[]> {
    return spansOf(sharedPool(this.dataSource), asked);
  }

  /**
   * What is stored about a number and a phone that calls it (keyed lookups), as far as it matters at an instant; null if
   * the number is not ours. Questions that are asked at the same time share a statement.
   *
   * @param isPast whether the instant is past, so that history matters
   */
  async numberAndCaller(asked: NumberAndCallerAt, isPast: boolean): Promise<NumberAndCaller | null> {
    return (isPast ? this.askedThen : this.askedNow).ask(asked);
  }
}

function newestFirst(one: Serving, other: Serving): number {
  return other.assignedAt.getTime() - one.assignedAt.getTime() || (one.orderId < other.orderId ? 1 : -1);
}
