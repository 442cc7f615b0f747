import { parseE164, parseSpelling, type Country, type E164 } from '../../src/phone-number/e164.js';
import { fields, parseJson, RejectedReply, type Fields } from './applet-reply.js';
import type { CallbackAnswer } from '../network/callbacks.js';

/** The fields of the app's reply that the flow uses. */
export interface ConnectReply {
  numbers: E164[];
  /** The caller ID that the callee sees; null = the dialled number. */
  shown: E164 | null;
  record: boolean;
  maxRingingSeconds: number;
  maxConversationSeconds: number;
  playback: { to: 'callee' | 'both'; text: string } | null;
}

const LONGEST_RINGING_SECONDS = 60;
const RINGING_SECONDS_IF_NOT_SAID = 30;
const LONGEST_CONVERSATION_SECONDS = 4500;
const CONVERSATION_SECONDS_IF_NOT_SAID = 900;

/**
 * Reads a reply strictly by version 1.0 of the applet's contract: unknown fields are rejected. `fetch_after_attempt` is
 * accepted but ignored, because the exchange asks only once for each call.
 *
 * @param owns whether the account owns a number; only such numbers may be shown
 * @throws RejectedReply
 */
export function readConnectReply(answer: CallbackAnswer, home: Country, owns: (number: E164) => boolean): ConnectReply {
  const reply = fields(parseJson(answer), 'the reply', FIELDS);
  flag(reply, 'fetch_after_attempt');
  oneOf(reply, 'recording_channels', ['single', 'dual']);
  checkMusic(reply.music_on_hold);
  checkParallelRinging(reply.parallel_ringing);
  if (reply.dial_passthru_event_url !== undefined && !URL.canParse(String(reply.dial_passthru_event_url))) {
    throw new RejectedReply('dial_passthru_event_url is not a URL');
  }
  return {
    numbers: readDestination(reply.destination),
    shown: readShown(reply.outgoing_phone_number, home, owns),
    record: flag(reply, 'record') ?? false,
    maxRingingSeconds:
      wholeNumber(reply, 'max_ringing_duration', LONGEST_RINGING_SECONDS) ?? RINGING_SECONDS_IF_NOT_SAID,
    maxConversationSeconds:
      wholeNumber(reply, 'max_conversation_duration', LONGEST_CONVERSATION_SECONDS) ?? CONVERSATION_SECONDS_IF_NOT_SAID,
    playback: readPlayback(reply.start_call_playback),
  };
}

const FIELDS = [
  'destination',
  'fetch_after_attempt',
  'outgoing_phone_number',
  'record',
  'recording_channels',
  'max_ringing_duration',
  'max_conversation_duration',
  'music_on_hold',
  'start_call_playback',
  'parallel_ringing',
  'dial_passthru_event_url',
];

function readDestination(value: unknown): E164[] {
  if (value === undefined) throw new RejectedReply('destination is missing');
  const { numbers } = fields(value, 'destination', ['numbers']);
  if (!Array.isArray(numbers)) throw new RejectedReply('destination.numbers must be a list');
  return numbers.map((text: unknown) => {
    const number = typeof text === 'string' && /^\+\d+$/.test(text) ? parseE164(text) : null;
    if (!number) throw new RejectedReply(`destination.numbers holds ${JSON.stringify(text)}, which is not E.164`);
    return number;
  });
}

/** Both E.164 and the national form are known to work. */
function readShown(value: unknown, home: Country, owns: (number: E164) => boolean): E164 | null {
  if (value === undefined) return null;
  const number = typeof value === 'string' ? parseSpelling(value, home) : null;
  if (!number) throw new RejectedReply(`outgoing_phone_number ${JSON.stringify(value)} is not a phone number`);
  if (!owns(number)) throw new RejectedReply(`outgoing_phone_number ${number} is not owned by this account`);
  return number;
}

function readPlayback(value: unknown): ConnectReply['playback'] {
  if (value === undefined) return null;
  const playback = fields(value, 'start_call_playback', ['playback_to', 'type', 'value']);
  const to = oneOf(playback, 'playback_to', ['callee', 'both']);
  const type = oneOf(playback, 'type', ['text', 'audio_url']);
  if (!to || !type || typeof playback.value !== 'string') {
    throw new RejectedReply('start_call_playback must have playback_to, type and value');
  }
  return { to: to as 'callee' | 'both', text: playback.value };
}

function checkMusic(value: unknown): void {
  if (value === undefined) return;
  const music = fields(value, 'music_on_hold', ['type', 'value']);
  const type = oneOf(music, 'type', ['default_tone', 'operator_tone', 'custom_tone']);
  if (!type) throw new RejectedReply('music_on_hold.type is missing');
  if (type === 'custom_tone' && typeof music.value !== 'string') {
    throw new RejectedReply('music_on_hold.value must be the URL of the custom tone');
  }
}

function checkParallelRinging(value: unknown): void {
  if (value === undefined) return;
  const parallel = fields(value, 'parallel_ringing', ['activate', 'max_parallel_attempts']);
  if (flag(parallel, 'activate') === undefined) throw new RejectedReply('parallel_ringing.activate is missing');
  wholeNumber(parallel, 'max_parallel_attempts', 10);
}

function flag(from: Fields, name: string): boolean | undefined {
  const value = from[name];
  if (value !== undefined && typeof value !== 'boolean') throw new RejectedReply(`${name} must be true or false`);
  return value;
}

function oneOf(from: Fields, name: string, allowed: readonly string[]): string | undefined {
  const value = from[name];
  if (value === undefined) return undefined;
  if (typeof value === 'string' && allowed.includes(value)) return value;
  throw new RejectedReply(`${name} is ${JSON.stringify(value)}, must be ${allowed.join(' or ')}`);
}

function wholeNumber(from: Fields, name: string, most: number): number | undefined {
  const value = from[name];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new RejectedReply(`${name} is ${JSON.stringify(value)}, must be a whole number from 1 to ${most}`);
}
