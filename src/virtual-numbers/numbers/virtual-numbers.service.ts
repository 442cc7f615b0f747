import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { In, MoreThan, Not, type DataSource, type EntityManager } from 'typeorm';

import { transactionOfRequest } from '../../platform/http/idempotency/keyed-request.js';
import { invalidCursor, pageOf } from '../../platform/http/cursor-page.js';
import { parseE164, type E164 } from '../../phone-number/e164.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { plainSpelling } from '../../phone-number/plain-spelling.js';
import { addSeconds, Clock } from '../../platform/clock/clock.js';
import { AuditService } from '../../platform/audit/audit.service.js';
import { changedFields } from '../../platform/audit/changed-fields.js';
import type { Principal } from '../../platform/http/authentication/principal.js';
import { PoolLowQueue } from '../pools/pool-low.queue.js';
import { phonesOfPeople } from '../assignments/phones-of-people.queries.js';
import type { Pool } from '../pools/pool.entity.js';
import type { ProviderName } from '../provider-name.js';
import { PoolsService } from '../pools/pools.service.js';
import { VirtualNumber } from '../pools/virtual-number.entity.js';
import { LONGEST_SPAN } from '../restoration/withheld-numbers.queries.js';
import type { NumberStatus } from '../number-status.js';
import { NumberInUse, NumberNotFound, NumberRetired } from '../pools/virtual-numbers.problems.js';

/** A number that a provider rents to us. */
export interface RentedNumber {
  readonly number: E164;
  readonly providerId: string;
  /** Monthly rent in `currency`, if the provider states it. */
  readonly rent?: string | null;
  readonly currency?: string | null;
}

export interface NumberPage {
  readonly numbers: readonly VirtualNumber[];
  /** The cursor of the next page; null on the last page. */
  readonly nextCursor: string | null;
}

/** For how long `resume` disables automatic resting. */
const OVERRULED_SECONDS = 7 * 24 * 60 * 60;

/** The numbers we rent: their import, their states, and what they serve. */
@Injectable()
export class VirtualNumbersService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly vault: PhoneVault,
    private readonly pools: PoolsService,
    private readonly poolLow: PoolLowQueue,
    private readonly audit: AuditService,
  ) {}

  /**
   * @param filter.pools names of the pools to choose from; null = all pools
   * @throws PoolNotFound; InvalidRequest for an invalid cursor
   */
  async list(
    filter: { pool?: string; pools: readonly string[] | null; status?: NumberStatus },
    limit: number,
    after?: string,
  ): Promise<NumberPage> {
    const pool = filter.pool === undefined ? null : await this.pools.byName(filter.pool);
    const poolIds = pool ? [pool.id] : filter.pools && (await this.pools.idsOf(filter.pools));
    const last = after === undefined ? undefined : await this.ours(after.replace(/^ /, '+')); // a plus that was not escaped arrives as a space
    if (last === null) throw invalidCursor();
    const numbers = await this.dataSource.manager.find(VirtualNumber, {
      where: {
        ...(poolIds && { poolId: In(poolIds) }),
        ...(filter.status && { status: filter.status }),
        ...(last !== undefined && { number: MoreThan(last) }),
      },
      order: { number: 'ASC' },
      take: limit + 1,
    });
    const { page, nextCursor } = pageOf(numbers, limit, ({ number }) => number);
    return { numbers: page, nextCursor };
  }

  /**
   * Adds numbers of a provider to the pool. Numbers that exist stay unchanged, in whichever pool; retired ones come
   * back into this pool. Their capacity is the pool's at the time of the write, not when `pool` was read, so a
   * concurrent policy change is not lost. After a restore they are withheld, like those that were there, unless they were
   * bought since.
   *
   * @param boughtAt when they were ordered from the provider; null = they may have been ours before
   * @returns the numbers that were added
   */
  async add(
    pool: Pool,
    provider: ProviderName,
    numbers: readonly RentedNumber[],
    status: Extract<NumberStatus, 'provisioning' | 'available'>,
    tx: EntityManager = this.dataSource.manager,
    boughtAt: Date | null = null,
  ): Promise<E164[]> {
    if (numbers.length === 0) return [];
    if (!tx.queryRunner)
      return this.dataSource.transaction((inside) => this.add(pool, provider, numbers, status, inside, boughtAt));
    const keys = numbers.map((n) => this.vault.keyOf(n.number));
    // Waits for requests that put one of these phones on an order, and makes later ones wait (migration 46).
    await tx.sql`
      SELECT pg_advisory_xact_lock(7263146, one.bucket)
      FROM (SELECT DISTINCT get_byte(incoming.key, 0) & 63 AS bucket FROM unnest(${keys}::bytea[]) AS incoming (key)
            ORDER BY 1) AS one`;
    const peoples = await phonesOfPeople(tx, keys);
    const free = numbers.filter((_, at) => !peoples.has(keys[at]!.toString('hex')));
    return this.insert(pool, provider, free, status, tx, boughtAt);
  }

  private async insert(
    pool: Pool,
    provider: ProviderName,
    numbers: readonly RentedNumber[],
    status: NumberStatus,
    tx: EntityManager,
    boughtAt: Date | null,
  ): Promise<E164[]> {
    const added = await tx.sql<{ number: E164 }[]>`
      WITH keyed AS (
        INSERT INTO virtual_number_keys (phone_key, number)
        SELECT incoming.phone_key, incoming.number
        FROM unnest(${numbers.map((n) => this.vault.keyOf(n.number))}::bytea[], ${numbers.map((n) => n.number)}::text[])
             AS incoming (phone_key, number)
        ON CONFLICT DO NOTHING
      ), policy AS MATERIALIZED (
        SELECT pool.capacity, ${() => LONGEST_SPAN('pool')} AS longest_span,
               (SELECT max(restoration.detected_at) FROM restorations AS restoration
                WHERE restoration.ended_at IS NULL) AS restored_at
        FROM pools AS pool WHERE pool.id = ${pool.id} FOR SHARE
      )
      INSERT INTO virtual_numbers AS known (number, pool_id, provider, provider_id, status, capacity, rent, currency,
                                            created_at, withheld_until)
      SELECT incoming.number, ${pool.id}, ${provider}, incoming.provider_id, ${status}, policy.capacity,
             incoming.rent::numeric, incoming.currency, ${this.clock.now()},
             CASE WHEN ${boughtAt}::timestamptz IS NULL OR ${boughtAt}::timestamptz < policy.restored_at
               THEN policy.restored_at + make_interval(secs => policy.longest_span) END
      FROM unnest(${numbers.map((n) => n.number)}::text[], ${numbers.map((n) => n.providerId)}::text[],
                  ${numbers.map((n) => n.rent ?? null)}::text[], ${numbers.map((n) => n.currency ?? null)}::text[])
           AS incoming (number, provider_id, rent, currency)
      CROSS JOIN policy
      ON CONFLICT (number) DO UPDATE
        SET pool_id = EXCLUDED.pool_id, provider = EXCLUDED.provider, provider_id = EXCLUDED.provider_id,
            status = EXCLUDED.status, capacity = EXCLUDED.capacity, rent = EXCLUDED.rent, currency = EXCLUDED.currency,
            withheld_until = EXCLUDED.withheld_until
        WHERE known.status = 'retired' AND known.giving_back IS DISTINCT FROM 'releasing'
      RETURNING known.number`;
    return added.map((row) => row.number);
  }

  /** Makes a provisioning number available, once the provider sends its calls to us. */
  async makeAvailable(number: E164, tx: EntityManager): Promise<void> {
    await tx.update(VirtualNumber, { number, status: 'provisioning' }, { status: 'available' });
  }

  async provisioning(poolId: string): Promise<VirtualNumber[]> {
    return this.dataSource.manager.find(VirtualNumber, {
      where: { poolId, status: 'provisioning' },
      order: { createdAt: 'ASC', number: 'ASC' },
    });
  }

  /** The pool's numbers of one provider, without retired ones. */
  async inUseAt(poolId: string, provider: ProviderName): Promise<VirtualNumber[]> {
    return this.dataSource.manager.find(VirtualNumber, { where: { poolId, provider, status: Not('retired') } });
  }

  /** A provider's numbers in all pools, without retired ones. */
  async everyInUseAt(provider: ProviderName): Promise<E164[]> {
    const rows = await this.dataSource.sql<{ number: E164 }[]>`
      SELECT number.number FROM virtual_numbers AS number
      WHERE number.provider = ${provider} AND number.status <> 'retired'`;
    return rows.map((row) => row.number);
  }

  /** Stores the provider's ids of our numbers, where an import left them out or they have changed. */
  async learnProviderIds(numbers: readonly RentedNumber[]): Promise<void> {
    await this.dataSource.sql`
      UPDATE virtual_numbers AS number SET provider_id = listed.provider_id
      FROM unnest(${numbers.map((one) => one.number)}::text[], ${numbers.map((one) => one.providerId)}::text[])
           AS listed (number, provider_id)
      WHERE number.number = listed.number AND number.provider_id IS DISTINCT FROM listed.provider_id`;
  }

  /** Suspends a number that cannot be dialled. It takes no orders until `setUpAgain`. */
  async suspend(number: E164, tx: EntityManager): Promise<void> {
    await tx.update(VirtualNumber, { number, status: Not('retired') }, { status: 'suspended' });
  }

  /** Makes a suspended number provisioning: it can be assigned after it was set up again. */
  async setUpAgain(number: E164, tx: EntityManager): Promise<void> {
    await tx.update(VirtualNumber, { number, status: 'suspended' }, { status: 'provisioning' });
  }

  /** Numbers of the pool that serve orders but cannot be dialled: suspended, or not set up again yet. */
  async outOfReachWithOrders(poolId: string): Promise<E164[]> {
    const numbers = await this.dataSource.manager.find(VirtualNumber, {
      select: { number: true },
      where: { poolId, status: In(['suspended', 'provisioning']), ordersHeld: MoreThan(0) },
      order: { number: 'ASC' },
    });
    return numbers.map(({ number }) => number);
  }

  /** The provider that owns a number of ours. */
  async providerOf(number: E164): Promise<ProviderName> {
    const { provider } = await this.dataSource.manager.findOneOrFail(VirtualNumber, {
      select: { provider: true },
      where: { number },
    });
    return provider;
  }

  /** The providers of a pool's numbers. */
  async providersIn(poolId: string): Promise<ProviderName[]> {
    const rows = await this.dataSource.sql<{ provider: ProviderName }[]>`
      SELECT DISTINCT number.provider FROM virtual_numbers AS number
      WHERE number.pool_id = ${poolId} AND (number.status <> 'retired' OR number.giving_back = 'releasing')`;
    return rows.map(({ provider }) => provider);
  }

  /** @throws NumberNotFound */
  async byNumber(text: string): Promise<VirtualNumber> {
    return this.dataSource.manager.findOneByOrFail(VirtualNumber, { number: await this.mustBeOurs(text) });
  }

  /** A number in a client's spelling, if it is ours. Looked up by key, because it may be somebody's phone. */
  async ours(text: string): Promise<E164 | null> {
    const number = parseE164(plainSpelling(text));
    if (number === null) return null;
    const [known] = await this.dataSource.sql<{ number: E164 }[]>`
      SELECT ours.number FROM virtual_number_keys AS ours WHERE ours.phone_key = ${this.vault.keyOf(number)}`;
    return known?.number ?? null;
  }

  /** @throws NumberNotFound */
  async mustBeOurs(text: string): Promise<E164> {
    const number = await this.ours(text);
    if (number === null) throw new NumberNotFound();
    return number;
  }

  /**
   * Puts a number to rest because its calls fail too often. @returns whether it rests now; false if an operator resumed
   * it lately
   */
  async rest(number: E164, because: string): Promise<boolean> {
    const now = this.clock.now();
    const [, changed] = await this.dataSource.sql<[unknown, number]>`
      UPDATE virtual_numbers AS number
      SET status = 'resting', rested_because = ${because}, rested_at = ${now}
      WHERE number.number = ${number} AND number.status = 'available'
        AND (number.overruled_until IS NULL OR number.overruled_until <= ${now})`;
    return changed === 1;
  }

  /** Ends the rest of the pool's numbers that started before `since`. @returns these numbers */
  async wake(poolId: string, since: Date): Promise<E164[]> {
    const [rows] = await this.dataSource.sql<[{ number: E164 }[], number]>`
      UPDATE virtual_numbers AS number SET status = 'available'
      WHERE number.pool_id = ${poolId} AND number.status = 'resting' AND number.rested_at <= ${since}
      RETURNING number.number`;
    return rows.map((row) => row.number);
  }

  /** Every number of the pool, without retired ones. */
  async ofPool(tx: EntityManager, poolId: string): Promise<E164[]> {
    const rows = await tx.sql<{ number: E164 }[]>`
      SELECT number.number FROM virtual_numbers AS number
      WHERE number.pool_id = ${poolId} AND number.status <> 'retired'`;
    return rows.map((row) => row.number);
  }

  /** The pool's numbers that rest, and those of the given ones that are in it, without retired ones. */
  async restingOrAmong(poolId: string, numbers: readonly E164[]): Promise<VirtualNumber[]> {
    return this.dataSource.manager.find(VirtualNumber, {
      where: [
        { poolId, status: 'resting' },
        { poolId, status: Not('retired'), number: In([...numbers]) },
      ],
      order: { number: 'ASC' },
    });
  }

  /** Which of the given numbers exist, in any pool and state. */
  async known(numbers: readonly E164[]): Promise<Set<E164>> {
    const rows = await this.dataSource.manager.sql<{ number: E164 }[]>`
      SELECT number.number FROM virtual_numbers AS number WHERE number.number = ANY(${numbers}::text[])`;
    return new Set(rows.map((row) => row.number));
  }

  /** Makes a number serve its orders and take no new ones. @throws NumberNotFound, NumberRetired */
  async drain(number: string, by: Principal): Promise<VirtualNumber> {
    return this.changeStatus(number, by, 'numbers.drain', (row) => {
      if (row.status === 'retired') throw new NumberRetired();
      return 'draining';
    });
  }

  /**
   * Makes a draining, resting or withheld number available. Disables automatic resting of a resting number for a week.
   * Other numbers stay unchanged. @throws NumberNotFound, NumberRetired
   */
  async resume(number: string, by: Principal): Promise<VirtualNumber> {
    return this.changeStatus(number, by, 'numbers.resume', (row) => {
      if (row.status === 'retired') throw new NumberRetired();
      row.withheldUntil = null;
      if (row.status === 'resting') row.overruledUntil = addSeconds(this.clock.now(), OVERRULED_SECONDS);
      return row.status === 'draining' || row.status === 'resting' ? 'available' : row.status;
    });
  }

  /** Takes a number out of use. @throws NumberNotFound; NumberInUse while somebody may still dial it */
  async retire(number: string, by: Principal): Promise<VirtualNumber> {
    return this.changeStatus(number, by, 'numbers.retire', async (row, tx): Promise<NumberStatus> => {
      const [{ pairs }] = await tx.sql<[{ pairs: number }]>`
        SELECT count(*)::integer AS pairs FROM assignments AS assignment
        WHERE assignment.virtual_number = ${row.number} OR assignment.shown_number = ${row.number}`;
      if (row.ordersHeld > 0 || pairs > 0) throw new NumberInUse(row.ordersHeld, pairs);
      return 'retired';
    });
  }

  private async changeStatus(
    text: string,
    by: Principal,
    what: string,
    next: (row: VirtualNumber, tx: EntityManager) => NumberStatus | Promise<NumberStatus>,
  ): Promise<VirtualNumber> {
    const number = await this.mustBeOurs(text);
    const changed = await transactionOfRequest(this.dataSource, async (tx) => {
      const row = await tx.findOneOrFail(VirtualNumber, { where: { number }, lock: { mode: 'pessimistic_write' } });
      const before = { ...row };
      row.status = await next(row, tx);
      const details = changedFields<object>(before, { ...row });
      await this.audit.recordIn(tx, by, { what, about: number, details });
      return tx.save(row);
    });
    await this.poolLow.announce(changed.poolId);
    return changed;
  }
}
