import { Injectable, Optional } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

import { ProviderRefused } from '../../providers/provider-errors.js';
import { TextDeliveriesService } from '../../texts/text-deliveries.service.js';
import type { RoutedForward } from '../../texts/text-routing.service.js';
import { ExotelApi, EXOTEL_TIMING, type ExotelTiming } from '../exotel-api.js';
import { ExotelConfig } from '../exotel-config.js';
import { ExotelRateLimit } from '../exotel-rate-limit.js';

/** Sends texts on, as the answer to an SMS applet cannot. https://developer.exotel.com/docs/sms-api/api-reference/send-sms */
@Injectable()
export class ExotelSms {
  private readonly api: ExotelApi;

  constructor(
    private readonly config: ExotelConfig,
    limit: ExotelRateLimit,
    private readonly deliveries: TextDeliveriesService,
    private readonly logger: PinoLogger,
    @Optional() timing: ExotelTiming = EXOTEL_TIMING,
  ) {
    this.api = new ExotelApi(config.account, limit, timing, 'v1');
    logger.setContext(ExotelSms.name);
  }

  /**
   * Passes a text on, once: when no answer comes it may have gone out, and is not sent again. Never rejects.
   *
   * @param messageId of the text as it was brought to us, under which its delivery is then reported
   */
  async forward(messageId: string, { to, from, body }: RoutedForward): Promise<void> {
    const isPlain = /^[\n\r\x20-\x7e]*$/.test(body);
    const form = {
      From: from,
      To: to,
      Body: body,
      EncodingType: isPlain ? 'plain' : 'unicode',
      StatusCallback: `${this.config.textHooks}/sms-status?of=${messageId}`,
    };
    try {
      await this.api.ask({ what: 'the sending of a text', method: 'POST', path: 'Sms/send.json', form });
      await this.deliveries.report('exotel', messageId, { delivery: 'sent', recipientOptedOut: false });
    } catch (err) {
      this.logger.warn({ err, messageId }, 'text not known to have been sent');
      if (err instanceof ProviderRefused) {
        await this.deliveries
          .report('exotel', messageId, { delivery: 'failed', recipientOptedOut: false })
          .catch((failure: unknown) => this.logger.error({ err: failure, messageId }, 'refused text not recorded'));
      }
    }
  }
}
