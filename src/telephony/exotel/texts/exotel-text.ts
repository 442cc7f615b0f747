import { readDialled } from '../../../phone-number/dialled-number.js';
import { parseSpelling, type Country } from '../../../phone-number/e164.js';
import type { DeliveryReport } from '../../providers/delivery-report.js';
import type { InboundText } from '../../texts/text-decision.js';
import { parameter, type ExotelQuery } from '../exotel-query.js';

const LONGEST_SID = 64;

/** A text's id; null if the request contains none that can be stored. */
export function smsSidOf(fields: ExotelQuery, name = 'SmsSid'): string | null {
  const sid = parameter(fields, name);
  return /^[\w-]+$/.test(sid) && sid.length <= LONGEST_SID ? sid : null;
}

/**
 * An SMS applet's request as a text: GET with a query, or POST with a form, with the same names. Null if it has no id.
 * https://support.exotel.com/support/solutions/articles/45270-send-a-sms-reply-in-response-to-an-incoming-sms
 */
export function parseText(fields: ExotelQuery, country: Country): InboundText | null {
  const providerMessageId = smsSidOf(fields);
  if (providerMessageId === null) return null;
  const dialled = readDialled(parameter(fields, 'To'), country);
  const sender = parseSpelling(parameter(fields, 'From'), dialled?.country ?? country);
  return {
    provider: 'exotel',
    providerMessageId,
    dialled: dialled ? [dialled.number] : [],
    sender,
    body: parameter(fields, 'Body'),
    media: 0,
    optOut: null,
  };
}

/** The delivery report of a text that we sent; null if it is not final. Exotel's pages name the fields differently. */
export function parseDelivery(fields: ExotelQuery): DeliveryReport | null {
  const said = [parameter(fields, 'DetailedStatus'), parameter(fields, 'Status')].map((word) => word.toUpperCase());
  const recipientOptedOut = said.some((word) => word === 'FAILED_DND' || word === 'FAILED-DND');
  if (said.includes('DELIVERED_TO_HANDSET')) return { delivery: 'delivered', recipientOptedOut };
  if (said.some((word) => word.startsWith('FAILED'))) return { delivery: 'failed', recipientOptedOut };
  if (said.includes('DELIVERED_TO_OPERATOR') || said.includes('SENT')) return { delivery: 'sent', recipientOptedOut };
  return null;
}
