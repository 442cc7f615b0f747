import type { E164 } from '../../phone-number/e164.js';
import type { Role } from '../../virtual-numbers/role.js';
import type { CallAssignment, Unjoined } from '../../virtual-numbers/assignments/call-directory.js';
import type { Direction } from '../../virtual-numbers/pools/pool.entity.js';
import type { RefuseReason } from '../decisions/call-reasons.js';
import { isQuiet } from './quiet-hours.js';
import type { AskPin, Refuse, Verdict } from '../decisions/verdict.js';

/** The callers whom a pool's direction stops, by role; it concerns no other links. */
const STOPPED: Readonly<Record<Direction, { readonly caller: Role; readonly callee: Role } | null>> = {
  both: null,
  'customer-to-agent': { caller: 'agent', callee: 'customer' },
  'agent-to-customer': { caller: 'customer', callee: 'agent' },
};

/** The participant at the other end of a link. */
export interface Callee {
  readonly id: string;
  /** Sealed. */
  readonly phone: Buffer;
  /** The virtual number that the callee sees, and can call and text. */
  readonly shownNumber: E164;
}

export type Barrier =
  | 'ORDER_ENDED'
  | 'LINK_CLOSED'
  | 'ORDER_UNCONFIRMED'
  | 'NOT_CONNECTED_YET'
  | 'DIRECTION_NOT_ALLOWED'
  | 'BLOCKED'
  | 'QUIET_HOURS';

/** Whom one participant reaches now, by call or by text, or why nobody. */
export function reachedBy(row: CallAssignment, now: Date): Callee | Barrier {
  if (now >= row.connectsUntil) return row.endedEarly ? 'LINK_CLOSED' : 'ORDER_ENDED';
  if (row.unconfirmed) return 'ORDER_UNCONFIRMED';
  const { calleeId, calleePhone, shownNumber } = row;
  if (calleeId === null || calleePhone === null || shownNumber === null) return 'NOT_CONNECTED_YET';
  if (!mayDial(row)) return 'DIRECTION_NOT_ALLOWED';
  if (row.blocked) return 'BLOCKED';
  if (row.quietHours !== null && isQuiet(row.quietHours, now)) return 'QUIET_HOURS';
  return { id: calleeId, phone: calleePhone, shownNumber };
}

function mayDial({ mayDial: byLink, direction, diallerRole, calleeRole }: CallAssignment): boolean {
  const stopped = STOPPED[direction];
  return byLink ?? !(stopped?.caller === diallerRole && stopped.callee === calleeRole);
}

/**
 * Decides a call whose caller and number are joined by an assignment: whether its order still connects, whether the
 * callee is known, and whether anything prevents the call.
 *
 * @param provenByPin whether a PIN found the row; some pools do not accept a caller's number as proof
 */
export function decideJoined(row: CallAssignment, now: Date, provenByPin: boolean): Verdict {
  const { orderId, diallerRole: callerRole, calleeRole } = row;
  const link = { orderId, callerRole, calleeRole };
  const callee = reachedBy(row, now);
  if (typeof callee === 'string') return { decision: 'refuse', reason: callee, ...link };
  if (row.pin === 'always' && !provenByPin) return { decision: 'ask-pin', reason: 'PIN_REQUIRED', ...link };
  return {
    decision: 'connect',
    reason: row.closed ? 'CONNECTED_IN_GRACE' : 'CONNECTED',
    ...link,
    callerId: row.diallerId,
    calleeId: callee.id,
    calleePhone: callee.phone,
    shownNumber: callee.shownNumber,
    maxCallsPerHour: row.maxCallsPerHour,
    ringSeconds: row.maxRingSeconds,
    talkSeconds: row.maxCallSeconds,
    record: row.recordCalls,
  };
}

/** A refusal in place of another decision about the same call. */
export function refusal({ orderId, callerRole, calleeRole }: Verdict, reason: RefuseReason): Refuse {
  return { decision: 'refuse', reason, orderId, callerRole, calleeRole };
}

/** Why nobody is rung if no assignment joins caller and number. There is never a default destination. */
export function decideUnjoined(facts: Unjoined, callerIsNumber: boolean): Refuse | AskPin {
  const refuse = (reason: RefuseReason, orderId: string | null = null, callerRole: Role | null = null): Refuse => ({
    decision: 'refuse',
    reason,
    orderId,
    callerRole,
    calleeRole: null,
  });
  if (!facts.numberIsOurs) return refuse('UNKNOWN_VN');
  if (facts.callerIsOurs) return refuse('LOOP', facts.onlyOrder);
  if (facts.standsForCallerIn) return refuse('SELF_CALL', facts.standsForCallerIn, facts.callerRole);
  if (facts.pin !== 'off' && facts.servesOrders) {
    return {
      decision: 'ask-pin',
      reason: 'PIN_REQUIRED',
      orderId: facts.onlyOrder,
      callerRole: null,
      calleeRole: null,
    };
  }
  if (!callerIsNumber) return refuse('CLI_WITHHELD', facts.onlyOrder);
  return refuse(facts.callerIsKnown ? 'NO_SESSION' : 'UNKNOWN_CALLER', facts.onlyOrder);
}
