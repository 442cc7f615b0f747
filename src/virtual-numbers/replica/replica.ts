import type { E164 } from '../../phone-number/e164.js';
import { HostClock, type HostInstant } from '../../platform/clock/host-clock.js';
import type { CallAssignment } from '../assignments/call-directory.js';
import type { CallPolicy, Direction, PinPolicy, QuietHours } from '../pools/pool.entity.js';
import { unpackUuid, type Packed } from './replica-columns.js';
import { ReplicaStore } from './replica-store.js';

/** An assignment of the replica, and what its number's pool says about deciding without the database. */
export interface ReplicaRow extends CallAssignment {
  readonly poolId: string;
  /** Of the order; null = unknown, in rows of an earlier version. */
  readonly quarantineSeconds: number | null;
  /** How old a replica may be to decide calls of this pool; 0 = never. */
  readonly decideWithoutDatabaseSeconds: number;
  /** The age of the replica when this row was read, or more. */
  readonly ageMs: number;
}

/** A number of ours that is in use. */
export interface ReplicaNumber {
  readonly poolId: string;
  readonly pin: PinPolicy;
}

/**
 * This host's copy of what call decisions read, for the time when the database does not answer. Reads take
 * microseconds and never wait. A row may be newer than the age says, but is never older.
 */
export class Replica {
  private isOpen: boolean;
  /** A copy that is not newer than this may not be used; null = any may. */
  private distrustedAt: HostInstant | null = null;

  private constructor(
    private readonly store: ReplicaStore | null,
    private readonly clock: HostClock,
  ) {
    this.isOpen = store !== null;
  }

  /** @throws Error if the folder cannot be used */
  static async open(folder: string, clock = new HostClock()): Promise<Replica> {
    return new Replica(await ReplicaStore.open(folder), clock);
  }

  /** A process without a replica: it finds nothing, and its age is never known. */
  static none(): Replica {
    return new Replica(null, new HostClock());
  }

  /** Whether there is a copy, of any age. */
  get isFilled(): boolean {
    return this.ageMs() !== null;
  }

  /** Whether calls of any pool may be decided from it now. */
  get decides(): boolean {
    const ageMs = this.ageMs();
    if (ageMs === null) return false;
    return this.store!.allPools().some((pool) => ageMs < poolOf(pool).decideWithoutDatabaseSeconds * 1_000);
  }

  /** Null if there is none. */
  get writable(): ReplicaStore | null {
    return this.store;
  }

  /**
   * Everything that was committed longer than this ago is in the replica. Null if it was never filled, or if a clock
   * that was set back leaves its age unknown: then nothing may be decided from it.
   */
  ageMs(): number | null {
    const asOf = this.isOpen ? this.store!.asOf() : null;
    const distrustedMs = this.distrustedAt && this.clock.sinceMs(this.distrustedAt);
    const ageMs = asOf && this.clock.sinceMs(asOf);
    if (ageMs === null || this.distrustedAt === null) return ageMs;
    return distrustedMs !== null && ageMs < distrustedMs ? ageMs : null;
  }

  /**
   * Whom a dialler reaches behind a number, as `CallDirectory` does. Null if no assignment joins them, or if the age is
   * null. A released assignment, in quarantine, is found too, and its `connectsUntil` has passed.
   */
  findAssignment(number: E164, diallerKey: Buffer): ReplicaRow | null {
    const ageMs = this.ageMs(); // before the row, or the row might be older
    const assignment = ageMs === null ? undefined : this.store!.assignment(number, diallerKey);
    if (ageMs === null || !assignment) return null;
    const served = this.store!.number(number);
    const pool = served && this.store!.pool(served[1] as string);
    if (!pool) return null;
    // V8 takes ten times as long to spread as many properties.
    return Object.assign(assignmentOf(assignment), poolOf(pool), { poolId: served[1] as string, ageMs });
  }

  /** A number of ours that is not retired; null if it is none, or if the age is null. */
  findNumber(number: E164): ReplicaNumber | null {
    const served = this.ageMs() === null ? undefined : this.store!.number(number);
    const pool = served && served[2] !== 'retired' ? this.store!.pool(served[1] as string) : undefined;
    return pool ? { poolId: served![1] as string, pin: poolOf(pool).pin } : null;
  }

  /** Whether a number is ours and not retired. */
  servesNumber(number: E164): boolean {
    return this.findNumber(number) !== null;
  }

  /** Finds nothing until the database has fed it again: the database was restored, and the copy is of the one before. */
  distrust(): void {
    this.distrustedAt = this.clock.now();
  }

  /** Reads find nothing any more. */
  async close(): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    await this.store!.close();
  }
}

type AssignmentFacts = Omit<CallAssignment, keyof CallPolicy> & Pick<ReplicaRow, 'quarantineSeconds'>;

function assignmentOf(packed: Packed): AssignmentFacts {
  const [, orderId, diallerId, diallerRole, calleeRole, calleeId, ...rest] = packed;
  const [calleePhone, shownNumber, mayDial, connectsUntil, closed, endedEarly, blocked, ...more] = rest;
  const [quarantineSeconds, unconfirmed] = more;
  return {
    orderId: unpackUuid(orderId as string),
    diallerId: unpackUuid(diallerId as string),
    diallerRole: diallerRole as string,
    calleeRole: calleeRole as string,
    calleeId: calleeId === null ? null : unpackUuid(calleeId as string),
    calleePhone: calleePhone as Buffer | null,
    shownNumber: shownNumber as E164 | null,
    mayDial: mayDial as boolean | null,
    connectsUntil: new Date(connectsUntil as number),
    closed: closed === true,
    endedEarly: endedEarly === true,
    blocked: blocked === true,
    unconfirmed: unconfirmed === true,
    quarantineSeconds: quarantineSeconds as number | null,
  };
}

type PoolFacts = CallPolicy & Pick<ReplicaRow, 'decideWithoutDatabaseSeconds'>;

function poolOf(packed: Packed): PoolFacts {
  const [, pin, direction, maxCallSeconds, maxRingSeconds, maxCallsPerHour, ...rest] = packed;
  const [quietHours, claimByPin, recordCalls, decideWithoutDatabaseSeconds] = rest;
  return {
    pin: pin as PinPolicy,
    direction: direction as Direction,
    maxCallSeconds: maxCallSeconds as number,
    maxRingSeconds: maxRingSeconds as number,
    maxCallsPerHour: maxCallsPerHour as number | null,
    quietHours: quietHours === null ? null : (JSON.parse(quietHours as string) as QuietHours),
    claimByPin: claimByPin as boolean,
    recordCalls: recordCalls as boolean,
    decideWithoutDatabaseSeconds: decideWithoutDatabaseSeconds as number,
  };
}
