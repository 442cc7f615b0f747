import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

import { Clock } from '../../platform/clock/clock.js';
import { CallConnections } from '../../platform/database/call-connections.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import type { DeliveryReport } from '../providers/delivery-report.js';
import { optOut, recordDelivery } from './texts.queries.js';

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
