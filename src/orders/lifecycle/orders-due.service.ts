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
import { endOrders, lockDueOrders, stripPhonesOfOrders } from '../order/orders.queries.js';

const ORDERS_A_BATCH = 100;
const PAIRS_A_BATCH = 500;

export interface Due {
  readonly expired: number;
  readonly ended: number;
  readonly archived: number;
  /** Pools whose numbers were released. */
  readonly freedPools: ReadonlySet<string>;
}

/**
 * Ends lifetimes, grace and quarantine when their time is over. Uses small transactions that skip locked rows, so any
 * number of processes may do it at once. A delay changes no decision about a call, because decisions use the instants
 * in the rows.
 */
@Injectable()
export class OrdersDueService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly history: AssignmentHistoryService,
    private readonly phones: ForgottenPhonesService,
  ) {}

  /** Does everything that is due now. */
  async endWhatIsDue(): Promise<Due> {
    const now = this.clock.now();
    const freedPools = new Set<string>();
    let expired = 0;
    let ended = 0;
    let archived = 0;
    for (let batch = 1; batch > 0;) {
      // In a loop, because an order that has just expired may already be past its grace.
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
    await stripPhonesOfOrders(tx, orderIds);
  }
}
