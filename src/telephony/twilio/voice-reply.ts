import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js';

import type { RefuseReason } from '../call-decision.js';
import type { RoutedCall } from '../call-routing.service.js';
import { DEFAULT_LANGUAGE } from '../greetings.js';
import { refusalSaying } from '../refusal-words.js';
import type { TwilioConfig } from './twilio-config.js';

/** Twilio would ring 30 s and let both talk for four hours. */
const RING_SECONDS = 45;
const TALK_SECONDS = 3_600;

/**
 * What a refused caller hears. A call that is rejected was never answered, so nobody pays for it, and the caller hears
 * what their own network says: for numbers out of service, and for calls that nobody has any business to make. Everybody
 * else deserves a word, for which their call has to be answered.
 */
const REJECTED: ReadonlySet<RefuseReason> = new Set(['UNKNOWN_VN', 'LOOP', 'CALL_ID_REUSED']);

/** The answer to a call, as TwiML. https://www.twilio.com/docs/voice/twiml/dial */
export function voiceReply(call: RoutedCall, config: TwilioConfig): string {
  if (call.decision === 'refuse') return refusal(call.reason, config);
  const response = new VoiceResponse();
  const dial = response.dial({
    callerId: call.shownNumber, // without it, the callee would see the caller's own number
    answerOnBridge: true, // the caller's call rings, unanswered and unpaid for, until the callee picks up
    timeout: RING_SECONDS,
    timeLimit: TALK_SECONDS,
    action: config.hook('voice/dial-result'),
    method: 'POST',
  });
  dial.number(
    {
      ...(config.whisper === null ? {} : { url: config.hook('voice/whisper'), method: 'POST' }),
      statusCallback: config.hook('voice/status'),
      statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
      statusCallbackMethod: 'POST',
    },
    call.callee,
  );
  return response.toString();
}

export function refusal(reason: RefuseReason, { greetings }: TwilioConfig): string {
  const response = new VoiceResponse();
  if (REJECTED.has(reason)) response.reject({ reason: 'rejected' });
  else {
    response.say(greetings.say(refusalSaying(reason), DEFAULT_LANGUAGE));
    response.hangup();
  }
  return response.toString();
}

/** Behind a `<Dial>` nothing follows: how it ended, the caller hears from their own network. */
export function hangup(): string {
  const response = new VoiceResponse();
  response.hangup();
  return response.toString();
}

/** What the callee hears before being put through. */
export function whisper(text: string | null): string {
  const response = new VoiceResponse();
  if (text !== null) response.say(text);
  return response.toString();
}
