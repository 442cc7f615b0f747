import type { OrderEventKind } from '../../orders/order/order-event.entity.js';
import type { ToldEvent } from '../../orders/views/order-story.queries.js';
import type { CallAssignment, Unjoined } from '../../virtual-numbers/assignments/call-directory.js';
import type { AssignmentRecord, NumberAndCaller } from '../../virtual-numbers/history/number-and-caller.queries.js';
import { calleeOfLink } from '../../virtual-numbers/history/callee-of-link.js';

/** What is stored about a number and a phone. The state at an instant is derived from it. */
export interface OnRecord extends NumberAndCaller {
  readonly at: Date;
  /** now = the current rows count; then = the instant is past. */
  readonly asOf: 'now' | 'then';
}

/**
 * Whom an assignment reaches at an instant. No phone is opened, and the order's events tell whether it is over, and
 * whether it was in doubt.
 */
export type Reachable = Omit<CallAssignment, 'calleePhone' | 'closed'>;

/** Whom the assignment reaches, by its row. */
export function reachableNow(assignment: AssignmentRecord, { pool }: OnRecord): Reachable {
  const { calleeId, shownNumber, blockedAt, unconfirmed } = assignment;
  return { ...pool, ...linkOf(assignment), calleeId, shownNumber, blocked: blockedAt !== null, unconfirmed };
}

/**
 * Whom the assignment reached at that time. The end of an assignment changes only while calls still connect, so the
 * stored end is also right for earlier instants. The other assignments of the link show who the callee was.
 */
export function reachableAsOf(assignment: AssignmentRecord, record: OnRecord): Reachable {
  const { at, pool, held } = record;
  const blocked = assignment.blockedAt !== null && assignment.blockedAt <= at;
  return {
    ...(held?.policy ?? pool),
    ...linkOf(assignment),
    ...calleeAsOf(assignment, record),
    blocked,
    unconfirmed: false,
  };
}

function linkOf({ orderId, diallerId, diallerRole, calleeRole, mayDial, connectsUntil, endedEarly }: AssignmentRecord) {
  return { orderId, diallerId, diallerRole, calleeRole, mayDial, connectsUntil, endedEarly };
}

/** The facts about a number and a caller that no assignment joins, by the current rows. */
export function unjoinedNow(record: OnRecord): Unjoined {
  const { number, status, ordersHeld, standing, served, pool } = record;
  const mirror = standing.find(({ shownNumber }) => shownNumber === number);
  return {
    ...aboutCaller(record),
    numberIsOurs: status !== 'retired',
    standsForCallerIn: mirror?.orderId ?? null,
    callerRole: mirror?.diallerRole ?? null,
    onlyOrder: ordersHeld === 1 ? (served[0] ?? null) : null,
    servesOrders: ordersHeld > 0,
    pin: pool.pin,
  };
}

/** The facts about a number and a caller that no assignment joined at that time. */
export function unjoinedAsOf(record: OnRecord): Unjoined {
  const { at, number, status, createdAt, standing, served, pool, held } = record;
  const mirror = standing.find((assignment) => calleeAsOf(assignment, record).shownNumber === number);
  return {
    ...aboutCaller(record),
    // A retired number that had assignments was not retired then.
    numberIsOurs: createdAt <= at && (status !== 'retired' || served.length > 0),
    standsForCallerIn: mirror?.orderId ?? null,
    callerRole: mirror?.diallerRole ?? null,
    onlyOrder: served.length === 1 ? served[0]! : null,
    servesOrders: served.length > 0,
    pin: (held?.policy ?? pool).pin,
  };
}

function aboutCaller({ at, asOf, callerIsOursSince, callerIsKnown }: OnRecord) {
  const isOurs = callerIsOursSince !== null && (asOf === 'now' || callerIsOursSince <= at);
  return { callerIsOurs: isOurs, callerIsKnown };
}

/** The callee at that time, and the number that the callee saw; null if the link was half-open. */
export function calleeAsOf(
  assignment: AssignmentRecord,
  { at, others }: OnRecord,
): Pick<CallAssignment, 'calleeId' | 'shownNumber'> {
  return calleeOfLink(assignment, others, at);
}

const CLOSES = new Set<OrderEventKind>(['order.completed', 'order.cancelled', 'order.expired']);

/** Whether the order was over at an instant, by its events. */
export function isClosedAsOf(events: readonly ToldEvent[], at: Date): boolean {
  const told = events.filter((event) => event.at <= at);
  return CLOSES.has(told.findLast(({ kind }) => CLOSES.has(kind) || kind === 'order.reopened')?.kind ?? 'order.placed');
}

/** Whether the order was unconfirmed at an instant, after a restore, by its events. */
export function isUnconfirmedAsOf(events: readonly ToldEvent[], at: Date): boolean {
  const told = events.filter((event) => event.at <= at);
  return (
    told.findLast(({ kind }) => kind === 'order.unconfirmed' || kind === 'order.confirmed')?.kind ===
    'order.unconfirmed'
  );
}

/**
 * Whether the direction of the link let the dialler call at that time. The assignment has the last direction that it had
 * before it was released; the first change after the instant tells what was before.
 */
export function mayDialAsOf(assignment: AssignmentRecord, events: readonly ToldEvent[], at: Date): boolean | null {
  const { diallerRole, calleeRole, mayDial, releasedAt } = assignment;
  const change = events.find(
    (event) =>
      event.at > at &&
      (releasedAt === null || event.at <= releasedAt) &&
      event.about?.onlyFromBefore !== undefined &&
      event.about.roles.includes(diallerRole) &&
      event.about.roles.includes(calleeRole),
  );
  if (!change) return mayDial;
  const before = change.about!.onlyFromBefore!;
  return before === null ? null : before === diallerRole;
}
