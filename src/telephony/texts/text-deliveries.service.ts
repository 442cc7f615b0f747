import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

import { Clock } from '../../platform/clock/clock.js';
import { CallConnections } from '../../platform/database/call-connections.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import type { DeliveryReport } from '../providers/delivery-report.js';
import { optOut, recordDelivery } from './texts.queries.js';

/** Records the delivery of forwarded texts. */
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
   * Records a delivery report. Reports may come several times and in any order. A report about a text that was not
   * forwarded changes nothing.
   *
   * @param providerMessageId of the incoming text, not of the forwarded one
   */
  async report(provider: ProviderName, providerMessageId: string, report: DeliveryReport): Promise<void> {
    const at = this.clock.now();
    const { delivery, recipientOptedOut } = report;
    const text = await recordDelivery(this.connections, { provider, providerMessageId, delivery, at });
    // A repeated (or replayed) report does not undo consent that was given since.
    if (text?.isNews && recipientOptedOut) await optOut(this.connections, text, { provider, providerMessageId, at });
    if (text) this.logger.info({ provider, messageId: providerMessageId, ...report }, 'text reported');
    else this.logger.warn({ provider, messageId: providerMessageId }, 'report of an unknown text ignored');
  }
}
