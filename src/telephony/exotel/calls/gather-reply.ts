import { PIN_DIGITS } from '../../../virtual-numbers/assignments/pin.js';
import type { LastDecision } from '../../decisions/interactions.queries.js';
import type { Greetings } from '../../greetings/greetings.js';

/** The reply of a dynamic Gather applet. */
export interface GatherReply {
  readonly gather_prompt: Prompt;
  readonly max_input_digits: number;
  readonly finish_on_key: '#';
  /** In seconds. */
  readonly input_timeout: number;
  /** How often a caller who enters nothing is asked again. */
  readonly repeat_menu: number;
  readonly repeat_gather_prompt: Prompt;
}

type Prompt = { readonly text: string } | { readonly audio_url: string };

/** Time to read a PIN in the app and enter it. */
const INPUT_TIMEOUT_SECONDS = 20;

/** Asks for a PIN. @param last the last decision about the call; null = unknown, which only affects the words */
export function gatherReply(greetings: Greetings, language: string, last: LastDecision | null): GatherReply {
  const again = promptOf(greetings.say('ask_pin_again', language));
  const isFirst = last === null || last.reason === 'PIN_REQUIRED';
  return {
    gather_prompt: isFirst ? promptOf(greetings.say('ask_pin', language)) : again,
    max_input_digits: PIN_DIGITS,
    finish_on_key: '#',
    input_timeout: INPUT_TIMEOUT_SECONDS,
    repeat_menu: 1,
    repeat_gather_prompt: again,
  };
}

/** A saying may be the URL of an audio file. */
function promptOf(saying: string): Prompt {
  return /^https?:\/\/\S+$/.test(saying) ? { audio_url: saying } : { text: saying };
}
