import type { E164 } from '../../phone-number/e164.js';
import type { Role } from '../../virtual-numbers/assignments/assignments.queries.js';
import type { CallAssignment, Unjoined } from '../../virtual-numbers/assignments/call-facts.queries.js';
import type { Direction, ProviderName } from '../../virtual-numbers/pools/pool.entity.js';
import { isQuiet } from './quiet-hours.js';

/** A call to one of our numbers, whichever provider brings it. */
export interface InboundCall {
  readonly provider: ProviderName;
  /** The provider's id of the call, the same in all its requests. */
  readonly providerCallId: string;
  /**
   * Where in the provider's flow it asks. A call may be decided anew at another step, or with other digits. Each place
   * that asks for a PIN is a step of its own: the same PIN keyed twice is then two tries.
   */
  readonly step: string;
  /** What was dialled, likeliest first: a provider may name it in two ways. */
  readonly dialled: readonly E164[];
  /** Null = withheld, or nothing that is a number. */
  readonly caller: E164 | null;
  /** What the caller keyed as a PIN: null = not asked yet, '' = asked, and keyed nothing. */
  readonly digits: string | null;
}

export const CONNECT_REASONS = ['CONNECTED', 'CONNECTED_IN_GRACE'] as const;
export type ConnectReason = (typeof CONNECT_REASONS)[number];

export const REFUSE_REASONS = [
  'UNKNOWN_VN', // the dialled number is none of ours
  'CLI_WITHHELD', // no usable caller number
  'UNKNOWN_CALLER', // nobody who may dial any number of ours
  'NO_SESSION', // may dial some number of ours, but not this one
  'ORDER_ENDED', // was joined by an order that is over
  'SELF_CALL', // dials the number that stands for the caller
  'LOOP', // one of our own numbers calls
  'DIRECTION_NOT_ALLOWED', // the pool lets only the other side call
  'BLOCKED', // the callee wants no calls of this caller
  'QUIET_HOURS', // the pool's quiet hours
  'CAP_REACHED', // called the same person as often within the hour as the pool allows
  'PIN_WRONG', // keyed no PIN that leads anywhere behind this number, or none at all
  'PIN_LOCKED', // too many wrong PINs, of this caller or on this number; the PIN was not even looked at
  'CALL_ID_REUSED', // the provider's call id was used before, by another caller or for another number
  'ALREADY_CONNECTED', // the call was connected at an earlier step
  'CALL_OVER', // the call was decided too long ago, has ended, or would reach somebody else by now: no answer is repeated
  'TOO_MANY_MISSES', // reached nobody as often within a minute as a caller may; not recorded
  'NOT_CONFIRMED', // would connect, but callers were being tried out, and the provider did not confirm the call in time
  'STALE_STATE', // we could not look in time
] as const;
export type RefuseReason = (typeof REFUSE_REASONS)[number];

/** Why a PIN is asked for: for the first time, or because the last one was wrong or not looked at. Say no difference between those two. */
export const ASK_REASONS = ['PIN_REQUIRED', 'PIN_WRONG', 'PIN_LOCKED'] as const;
export type AskReason = (typeof ASK_REASONS)[number];

export interface Connect {
  readonly decision: 'connect';
  readonly reason: ConnectReason;
  readonly orderId: string;
  readonly callerRole: Role;
  readonly callerId: string;
  readonly calleeId: string;
  /** Sealed. */
  readonly calleePhone: Buffer;
  /** The caller ID that the callee sees, and can call back. */
  readonly shownNumber: E164;
  readonly ringSeconds: number;
  readonly talkSeconds: number;
  readonly record: boolean;
  readonly maxCallsPerHour: number | null;
}

export interface Refuse {
  readonly decision: 'refuse';
  readonly reason: RefuseReason;
  /** The order it concerned, where one can be told. */
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

/** Why somebody may not reach the other side of the order just now, by call or by text; null when nothing is in the way. */
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
 * The three checks of a call whose caller and dialled number an assignment joins: who calls and what was dialled found
 * the row; here, whether its order still connects, and whether anything stands in the way.
 *
 * @param provenByPin whether the PIN found the row; a caller's number is a claim, which some pools do not take for proof
 */
export function decideJoined(row: CallAssignment, now: Date, provenByPin: boolean): Verdict {
  const { orderId, diallerRole: callerRole } = row;
  const barrier = barrierTo(row, now);
  if (barrier !== null) return { decision: 'refuse', reason: barrier, orderId, callerRole };
  if (row.pin === 'always' && !provenByPin) return { decision: 'ask-pin', reason: 'PIN_REQUIRED', orderId, callerRole };
  const { diallerId: callerId, calleeId, calleePhone, shownNumber, maxCallsPerHour } = row;
  return {
    ...{ decision: 'connect', reason: row.closed ? 'CONNECTED_IN_GRACE' : 'CONNECTED' },
    ...{ orderId, callerRole, callerId, calleeId, calleePhone, shownNumber, maxCallsPerHour },
    ...{ ringSeconds: row.maxRingSeconds, talkSeconds: row.maxCallSeconds, record: row.recordCalls },
  };
}

/** Why nobody is rung when nothing joins caller and dialled number. Never "some" destination instead. */
export function decideUnjoined(facts: Unjoined, callerIsNumber: boolean): Refuse | AskPin {
  const refuse = (reason: RefuseReason, orderId: string | null = null, callerRole: Role | null = null): Refuse => ({
    ...{ decision: 'refuse', reason, orderId, callerRole },
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
