import type { E164 } from '../../phone-number/e164.js';
import type { CallPolicy, PinPolicy } from '../pools/pool.entity.js';
import type { Role } from '../role.js';

/** Whom a dialler reaches behind a number, until when, and the current call policy of the number's pool. */
export interface CallAssignment extends Readonly<CallPolicy> {
  readonly orderId: string;
  readonly diallerId: string;
  readonly diallerRole: Role;
  /** With `diallerRole`, the link. */
  readonly calleeRole: Role;
  /** Null on a half-open link, whose other participant is not known yet. So are the phone and the shown number. */
  readonly calleeId: string | null;
  /** Sealed. */
  readonly calleePhone: Buffer | null;
  readonly shownNumber: E164 | null;
  /** Whether the link's direction lets the dialler call; null = as the pool's direction does. */
  readonly mayDial: boolean | null;
  readonly connectsUntil: Date;
  /** The order is over; until `connectsUntil` it is in its grace. */
  readonly closed: boolean;
  /** It ended while the dialler stayed on the order: the link was closed, the callee left, or the number was replaced. */
  readonly endedEarly: boolean;
  /** The callee blocks this dialler. */
  readonly blocked: boolean;
  /** The database was restored, and nobody has confirmed yet that this still is so. */
  readonly unconfirmed: boolean;
}

/** The facts about a dialled number and a caller that no assignment joins. */
export interface Unjoined {
  /** The dialled number is ours and in use. */
  readonly numberIsOurs: boolean;
  readonly callerIsOurs: boolean;
  /** The caller may dial another of our numbers. */
  readonly callerIsKnown: boolean;
  /** The order in which the dialled number stands for the caller, because it is shown for the caller's calls. */
  readonly standsForCallerIn: string | null;
  readonly callerRole: Role | null;
  /** The only order that the number serves now; null if it serves none or several. */
  readonly onlyOrder: string | null;
  readonly servesOrders: boolean;
  /** Which callers the number's pool asks for a PIN. */
  readonly pin: PinPolicy;
}

/** What is known about a call to a number at which a PIN was entered. */
export interface KeyedCall {
  /** Whom the caller reaches behind the number without a PIN; null if no assignment joins them. */
  readonly joined: CallAssignment | null;
  readonly unjoined: Unjoined;
  /** Whom the owner of the PIN reaches behind the number, from any phone; null if the PIN belongs to nobody there. */
  readonly byPin: CallAssignment | null;
  /** Null = the number is not ours. */
  readonly poolId: string | null;
  /** How many PINs connect on the number now. */
  readonly pins: number;
}

/**
 * The port through which decisions about calls and texts read who is behind a number. Reading twice is safe. A read
 * that fails rejects; then nobody is rung.
 *
 * A dialled number may be anybody's phone, so an implementation looks it up by its key and never stores it.
 */
export abstract class CallDirectory {
  /** Whom a dialler reaches behind a number; null if no assignment joins them. */
  abstract findAssignment(number: E164, diallerKey: Buffer): Promise<CallAssignment | null>;

  /** The facts about a number and a caller that no assignment joins. A withheld caller has no key. */
  abstract describeUnjoined(number: E164, callerKey: Buffer | null): Promise<Unjoined>;
}
