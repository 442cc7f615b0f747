import { Client } from 'pg';

import { AwaitingOrdersService } from '../../src/orders/links/awaiting-orders.service.js';
import { LinkChangesService } from '../../src/orders/links/link-changes.service.js';
import { ParticipantChangesService } from '../../src/orders/participants/participant-changes.service.js';
import { AlternatePhonesService } from '../../src/orders/alternate-phones/alternate-phones.service.js';
import { OrdersDueService } from '../../src/orders/lifecycle/orders-due.service.js';
import { OrdersService } from '../../src/orders/lifecycle/orders.service.js';
import { PhoneCorrectionService } from '../../src/orders/participants/phone-correction.service.js';
import type { E164 } from '../../src/phone-number/e164.js';
import { phoneOf } from '../../src/phone-number/sealed-place.js';
import { Problem } from '../../src/platform/http/problem.js';
import { decideJoined } from '../../src/telephony/calls/call-decision.js';
import { CallRoutingService } from '../../src/telephony/calls/call-routing.service.js';
import { ExplainService } from '../../src/telephony/explain/explain.service.js';
import { DEFAULT_POLICY } from '../../src/virtual-numbers/pools/pool.entity.js';
import { NumberImportService } from '../../src/virtual-numbers/numbers/number-import.service.js';
import { PoolsService } from '../../src/virtual-numbers/pools/pools.service.js';
import { VirtualNumbersService } from '../../src/virtual-numbers/numbers/virtual-numbers.service.js';
import { TestApp } from '../support/app.js';
import { freshDatabase, type FreshDatabase } from '../support/database.js';
import { PushableClock } from '../support/pushable-clock.js';
import type { Principal } from '../../src/platform/http/authentication/principal.js';
import type { Role } from '../../src/virtual-numbers/role.js';
import type { ModelLink, Policy } from './reference-model.js';

export const PHONES = Array.from({ length: 5 }, (_, one) => `+91900009990${one}`);
export const STRANGER = '+919000099999';
export const NUMBERS = Array.from({ length: 8 }, (_, one) => `+91804709990${one}`);
const POOL = 'model';
const BY: Principal = { kind: 'system', name: 'model' };
const redisUrl = process.env['TEST_REDIS_URL'] || null; // jobs are only announced here; Redis takes them quicker
const BEGINS_AT = Date.parse('2026-11-22T06:00:00.000Z');

/** A pair as the database has it, and what a call between the two would be answered by it. */
export interface SeenPair {
  readonly number: string;
  readonly phone: string;
  readonly reference: string;
  /** The role of who dials, and of who should ring. */
  readonly from: Role;
  readonly to: Role;
  readonly released: boolean;
  /** Whether it is the phone that rings, and none beside it. */
  readonly registered: boolean;
  /** Whom it leads to, with which number, whether or not a call may connect now; null = half-open. */
  readonly callee: string | null;
  readonly shown: string | null;
  /** Null = would be refused. */
  readonly rings: string | null;
  readonly shows: string | null;
}

export interface Seen {
  readonly pairs: SeenPair[];
  readonly numbers: { number: string; status: string; held: number; capacity: number; served: number }[];
  readonly orders: {
    reference: string;
    status: string;
    unreleased: number;
    /** Whether calls have an end, as they do while anybody has a number. */
    ends: boolean;
    /** Participants whose phone nothing needs any more, but who still have it. */
    unforgotten: number;
  }[];
}

/** Goes back to the beginning, for the next sequence of commands. */
class WoundBackClock extends PushableClock {
  private at = BEGINS_AT;

  override now(): Date {
    return new Date(this.at);
  }

  override push({ seconds = 0 }: { seconds?: number }): void {
    this.at += seconds * 1000;
  }

  windBack(): void {
    this.at = BEGINS_AT;
  }
}

/** Maskline itself: two processes' worth of its services on one database, which take turns. */
export class World {
  /** Commands carried out, over all sequences. */
  ran = 0;
  readonly ranByKind = new Map<string, number>();
  private calls = 0;
  private readonly phonesByKey = new Map<string, string>();
  private readonly opened = new Map<string, E164>();

  private constructor(
    private readonly database: FreshDatabase,
    private readonly clock: WoundBackClock,
    private readonly reader: Client,
    private readonly poolId: string,
    private apps: TestApp[],
  ) {
    for (const phone of [...PHONES, STRANGER]) {
      this.phonesByKey.set(this.app.vault.keyOf(phone as E164).toString('hex'), phone);
    }
  }

  static async start(): Promise<World> {
    const database = await freshDatabase({ lockTimeoutMs: 5_000 });
    const clock = new WoundBackClock();
    const apps = [
      await TestApp.start({ database, clock, redisUrl }),
      await TestApp.start({ database, clock, redisUrl }),
    ];
    const { pool } = await apps[0]!.get(PoolsService).open({ name: POOL, country: 'IN', lowWater: 0, target: 0 }, BY);
    const reader = new Client({ connectionString: database.url });
    await reader.connect();
    return new World(database, clock, reader, pool.id, apps);
  }

  /** An empty installation with this policy and these numbers, at the beginning of time. */
  async begin(policy: Policy, numbers: readonly string[]): Promise<void> {
    this.clock.windBack();
    await this.reader.query(`
      DELETE FROM interactions; DELETE FROM assignments; DELETE FROM assignment_history; DELETE FROM order_events;
      DELETE FROM participant_phones; DELETE FROM participants; DELETE FROM orders; DELETE FROM virtual_number_keys; DELETE FROM virtual_numbers`);
    await this.reader.query(
      `UPDATE pools SET capacity = $2, grace_seconds = $3, cancel_grace_seconds = $4, quarantine_seconds = $5,
                        lifetime_seconds = $6, assign_numbers = DEFAULT, links = NULL WHERE id = $1`,
      [
        ...[this.poolId, policy.capacity, policy.graceSeconds, policy.cancelGraceSeconds],
        ...[policy.quarantineSeconds, policy.lifetimeSeconds],
      ],
    );
    for (const number of numbers) await this.importNumber(number);
  }

  get now(): number {
    return this.clock.now().getTime();
  }

  /** Whether somebody's pair with this number should have gone to history by now, and nobody came round to it. */
  async isLateFor(number: string, quarantineSeconds: number): Promise<boolean> {
    const { rowCount } = await this.reader.query(
      `SELECT FROM assignments AS pair
       WHERE pair.virtual_number = $1
         AND COALESCE(pair.quarantined_until, pair.connects_until + make_interval(secs => $2)) <= $3`,
      [number, quarantineSeconds, this.clock.now()],
    );
    return rowCount !== 0;
  }

  place = (reference: string, people: readonly (readonly [Role, string])[], links: readonly ModelLink[] | null) =>
    this.app.get(OrdersService).place({
      reference,
      pool: POOL,
      participants: people.map(([role, phone]) => ({ role, phone, field: role })),
      ...(links && { links }),
    });
  put = (reference: string, role: Role, phone: string) => this.participants.put(reference, role, phone);
  remove = (reference: string, role: Role) => this.participants.remove(reference, role);
  openLink = (reference: string, link: ModelLink) => this.app.get(LinkChangesService).open(reference, link);
  closeLink = (reference: string, roles: ModelLink['roles']) =>
    this.app.get(LinkChangesService).close(reference, roles);
  close = (reference: string, because: 'completed' | 'cancelled') =>
    this.app.get(OrdersService).close(reference, because);
  reopen = (reference: string) => this.app.get(OrdersService).reopen(reference);
  correct = (reference: string, role: Role, phone: string) =>
    this.app.get(PhoneCorrectionService).correct(reference, role, phone);
  declare = (reference: string, role: Role, phone: string) =>
    this.app.get(AlternatePhonesService).declare(reference, role, phone);
  /** Withdraws the one that was declared as the `which`th, from 0. */
  withdraw = async (reference: string, role: Role, which: number) => {
    const phones = this.app.get(AlternatePhonesService);
    const declared = (await phones.list(reference, role)).filter(({ id }) => id !== null);
    await phones.withdraw(reference, role, declared[which]!.id!);
  };
  setCapacity = (capacity: number) => this.app.get(PoolsService).changePolicy(POOL, { capacity }, BY);
  setLinkPolicy = (early: boolean, links: readonly ModelLink[] | null) =>
    this.app
      .get(PoolsService)
      .changePolicy(POOL, { assignNumbers: early ? 'when-one-known' : 'when-both-known', links }, BY);
  importNumber = (number: string) => this.app.get(NumberImportService).import(POOL, [{ number }], BY);
  drain = (number: string) => this.app.get(VirtualNumbersService).drain(number, BY);
  retire = (number: string) => this.app.get(VirtualNumbersService).retire(number, BY);
  endWhatIsDue = () => this.app.get(OrdersDueService).endWhatIsDue();
  finishAwaiting = () => this.app.get(AwaitingOrdersService).finishAwaiting(this.poolId);
  pushClock = (seconds: number) => this.clock.push({ seconds });

  async call(caller: string, dialled: string) {
    this.calls += 1;
    const providerCallId = `call-${this.calls}`;
    const call = { provider: 'exotel' as const, providerCallId, step: 'connect' };
    return this.app
      .get(CallRoutingService)
      .route({ ...call, dialled: [dialled as E164], caller: caller as E164, digits: null });
  }

  explain = (from: string, to: string, at: Date | null) =>
    this.app.get(ExplainService).explain({ kind: 'system', name: 'the model' }, { from, to, at });

  /** The next command is for the other process. */
  takeTurns(): void {
    this.apps.reverse();
  }

  /** The process whose turn it is ends, and a new one begins. */
  async restart(): Promise<void> {
    const [ending, other] = this.apps as [TestApp, TestApp];
    this.apps = [other]; // should the start fail
    await ending.stop();
    this.apps = [await TestApp.start({ database: this.database, clock: this.clock, redisUrl }), other];
  }

  /** All that matters of the database, as of one instant. */
  async see(): Promise<Seen> {
    const { rows } = await this.reader.query<{ pairs: Row[]; numbers: Seen['numbers']; orders: Seen['orders'] }>(SEE);
    const { pairs, numbers, orders } = rows[0]!;
    return { numbers, orders, pairs: pairs.map((row) => this.read(row)) };
  }

  async stop(): Promise<void> {
    await this.reader.end();
    for (const app of this.apps) await app.stop();
    await this.database.drop();
  }

  private read(seen: Row): SeenPair {
    const { number, key, reference, from, to, callee: sealed, calleeId, shown, until, released, registered } = seen;
    const callee = sealed === null || calleeId === null ? null : this.open(sealed, calleeId);
    const row = {
      orderId: reference,
      diallerRole: from,
      calleeRole: to,
      calleeId,
      mayDial: seen.mayDial,
      shownNumber: shown as E164 | null,
      closed: seen.closed,
      endedEarly: false,
      calleePhone: sealed === null ? null : Buffer.from(sealed, 'hex'),
      connectsUntil: new Date(until),
      diallerId: '',
      blocked: false,
      unconfirmed: false,
    };
    const verdict = decideJoined({ ...DEFAULT_POLICY, ...row }, this.clock.now(), false);
    const rings = verdict.decision === 'connect' ? callee : null;
    const shows = verdict.decision === 'connect' ? verdict.shownNumber : null;
    const phone = this.phonesByKey.get(key)!;
    return { number, phone, reference, from, to, released, registered, callee, shown, rings, shows };
  }

  private open(sealed: string, calleeId: string): string {
    let phone = this.opened.get(sealed);
    if (!phone) this.opened.set(sealed, (phone = this.app.vault.open(Buffer.from(sealed, 'hex'), phoneOf(calleeId))));
    return phone;
  }

  private get app(): TestApp {
    return this.apps[0]!;
  }

  private get participants(): ParticipantChangesService {
    return this.app.get(ParticipantChangesService);
  }
}

/** What came of it: done, or the name of the problem. Anything that is no problem is a bug and thrown on. */
export async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (failure) {
    if (failure instanceof Problem) return failure.constructor.name;
    throw failure;
  }
}

interface Row {
  number: string;
  key: string;
  reference: string;
  from: Role;
  to: Role;
  mayDial: boolean | null;
  callee: string | null;
  calleeId: string | null;
  shown: string | null;
  until: string;
  released: boolean;
  registered: boolean;
  closed: boolean;
}

const SEE = {
  name: 'see',
  text: `
    SELECT
      (SELECT COALESCE(json_agg(json_build_object(
         'number', pair.virtual_number, 'key', encode(pair.dialler_key, 'hex'), 'reference', orders.reference,
         'from', pair.dialler_role, 'to', pair.callee_role, 'mayDial', pair.may_dial, 'callee', encode(pair.callee_phone, 'hex'),
         'calleeId', pair.callee_id, 'shown', pair.shown_number,
         'until', pair.connects_until, 'released', pair.released_at IS NOT NULL,
         'registered', pair.how_known = 'registered',
         'closed', pair.quarantined_until IS NOT NULL)), '[]')
       FROM assignments AS pair JOIN orders ON orders.id = pair.order_id) AS pairs,
      (SELECT COALESCE(json_agg(json_build_object(
         'number', number.number, 'status', number.status, 'held', number.orders_held, 'capacity', number.capacity,
         'served', (SELECT count(DISTINCT (pair.order_id, LEAST(pair.dialler_role, pair.callee_role),
                                           GREATEST(pair.dialler_role, pair.callee_role)))
                    FROM assignments AS pair
                    WHERE pair.virtual_number = number.number AND pair.released_at IS NULL))), '[]')
       FROM virtual_numbers AS number) AS numbers,
      (SELECT COALESCE(json_agg(json_build_object(
         'reference', orders.reference, 'status', orders.status, 'ends', orders.connects_until IS NOT NULL,
         'unforgotten', (SELECT count(*) FROM participants AS participant
                         WHERE participant.order_id = orders.id AND participant.phone_key IS NOT NULL
                           AND (participant.left_at IS NOT NULL OR orders.status = 'ended')
                           AND NOT EXISTS (SELECT FROM assignments AS pair
                                           WHERE pair.order_id = orders.id AND pair.dialler_id = participant.id)),
         'unreleased', (SELECT count(*) FROM assignments AS pair
                        WHERE pair.order_id = orders.id AND pair.released_at IS NULL))), '[]')
       FROM orders) AS orders`,
};
