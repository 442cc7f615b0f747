import { Injectable, Optional } from '@nestjs/common';

import { TextSender, type TextToSend } from '../../providers/text-sender.js';
import { ExotelApi, EXOTEL_TIMING, type ExotelTiming } from '../exotel-api.js';
import { ExotelConfig } from '../exotel-config.js';
import { ExotelRateLimit } from '../exotel-rate-limit.js';

/**
 * Forwards texts with a request, because the answer to an SMS applet cannot.
 * https://developer.exotel.com/docs/sms-api/api-reference/send-sms
 */
@Injectable()
export class ExotelSms extends TextSender {
  private readonly api: ExotelApi;

  constructor(
    private readonly config: ExotelConfig,
    limit: ExotelRateLimit,
    @Optional() timing: ExotelTiming = EXOTEL_TIMING,
  ) {
    super();
    this.api = new ExotelApi(config.account, limit, timing, 'v1');
  }

  async send({ to, from, body, inPlaceOf }: TextToSend): Promise<void> {
    const isPlain = /^[\n\r\x20-\x7e]*$/.test(body);
    const form = {
      From: from,
      To: to,
      Body: body,
      EncodingType: isPlain ? 'plain' : 'unicode',
      StatusCallback: `${this.config.hooks}/sms-status?of=${inPlaceOf}`,
    };
    await this.api.ask({ what: 'the sending of a text', method: 'POST', path: 'Sms/send.json', form });
  }
}
