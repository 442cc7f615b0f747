import type { OrderEventKind } from '../../orders/order/order-event.entity.js';
import type { CallAssignment, Unjoined } from '../../virtual-numbers/assignments/call-directory.js';
import type { NumberOnRecord, AssignmentRecord } from '../../virtual-numbers/history/assignment-records.queries.js';
import type { CallPolicy } from '../../virtual-numbers/pools/pool.entity.js';

/** What is stored about a number and a phone. The state at an instant is derived from it. */
export interface OnRecord {
  readonly at: Date;
  readonly number: NumberOnRecord | null;
  /** The call policy of the number's pool; null if the number is not ours. */
  readonly policy: CallPolicy | null;
  /** Since when the caller's phone is a number of ours; null = it is not. */
  readonly callerIsOursSince: Date | null;
  /** Every assignment of the number and of the phone. */
  readonly assignments: readonly AssignmentRecord[];
  /** Every assignment of the orders of the phone's assignments. */
  readonly ofOrders: readonly AssignmentRecord[];
  readonly eventsOf: (orderId: string) => readonly { readonly kind: OrderEventKind; readonly at: Date }[];
}

const CLOSES = new Set<OrderEventKind>(['order.completed', 'order.cancelled', 'order.expired']);

/**
 * The assignment with which the phone could dial the number. It is in the table until it is archived, some time after
 * its quarantine. An archived one has lost its phone, so it cannot be found by the phone.
 */
export function assignmentOf({ number, assignments }: OnRecord): AssignmentRecord | null {
  return (
    assignments.find((assignment) => assignment.isOfPhone === true && assignment.virtualNumber === number?.number) ??
    null
  );
}

/** The assignments of the number at that time whose phones are deleted. Any of them may have belonged to the phone. */
export function deletedAssignments({ number, assignments }: OnRecord): AssignmentRecord[] {
  return assignments.filter(
    (assignment) => assignment.isOfPhone === null && assignment.virtualNumber === number?.number,
  );
}

/**
 * Whom the assignment reached at that time. The end of an assignment changes only while calls still connect, so the
 * stored end is also right for earlier instants. The other assignments of the link show who the callee was.
 */
export function reachableAsOf(
  assignment: AssignmentRecord,
  record: OnRecord,
  policy: CallPolicy,
): Omit<CallAssignment, 'calleePhone'> {
  return {
    ...policy,
    orderId: assignment.orderId,
    diallerId: assignment.diallerId,
    diallerRole: assignment.diallerRole,
    calleeRole: assignment.calleeRole,
    mayDial: assignment.mayDial,
    ...calleeAsOf(assignment, record),
    connectsUntil: assignment.connectsUntil,
    closed: isClosedAsOf(assignment.orderId, record),
    blocked: assignment.blockedAt !== null && assignment.blockedAt <= record.at,
  };
}

/** The facts about a number and a caller that no assignment joins. */
export function unjoinedAsOf(record: OnRecord): Unjoined {
  const { at, number, policy, callerIsOursSince, assignments } = record;
  const own = assignments.filter((assignment) => assignment.isOfPhone === true);
  const mirror = number && own.find((assignment) => calleeAsOf(assignment, record).shownNumber === number.number);
  const served = new Set(
    assignments
      .filter(
        (assignment) =>
          assignment.virtualNumber === number?.number && (assignment.releasedAt === null || assignment.releasedAt > at),
      )
      .map(({ orderId }) => orderId),
  );
  return {
    // A retired number that had assignments was not retired then.
    numberIsOurs: number !== null && number.createdAt <= at && (number.status !== 'retired' || served.size > 0),
    callerIsOurs: callerIsOursSince !== null && callerIsOursSince <= at,
    callerIsKnown: own.length > 0,
    standsForCallerIn: mirror?.orderId ?? null,
    callerRole: mirror?.diallerRole ?? null,
    onlyOrder: served.size === 1 ? [...served][0]! : null,
    servesOrders: served.size > 0,
    pin: policy?.pin ?? 'off',
  };
}

/** The callee at that time, and the number that the callee saw; null if the link was half-open. */
export function calleeAsOf(
  assignment: AssignmentRecord,
  { at, ofOrders }: OnRecord,
): Pick<CallAssignment, 'calleeId' | 'shownNumber'> {
  const { orderId, diallerRole, calleeRole, calleeId, shownNumber, connectsUntil } = assignment;
  const others = ofOrders.filter(
    (one) =>
      one.orderId === orderId &&
      one.diallerRole === calleeRole &&
      one.calleeRole === diallerRole &&
      one.assignedAt <= at,
  );
  const other = others.find((one) => at < one.connectsUntil);
  if (other) return { calleeId: other.diallerId, shownNumber: other.virtualNumber };
  // Whoever joined later was not the callee yet. After its end, an assignment does not change.
  return at < connectsUntil ? { calleeId: null, shownNumber: null } : { calleeId, shownNumber };
}

function isClosedAsOf(orderId: string, { at, eventsOf }: OnRecord): boolean {
  const told = eventsOf(orderId).filter((event) => event.at <= at);
  return CLOSES.has(told.findLast(({ kind }) => CLOSES.has(kind) || kind === 'order.reopened')?.kind ?? 'order.placed');
}
