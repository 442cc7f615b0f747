import MessagingResponse from 'twilio/lib/twiml/MessagingResponse.js';

import type { RoutedText } from '../../texts/text-routing.service.js';
import { hook, type TwilioConfig } from '../twilio-config.js';

/**
 * The answer to a text, as TwiML: whom to pass it on to, or nothing. Never a reply to its sender.
 * https://www.twilio.com/docs/messaging/twiml
 *
 * @param messageId of the text as it came, under which its delivery is then told: the one sent has another
 */
export function messageReply(text: RoutedText, messageId: string, config: TwilioConfig): string {
  const response = new MessagingResponse();
  if (text.decision === 'forward') {
    const action = hook(config, `messages/status?of=${messageId}`);
    response.message({ to: text.to, from: text.from, action, method: 'POST' }, text.body);
  }
  return response.toString();
}

/** Nothing is sent to anybody. */
export function silence(): string {
  return new MessagingResponse().toString();
}
