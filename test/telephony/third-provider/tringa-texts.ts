import { Injectable } from '@nestjs/common';

import { TextSender, type TextToSend } from '../../../src/telephony/providers/text-sender.js';
import { TringaApi } from './tringa-api.js';
import { TringaConfig } from './tringa-config.js';

@Injectable()
export class TringaTexts extends TextSender {
  constructor(
    private readonly api: TringaApi,
    private readonly config: TringaConfig,
  ) {
    super();
  }

  async send({ to, from, body, inPlaceOf }: TextToSend): Promise<void> {
    const events = `${this.config.hooks}/text-event?of=${inPlaceOf}`;
    await this.api.ask('a text', 'POST', 'texts', { to: to.slice(1), from: from.slice(1), body, events });
  }
}
