import type { E164 } from '../../phone-number/e164.js';
import type { Role } from '../../virtual-numbers/role.js';
import type { CallAssignment, Unjoined } from '../../virtual-numbers/assignments/call-directory.js';
import type { Direction } from '../../virtual-numbers/pools/pool.entity.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import type { AskReason, ConnectReason, RefuseReason } from './call-reasons.js';
import { isQuiet } from './quiet-hours.js';

/** A call to one of our numbers, from any provider. */
export interface InboundCall {
  readonly provider: ProviderName;
  /** The provider's id of the call, the same in all its requests. */
  readonly providerCallId: string;
  /**
   * The step of the provider's flow that sends the request. A call may be decided again at another step, or with other
   * digits. Each question for a PIN is a separate step, so the same PIN entered twice counts as two tries.
   */
  readonly step: string;
  /** The dialled number, most likely form first: a provider may report it in two forms. */
  readonly dialled: readonly E164[];
  /** Null = withheld, or not a number. */
  readonly caller: E164 | null;
  /** The digits of a PIN; null = not asked yet, '' = asked, and nothing was entered. */
  readonly digits: string | null;
}

export interface Connect {
  readonly decision: 'connect';
  readonly reason: ConnectReason;
  readonly orderId: string;
  readonly callerRole: Role;
  readonly callerId: string;
  readonly calleeId: string;
  /** Sealed. */
  readonly calleePhone: Buffer;
  /** The caller ID that the callee sees and can call back. */
  readonly shownNumber: E164;
  readonly ringSeconds: number;
  readonly talkSeconds: number;
  readonly record: boolean;
  readonly maxCallsPerHour: number | null;
}

export interface Refuse {
  readonly decision: 'refuse';
  readonly reason: RefuseReason;
  /** The order that the call is about, if known. */
  readonly orderId: string | null;
  readonly callerRole: Role | null;
}

export interface AskPin {
  readonly decision: 'ask-pin';
  readonly reason: AskReason;
  readonly orderId: string | null;
  readonly callerRole: Role | null;
}

export type Verdict = Connect | Refuse | AskPin;

const MAY_CALL: Readonly<Record<Direction, (caller: Role) => boolean>> = {
  both: () => true,
  'customer-to-agent': (caller) => caller === 'customer',
  'agent-to-customer': (caller) => caller === 'agent',
};

/** Why one participant may not reach the other now, by call or by text; null if nothing prevents it. */
export function barrierTo(
  row: Pick<CallAssignment, 'connectsUntil' | 'direction' | 'diallerRole' | 'blocked' | 'quietHours'>,
  now: Date,
): 'ORDER_ENDED' | 'DIRECTION_NOT_ALLOWED' | 'BLOCKED' | 'QUIET_HOURS' | null {
  if (now >= row.connectsUntil) return 'ORDER_ENDED';
  if (!MAY_CALL[row.direction](row.diallerRole)) return 'DIRECTION_NOT_ALLOWED';
  if (row.blocked) return 'BLOCKED';
  return row.quietHours !== null && isQuiet(row.quietHours, now) ? 'QUIET_HOURS' : null;
}

/**
 * Decides a call whose caller and number are joined by an assignment: whether its order still connects, and whether
 * anything prevents the call.
 *
 * @param provenByPin whether a PIN found the row; some pools do not accept a caller's number as proof
 */
export function decideJoined(row: CallAssignment, now: Date, provenByPin: boolean): Verdict {
  const { orderId, diallerRole: callerRole } = row;
  const barrier = barrierTo(row, now);
  if (barrier !== null) return { decision: 'refuse', reason: barrier, orderId, callerRole };
  if (row.pin === 'always' && !provenByPin) return { decision: 'ask-pin', reason: 'PIN_REQUIRED', orderId, callerRole };
  const { diallerId: callerId, calleeId, calleePhone, shownNumber, maxCallsPerHour } = row;
  return {
    decision: 'connect',
    reason: row.closed ? 'CONNECTED_IN_GRACE' : 'CONNECTED',
    orderId,
    callerRole,
    callerId,
    calleeId,
    calleePhone,
    shownNumber,
    maxCallsPerHour,
    ringSeconds: row.maxRingSeconds,
    talkSeconds: row.maxCallSeconds,
    record: row.recordCalls,
  };
}

/** Why nobody is rung if no assignment joins caller and number. There is never a default destination. */
export function decideUnjoined(facts: Unjoined, callerIsNumber: boolean): Refuse | AskPin {
  const refuse = (reason: RefuseReason, orderId: string | null = null, callerRole: Role | null = null): Refuse => ({
    decision: 'refuse',
    reason,
    orderId,
    callerRole,
  });
  if (!facts.numberIsOurs) return refuse('UNKNOWN_VN');
  if (facts.callerIsOurs) return refuse('LOOP', facts.onlyOrder);
  if (facts.standsForCallerIn) return refuse('SELF_CALL', facts.standsForCallerIn, facts.callerRole);
  if (facts.pin !== 'off' && facts.servesOrders) {
    return { decision: 'ask-pin', reason: 'PIN_REQUIRED', orderId: facts.onlyOrder, callerRole: null };
  }
  if (!callerIsNumber) return refuse('CLI_WITHHELD', facts.onlyOrder);
  return refuse(facts.callerIsKnown ? 'NO_SESSION' : 'UNKNOWN_CALLER', facts.onlyOrder);
}
