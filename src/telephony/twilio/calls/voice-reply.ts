import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js';

import type { RefuseReason } from '../../decisions/call-reasons.js';
import type { RoutedAsk, RoutedCall, RoutedConnect } from '../../calls/call-routing.service.js';
import { audioIn, DEFAULT_LANGUAGE, type Greetings, type Saying } from '../../greetings/greetings.js';
import { refusalSaying } from '../../greetings/refusal-words.js';
import { spokenAs } from './spoken-languages.js';
import type { CallingParticipant } from '../../interactions/interactions.service.js';
import { hook, type TwilioConfig } from '../twilio-config.js';

/** Twilio's limits. */
const RING_SECONDS = [5, 600] as const;
const MOST_TALK_SECONDS = 86_400;

/** After this time without a key, the entered PIN is complete. */
const KEY_WITHIN_SECONDS = 10;

/**
 * Refusals without an answer: the call costs nothing, and the caller hears a message of their own network. Used for
 * numbers out of service, and for calls that should not be made. All other callers hear the reason, for which their
 * call must be answered.
 */
const IS_REJECTED: Readonly<Record<RefuseReason, boolean>> = {
  UNKNOWN_VN: true,
  CLI_WITHHELD: false,
  UNKNOWN_CALLER: false,
  NO_SESSION: false,
  ORDER_ENDED: false,
  LINK_CLOSED: false,
  ORDER_UNCONFIRMED: false,
  NOT_CONNECTED_YET: false,
  SELF_CALL: false,
  LOOP: true,
  DIRECTION_NOT_ALLOWED: false,
  BLOCKED: true,
  QUIET_HOURS: false,
  CAP_REACHED: true,
  PIN_WRONG: false,
  PIN_LOCKED: false,
  CALL_ID_REUSED: true,
  ALREADY_CONNECTED: false,
  CALL_OVER: false,
  TOO_MANY_MISSES: false,
  NOT_CONFIRMED: false,
  TRY_LATER: false,
  STALE_STATE: false,
};

/** What is needed to speak to a caller. */
export interface Speech {
  readonly config: TwilioConfig;
  readonly greetings: Greetings;
}

/** The person who hears the words. */
export interface Listener {
  /** The language of the dialled number's pool, ISO 639-1. */
  readonly language: string;
  /** The dialled number's country, for the accent; undefined if unknown. */
  readonly country: string | undefined;
}

/** An unknown listener. */
export const ANYBODY: Listener = { language: DEFAULT_LANGUAGE, country: undefined };

/** Whether the answer to a call contains spoken words. */
export function isSpoken(call: RoutedCall): boolean {
  return call.decision === 'ask-pin' || (call.decision === 'refuse' && !IS_REJECTED[call.reason]);
}

/**
 * The answer to a call as TwiML. https://www.twilio.com/docs/voice/twiml/dial
 *
 * @param nextTry number of the call's next try at a PIN, from 1
 */
export function voiceReply(call: RoutedCall, speech: Speech, nextTry: number, listener: Listener): string {
  if (call.decision === 'refuse') return refusal(call.reason, speech.greetings, listener);
  return call.decision === 'ask-pin' ? question(call, speech, nextTry, listener) : dialling(call, speech.config);
}

/** Which phone to dial, the shown number, and the time limits. */
export type Dialling = Pick<RoutedConnect, 'callee' | 'shownNumber' | 'ringSeconds' | 'talkSeconds' | 'record'>;

export function dialling(call: Dialling, config: TwilioConfig): string {
  const response = new VoiceResponse();
  const dial = response.dial({
    callerId: call.shownNumber, // without it, the callee would see the caller's own number
    answerOnBridge: true, // the caller's call keeps ringing, unanswered and free, until the callee answers
    timeout: ringSecondsAllowed(call.ringSeconds),
    timeLimit: Math.min(call.talkSeconds, MOST_TALK_SECONDS),
    ...(call.record ? recording(config) : {}),
    action: hook(config, 'voice/dial-result'),
    method: 'POST',
  });
  dial.number(
    {
      ...(config.whisper === null ? {} : { url: hook(config, 'voice/whisper'), method: 'POST' }),
      statusCallback: hook(config, 'voice/status'),
      statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
      statusCallbackMethod: 'POST',
    },
    call.callee,
  );
  return response.toString();
}

/** The callback when the recording is ready, which may be after the call's end. */
function recording(config: TwilioConfig) {
  return {
    record: 'record-from-answer-dual' as const,
    recordingStatusCallback: hook(config, 'voice/recording'),
    recordingStatusCallbackMethod: 'POST',
  };
}

export function ringSecondsAllowed(wished: number): number {
  const [least, most] = RING_SECONDS;
  return Math.min(Math.max(wished, least), most);
}

/** A caller who enters nothing has used a try as well, and hears that in the next step. */
function question(
  { reason, digits }: RoutedAsk,
  { config, greetings }: Speech,
  nextTry: number,
  listener: Listener,
): string {
  const response = new VoiceResponse();
  const gather = response.gather({
    input: ['dtmf'],
    numDigits: digits,
    finishOnKey: '#',
    timeout: KEY_WITHIN_SECONDS,
    action: hook(config, `voice/pin/${nextTry}`),
    method: 'POST',
    actionOnEmptyResult: true,
  });
  speak(gather, reason === 'PIN_REQUIRED' ? 'ask_pin' : 'ask_pin_again', greetings, listener);
  return response.toString();
}

export function refusal(reason: RefuseReason, greetings: Greetings, listener: Listener): string {
  const response = new VoiceResponse();
  if (IS_REJECTED[reason]) response.reject({ reason: 'rejected' });
  else {
    speak(response, refusalSaying({ decision: 'refuse', reason }), greetings, listener);
    response.hangup();
  }
  return response.toString();
}

/**
 * Says something in the listener's language, or in English if Twilio does not speak it. Plays audio files if the words
 * are URLs of audio files.
 */
function speak(
  to: Pick<VoiceResponse, 'say' | 'play'>,
  saying: Saying,
  greetings: Greetings,
  { language, country }: Listener,
): void {
  const said = greetings.find(saying, language);
  const audio = audioIn(said.text);
  if (audio) return audio.forEach((address) => to.play(address));
  const accent = spokenAs(said.language, country);
  if (accent) to.say({ language: accent }, said.text);
  else to.say({ language: spokenAs(DEFAULT_LANGUAGE, country)! }, greetings.say(saying, DEFAULT_LANGUAGE));
}

/** Nothing follows a `<Dial>`: the caller hears its end from their own network. */
export function hangup(): string {
  const response = new VoiceResponse();
  response.hangup();
  return response.toString();
}

/** Whether the whisper has to be filled in. */
export function namesOrder(words: string): boolean {
  return /\{(order|role)\}/.test(words);
}

/** Replaces the configured whisper if it names an order that cannot be determined. */
const WHISPER_OF_ANY_ORDER = 'A call about an order.';

/**
 * The whisper to the callee: the configured words with the order's reference for `{order}` and the caller's role for
 * `{role}`.
 */
export function whisper(words: string | null, about: CallingParticipant | null): string {
  const response = new VoiceResponse();
  if (words === null) return response.toString();
  const named = about && words.replaceAll('{order}', about.reference).replaceAll('{role}', about.role);
  response.say(namesOrder(words) ? (named ?? WHISPER_OF_ANY_ORDER) : words);
  return response.toString();
}
