import type { E164 } from '../../phone-number/e164.js';
import type { Role } from '../../virtual-numbers/role.js';
import type { AskReason, ConnectReason, RefuseReason } from './call-reasons.js';

/** Rings the callee. */
export interface Connect {
  readonly decision: 'connect';
  readonly reason: ConnectReason;
  readonly orderId: string;
  readonly callerRole: Role;
  /** With `callerRole`, the link. */
  readonly calleeRole: Role;
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

/** Rings nobody. */
export interface Refuse {
  readonly decision: 'refuse';
  readonly reason: RefuseReason;
  /** The order that the call is about, if known. */
  readonly orderId: string | null;
  readonly callerRole: Role | null;
  /** The role of the participant whom the number leads to; null if no link is known. */
  readonly calleeRole: Role | null;
}

/** Asks the caller for a PIN, which comes with another request. */
export interface AskPin {
  readonly decision: 'ask-pin';
  readonly reason: AskReason;
  readonly orderId: string | null;
  readonly callerRole: Role | null;
  readonly calleeRole: Role | null;
}

/** A decision about a call. */
export type Verdict = Connect | Refuse | AskPin;

/** Where a decision read who is calling whom. */
export type DecisionSource = 'database' | 'replica';
