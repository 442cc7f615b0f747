import { SegmentedMessage } from 'sms-segments-calculator';

/**
 * How many messages a text is sent, and charged, as: 160 characters of the GSM alphabet or 70 of UCS-2 in one, 153 or 67
 * in each of several (3GPP TS 23.038 and 23.040). An empty text is none.
 */
export function segmentsOf(text: string): number {
  return text === '' ? 0 : new SegmentedMessage(text).segmentsCount;
}
