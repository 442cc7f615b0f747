import type { CallbackAnswer, Callbacks } from '../network/callbacks.js';
import { answerTo } from '../exotel/flow.js';
import type { AskedStep, Step } from '../network/transcript.js';
import { signatureOf } from './signature.js';
import { readTwiml, RejectedTwiml, type Grammar, type Verb } from './twiml.js';

/** The account that owns the numbers and whose token signs requests to the app. */
export interface TwilioAccount {
  readonly sid: string;
  readonly authToken: string;
}

export type Parameters = Readonly<Record<string, string>>;

/** Twilio's code for a withheld number: the word ANONYMOUS on a keypad. */
export const ANONYMOUS = '+266696687';

/** Twilio's error code for a missing answer. */
const NO_ANSWER = 11205;

/** How long Twilio waits for TwiML. */
const ANSWER_LIMIT_MS = 15_000;

/** Requests to the app: signed forms. */
export class TwilioWebhooks {
  constructor(
    private readonly callbacks: Callbacks,
    readonly account: TwilioAccount,
  ) {}

  /** Posts a form, and adds the result to `steps`. Null without an answer. */
  async post(
    steps: Step[],
    url: URL,
    parameters: Parameters,
    { fallback = false }: { fallback?: boolean } = {},
  ): Promise<[AskedStep, CallbackAnswer | null]> {
    const asked = new URL(url);
    asked.hash = ''; // connection overrides are neither sent nor signed
    const step: AskedStep = {
      asked: `POST ${asked.pathname}`,
      body: parameters,
      status: null,
      answered: null,
      ms: 0,
      ...(fallback ? { fallback } : {}),
    };
    steps.push(step);
    const answer = await answerTo(step, this.callbacks, {
      method: 'POST',
      url: asked,
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
        'user-agent': 'TwilioProxy/1.1',
        'x-twilio-signature': signatureOf(this.account.authToken, asked.href, parameters),
      },
      body: new URLSearchParams(parameters).toString(),
      limitMs: ANSWER_LIMIT_MS,
    });
    return [step, answer];
  }

  /** Requests TwiML. @returns the verbs to play, or the code of what is wrong with the answer */
  async ask(
    steps: Step[],
    url: URL,
    parameters: Parameters,
    grammar: Grammar,
    how: { fallback?: boolean } = {},
  ): Promise<readonly Verb[] | number> {
    const [step, answer] = await this.post(steps, url, parameters, how);
    if (answer === null) return NO_ANSWER;
    try {
      return readTwiml(answer, grammar);
    } catch (error) {
      if (!(error instanceof RejectedTwiml)) throw error;
      step.problem = error.message;
      return error.code;
    }
  }

  async wait(ms: number): Promise<void> {
    await this.callbacks.wait(ms);
  }
}
