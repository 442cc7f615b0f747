import MessagingResponse from 'twilio/lib/twiml/MessagingResponse.js';

import type { RoutedText } from '../../texts/text-routing.service.js';
import { hook, type TwilioConfig } from '../twilio-config.js';

/**
 * The answer to a text as TwiML: forwards it, or does nothing. Never a reply to the sender.
 * https://www.twilio.com/docs/messaging/twiml
 *
 * @param messageId of the incoming text, under which the delivery is reported; the forwarded one has another id
 */
export function messageReply(text: RoutedText, messageId: string, config: TwilioConfig): string {
  const response = new MessagingResponse();
  if (text.decision === 'forward') {
    const action = hook(config, `messages/status?of=${messageId}`);
    response.message({ to: text.to, from: text.from, action, method: 'POST' }, text.body);
  }
  return response.toString();
}

/** An answer that sends nothing. */
export function silence(): string {
  return new MessagingResponse().toString();
}
