import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

import { ProviderRefused } from '../providers/provider-errors.js';
import { ProviderRegistry } from '../providers/provider-registry.js';
import { TextDeliveriesService } from './text-deliveries.service.js';
import type { InboundText } from './text-decision.js';
import { TextRoutingService, type RoutedForward } from './text-routing.service.js';

/** Forwards texts with a request, for providers that do not send the text in the answer to their callback. */
@Injectable()
export class TextForwardingService {
  constructor(
    private readonly providers: ProviderRegistry,
    private readonly routing: TextRoutingService,
    private readonly deliveries: TextDeliveriesService,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(TextForwardingService.name);
  }

  /**
   * Decides a text and forwards it once. Rejects if it could not be decided; then the provider should send it again.
   */
  async passOn(text: InboundText): Promise<void> {
    const routed = await this.routing.route(text);
    if (routed.decision === 'forward' && !routed.isRepeat) await this.send(text, routed);
  }

  /** Without an answer the text may have been sent, so it is not sent again. Never rejects. */
  private async send({ provider, providerMessageId }: InboundText, { to, from, body }: RoutedForward): Promise<void> {
    const report = (delivery: 'sent' | 'failed') =>
      this.deliveries.report(provider, providerMessageId, { delivery, recipientOptedOut: false });
    try {
      await this.providers.of(provider).texts!.sender!.send({ to, from, body, inPlaceOf: providerMessageId });
      await report('sent');
    } catch (err) {
      this.logger.warn({ err, messageId: providerMessageId }, 'text not known to have been sent');
      if (err instanceof ProviderRefused) {
        await report('failed').catch((failure: unknown) =>
          this.logger.error({ err: failure, messageId: providerMessageId }, 'refused text not recorded'),
        );
      }
    }
  }
}
