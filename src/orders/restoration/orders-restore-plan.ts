import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import type { EntityManager } from 'typeorm';

import { Clock } from '../../platform/clock/clock.js';
import { endAllSessions } from '../../platform/http/authentication/stored-sessions.js';
import { countUnconfirmedKeys, doubtKeys } from '../../platform/keys/doubted-keys.queries.js';
import { RestorePlan, type Recognised } from '../../platform/restoration/restore-plan.js';
import { doubtAssignments } from '../../virtual-numbers/restoration/doubted-assignments.queries.js';
import {
  endRestorations,
  insertRestoration,
  openRestoration,
} from '../../virtual-numbers/restoration/restorations.queries.js';
import { releaseWithheld, withholdNumbers } from '../../virtual-numbers/restoration/withheld-numbers.queries.js';
import { disableRestored } from './restored-endpoints.queries.js';
import {
  countUnconfirmed,
  doubtOpenOrders,
  forgetWhoHasLeft,
  jumpFeed,
  longestSpans,
} from './unconfirmed-orders.queries.js';

/**
 * After a restore, no call of an open order connects until the order system has confirmed the order, and no number takes
 * an order until everything that was assigned in the gap is over. What may have been taken from somebody in the gap is
 * not given back: API keys wait to be confirmed, webhook endpoints to be enabled, and sessions are over.
 */
@Injectable()
export class OrdersRestorePlan extends RestorePlan {
  constructor(
    private readonly clock: Clock,
    private readonly logger: PinoLogger,
  ) {
    super();
    logger.setContext(OrdersRestorePlan.name);
  }

  override async isUsed(tx: EntityManager): Promise<boolean> {
    const [{ isUsed }] = await tx.sql<[{ isUsed: boolean }]>`
      SELECT EXISTS (SELECT FROM all_orders) OR EXISTS (SELECT FROM api_keys)
             OR EXISTS (SELECT FROM webhook_endpoints) AS "isUsed"`;
    return isUsed;
  }

  override async begin(tx: EntityManager, { by, contentUntil }: Recognised): Promise<void> {
    const now = this.clock.now();
    await jumpFeed(tx);
    await doubtOpenOrders(tx, now);
    await doubtAssignments(tx);
    const numbersWithheldUntil = await withholdNumbers(tx, now, await longestSpans(tx));
    const [keys, endpoints] = [await doubtKeys(tx), await disableRestored(tx, now)];
    await endAllSessions(tx);
    this.logger.warn({ keys, endpoints }, 'keys and webhook endpoints wait to be confirmed');
    await insertRestoration(tx, { recognisedBy: by, contentUntil, detectedAt: now, numbersWithheldUntil });
  }

  override async tend(tx: EntityManager): Promise<void> {
    const restoration = await openRestoration(tx);
    if (restoration === null) return;
    const now = this.clock.now();
    await forgetWhoHasLeft(tx, now);
    await releaseWithheld(tx, now);
    if (restoration.numbersWithheldUntil > now || (await countUnconfirmed(tx)) > 0) return;
    if ((await countUnconfirmedKeys(tx, now)) > 0) return;
    if ((await endRestorations(tx, now, false)) > 0) this.logger.info({ byHand: false }, 'restoration ended');
  }
}
