import type { E164 } from '../../src/phone-number/e164.js';
import type { CallAssignment } from '../../src/virtual-numbers/assignments/call-directory.js';
import { DEFAULT_POLICY } from '../../src/virtual-numbers/pools/pool.entity.js';

export const AT = new Date('2026-11-22T06:00:00Z');

const { pin, direction, maxCallSeconds, maxRingSeconds, maxCallsPerHour, quietHours, claimByPin, recordCalls } =
  DEFAULT_POLICY;

/** What a courier's number leads to: the sender of a parcel, until an hour after `AT`. */
export function aCallAssignment(but: Partial<CallAssignment> = {}): CallAssignment {
  return {
    ...{ pin, direction, maxCallSeconds, maxRingSeconds, maxCallsPerHour, quietHours, claimByPin, recordCalls },
    orderId: 'order',
    diallerId: 'the courier',
    diallerRole: 'courier',
    calleeRole: 'sender',
    calleeId: 'the sender',
    calleePhone: Buffer.from('sealed'),
    shownNumber: '+918047000002' as E164,
    mayDial: null,
    connectsUntil: new Date('2026-11-22T07:00:00Z'),
    closed: false,
    endedEarly: false,
    blocked: false,
    unconfirmed: false,
    ...but,
  };
}

/** The other participant is not known yet. */
export const HALF_OPEN = { calleeId: null, calleePhone: null, shownNumber: null } as const;
