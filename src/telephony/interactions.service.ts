import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import { And, Between, IsNull, LessThan, MoreThan, Not, type DataSource, type SelectQueryBuilder } from 'typeorm';

import { OrderViewsService } from '../orders/order-views.service.js';
import type { E164 } from '../phone-number/e164.js';
import { Clock } from '../platform/clock/clock.js';
import { sharedPool } from '../platform/database/statement.js';
import { InvalidRequest } from '../platform/http/request.problems.js';
import type { Role } from '../virtual-numbers/assignments.queries.js';
import type { ProviderName } from '../virtual-numbers/pool.entity.js';
import { Interaction, type Outcome } from './interaction.entity.js';
import { recordReport } from './interactions.queries.js';

/** What a provider tells of a call under way, or of one that is over. */
export type CallReport = CallProgress | CallEnd;

export interface CallProgress {
  readonly state: 'ringing' | 'answered';
}

export interface CallEnd {
  readonly state: 'ended';
  readonly outcome: Outcome;
  /** The provider's own number of this report, where it numbers them: of two alike the higher one stands. */
  readonly sequence?: number | null;
  /** How long both talked; null when it does not say. */
  readonly talkSeconds: number | null;
  readonly ringSeconds?: number | null;
  readonly hungUpBy?: 'caller' | 'callee' | null;
  /** The provider's link to the recording. */
  readonly recordingUrl?: string | null;
}

export interface InteractionPage {
  readonly interactions: readonly Interaction[];
  readonly nextCursor: string | null;
}

/** The calls of an order, and how they ended. */
@Injectable()
export class InteractionsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly orders: OrderViewsService,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(InteractionsService.name);
  }

  /**
   * Records what a provider tells of a call. May be told several times, in any order, and before we ever heard of the
   * call: the row comes out the same.
   */
  async report(provider: ProviderName, providerCallId: string, report: CallReport): Promise<void> {
    const end = report.state === 'ended' ? report : null;
    await recordReport(sharedPool(this.dataSource), {
      provider,
      providerCallId,
      progress: report.state === 'ended' ? null : report.state,
      sequence: end?.sequence ?? null,
      outcome: end?.outcome ?? null,
      talkSeconds: end?.talkSeconds ?? null,
      ringSeconds: end?.ringSeconds ?? null,
      hungUpBy: end?.hungUpBy ?? null,
      recording: null,
      at: this.clock.now(),
    });
    const { state } = report;
    this.logger.info(
      { provider, callId: providerCallId, state, outcome: end?.outcome, talkSeconds: end?.talkSeconds },
      'call reported',
    );
  }

  /** Decided calls to a number between two instants, oldest first, `most` of them. */
  async around(number: E164, since: Date, until: Date, most: number): Promise<Interaction[]> {
    return this.dataSource.manager.find(Interaction, {
      where: { virtualNumber: number, at: Between(since, until), decision: Not(IsNull()) },
      order: { at: 'ASC', ordinal: 'ASC' },
      take: most,
    });
  }

  /** How many calls of one side of an order were connected between two instants. */
  async countConnected(orderId: string, callerRole: Role, since: Date, until: Date): Promise<number> {
    return this.dataSource.manager.countBy(Interaction, {
      ...{ orderId, callerRole, decision: 'connect', kind: 'call', at: And(MoreThan(since), LessThan(until)) },
    });
  }

  /** The calls of an order that were decided, oldest first. @throws OrderNotFound; InvalidRequest for a cursor not ours */
  async ofOrder(reference: string, limit: number, cursor?: string): Promise<InteractionPage> {
    const { id: orderId } = await this.orders.byReference(reference);
    const query = this.dataSource.manager
      .createQueryBuilder(Interaction, 'call')
      .where('call.order_id = :orderId AND call.decision IS NOT NULL', { orderId });
    if (cursor !== undefined) after(query, cursor);
    const calls = await query
      .orderBy('call.at')
      .addOrderBy('call.ordinal')
      .limit(limit + 1)
      .getMany();
    const page = calls.slice(0, limit);
    return { interactions: page, nextCursor: calls.length > limit ? cursorOf(page.at(-1)!) : null };
  }
}

/** An instant and a number, as `cursorOf` writes them. */
const CURSOR = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (\d{1,18})$/;

function cursorOf({ at, ordinal }: Interaction): string {
  return Buffer.from(`${at.toISOString()} ${ordinal}`).toString('base64url');
}

function after(query: SelectQueryBuilder<Interaction>, cursor: string): void {
  const [, at, ordinal] = CURSOR.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (at === undefined || Number.isNaN(Date.parse(at))) {
    throw new InvalidRequest(["cursor must be the last page's nextCursor"]);
  }
  query.andWhere('(call.at, call.ordinal) > (:at, :ordinal)', { at: new Date(at), ordinal });
}
