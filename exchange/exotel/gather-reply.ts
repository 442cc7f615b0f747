import type { CallbackAnswer } from '../network/callbacks.js';
import { fields, parseJson, RejectedReply, type Fields } from './applet-reply.js';

/** How the flow asks a caller for digits. */
export interface GatherReply {
  prompt: string;
  /** Spoken before the caller is asked again; default: the prompt. */
  repeatPrompt: string;
  maxDigits: number;
  /** Empty = no key ends the input. */
  finishOnKey: string;
  timeoutSeconds: number;
  /** How often a caller who keys nothing is asked again. */
  repeats: number;
}

const FIELDS = [
  'gather_prompt',
  'max_input_digits',
  'finish_on_key',
  'input_timeout',
  'repeat_menu',
  'repeat_gather_prompt',
];
const MOST_DIGITS = 32;
const LONGEST_TIMEOUT_SECONDS = 60;
const MOST_REPEATS = 10;

/** Reads the reply to a dynamic Gather strictly. @throws RejectedReply */
export function readGatherReply(answer: CallbackAnswer): GatherReply {
  const reply = fields(parseJson(answer), 'the reply', FIELDS);
  if (reply['gather_prompt'] === undefined) throw new RejectedReply('gather_prompt is missing');
  const prompt = readPrompt(reply['gather_prompt'], 'gather_prompt');
  const repeat = reply['repeat_gather_prompt'];
  const finishOnKey = reply['finish_on_key'] ?? '';
  if (typeof finishOnKey !== 'string' || !/^[#*]?$/.test(finishOnKey)) {
    throw new RejectedReply(`finish_on_key is ${JSON.stringify(finishOnKey)}, must be #, * or empty`);
  }
  return {
    prompt,
    repeatPrompt: repeat === undefined ? prompt : readPrompt(repeat, 'repeat_gather_prompt'),
    maxDigits: wholeNumber(reply, 'max_input_digits', 1, MOST_DIGITS, MOST_DIGITS),
    finishOnKey,
    timeoutSeconds: wholeNumber(reply, 'input_timeout', 1, LONGEST_TIMEOUT_SECONDS, 5),
    repeats: wholeNumber(reply, 'repeat_menu', 0, MOST_REPEATS, 0),
  };
}

/** Exactly one of a text and an audio file. */
function readPrompt(value: unknown, name: string): string {
  const prompt = fields(value, name, ['text', 'audio_url']);
  const said = Object.values(prompt);
  if (said.length !== 1 || typeof said[0] !== 'string' || said[0].trim() === '') {
    throw new RejectedReply(`${name} must have either a text or an audio_url`);
  }
  if (prompt['audio_url'] !== undefined && !URL.canParse(said[0])) {
    throw new RejectedReply(`${name}.audio_url is not a URL`);
  }
  return said[0];
}

function wholeNumber(from: Fields, name: string, least: number, most: number, otherwise: number): number {
  const value = from[name] ?? otherwise;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RejectedReply(`${name} is ${JSON.stringify(value)}, must be a whole number from ${least} to ${most}`);
}
