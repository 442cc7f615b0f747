import type { OrderEventKind } from '../../orders/order/order-event.entity.js';
import type { CallAssignment, Unjoined } from '../../virtual-numbers/assignments/call-directory.js';
import type { NumberOnRecord, PairOnRecord } from '../../virtual-numbers/history/pairs-on-record.queries.js';
import type { CallPolicy } from '../../virtual-numbers/pools/pool.entity.js';

/** What is on record of a number and a phone, from which follows what was so at an instant. */
export interface OnRecord {
  readonly at: Date;
  readonly number: NumberOnRecord | null;
  /** What the number's pool allowed of calls; of a number that is none of ours, nothing is asked. */
  readonly policy: CallPolicy | null;
  /** Since when the caller's phone is a number of ours; null = it is none. */
  readonly callerIsOursSince: Date | null;
  /** Every pair of the number and of the phone. */
  readonly pairs: readonly PairOnRecord[];
  /** Every pair of the orders that the phone's pairs belong to. */
  readonly ofOrders: readonly PairOnRecord[];
  readonly eventsOf: (orderId: string) => readonly { readonly kind: OrderEventKind; readonly at: Date }[];
}

const CLOSES = new Set<OrderEventKind>(['order.completed', 'order.cancelled', 'order.expired']);

/**
 * The pair through which the phone could dial the number. It is in the table until it is archived, some time after its
 * quarantine; a pair that lies in history has lost its phone and is nobody's that we could name.
 */
export function pairOf({ number, pairs }: OnRecord): PairOnRecord | null {
  return pairs.find((pair) => pair.isOfPhone === true && pair.virtualNumber === number?.number) ?? null;
}

/** The pairs that the number had then and whose phones are forgotten: any of them may have been the phone's. */
export function forgottenPairs({ number, pairs }: OnRecord): PairOnRecord[] {
  return pairs.filter((pair) => pair.isOfPhone === null && pair.virtualNumber === number?.number);
}

/**
 * Whom the pair reached then. A pair's end may have been moved since, but only within what still connected, so the one
 * that stands decides for every instant; the callee may have been replaced, and then the other side's pairs tell who it was.
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

/** What was known of the number and the caller, whom no pair joined. */
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
    // A retired number that had pairs was not retired then.
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
