import type { E164 } from '../phone-number/e164.js';
import type { Reachable, Unjoined } from '../virtual-numbers/call-facts.queries.js';
import type { Role } from '../virtual-numbers/assignments.queries.js';
import type { ProviderName } from '../virtual-numbers/pool.entity.js';

/** A call to one of our numbers, whichever provider brings it. */
export interface InboundCall {
  readonly provider: ProviderName;
  /** The provider's id of the call, the same in all its requests. */
  readonly providerCallId: string;
  /** Where in the provider's flow it asks. A call may be decided anew at another step. */
  readonly step: string;
  /** What was dialled, likeliest first: a provider may name it in two ways. */
  readonly dialled: readonly E164[];
  /** Null = withheld, or nothing that is a number. */
  readonly caller: E164 | null;
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
  'CALL_ID_REUSED', // the provider's call id was used before, by another caller or for another number
  'STALE_STATE', // we could not look in time
] as const;
export type RefuseReason = (typeof REFUSE_REASONS)[number];

export interface Connect {
  readonly decision: 'connect';
  readonly reason: ConnectReason;
  readonly orderId: string;
  readonly callerRole: Role;
  readonly calleeId: string;
  /** Sealed. */
  readonly calleePhone: Buffer;
  /** The caller ID that the callee sees, and can call back. */
  readonly shownNumber: E164;
}

export interface Refuse {
  readonly decision: 'refuse';
  readonly reason: RefuseReason;
  /** The order it concerned, where one can be told. */
  readonly orderId: string | null;
  readonly callerRole: Role | null;
}

export type Verdict = Connect | Refuse;

/**
 * The three checks of a call whose caller and dialled number an assignment joins: who calls and what was dialled found
 * the row; here, whether its order still connects.
 */
export function decideJoined(row: Reachable, now: Date): Verdict {
  const { orderId, diallerRole: callerRole } = row;
  if (now >= row.connectsUntil) return { decision: 'refuse', reason: 'ORDER_ENDED', orderId, callerRole };
  const { calleeId, calleePhone, shownNumber } = row;
  const reason = row.closed ? 'CONNECTED_IN_GRACE' : 'CONNECTED';
  return { decision: 'connect', reason, orderId, callerRole, calleeId, calleePhone, shownNumber };
}

/** Why nobody is rung when nothing joins caller and dialled number. Never "some" destination instead. */
export function decideUnjoined(facts: Unjoined, callerIsNumber: boolean): Refuse {
  const refuse = (reason: RefuseReason, orderId: string | null = null, callerRole: Role | null = null): Refuse => ({
    ...{ decision: 'refuse', reason, orderId, callerRole },
  });
  if (!facts.numberIsOurs) return refuse('UNKNOWN_VN');
  if (!callerIsNumber) return refuse('CLI_WITHHELD', facts.onlyOrder);
  if (facts.callerIsOurs) return refuse('LOOP', facts.onlyOrder);
  if (facts.standsForCallerIn) return refuse('SELF_CALL', facts.standsForCallerIn, facts.callerRole);
  return refuse(facts.callerIsKnown ? 'NO_SESSION' : 'UNKNOWN_CALLER', facts.onlyOrder);
}
