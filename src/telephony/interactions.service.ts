import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { PinoLogger } from 'nestjs-pino';
import { Not, IsNull, type DataSource } from 'typeorm';

import { OrderViewsService } from '../orders/order-views.service.js';
import { Clock } from '../platform/clock/clock.js';
import { sharedPool } from '../platform/database/statement.js';
import type { ProviderName } from '../virtual-numbers/pool.entity.js';
import { Interaction, type Outcome } from './interaction.entity.js';
import { recordEnd } from './interactions.queries.js';

const MOST_OF_AN_ORDER = 1_000;

/** The calls of an order, and how they ended. */
@Injectable()
export class InteractionsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly orders: OrderViewsService,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(InteractionsService.name);
  }

  /** Records how a call ended. May be told several times, in any order, and before we ever heard of the call. */
  async end(
    provider: ProviderName,
    providerCallId: string,
    end: { outcome: Outcome; talkSeconds: number },
  ): Promise<void> {
    await recordEnd(sharedPool(this.dataSource), { provider, providerCallId, ...end, at: this.clock.now() });
    this.logger.info({ provider, callId: providerCallId, ...end }, 'call ended');
  }

  /** The calls of an order, oldest first, 1,000 at most. @throws OrderNotFound */
  async ofOrder(reference: string): Promise<Interaction[]> {
    const { id: orderId } = await this.orders.byReference(reference);
    return this.dataSource.manager.find(Interaction, {
      where: { orderId, decision: Not(IsNull()) },
      order: { at: 'ASC' },
      take: MOST_OF_AN_ORDER,
    });
  }
}
