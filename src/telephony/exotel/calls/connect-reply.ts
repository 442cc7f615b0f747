import { nationalDigits, type E164 } from '../../../phone-number/e164.js';
import type { CallerIdForm } from '../exotel-config.js';
import type { RoutedCall } from '../../calls/call-routing.service.js';

/** The fields that a Connect applet understands. It ignores or silently refuses others. */
export interface ConnectReply {
  readonly fetch_after_attempt: false;
  readonly destination: { readonly numbers: readonly E164[] };
  readonly outgoing_phone_number?: string;
  readonly record?: boolean;
  readonly max_ringing_duration?: number;
  readonly max_conversation_duration?: number;
  readonly music_on_hold?: { readonly type: 'operator_tone' };
}

/** Exotel's limits. Without the second, Exotel ends every call after 900 s. */
const MOST_RING_SECONDS = 60;
const MOST_TALK_SECONDS = 4_500;

/** An empty list dials nobody; the flow takes its exit "we didn't dial anyone". */
export const REFUSED: ConnectReply = { fetch_after_attempt: false, destination: { numbers: [] } };

/** https://support.exotel.com/support/solutions/articles/3000096873 */
export function connectReply(call: RoutedCall, callerIdForm: CallerIdForm = 'e164'): ConnectReply {
  if (call.decision !== 'connect') return REFUSED; // the flow's next branch asks for the PIN
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

/** Whole seconds. The meaning of 0 is not documented, and a value above the limit makes Exotel reject the reply. */
function clamped(seconds: number, most: number): number {
  return Math.min(Math.max(Math.round(seconds), 1), most);
}

/** Exotel's customers report that E.164 is accepted, that only the national form is, and that neither is. */
function shown(number: E164, form: CallerIdForm): Pick<ConnectReply, 'outgoing_phone_number'> {
  if (form === 'omit') return {};
  return { outgoing_phone_number: form === 'national' ? nationalDigits(number) : number };
}
