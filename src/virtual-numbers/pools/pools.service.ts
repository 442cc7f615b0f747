import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { In, QueryFailedError, type DataSource, type EntityManager } from 'typeorm';

import { transactionOfRequest } from '../../platform/http/idempotency/keyed-request.js';
import type { Country, E164 } from '../../phone-number/e164.js';
import { PhoneVault } from '../../phone-number/phone-vault.js';
import { AuditService } from '../../platform/audit/audit.service.js';
import { changedFields } from '../../platform/audit/changed-fields.js';
import { Clock } from '../../platform/clock/clock.js';
import type { Principal } from '../../platform/http/authentication/principal.js';
import { CallConnections } from '../../platform/database/call-connections.js';
import { unsoundBuying } from './buying-policy.js';
import { retryOnConflict } from './retry-on-conflict.js';
import { assignableWith, correctCapacities, poolLevels, type PoolLevel } from './pool-level.queries.js';
import { PoolLowQueue } from './pool-low.queue.js';
import { recordPolicy } from './pool-policy.queries.js';
import { DEFAULT_POLICY, DEFAULT_POOL, Pool, type PinPolicy } from './pool.entity.js';
import type { Link } from '../link.js';
import type { ProviderName } from '../provider-name.js';
import { ProviderAccounts, type TextUse } from './provider-accounts.js';
import { PoolNameTaken, PoolNotFound, UnsoundPolicy } from './virtual-numbers.problems.js';

export type PoolPolicy = Omit<Pool, 'id' | 'createdAt'>;

/** The fields of a policy that have defaults and can be changed later. A limit or quiet hours of null mean none. */
export type PolicyChange = Partial<Omit<PoolPolicy, 'name' | 'country' | 'region' | 'provider'>>;

export interface NewPool extends PolicyChange {
  readonly name: string;
  readonly country: string;
  readonly region?: string | null;
  readonly provider?: ProviderName;
}

export interface PoolWithLevel {
  readonly pool: Pool;
  readonly level: PoolLevel;
  readonly texts: TextUse;
}

/** What an order's response contains of its pool. */
export interface PoolBrief {
  readonly name: string;
  readonly pin: PinPolicy;
  readonly texts: TextUse;
}

/** What happens to texts to a number, by its pool's policy. */
export interface NumbersTextPolicy {
  readonly texts: TextUse;
  readonly textsKeptSeconds: number;
}

/** Pools and their policy. */
@Injectable()
export class PoolsService {
  /** Cached, because a pool's country never changes. */
  private readonly countries = new Map<string, Country>();

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly connections: CallConnections,
    private readonly clock: Clock,
    private readonly poolLow: PoolLowQueue,
    private readonly accounts: ProviderAccounts,
    private readonly vault: PhoneVault,
    private readonly audit: AuditService,
  ) {}

  /** @throws PoolNameTaken, UnsoundPolicy, TextsUnavailable, ProviderNotSetUp */
  async open(request: NewPool, by: Principal): Promise<PoolWithLevel> {
    const policy: PoolPolicy = {
      ...DEFAULT_POLICY,
      ...given(request),
      ...marks(request),
      ...decidingAlone(DEFAULT_POLICY, request),
      name: request.name,
      country: request.country,
      region: request.region ?? null,
      provider: request.provider ?? this.accounts.usual,
    };
    this.accounts.mustBeSetUp(policy.provider, 'provider');
    if (policy.alternativeProvider !== null) {
      this.accounts.mustBeSetUp(policy.alternativeProvider, 'alternativeProvider');
    }
    if (policy.texts !== 'off') this.accounts.mustForwardTexts(policy);
    try {
      const createdAt = this.clock.now();
      const opened = await transactionOfRequest(this.dataSource, async (tx) => {
        const pool = await tx.save(Pool, { ...sound(policy), createdAt });
        await recordPolicy(tx, pool, createdAt);
        await this.audit.recordIn(tx, by, { what: 'pools.open', about: pool.name, details: { after: policy } });
        return this.withLevel(pool, tx);
      });
      await this.poolLow.announce(opened.pool.id);
      return opened;
    } catch (failure) {
      if (failure instanceof QueryFailedError && violates(failure, 'pool_name_is_unique'))
        throw new PoolNameTaken(request.name);
      throw failure;
    }
  }

  /**
   * Changes a pool's policy. Running orders keep their policy: a new grace or quarantine applies to orders placed from
   * now on, a smaller capacity to numbers as their orders end. Changes about calls and texts apply from the next one
   * on.
   *
   * @throws PoolNotFound, UnsoundPolicy, TextsUnavailable, ProviderNotSetUp, NumbersBusy
   */
  async changePolicy(name: string, change: PolicyChange, by: Principal): Promise<PoolWithLevel> {
    const pool = await retryOnConflict(this.dataSource, async (tx) => {
      const pool = await tx.findOne(Pool, { where: { name }, lock: { mode: 'for_no_key_update' } });
      if (!pool) throw new PoolNotFound();
      const before = { ...pool };
      Object.assign(pool, this.changed(pool, change));
      await tx.save(pool);
      await recordPolicy(tx, pool, this.clock.now());
      const details = changedFields<object>(before, { ...pool });
      await this.audit.recordIn(tx, by, { what: 'pools.change', about: name, details });
      if (pool.capacity !== before.capacity) await correctCapacities(tx, pool.id);
      return pool;
    });
    await this.poolLow.announce(pool.id);
    return this.withLevel(pool);
  }

  /**
   * The pool before and after a change of its policy, which is not made.
   *
   * @throws PoolNotFound, UnsoundPolicy, TextsUnavailable, ProviderNotSetUp
   */
  async tryOut(
    name: string,
    change: PolicyChange,
  ): Promise<{ readonly before: PoolWithLevel; readonly after: PoolWithLevel }> {
    const before = await this.find(name);
    const pool = this.changed(before.pool, change);
    const { capacity } = pool;
    const assignable =
      capacity === before.pool.capacity
        ? before.level.assignable
        : await assignableWith(this.dataSource.manager, pool.id, capacity);
    const after = { pool, level: { ...before.level, assignable }, texts: this.accounts.textUse(pool) };
    return { before, after };
  }

  /** @throws PoolNotFound */
  async find(name: string): Promise<PoolWithLevel> {
    return this.withLevel(await this.byName(name));
  }

  /** @throws PoolNotFound */
  async byName(name: string): Promise<Pool> {
    const pool = await this.dataSource.manager.findOneBy(Pool, { name });
    if (!pool) throw new PoolNotFound();
    return pool;
  }

  /**
   * Uses the connection of `tx`: with many transactions at once, a second connection for each would exhaust the pool.
   */
  async countryOf(tx: EntityManager, poolId: string): Promise<Country> {
    const country = this.countries.get(poolId) ?? (await tx.findOneByOrFail(Pool, { id: poolId })).country;
    this.countries.set(poolId, country as Country);
    return country as Country;
  }

  /** The links of orders that name none. */
  async linksOf(tx: EntityManager, poolId: string): Promise<readonly Link[]> {
    const { links } = await tx.findOneOrFail(Pool, { select: { id: true, links: true }, where: { id: poolId } });
    return links ?? [];
  }

  /** Reads the pool and locks it until the transaction ends. */
  async lock(tx: EntityManager, poolId: string): Promise<Pool> {
    return tx.findOneOrFail(Pool, { where: { id: poolId }, lock: { mode: 'for_no_key_update' } });
  }

  /** The language of what callers of a number hear; null if the number is in no pool. */
  async languageOf(number: E164): Promise<string | null> {
    const { rows } = await this.connections.query<{ language: string }>({
      name: 'language-of-number',
      text: `SELECT pool.language
             FROM virtual_number_keys AS ours
             JOIN virtual_numbers AS number ON number.number = ours.number
             JOIN pools AS pool ON pool.id = number.pool_id
             WHERE ours.phone_key = $1`,
      values: [this.vault.keyOf(number)],
    });
    return rows[0]?.language ?? null;
  }

  async findById(poolId: string): Promise<PoolWithLevel> {
    return this.withLevel(await this.byId(poolId));
  }

  async byId(poolId: string): Promise<Pool> {
    return this.dataSource.manager.findOneByOrFail(Pool, { id: poolId });
  }

  /**
   * Corrects numbers whose capacity differs from the pool's, which a concurrent policy change can cause. @returns how
   * many
   */
  async correctCapacities(poolId: string): Promise<number> {
    return correctCapacities(this.dataSource.manager, poolId);
  }

  /** Whether any number of the pool can take one more order. */
  async hasNumbers(poolId: string): Promise<boolean> {
    const rows = await this.dataSource.sql<unknown[]>`
      SELECT FROM virtual_numbers AS number
      WHERE number.pool_id = ${poolId} AND number.assignable AND number.withheld_until IS NULL
      LIMIT 1`;
    return rows.length > 0;
  }

  async ids(): Promise<string[]> {
    return (await this.dataSource.manager.find(Pool, { select: { id: true }, order: { name: 'ASC' } })).map(
      ({ id }) => id,
    );
  }

  async all(): Promise<Pool[]> {
    return this.dataSource.manager.find(Pool, { order: { name: 'ASC' } });
  }

  /** The name of every pool, by id. */
  async names(tx: EntityManager = this.dataSource.manager): Promise<Map<string, string>> {
    const pools = await tx.find(Pool, { select: { id: true, name: true } });
    return new Map(pools.map((pool) => [pool.id, pool.name]));
  }

  /** The ids of the pools with these names, as far as they exist. */
  async idsOf(names: readonly string[]): Promise<string[]> {
    const pools = await this.dataSource.manager.find(Pool, { select: { id: true }, where: { name: In([...names]) } });
    return pools.map(({ id }) => id);
  }

  /** What an order's response contains of its pool, for every pool by id. */
  async briefs(tx: EntityManager = this.dataSource.manager): Promise<Map<string, PoolBrief>> {
    const select = { id: true, name: true, provider: true, country: true, pin: true, texts: true } as const;
    const pools = await tx.find(Pool, { select });
    return new Map(
      pools.map((pool) => {
        const { id, name, pin } = pool;
        return [id, { name, pin, texts: this.accounts.textUse(pool) }];
      }),
    );
  }

  /** What happens to texts to a number of ours. */
  async textPolicyOf(number: E164): Promise<NumbersTextPolicy> {
    const { rows } = await this.connections.query<Pick<Pool, 'provider' | 'country' | 'texts' | 'textsKeptSeconds'>>({
      name: 'text-policy-of-number',
      text: `SELECT number.provider, pool.country, pool.texts, pool.texts_kept_seconds AS "textsKeptSeconds"
             FROM virtual_numbers AS number JOIN pools AS pool ON pool.id = number.pool_id
             WHERE number.number = $1`,
      values: [number],
    });
    const pool = rows[0]!;
    return { texts: this.accounts.textUse(pool), textsKeptSeconds: pool.textsKeptSeconds };
  }

  async list(): Promise<PoolWithLevel[]> {
    const pools = await this.all();
    const levels = await poolLevels(
      this.dataSource.manager,
      pools.map((pool) => pool.id),
    );
    return pools.map((pool) => this.described(pool, levels));
  }

  /** Creates the first pool of an installation, unless it exists. Safe in any number of processes at once. */
  async ensureDefault(country: string): Promise<void> {
    const createdAt = this.clock.now();
    const pool = {
      ...DEFAULT_POLICY,
      name: DEFAULT_POOL,
      country,
      region: null,
      provider: this.accounts.usual,
      createdAt,
    };
    await this.dataSource.transaction(async (tx) => {
      const { identifiers } = await tx.createQueryBuilder().insert().into(Pool).values(pool).orIgnore().execute();
      const [made] = identifiers as ({ id: string } | undefined)[];
      if (made) await recordPolicy(tx, { ...pool, id: made.id }, createdAt);
    });
  }

  private changed(pool: Pool, change: PolicyChange): Pool {
    if (change.alternativeProvider) this.accounts.mustBeSetUp(change.alternativeProvider, 'alternativeProvider');
    const changed = sound({ ...pool, ...given(change), ...decidingAlone(pool, change) });
    if (change.texts && change.texts !== 'off') this.accounts.mustForwardTexts(changed);
    return changed;
  }

  private async withLevel(pool: Pool, tx: EntityManager = this.dataSource.manager): Promise<PoolWithLevel> {
    const levels = await poolLevels(tx, [pool.id]);
    return this.described(pool, levels);
  }

  private described(pool: Pool, levels: ReadonlyMap<string, PoolLevel>): PoolWithLevel {
    return { pool, level: levels.get(pool.id)!, texts: this.accounts.textUse(pool) };
  }
}

/** Derives missing marks from the given ones, so that a small pool needs only one figure. */
function marks(request: NewPool): Pick<PoolPolicy, 'lowWater' | 'target' | 'maxNumbers'> {
  const most = request.maxNumbers ?? Math.max(DEFAULT_POLICY.maxNumbers, request.target ?? 0, request.lowWater ?? 0);
  const target = request.target ?? Math.min(most, Math.max(DEFAULT_POLICY.target, request.lowWater ?? 0));
  return { lowWater: request.lowWater ?? Math.min(target, DEFAULT_POLICY.lowWater), target, maxNumbers: most };
}

/**
 * A pool that quarantines for less time is decided without the database for less time, unless the request sets both.
 */
function decidingAlone(
  before: Pick<PoolPolicy, 'quarantineSeconds' | 'decideWithoutDatabaseSeconds'>,
  { quarantineSeconds, decideWithoutDatabaseSeconds }: PolicyChange,
): Pick<PoolPolicy, 'decideWithoutDatabaseSeconds'> {
  const quarantine = quarantineSeconds ?? before.quarantineSeconds;
  const usual = Math.min(before.decideWithoutDatabaseSeconds, quarantine);
  return { decideWithoutDatabaseSeconds: decideWithoutDatabaseSeconds ?? usual };
}

function sound<T extends PoolPolicy>(policy: T): T {
  if (policy.lowWater > policy.target) {
    throw new UnsoundPolicy(
      ['lowWater', 'target'],
      `lowWater is ${policy.lowWater} and target is ${policy.target}. lowWater must not be greater than target: the pool is filled up to its target when it falls below lowWater.`,
    );
  }
  if (policy.quietHours && policy.quietHours.from === policy.quietHours.until) {
    throw new UnsoundPolicy(
      ['quietHours'],
      `quietHours begin and end at ${policy.quietHours.from}. Set two different times, or null for none.`,
    );
  }
  if (policy.decideWithoutDatabaseSeconds > policy.quarantineSeconds) {
    throw new UnsoundPolicy(
      ['decideWithoutDatabaseSeconds', 'quarantineSeconds'],
      `decideWithoutDatabaseSeconds is ${policy.decideWithoutDatabaseSeconds} and quarantineSeconds is ${policy.quarantineSeconds}. decideWithoutDatabaseSeconds must not be greater: after the quarantine, the number may lead the same caller to another person.`,
    );
  }
  const buying = unsoundBuying(policy);
  if (buying !== null) throw new UnsoundPolicy(buying.fields, buying.why);
  return policy;
}

/** The fields for which null is a value, which means "none". */
const MAY_BE_NONE: Readonly<Record<NullableFields<Omit<PoolPolicy, 'region'>>, boolean>> = {
  channelsPerNumber: true,
  giveBackAfterSeconds: true,
  maxCallsPerHour: true,
  quietHours: true,
  links: true,
  maxSpendPerDay: true,
  maxSpendPerMonth: true,
  maxRent: true,
  currency: true,
  numberType: true,
  alternativeProvider: true,
};
type NullableFields<T> = { [Field in keyof T]-?: null extends T[Field] ? Field : never }[keyof T];

/** For all other fields, null means that the field was left out. */
function given<T extends object>(fields: T): Partial<T> {
  const isGiven = ([name, value]: [string, unknown]) => value !== undefined && (value !== null || name in MAY_BE_NONE);
  return Object.fromEntries(Object.entries(fields).filter(isGiven)) as Partial<T>;
}

function violates(failure: QueryFailedError, constraint: string): boolean {
  return (failure.driverError as { constraint?: string }).constraint === constraint;
}
