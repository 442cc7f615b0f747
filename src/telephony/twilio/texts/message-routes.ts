import { Injectable, type OnModuleInit } from '@nestjs/common';

import { TextDeliveriesService } from '../../texts/text-deliveries.service.js';
import { TextRoutingService } from '../../texts/text-routing.service.js';
import { messageReply, silence } from './message-reply.js';
import { parseMessage, parseMessageStatus } from './message-requests.js';
import { TwilioConfig } from '../twilio-config.js';
import { sidIn, type TwilioForm } from '../twilio-form.js';
import { TwilioCallbackAccess } from '../twilio-callback-access.js';

/**
 * Twilio's callbacks about texts. A text that cannot be decided is answered with 500, and Twilio uses the fallback URL.
 */
@Injectable()
export class TwilioMessageRoutes implements OnModuleInit {
  constructor(
    private readonly access: TwilioCallbackAccess,
    private readonly config: TwilioConfig,
    private readonly routing: TextRoutingService,
    private readonly deliveries: TextDeliveriesService,
  ) {}

  onModuleInit(): void {
    this.access.serve('messages', (form) => this.passOn(form));
    this.access.serve('messages/status', async (form, query) => {
      const messageId = sidIn(query, 'of');
      const report = parseMessageStatus(form);
      if (messageId === null) this.access.refuse('messages/status', 'message-id');
      else if (report !== null) await this.deliveries.report('twilio', messageId, report);
      return null;
    });
  }

  private async passOn(form: TwilioForm): Promise<string> {
    const text = parseMessage(form);
    if (text === null) {
      this.access.refuse('messages', 'message-id');
      return silence();
    }
    return messageReply(await this.routing.route(text), text.providerMessageId, this.config);
  }
}
