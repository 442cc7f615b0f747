import type { Delivery, DeliveryReport } from '../../providers/delivery-report.js';
import type { InboundText } from '../../texts/text-decision.js';
import { parameter, sidIn, type TwilioForm } from '../twilio-form.js';
import { endsIn } from '../calls/voice-requests.js';

/** A text to one of our numbers; null if it has no id. https://www.twilio.com/docs/messaging/guides/webhook-request */
export function parseMessage(form: TwilioForm): InboundText | null {
  const providerMessageId = sidIn(form, 'MessageSid') ?? sidIn(form, 'SmsMessageSid') ?? sidIn(form, 'SmsSid');
  if (providerMessageId === null) return null;
  const { dialled, caller: sender } = endsIn(form);
  const media = parameter(form, 'NumMedia');
  return {
    provider: 'twilio',
    providerMessageId,
    dialled,
    sender,
    body: parameter(form, 'Body'),
    media: /^\d{1,2}$/.test(media) ? Number(media) : 0,
    optOut: optOutIn(form),
  };
}

/** Reported if Twilio manages consent itself ("advanced opt-out"), in any language. */
function optOutIn(form: TwilioForm): InboundText['optOut'] {
  const type = parameter(form, 'OptOutType').toLowerCase();
  return type === 'stop' || type === 'start' ? type : null;
}

const DELIVERY_OF_STATUS: Readonly<Record<string, Delivery>> = {
  sent: 'sent',
  delivered: 'delivered',
  read: 'delivered',
  undelivered: 'failed',
  failed: 'failed',
  canceled: 'failed',
};

/** "The message From/To pair violates a blacklist rule": the recipient has sent STOP to our number. */
const OPTED_OUT = '21610';

/** The delivery report of a forwarded text; null if it is still in progress. */
export function parseMessageStatus(form: TwilioForm): DeliveryReport | null {
  const status = parameter(form, 'MessageStatus') || parameter(form, 'SmsStatus');
  const delivery = Object.hasOwn(DELIVERY_OF_STATUS, status) ? DELIVERY_OF_STATUS[status] : undefined;
  return delivery === undefined ? null : { delivery, recipientOptedOut: parameter(form, 'ErrorCode') === OPTED_OUT };
}
