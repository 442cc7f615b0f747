import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

import { Clock } from '../../platform/clock/clock.js';
import { CallConnections } from '../../platform/database/call-connections.js';
import type { ProviderName } from '../../virtual-numbers/pools/pool.entity.js';
import type { Delivery } from '../calls/interaction.entity.js';
import { optOut, recordDelivery } from './texts.queries.js';

/** What a provider tells of a text that was passed on. */
export interface DeliveryReport {
  readonly delivery: Delivery;
  /** It was not sent because the recipient has said STOP to the provider, who did not tell us. */
  readonly recipientOptedOut: boolean;
}

/** What became of texts that were passed on. */
@Injectable()
export class TextDeliveriesService {
  constructor(
    private readonly connections: CallConnections,
    private readonly clock: Clock,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(TextDeliveriesService.name);
  }

  /**
   * Records how far a text got. May be told several times and in any order; of a text that we never passed on nothing is
   * recorded.
   *
   * @param providerMessageId of the text as it was brought to us, not as it was passed on
   */
  async report(provider: ProviderName, providerMessageId: string, report: DeliveryReport): Promise<void> {
    const at = this.clock.now();
    const { delivery, recipientOptedOut } = report;
    const text = await recordDelivery(this.connections, { provider, providerMessageId, delivery, at });
    // A report that comes once more, replayed say, takes back no consent that was given since.
    if (text?.isNews && recipientOptedOut) await optOut(this.connections, text.orderId, text.recipientId, at);
    if (text) this.logger.info({ provider, messageId: providerMessageId, ...report }, 'text reported');
    else this.logger.warn({ provider, messageId: providerMessageId }, 'report of an unknown text ignored');
  }
}
