import type { Principal } from '../src/platform/http/authentication/principal.js';
import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { startApplication } from '../bench/application.js';
import { AwaitingOrdersService } from '../src/orders/links/awaiting-orders.service.js';
import { ParticipantChangesService } from '../src/orders/participants/participant-changes.service.js';
import { OrdersDueService } from '../src/orders/lifecycle/orders-due.service.js';
import { OrdersService } from '../src/orders/lifecycle/orders.service.js';
import { createDataSource, migrate } from '../src/platform/database/data-source.js';
import { InteractionEvents } from '../src/telephony/announcements/interaction-events.service.js';
import { CallRoutingService } from '../src/telephony/calls/call-routing.service.js';
import { NumberImportService } from '../src/virtual-numbers/numbers/number-import.service.js';
import { PoolsService, type NewPool } from '../src/virtual-numbers/pools/pools.service.js';

import type { CityClock } from './city-clock.js';
import type { Dials } from './ground-truth.js';
import { sideOf, type Role } from './kinds.js';
import { indexOf, numberOf } from './people.js';

const SIMULATION: Principal = { kind: 'system', name: 'simulation' };

const IMPORTED_AT_ONCE = 500;

/** The services of the application in this process, on their own database, and the only pool of the city. */
export class Services {
  readonly orders: OrdersService;
  readonly awaiting: AwaitingOrdersService;
  readonly participants: ParticipantChangesService;
  readonly due: OrdersDueService;
  readonly calls: CallRoutingService;
  readonly announcements: InteractionEvents;
  private readonly imports: NumberImportService;
  private readonly dataSource: DataSource;
  /** The number of numbers in the pool. */
  numbers = 0;

  private constructor(
    private readonly app: NestFastifyApplication,
    private readonly pool: { readonly id: string; readonly name: string },
  ) {
    const get = <T>(service: Type<T>) => app.get(service, { strict: false });
    this.orders = get(OrdersService);
    this.awaiting = get(AwaitingOrdersService);
    this.participants = get(ParticipantChangesService);
    this.due = get(OrdersDueService);
    this.calls = get(CallRoutingService);
    this.announcements = get(InteractionEvents);
    this.imports = get(NumberImportService);
    this.dataSource = app.get<DataSource>(getDataSourceToken(), { strict: false });
  }

  /** @param databaseUrl of an empty database, or of a migrated one without orders */
  static async start(databaseUrl: string, clock: CityClock, policy: Omit<NewPool, 'country'>): Promise<Services> {
    const migrating = await createDataSource(databaseUrl).initialize();
    await migrate(migrating).finally(() => migrating.destroy());
    const app = await startApplication({ databaseUrl, logFile: 2 }, { logLevel: 'error', clock });
    try {
      // Its marks are 0, so that only the simulation adds numbers.
      const { pool } = await app
        .get(PoolsService, { strict: false })
        .open({ ...policy, country: 'IN', lowWater: 0, target: 0, maxNumbers: 0 }, SIMULATION);
      return new Services(app, pool);
    } catch (failure) {
      await app.close();
      throw failure;
    }
  }

  async addNumbers(count: number): Promise<void> {
    const upTo = this.numbers + count;
    while (this.numbers < upTo) {
      const some = Math.min(IMPORTED_AT_ONCE, upTo - this.numbers);
      const numbers = Array.from({ length: some }, (_, index) => ({ number: numberOf(this.numbers + index) }));
      await this.imports.import(this.pool.name, numbers, SIMULATION);
      this.numbers += some;
    }
  }

  /**
   * Gives waiting orders their numbers. While one finds none, adds `more` numbers, so that every added number is
   * needed.
   */
  async finishAwaiting(more: number): Promise<void> {
    while ((await this.awaiting.finishAwaiting(this.pool.id)).waiting > 0) await this.addNumbers(more);
  }

  /** The numbers that the apps of these orders' people show, by reference. Waiting orders are left out. */
  async numbersShown(references: readonly string[]): Promise<Map<string, Dials>> {
    const shown = new Map<string, Dials>();
    if (references.length === 0) return shown;
    const rows = await this.dataSource.sql<{ reference: string; dialler: Role; callee: Role; number: string }[]>`
      SELECT orders.reference, assignment.dialler_role AS dialler, assignment.callee_role AS callee,
             assignment.virtual_number AS number
      FROM orders
      JOIN assignments AS assignment ON assignment.order_id = orders.id AND assignment.released_at IS NULL
      WHERE orders.reference = ANY(${references})`;
    for (const { reference, dialler, callee, number } of rows) {
      shown.set(reference, { ...shown.get(reference), [sideOf(dialler, callee)]: indexOf(number) });
    }
    return shown;
  }

  async countRows(): Promise<{ pairs: number; numbersHeld: number }> {
    const [row] = await this.dataSource.sql<[{ pairs: number; numbersHeld: number }]>`
      SELECT (SELECT count(*) FROM assignments)::integer AS pairs,
             (SELECT count(*) FROM virtual_numbers AS number WHERE number.orders_held > 0)::integer AS "numbersHeld"`;
    return row;
  }

  /** Counts that must be zero when every order and every quarantine is over. */
  async leftBehind(): Promise<Record<string, number>> {
    const [row] = await this.dataSource.sql<[Record<string, number>]>`
      SELECT (SELECT count(*) FROM assignments)::integer AS pairs,
             (SELECT count(*) FROM orders WHERE orders.status <> 'ended')::integer AS "orders not ended",
             (SELECT COALESCE(sum(number.orders_held), 0) FROM virtual_numbers AS number)::integer AS "orders held",
             (SELECT count(*) FROM participants AS participant WHERE participant.phone IS NOT NULL)::integer AS phones,
             (SELECT count(*) FROM interaction_news)::integer AS "calls not announced"`;
    return row;
  }

  async stop(): Promise<void> {
    await this.app.close();
  }
}
