import { SegmentedMessage } from 'sms-segments-calculator';

/**
 * The number of segments of a text: one for 160 characters of the GSM alphabet or 70 of UCS-2, otherwise 153 or 67 in
 * each (3GPP TS 23.038 and 23.040). An empty text has none.
 */
export function segmentsOf(text: string): number {
  return text === '' ? 0 : new SegmentedMessage(text).segmentsCount;
}
