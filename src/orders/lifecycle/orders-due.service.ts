import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';

import { Clock } from '../../platform/clock/clock.js';
import { AssignmentHistoryService } from '../../virtual-numbers/history/assignment-history.service.js';
import { releaseNumbers } from '../../virtual-numbers/assignments/assignment-end.queries.js';
import { retryOnConflict } from '../../virtual-numbers/pools/retry-on-conflict.js';
import { expire } from '../order/end-order.js';
import type { Order } from '../order/order.entity.js';
import { ForgottenPhonesService } from '../participants/forgotten-phones.service.js';
import { endOrders, lockDueOrders } from '../order/orders.queries.js';

const ORDERS_A_BATCH = 100;
const PAIRS_A_BATCH = 500;

export interface Due {
  readonly expired: number;
  readonly ended: number;
  readonly archived: number;
  /** Pools that numbers went back to. */
  readonly freedPools: ReadonlySet<string>;
}

/**
 * What only time does to orders: lifetimes, grace and quarantine end. In small transactions, each skipping what another
 * process holds, so any number of processes may do it at once. Lateness changes no decision about a call: those are made
 * by the instants in the rows.
 */
@Injectable()
export class OrdersDueService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly history: AssignmentHistoryService,
    private readonly phones: ForgottenPhonesService,
  ) {}

  /** Does all that is due by now. */
  async endWhatIsDue(): Promise<Due> {
    const now = this.clock.now();
    const freedPools = new Set<string>();
    let expired = 0;
    let ended = 0;
    let archived = 0;
    for (let batch = 1; batch > 0;) {
      // To the last, as an order that has just expired may be past its grace, if it has any.
      const { open, over } = await retryOnConflict(this.dataSource, async (tx) => {
        const orders = await lockDueOrders(tx, now, ORDERS_A_BATCH);
        const open = orders.filter(({ status }) => status !== 'closing');
        const over = orders.filter(({ status }) => status === 'closing');
        for (const order of open) await expire(tx, order);
        await this.endGrace(tx, over, now);
        return { open, over };
      });
      over.forEach(({ poolId }) => freedPools.add(poolId));
      expired += open.length;
      ended += over.length;
      batch = open.length + over.length;
    }
    for (let batch = PAIRS_A_BATCH; batch === PAIRS_A_BATCH; archived += batch) {
      batch = await this.history.archive(now, PAIRS_A_BATCH, (tx, diallers) =>
        this.phones.forgetArchived(tx, diallers),
      );
    }
    return { expired, ended, archived, freedPools };
  }

  private async endGrace(tx: EntityManager, orders: readonly Order[], now: Date): Promise<void> {
    if (orders.length === 0) return;
    const orderIds = orders.map(({ id }) => id);
    await releaseNumbers(tx, orderIds, now);
    await endOrders(tx, orderIds, now);
  }
}
