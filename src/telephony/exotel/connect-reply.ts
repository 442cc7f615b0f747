import type { E164 } from '../../phone-number/e164.js';
import type { RoutedCall } from '../call-routing.service.js';

/** What a Connect applet understands; a field it does not know is ignored or refused in silence, so there are no others. */
export interface ConnectReply {
  readonly fetch_after_attempt: false;
  readonly destination: { readonly numbers: readonly E164[] };
  readonly outgoing_phone_number?: E164;
  readonly record?: false;
  readonly max_ringing_duration?: number;
  readonly max_conversation_duration?: number;
  readonly music_on_hold?: { readonly type: 'operator_tone' };
}

/** Exotel allows 60 and 4,500; without the second it cuts every call after 900. */
const RING_SECONDS = 45;
const TALK_SECONDS = 3_600;

/** An empty list dials nobody: the flow then leaves by its "we didn't dial anyone" exit. */
export const REFUSED: ConnectReply = { fetch_after_attempt: false, destination: { numbers: [] } };

/** https://support.exotel.com/support/solutions/articles/3000096873 */
export function connectReply(call: RoutedCall): ConnectReply {
  if (call.decision === 'refuse') return REFUSED;
  return {
    fetch_after_attempt: false,
    destination: { numbers: [call.callee] },
    outgoing_phone_number: call.shownNumber,
    record: false,
    max_ringing_duration: RING_SECONDS,
    max_conversation_duration: TALK_SECONDS,
    music_on_hold: { type: 'operator_tone' },
  };
}
