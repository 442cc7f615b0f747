import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import { Gauge } from 'prom-client';
import type { DataSource, EntityManager } from 'typeorm';

import { transactionOfRequest } from '../../platform/http/idempotency/keyed-request.js';
import { AuditService } from '../../platform/audit/audit.service.js';
import type { KeyPrincipal } from '../../platform/http/authentication/principal.js';
import { Clock } from '../../platform/clock/clock.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { Readiness } from '../../platform/observability/readiness.js';
import { countUnconfirmedKeys, trustKeys } from '../../platform/keys/doubted-keys.queries.js';
import { RestoreWatch } from '../../platform/restoration/restore-watch.js';
import { trustAssignments } from '../../virtual-numbers/restoration/doubted-assignments.queries.js';
import {
  endRestorations,
  openRestoration,
  type Restoration,
} from '../../virtual-numbers/restoration/restorations.queries.js';
import { countWithheld, releaseWithheld } from '../../virtual-numbers/restoration/withheld-numbers.queries.js';
import { OrderLocks } from '../order/order-locks.service.js';
import { countRestored, enableRestored } from './restored-endpoints.queries.js';
import { confirmWhole } from './order-confirmation.js';
import { countUnconfirmed, trustOrders, unconfirmedReferences } from './unconfirmed-orders.queries.js';

/** What is in doubt since the database was restored. */
export interface Doubt {
  /** Null = nothing is, or the last restoration has ended. */
  readonly restoration: Restoration | null;
  readonly unconfirmedOrders: number;
  readonly withheldNumbers: number;
  readonly unconfirmedKeys: number;
  /** Webhook endpoints that are disabled since. */
  readonly disabledEndpoints: number;
}

/** The time after a restore: what is in doubt, and how doubt ends by hand. */
@Injectable()
export class RestorationService {
  private readonly unconfirmedOrders: Gauge;
  private readonly withheldNumbers: Gauge;
  private readonly unconfirmedKeys: Gauge;
  private wrong: string | null = null;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly watch: RestoreWatch,
    private readonly locks: OrderLocks,
    private readonly clock: Clock,
    private readonly audit: AuditService,
    metrics: Metrics,
    readiness: Readiness,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(RestorationService.name);
    readiness.addHarmless('restoration', async () => this.whatIsWrong());
    const registers = [metrics.registry];
    this.unconfirmedOrders = new Gauge({
      name: 'maskline_unconfirmed_orders',
      help: 'Orders whose calls are refused since a restore, until the order system places them again',
      registers,
    });
    this.withheldNumbers = new Gauge({
      name: 'maskline_withheld_numbers',
      help: 'Numbers that take no orders since a restore',
      registers,
    });
    this.unconfirmedKeys = new Gauge({
      name: 'maskline_unconfirmed_keys',
      help: 'API keys that are refused since a restore, until somebody confirms or revokes them',
      registers,
    });
  }

  async doubt(manager: EntityManager = this.dataSource.manager): Promise<Doubt> {
    const restoration = await openRestoration(manager);
    const disabledEndpoints = await countRestored(manager);
    if (restoration === null) {
      return { restoration, unconfirmedOrders: 0, withheldNumbers: 0, unconfirmedKeys: 0, disabledEndpoints };
    }
    const [unconfirmedOrders, withheldNumbers] = [await countUnconfirmed(manager), await countWithheld(manager)];
    const unconfirmedKeys = await countUnconfirmedKeys(manager, this.clock.now());
    return { restoration, unconfirmedOrders, withheldNumbers, unconfirmedKeys, disabledEndpoints };
  }

  /** The references of unconfirmed orders, by name. @param after null = from the first */
  async unconfirmed(limit: number, after: string | null): Promise<string[]> {
    return unconfirmedReferences(this.dataSource.manager, limit, after);
  }

  /** An operator says that the database was restored. @param contentUntil when the backup was taken; null = unknown */
  async state(contentUntil: Date | null): Promise<void> {
    await this.watch.state(contentUntil);
  }

  /**
   * An operator says that nothing was lost: every doubt ends at once.
   *
   * @throws MissingScope, BeyondOwnKey if keys wait that the operator's key could not confirm
   */
  async end(by: KeyPrincipal): Promise<void> {
    const now = this.clock.now();
    await transactionOfRequest(this.dataSource, async (tx) => {
      await this.audit.recordIn(tx, by, { what: 'restorations.end' });
      await trustOrders(tx, now);
      await trustAssignments(tx);
      await releaseWithheld(tx, null);
      await trustKeys(tx, by, now);
      await enableRestored(tx);
      if ((await endRestorations(tx, now, true)) > 0) this.logger.warn({ byHand: true }, 'restoration ended');
    });
  }

  /** Somebody says that an order and its participants still are as they are stored. @throws OrderNotFound */
  async confirm(reference: string): Promise<void> {
    await transactionOfRequest(this.dataSource, async (tx) => {
      const { order } = await this.locks.lock(tx, { reference });
      if (order.status !== 'ended') await confirmWhole(tx, order.id, this.clock.now());
    });
  }

  /** Also sets the metrics, every few seconds. Another check reports a database that does not answer. */
  private async whatIsWrong(): Promise<string | null> {
    const doubt = await this.doubt().catch(() => null);
    if (doubt !== null) {
      this.unconfirmedOrders.set(doubt.unconfirmedOrders);
      this.withheldNumbers.set(doubt.withheldNumbers);
      this.unconfirmedKeys.set(doubt.unconfirmedKeys);
      this.wrong = whatIsInDoubt(doubt);
    }
    return this.wrong;
  }
}

function whatIsInDoubt({ unconfirmedOrders, unconfirmedKeys }: Doubt): string | null {
  const left = [
    ...(unconfirmedKeys > 0 ? ['API keys must be confirmed'] : []),
    ...(unconfirmedOrders > 0 ? ['open orders must be placed again'] : []),
  ];
  return left.length > 0 ? `database was restored: ${left.join(', ')} (GET /v1/restoration)` : null;
}
