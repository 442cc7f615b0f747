import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import type { Order } from '../../orders/order/order.entity.js';
import { OrderNotFound, ParticipantNotFound } from '../../orders/order/orders.problems.js';
import { OrderViewsService } from '../../orders/views/order-views.service.js';
import { AuditService } from '../../platform/audit/audit.service.js';
import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { sharedPool } from '../../platform/database/statement.js';
import { maySeePool, type Principal } from '../../platform/http/authentication/principal.js';
import { AssignmentHistoryService } from '../../virtual-numbers/history/assignment-history.service.js';
import type { NumberSpan } from '../../virtual-numbers/history/orders-of-number.queries.js';
import type { Role } from '../../virtual-numbers/role.js';
import { toldOf } from '../interactions/interactions.dto.js';
import { newestOfNobody, newestOfOrder, type KnownCall } from '../interactions/known-interactions.queries.js';
import type { FactsOfOrder } from './order-explanation.js';

/** An order seldom has more. Of one that has, the newest are told. */
const MOST_CALLS = 500;
const MOST_POSSIBLY_THEIRS = 100;
const CLOCKS_DIFFER_SECONDS = 60;

/** Tells every call and text of an order, and those that may belong to it although nobody knows who called. */
@Injectable()
export class OrderExplanationService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly history: AssignmentHistoryService,
    private readonly orders: OrderViewsService,
    private readonly audit: AuditService,
  ) {}

  /**
   * Writes an audit entry before it answers. To a key that is limited to pools, there are no orders of other pools.
   *
   * @param role only what a participant in this role did, got, or perhaps did; null = of everybody
   * @throws OrderNotFound; ParticipantNotFound if nobody was ever in the role
   */
  async explain(by: Principal, reference: string, role: Role | null): Promise<FactsOfOrder> {
    const { order, pool } = await this.orders.find(reference);
    if (!maySeePool(by, pool)) throw new OrderNotFound();
    if (role !== null && !(await this.orders.everyoneOn(order)).some((one) => one.role === role)) {
      throw new ParticipantNotFound(reference, role);
    }
    const connections = sharedPool(this.dataSource);
    const all = await this.spansOf(order);
    const spans = all.filter(({ diallerRole }) => role === null || diallerRole === role);
    const [ofOrder, ofNobody] = await Promise.all([
      newestOfOrder(connections, order, MOST_CALLS + 1),
      newestOfNobody(connections, spans.map(whenDialled), MOST_POSSIBLY_THEIRS + 1),
      this.audit.record(by, { what: 'routing.explain', about: order.reference }),
    ]);
    const numbers = new Set<string | null>(spans.map(({ number }) => number));
    return {
      reference: order.reference,
      role,
      calls: oldestFirst(ofOrder, MOST_CALLS).filter((call) => role === null || concerns(call, role, numbers)),
      possiblyTheirs: oldestFirst(ofNobody, MOST_POSSIBLY_THEIRS),
      isWhole: ofOrder.length <= MOST_CALLS && ofNobody.length <= MOST_POSSIBLY_THEIRS,
    };
  }

  private async spansOf({ id, placedAt, overAt }: Order): Promise<NumberSpan[]> {
    const until = addSeconds(overAt ?? this.clock.now(), CLOCKS_DIFFER_SECONDS);
    return this.history.spansOf({
      ...{ orderIds: [id], number: null },
      ...{ from: placedAt.toISOString(), until: until.toISOString() },
    });
  }
}

function whenDialled({ number, assignedAt, connectsUntil }: NumberSpan) {
  return { number, since: assignedAt, until: connectsUntil };
}

function oldestFirst(calls: readonly KnownCall[], limit: number): KnownCall[] {
  return calls.slice(0, limit).toReversed();
}

/** Whether a participant took part, or an unknown caller dialled one of their numbers. */
function concerns(call: KnownCall, role: Role, numbers: ReadonlySet<string | null>): boolean {
  const { from, to } = toldOf(call);
  return from === role || to === role || (from === 'unknown' && numbers.has(call.virtualNumber));
}
