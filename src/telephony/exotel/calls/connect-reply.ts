import { nationalDigits, type E164 } from '../../../phone-number/e164.js';
import type { CallerIdForm } from '../exotel-config.js';
import type { RoutedCall } from '../../calls/call-routing.service.js';

/** What a Connect applet understands; a field it does not know is ignored or refused in silence, so there are no others. */
export interface ConnectReply {
  readonly fetch_after_attempt: false;
  readonly destination: { readonly numbers: readonly E164[] };
  readonly outgoing_phone_number?: string;
  readonly record?: boolean;
  readonly max_ringing_duration?: number;
  readonly max_conversation_duration?: number;
  readonly music_on_hold?: { readonly type: 'operator_tone' };
}

/** What Exotel allows; without the second it cuts every call after 900. */
const MOST_RING_SECONDS = 60;
const MOST_TALK_SECONDS = 4_500;

/** An empty list dials nobody: the flow then leaves by its "we didn't dial anyone" exit. */
export const REFUSED: ConnectReply = { fetch_after_attempt: false, destination: { numbers: [] } };

/** https://support.exotel.com/support/solutions/articles/3000096873 */
export function connectReply(call: RoutedCall, callerIdForm: CallerIdForm = 'e164'): ConnectReply {
  if (call.decision !== 'connect') return REFUSED; // a PIN is asked for by the flow's next branch
  return {
    fetch_after_attempt: false,
    destination: { numbers: [call.callee] },
    ...shown(call.shownNumber, callerIdForm),
    record: call.record,
    max_ringing_duration: clamped(call.ringSeconds, MOST_RING_SECONDS),
    max_conversation_duration: clamped(call.talkSeconds, MOST_TALK_SECONDS),
    music_on_hold: { type: 'operator_tone' },
  };
}

/** Whole seconds: what 0 means is not documented, and what is over the most rejects the reply. */
function clamped(seconds: number, most: number): number {
  return Math.min(Math.max(Math.round(seconds), 1), most);
}

/** Customers of Exotel report both that E.164 is taken and that only the national form is, or none at all. */
function shown(number: E164, form: CallerIdForm): Pick<ConnectReply, 'outgoing_phone_number'> {
  if (form === 'omit') return {};
  return { outgoing_phone_number: form === 'national' ? nationalDigits(number) : number };
}
