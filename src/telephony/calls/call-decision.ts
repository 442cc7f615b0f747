import type { E164 } from '../../phone-number/e164.js';
import type { Role } from '../../virtual-numbers/role.js';
import type { CallAssignment, Unjoined } from '../../virtual-numbers/assignments/call-directory.js';
import type { Direction } from '../../virtual-numbers/pools/pool.entity.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import type { AskReason, ConnectReason, RefuseReason } from './call-reasons.js';
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
