import type { Principal } from '../src/platform/http/authentication/principal.js';
import { createHash, randomUUID } from 'node:crypto';

import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { startApplication } from '../bench/application.js';
import { createDataSource, migrate } from '../src/platform/database/data-source.js';
import { Clock } from '../src/platform/clock/clock.js';
import { DemandRollupService } from '../src/replenishment/forecast/demand-rollup.service.js';
import { ForecastService } from '../src/replenishment/forecast/forecast.service.js';
import { NumberReleaseService } from '../src/replenishment/inventory/number-release.service.js';
import { NeedService } from '../src/replenishment/round/need.service.js';
import { leavingNumbers, markReleased } from '../src/virtual-numbers/numbers/number-release.queries.js';
import type { Pool } from '../src/virtual-numbers/pools/pool.entity.js';
import { PoolsService, type PolicyChange } from '../src/virtual-numbers/pools/pools.service.js';
import { MINUTES_A_DAY, type TownOrder, type Weeks } from './weeks-demand.js';
import type { PoolNumber, Served } from './weeks-pool.js';

const SIMULATION: Principal = { kind: 'system', name: 'simulation' };

/** Midnight of the first simulated day, a Monday. */
const BEGINS_AT = Date.UTC(2026, 2, 2);
const LIFETIME_SECONDS = 24 * 60 * 60;

/** The clock of the services, set at each round. */
class WeeksClock extends Clock {
  minute = 0;

  /** Half a minute after the start of the round's minute, when the previous quarter hour is counted. */
  now(): Date {
    return new Date(instant(this.minute).getTime() + 30_000);
  }
}

function instant(minute: number): Date {
  return new Date(BEGINS_AT + minute * 60_000);
}

/** The services that decide how many numbers a pool has, on their own database with the orders of the town. */
export class WeeksServices {
  private constructor(
    private readonly app: NestFastifyApplication,
    private readonly clock: WeeksClock,
    private readonly dataSource: DataSource,
    private pool: Pool,
    private readonly quarantineHours: number,
  ) {}

  /** @param databaseUrl of an empty database, or of a migrated one without orders */
  static async start(
    databaseUrl: string,
    weeks: Weeks,
    marks: Pick<PolicyChange, 'lowWater' | 'target'>,
  ): Promise<WeeksServices> {
    const migrating = await createDataSource(databaseUrl).initialize();
    await migrate(migrating).finally(() => migrating.destroy());
    const clock = new WeeksClock();
    const app = await startApplication({ databaseUrl, logFile: 2 }, { logLevel: 'error', clock });
    try {
      const { pool } = await app.get(PoolsService, { strict: false }).open(
        {
          name: 'town',
          country: 'IN',
          ...marks,
          maxNumbers: 100_000,
          leadTimeSeconds: weeks.leadHours * 3_600,
          graceSeconds: weeks.graceMinutes * 60,
          quarantineSeconds: weeks.quarantineHours * 3_600,
        },
        SIMULATION,
      );
      const dataSource = app.get<DataSource>(getDataSourceToken(), { strict: false });
      return new WeeksServices(app, clock, dataSource, pool, weeks.quarantineHours);
    } catch (failure) {
      await app.close();
      throw failure;
    }
  }

  async changePolicy(change: PolicyChange): Promise<void> {
    const changed = await this.app
      .get(PoolsService, { strict: false })
      .changePolicy(this.pool.name, change, SIMULATION);
    this.pool = changed.pool;
  }

  /** Stores orders from before the simulation, as they are when they are over. */
  async remember(orders: readonly TownOrder[]): Promise<void> {
    await this.insertOrders(orders.map(({ at, holds }) => ({ id: randomUUID(), since: at, until: at + holds })));
  }

  /** Adds numbers that the pool has, or that the provider is about to deliver. */
  async addNumbers(numbers: readonly PoolNumber[], status: 'available' | 'provisioning'): Promise<void> {
    await this.dataSource.sql`
      INSERT INTO virtual_numbers (number, pool_id, provider, provider_id, status, capacity, created_at)
      SELECT added.number, ${this.pool.id}, 'exotel', added.number, ${status}, 1, ${this.clock.now()}
      FROM unnest(${numbers.map(({ name }) => name)}::text[]) AS added (number)`;
  }

  /**
   * Stores what happened since the last round in bulk, as the services would leave it: orders, assignments, numbers in
   * use. Then makes the decisions of a round with the services' own code.
   *
   * @returns how many numbers to buy, and what happened to draining ones
   */
  async round(
    minute: number,
    served: readonly Served[],
    numbers: ReadonlySet<PoolNumber>,
  ): Promise<{ missing: number; why: string; draining: Set<string>; released: Set<string> }> {
    this.clock.minute = minute;
    await this.write(minute, served, numbers);
    const get = <T>(service: Type<T>) => this.app.get(service, { strict: false });
    const { pool } = this;
    await get(DemandRollupService).rollUp(pool);
    const need = async () => {
      const { level } = await get(PoolsService).find(pool.name);
      return get(NeedService).missing(pool, level, await get(ForecastService).coming(level));
    };
    const givingBack = get(NumberReleaseService);
    const tx = this.dataSource.manager;
    const leaving = await leavingNumbers(tx, pool.id, 'exotel');
    for (const { number } of leaving) await markReleased(tx, number);
    const takenBack = await givingBack.takeBack(pool, (await need()).numbers);
    const missing = await need();
    if (missing.numbers + takenBack === 0) await givingBack.giveBack(pool);
    const draining = await this.dataSource.sql<{ number: string }[]>`
      SELECT number.number FROM virtual_numbers AS number WHERE number.status IN ('draining', 'retired')`;
    return {
      missing: missing.numbers,
      why: missing.why,
      draining: new Set(draining.map(({ number }) => number)),
      released: new Set(leaving.map(({ number }) => number)),
    };
  }

  async stop(): Promise<void> {
    await this.app.close();
  }

  private async write(minute: number, served: readonly Served[], numbers: ReadonlySet<PoolNumber>): Promise<void> {
    const orders = served.map((one) => ({ ...one, id: randomUUID() }));
    await this.insertOrders(orders);
    const sides = orders.flatMap(({ id, order, since, until, customerDials, agentDials }) => [
      { id, since, until, role: 'customer', who: `c${order.customer}`, dials: customerDials, shows: agentDials },
      { id, since, until, role: 'agent', who: `a${order.agent}`, dials: agentDials, shows: customerDials },
    ]);
    const rests = this.quarantineHours * 60;
    await this.dataSource.sql`
      INSERT INTO assignments (virtual_number, dialler_key, order_id, dialler_id, dialler_role, callee_id, callee_phone,
                               shown_number, assigned_at, connects_until, quarantined_until)
      SELECT side.number, side.dialler, side.order_id, gen_random_uuid(), side.role, gen_random_uuid(), '\\x00', side.shown,
             side.since, side.until, side.rests_until
      FROM unnest(${sides.map(({ dials }) => dials.name)}::text[], ${sides.map(({ who }) => keyOf(who))}::bytea[],
                  ${sides.map(({ id }) => id)}::uuid[], ${sides.map(({ role }) => role)}::text[],
                  ${sides.map(({ shows }) => shows.name)}::text[], ${sides.map(({ since }) => instant(since))}::timestamptz[],
                  ${sides.map(({ until }) => instant(until))}::timestamptz[],
                  ${sides.map(({ until }) => instant(until + rests))}::timestamptz[])
           AS side (number, dialler, order_id, role, shown, since, until, rests_until)
      ON CONFLICT (virtual_number, dialler_key) DO UPDATE
        SET order_id = EXCLUDED.order_id, connects_until = EXCLUDED.connects_until,
            quarantined_until = EXCLUDED.quarantined_until`;
    await this.dataSource.sql`
      DELETE FROM assignments AS pair WHERE pair.quarantined_until <= ${instant(minute)}`;
    const all = [...numbers];
    await this.dataSource.sql`
      UPDATE virtual_numbers AS number
      SET orders_held = known.held, status = CASE WHEN number.status = 'provisioning' AND known.open THEN 'available' ELSE number.status END,
          last_assigned_at = known.taken
      FROM unnest(${all.map(({ name }) => name)}::text[], ${all.map(({ held }) => Number(held))}::integer[],
                  ${all.map(({ open }) => open)}::boolean[],
                  ${all.map(({ lastTaken }) => (lastTaken === -Infinity ? null : instant(lastTaken)))}::timestamptz[])
           AS known (number, held, open, taken)
      WHERE number.number = known.number
        AND (number.orders_held <> known.held OR number.status = 'provisioning' AND known.open)`;
  }

  private async insertOrders(orders: readonly { id: string; since: number; until: number }[]): Promise<void> {
    await this.dataSource.sql`
      INSERT INTO orders (id, reference, pool_id, status, lifetime_seconds, grace_seconds, cancel_grace_seconds,
                          quarantine_seconds, placed_at, active_at, connects_until, due_at, closed_at, ended_because)
      SELECT drawn.id, drawn.id::text, ${this.pool.id}, 'ended', ${LIFETIME_SECONDS}, ${this.pool.graceSeconds}, 0,
             ${this.pool.quarantineSeconds}, drawn.since, drawn.since, drawn.until, NULL, drawn.until, 'completed'
      FROM unnest(${orders.map(({ id }) => id)}::uuid[], ${orders.map(({ since }) => instant(since))}::timestamptz[],
                  ${orders.map(({ until }) => instant(until))}::timestamptz[])
           AS drawn (id, since, until)`;
  }
}

function keyOf(who: string): Buffer {
  return createHash('sha256').update(who).digest();
}

/** The day and hour of a minute, for display. */
export function timeOf(minute: number): string {
  return `day ${Math.floor(minute / MINUTES_A_DAY) + 1}, ${instant(minute).toISOString().slice(11, 16)}`;
}
