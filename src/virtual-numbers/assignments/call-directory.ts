import type { E164 } from '../../phone-number/e164.js';
import type { CallPolicy, PinPolicy } from '../pools/pool.entity.js';
import type { Role } from '../role.js';

/** Whom a dialler reaches behind a number, until when, and what the number's pool allows of calls just now. */
export interface CallAssignment extends Readonly<CallPolicy> {
  readonly orderId: string;
  readonly diallerId: string;
  readonly diallerRole: Role;
  readonly calleeId: string;
  /** Sealed. */
  readonly calleePhone: Buffer;
  readonly shownNumber: E164;
  readonly connectsUntil: Date;
  /** The order is over; until `connectsUntil` it is in its grace. */
  readonly closed: boolean;
  /** The callee wants no calls of this dialler. */
  readonly blocked: boolean;
}

/** What is known of a dialled number and a caller whom no assignment joins. */
export interface Unjoined {
  /** The dialled number is ours and in use. */
  readonly numberIsOurs: boolean;
  readonly callerIsOurs: boolean;
  /** The caller may dial some number of ours, only not this one. */
  readonly callerIsKnown: boolean;
  /** The order in which the dialled number stands for the caller, whose own calls it shows. */
  readonly standsForCallerIn: string | null;
  readonly callerRole: Role | null;
  /** The one order that the dialled number serves now; null when it serves none or several. */
  readonly onlyOrder: string | null;
  readonly servesOrders: boolean;
  /** Whom the number's pool asks for a PIN. */
  readonly pin: PinPolicy;
}

/** The pool of a number of ours, and how many PINs connect on it at present. */
export interface PinsOnNumber {
  readonly poolId: string;
  readonly pins: number;
}

/**
 * The port through which a decision about a call or a text reads who is behind a number. Asking twice is safe. A read that
 * cannot be answered rejects; the caller of a rejected read rings nobody.
 *
 * A dialled number may be anybody's number, so an implementation looks it up by its key and never stores it.
 */
export abstract class CallDirectory {
  /** Whom a dialler reaches behind a number; null when no assignment joins the two. */
  abstract findAssignment(number: E164, diallerKey: Buffer): Promise<CallAssignment | null>;

  /** Whom the holder of a PIN reaches behind a number of ours, from whichever phone; null when the PIN is nobody's there. */
  abstract findAssignmentByPin(number: E164, pinKey: Buffer): Promise<CallAssignment | null>;

  /** What is known of a number and a caller whom no assignment joins; a withheld caller has no key. */
  abstract describeUnjoined(number: E164, callerKey: Buffer | null): Promise<Unjoined>;

  /** The pool of a number of ours, and how many PINs connect on it. */
  abstract countPins(number: E164): Promise<PinsOnNumber>;
}
