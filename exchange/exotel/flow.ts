import { countryOf, type E164 } from '../../src/phone-number/e164.js';
import {
  Callbacks,
  NoAnswer,
  pathWithoutSecret,
  type CallbackAnswer,
  type CallbackRequest,
} from '../network/callbacks.js';
import { RejectedReply } from './applet-reply.js';
import { readConnectReply, type ConnectReply } from './connect-reply.js';
import {
  connectQuery,
  DIAL_CALL_STATUS,
  dialledQuery,
  greetingQuery,
  notDialledQuery,
  reasonQuery,
  type Callee,
  type DialOutcome,
  type IncomingCall,
} from './flow-requests.js';
import { readGatherReply, type GatherReply } from './gather-reply.js';
import type { ManualCall } from '../phones/manual-call.js';
import type { AskedStep, Exit, Step } from '../network/transcript.js';

/** A call flow as built in the dashboard: its applets and their URLs. */
export interface Flow {
  id: string;
  hooks: string;
  fallbackHooks?: string;
}

/** The operator's wishes for a call. */
export interface CallScript {
  /** What the callee does; undefined = the habit of the person who is rung. */
  callee: Callee | undefined;
  /** The call if people hold its phones; undefined = the script says what they do. */
  manual?: ManualCall;
  talkSeconds: number;
  deliverTwice: boolean;
  delayMs: number;
  skipPassthru: boolean;
  passthruFirst: boolean;
  /** Whether the reports of a leg come in reverse order. */
  backwards: boolean;
  /** What the caller keys each time the flow asks; nothing after the last entry. */
  keys: readonly string[];
}

export interface Surroundings {
  callbacks: Callbacks;
  owns: (number: E164) => boolean;
  picksUp: (number: E164) => Callee;
  recordingUrl: (callSid: string) => string;
}

export interface FlowResult {
  exit: Exit;
  outcome: DialOutcome | null;
  heard: string[];
  steps: Step[];
}

/** How long a phone rings in a scripted call. */
const RINGING_SECONDS = 13;

export const STATIC_GREETING = 'Sorry, your call could not be connected.';

/** The case that leads to a PIN, and the paths of the Connect applets after it, each after a Gather. */
const PIN_CASE = 'pin';
const PIN_CONNECTS = ['connect-pin', 'connect-pin-again'] as const;

/**
 * The call flow of docs/exotel-setup.md: Connect, then one of its three exits. "Answered" and "nobody answered" report
 * to a Passthru. "We didn't dial anyone" reports, and asks for the reason. The case `pin` leads to a Gather and another
 * Connect, at most twice. Every other case, and a caller who keys nothing, leads to the greeting.
 */
export class FlowRun {
  private readonly steps: Step[];
  private readonly heard: string[];

  constructor(
    private readonly flow: Flow,
    private readonly call: IncomingCall,
    private readonly script: CallScript,
    private readonly surroundings: Surroundings,
  ) {
    this.steps = script.manual?.steps ?? [];
    this.heard = script.manual?.heard ?? [];
  }

  async play(): Promise<FlowResult> {
    if (this.script.passthruFirst) await this.reportTooEarly();
    let digits: string | null = null;
    let reply = await this.connect('connect', digits);
    if (rings(reply)) return this.leaveByDialled(await this.ring(reply));
    const told = await this.passthru('not-dialled', () => notDialledQuery(this.call, new Date()));
    for (const [attempt, connect] of PIN_CONNECTS.entries()) {
      if ((await this.askReason()) !== PIN_CASE) break;
      digits = await this.gather(attempt, digits);
      if (digits === null) break;
      reply = await this.connect(connect, digits);
      if (rings(reply)) return this.leaveByDialled(await this.ring(reply));
    }
    return this.leaveByGreeting(told);
  }

  private async connect(
    path: 'connect' | (typeof PIN_CONNECTS)[number],
    digits: string | null,
  ): Promise<ConnectReply | null> {
    const home = countryOf(this.call.to) ?? 'IN';
    const read = (answer: CallbackAnswer) => readConnectReply(answer, home, this.surroundings.owns);
    return this.askApplet(path, connectQuery(this.call, new Date(), digits), read);
  }

  /** Asks the caller for digits. Null if none are keyed, or if the app does not say how to ask. */
  private async gather(attempt: number, before: string | null): Promise<string | null> {
    const { manual, keys } = this.script;
    const reply = await this.askApplet('gather', connectQuery(this.call, new Date(), before), readGatherReply);
    if (!reply) return null;
    const listen = async () => (manual ? manual.collect(reply) : (keys[attempt] ?? ''));
    this.hear(reply.prompt);
    let keyed = await listen();
    for (let repeat = 0; collected(keyed, reply) === '' && repeat < reply.repeats && !this.hungUp; repeat += 1) {
      this.hear(reply.repeatPrompt);
      keyed = await listen();
    }
    this.steps.push({ keyed });
    const digits = collected(keyed, reply);
    return digits === '' || this.hungUp ? null : digits;
  }

  private get hungUp(): boolean {
    return this.script.manual?.hungUp ?? false;
  }

  /** A dynamic applet requests its primary URL, and without a usable answer its fallback URL. */
  private async askApplet<Reply>(
    path: string,
    query: URLSearchParams,
    read: (answer: CallbackAnswer) => Reply,
  ): Promise<Reply | null> {
    for (const hooks of [this.flow.hooks, this.flow.fallbackHooks]) {
      if (hooks === undefined) continue;
      const reply = await this.askOnce(hooks, path, query, read);
      if (this.script.deliverTwice) await this.askOnce(hooks, path, query, read);
      if (reply) return reply;
    }
    return null;
  }

  private async askOnce<Reply>(
    hooks: string,
    path: string,
    query: URLSearchParams,
    read: (answer: CallbackAnswer) => Reply,
  ): Promise<Reply | null> {
    const [step, answer] = await this.ask('GET', hooks, path, query, { 'exotel-version': '1.0' });
    return answer && judged(step, () => read(answer));
  }

  /** Rings one number after the other until somebody answers or the caller hangs up. */
  private async ring(reply: ConnectReply): Promise<DialOutcome> {
    const { manual } = this.script;
    const showed = reply.shown ?? this.call.to;
    const rang: E164[] = [];
    let callee: Callee = 'no-answer';
    for (const number of reply.numbers) {
      if (this.hungUp) callee = 'hangup';
      else {
        rang.push(number);
        this.steps.push({ rang: number }, { showed });
        callee = manual
          ? await manual.ring(number, showed, reply.maxRingingSeconds)
          : (this.script.callee ?? this.surroundings.picksUp(number));
      }
      if (callee === 'answer' || callee === 'hangup') break;
    }
    const talked = callee === 'answer';
    if (talked && reply.playback) {
      this.steps.push({ heard: reply.playback.text, by: 'callee' });
      if (reply.playback.to === 'both') this.hear(reply.playback.text);
    }
    return {
      callee,
      rang,
      showed,
      ringingSeconds: manual?.ringingSeconds ?? RINGING_SECONDS,
      talkSeconds: talked ? await this.talk(reply.maxConversationSeconds) : 0,
      recordingUrl: talked && reply.record ? this.surroundings.recordingUrl(this.call.callSid) : null,
    };
  }

  private async talk(limitSeconds: number): Promise<number> {
    const { manual, talkSeconds } = this.script;
    return manual ? manual.talk(limitSeconds) : Math.min(talkSeconds, limitSeconds);
  }

  private async leaveByDialled(outcome: DialOutcome): Promise<FlowResult> {
    const exit = outcome.callee === 'answer' ? 'answered' : 'no-answer';
    const told = await this.passthru(exit, () => dialledQuery(this.call, outcome, new Date()));
    const reported = told ? DIAL_CALL_STATUS[outcome.callee] : 'nothing';
    this.steps.push({ reported, talkSeconds: outcome.talkSeconds });
    return { exit, outcome, heard: this.heard, steps: this.steps };
  }

  private async leaveByGreeting(told: boolean): Promise<FlowResult> {
    if (!this.hungUp) this.hear((await this.askGreeting()) ?? STATIC_GREETING);
    this.steps.push({ reported: told ? 'not-dialled' : 'nothing', talkSeconds: 0 });
    return { exit: 'not-dialled', outcome: null, heard: this.heard, steps: this.steps };
  }

  /** Reports an exit, unless it was reported too early. @returns false if it is never reported */
  private async passthru(exit: Exit, query: () => URLSearchParams): Promise<boolean> {
    if (this.script.skipPassthru) return false;
    // The early report has already assumed that somebody would be rung.
    if (this.script.passthruFirst && exit !== 'not-dialled') return true;
    await this.surroundings.callbacks.wait(this.script.delayMs);
    await this.deliver(exit, query());
    return true;
  }

  /** Reports the end before the question whom to ring, so the report does not contain the callee. */
  private async reportTooEarly(): Promise<void> {
    const callee = this.script.callee ?? 'answer';
    const { talkSeconds } = this.script;
    const showed = this.call.to;
    const times = { ringingSeconds: RINGING_SECONDS, talkSeconds };
    const outcome: DialOutcome = { callee, rang: [], showed, ...times, recordingUrl: null };
    const exit = callee === 'answer' ? 'answered' : 'no-answer';
    await this.deliver(exit, dialledQuery(this.call, outcome, new Date()));
  }

  private async deliver(exit: Exit, query: URLSearchParams): Promise<void> {
    await this.ask('GET', this.flow.hooks, `passthru/${exit}`, query);
    if (this.script.deliverTwice) await this.ask('GET', this.flow.hooks, `passthru/${exit}`, query);
  }

  /** The case that the flow takes; without one, the default case leads to the greeting. */
  private async askReason(): Promise<string | null> {
    const [step, answer] = await this.ask('GET', this.flow.hooks, 'reason', reasonQuery(this.call));
    return answer && judged(step, () => checkSwitchCase(answer));
  }

  private async askGreeting(): Promise<string | null> {
    const query = greetingQuery(this.call);
    const [headStep, head] = await this.ask('HEAD', this.flow.hooks, 'greeting', query);
    if (!head || judged(headStep, () => checkPlainText(head)) === null) return null;
    const [getStep, get] = await this.ask('GET', this.flow.hooks, 'greeting', query);
    return get && judged(getStep, () => readGreeting(head, get));
  }

  private hear(text: string): void {
    this.heard.push(text);
    this.steps.push({ heard: text, by: 'caller' });
    this.script.manual?.tell();
  }

  private async ask(
    method: CallbackRequest['method'],
    hooks: string,
    path: string,
    query: URLSearchParams,
    headers: Record<string, string> = {},
  ): Promise<[AskedStep, CallbackAnswer | null]> {
    const url = new URL(`${hooks.replace(/\/$/, '')}/${path}`);
    const shown = pathWithoutSecret(url, [hooks]);
    url.search = query.toString();
    const step: AskedStep = { asked: `${method} ${shown}`, status: null, answered: null, ms: 0 };
    if (hooks === this.flow.fallbackHooks) step.fallback = true;
    step.query = Object.fromEntries(query);
    this.steps.push(step);
    return [step, await answerTo(step, this.surroundings.callbacks, { method, url, headers })];
  }
}

function rings(reply: ConnectReply | null): reply is ConnectReply {
  return reply !== null && reply.numbers.length > 0;
}

/** The digits that Gather accepts: up to the key that ends it, and at most the allowed number. */
function collected(keyed: string, { finishOnKey, maxDigits }: GatherReply): string {
  const [first = ''] = finishOnKey === '' ? [keyed] : keyed.split(finishOnKey);
  return first.slice(0, maxDigits);
}

/** Sends a request, and adds the result to the step. Null without a usable answer. */
export async function answerTo(
  step: AskedStep,
  callbacks: Callbacks,
  request: CallbackRequest,
): Promise<CallbackAnswer | null> {
  const asked = performance.now();
  try {
    const answer = await callbacks.ask(request);
    step.status = answer.status;
    step.answered = jsonOrText(answer);
    return answer;
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    step.problem = error.message;
    return null;
  } finally {
    step.ms = Math.round(performance.now() - asked);
  }
}

function judged<Read>(step: AskedStep, read: () => Read): Read | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RejectedReply)) throw error;
    step.problem = error.message;
    return null;
  }
}

function checkSwitchCase(answer: CallbackAnswer): string {
  checkPlainText(answer);
  const body = jsonOrText(answer);
  const select = typeof body === 'object' && body !== null && 'select' in body ? body.select : undefined;
  if (typeof select !== 'string') throw new RejectedReply('the body must be {"select":"<case>"}');
  return select;
}

/** A text applet accepts only `text/plain` without parameters. */
function checkPlainText(answer: CallbackAnswer): true {
  if (answer.status !== 200) throw new RejectedReply(`status is ${answer.status}, must be 200`);
  const type = answer.headers['content-type'] ?? '';
  if (type !== 'text/plain') throw new RejectedReply(`content type is "${type}", must be exactly text/plain`);
  return true;
}

function readGreeting(head: CallbackAnswer, get: CallbackAnswer): string {
  checkPlainText(get);
  const [promised, sent] = [head.headers['content-length'], get.headers['content-length']];
  if (promised !== sent) {
    throw new RejectedReply(`HEAD says content-length ${promised ?? 'nothing'}, GET says ${sent ?? 'nothing'}`);
  }
  if (get.body.trim() === '') throw new RejectedReply('there is no text to speak');
  return get.body;
}

function jsonOrText(answer: CallbackAnswer): unknown {
  try {
    return JSON.parse(answer.body);
  } catch {
    return answer.body;
  }
}
