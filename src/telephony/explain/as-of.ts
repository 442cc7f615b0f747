import type { OrderEventKind } from '../../orders/order/order-event.entity.js';
import type { CallAssignment, Unjoined } from '../../virtual-numbers/assignments/call-directory.js';
import type { NumberOnRecord, PairOnRecord } from '../../virtual-numbers/history/pairs-on-record.queries.js';
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
  readonly pairs: readonly PairOnRecord[];
  /** Every assignment of the orders of the phone's assignments. */
  readonly ofOrders: readonly PairOnRecord[];
  readonly eventsOf: (orderId: string) => readonly { readonly kind: OrderEventKind; readonly at: Date }[];
}

const CLOSES = new Set<OrderEventKind>(['order.completed', 'order.cancelled', 'order.expired']);

/**
 * The assignment with which the phone could dial the number. It is in the table until it is archived, some time after
 * its quarantine. An archived one has lost its phone, so it cannot be found by the phone.
 */
export function pairOf({ number, pairs }: OnRecord): PairOnRecord | null {
  return pairs.find((pair) => pair.isOfPhone === true && pair.virtualNumber === number?.number) ?? null;
}

/** The assignments of the number at that time whose phones are deleted. Any of them may have belonged to the phone. */
export function forgottenPairs({ number, pairs }: OnRecord): PairOnRecord[] {
  return pairs.filter((pair) => pair.isOfPhone === null && pair.virtualNumber === number?.number);
}

/**
 * Whom the assignment reached at that time. The end of an assignment changes only while calls still connect, so the
 * stored end is also right for earlier instants. If the callee was replaced, the other participant's assignments show
 * who it was.
 */
export function reachableAsOf(
  pair: PairOnRecord,
  record: OnRecord,
  policy: CallPolicy,
): Omit<CallAssignment, 'calleePhone'> {
  const other = otherSideAsOf(pair, record);
  return {
    ...policy,
    orderId: pair.orderId,
    diallerId: pair.diallerId,
    diallerRole: pair.diallerRole,
    calleeId: other?.diallerId ?? pair.calleeId,
    shownNumber: other?.virtualNumber ?? pair.shownNumber,
    connectsUntil: pair.connectsUntil,
    closed: isClosedAsOf(pair.orderId, record),
    blocked: pair.blockedAt !== null && pair.blockedAt <= record.at,
  };
}

/** The facts about a number and a caller that no assignment joins. */
export function unjoinedAsOf(record: OnRecord): Unjoined {
  const { at, number, policy, callerIsOursSince, pairs } = record;
  const own = pairs.filter((pair) => pair.isOfPhone === true);
  const mirror = own.find(
    (pair) => (otherSideAsOf(pair, record)?.virtualNumber ?? pair.shownNumber) === number?.number,
  );
  const served = new Set(
    pairs
      .filter((pair) => pair.virtualNumber === number?.number && (pair.releasedAt === null || pair.releasedAt > at))
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

function otherSideAsOf(pair: PairOnRecord, { at, ofOrders }: OnRecord): PairOnRecord | null {
  const others = ofOrders.filter(
    ({ orderId, diallerRole, assignedAt }) =>
      orderId === pair.orderId && diallerRole !== pair.diallerRole && assignedAt <= at,
  );
  return others.find(({ connectsUntil }) => at < connectsUntil) ?? null;
}

function isClosedAsOf(orderId: string, { at, eventsOf }: OnRecord): boolean {
  const told = eventsOf(orderId).filter((event) => event.at <= at);
  return CLOSES.has(told.findLast(({ kind }) => CLOSES.has(kind) || kind === 'order.reopened')?.kind ?? 'order.placed');
}
