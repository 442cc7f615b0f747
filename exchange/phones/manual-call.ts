import type { E164 } from '../../src/phone-number/e164.js';
import type { Step } from '../network/transcript.js';

/** `routing`: the app is asked whom to ring. `keying`: the provider waits for keys that the app asked for. */
export type ManualState = 'routing' | 'keying' | 'ringing' | 'talking' | 'ended';

/** What became of a phone that rang; `hangup`: the caller hung up first. */
export type RingResult = 'answer' | 'busy' | 'no-answer' | 'hangup';

export type ManualOutcome = 'completed' | 'busy' | 'no-answer' | 'canceled' | 'refused';

/** Who calls which number at which provider. */
export interface ManualCallOf {
  readonly callSid: string;
  readonly provider: 'exotel' | 'twilio';
  /** Whether the app ordered the call. Then the caller's phone rings first, and shows `to`. */
  readonly isOrdered: boolean;
  readonly from: E164 | 'anonymous' | '';
  readonly to: E164;
}

/** How the app wants keys to be collected. */
export interface KeysWanted {
  readonly maxDigits: number;
  /** Empty = no key ends the input. */
  readonly finishOnKey: string;
  /** How long to wait for the next key. */
  readonly timeoutSeconds: number;
}

/** What a person does with a phone. */
type Act = 'answer' | 'decline' | 'hang up' | 'key';

const OUTCOME_OF: Readonly<Record<RingResult, ManualOutcome>> = {
  answer: 'completed',
  busy: 'busy',
  'no-answer': 'no-answer',
  hangup: 'canceled',
};

/**
 * A call whose phones are in a person's hands: it rings until it is answered or declined, or the caller hangs up, or the
 * app's time for ringing is over. Then it lasts until somebody hangs up, or the app's time for talking is over.
 */
export class ManualCall {
  /** Filled by the run of the call. */
  readonly steps: Step[] = [];
  /** What the caller heard, filled by the run of the call. */
  readonly heard: string[] = [];
  private readonly startedAt = new Date();
  private current: ManualState = 'routing';
  private rang: E164 | null = null;
  private showed: string | null = null;
  private keyed: string | null = null;
  private ringsSince: Date | null = null;
  private talksSince: Date | null = null;
  private endedAt: Date | null = null;
  private ended: RingResult | null = null;
  private callerLeft = false;
  private rangForMs = 0;
  private talkedFor = 0;
  /** Tells the run what a person did. @returns false if nobody waits for that */
  private act: (what: Act) => boolean = () => false;

  constructor(
    readonly of: ManualCallOf,
    private readonly tellChange: () => void,
  ) {}

  get state(): ManualState {
    return this.current;
  }

  /** Whether the caller hung up while the app was asked, or while keys were waited for. */
  get hungUp(): boolean {
    return this.callerLeft;
  }

  /** How long phones rang, in whole seconds. */
  get ringingSeconds(): number {
    return Math.round(this.rangForMs / 1000);
  }

  /** Rings a phone, which shows a number, and waits for what its owner or the caller does. */
  async ring(phone: E164, showed: string, limitSeconds: number): Promise<RingResult> {
    this.rang = phone;
    this.showed = showed;
    this.ringsSince = new Date();
    this.current = 'ringing';
    const result = await this.wait<RingResult>(limitSeconds, 'no-answer', {
      answer: 'answer',
      decline: 'busy',
      'hang up': 'hangup',
    });
    this.rangForMs += Date.now() - this.ringsSince.getTime();
    this.ended = result;
    this.current = 'routing';
    return result;
  }

  /**
   * Waits for keys of the caller, until there are as many as the app takes, or the one that ends the input, or none for
   * too long.
   *
   * @returns what was keyed; empty = nothing
   */
  async collect({ maxDigits, finishOnKey, timeoutSeconds }: KeysWanted): Promise<string> {
    let keyed = '';
    this.keyed = keyed;
    this.current = 'keying';
    const isComplete = () => keyed.length >= maxDigits || (finishOnKey !== '' && keyed.includes(finishOnKey));
    while (!isComplete()) {
      const what = await this.wait(timeoutSeconds, 'nothing', { key: 'key', 'hang up': 'hang up' });
      if (what === 'hang up') this.callerLeft = true;
      if (what !== 'key') break;
      keyed = this.keyed;
    }
    this.current = 'routing';
    return keyed;
  }

  /** @returns how long they talked, in whole seconds, at least one */
  async talk(limitSeconds: number): Promise<number> {
    const since = new Date();
    this.talksSince = since;
    this.current = 'talking';
    await this.wait(limitSeconds, 'over', { 'hang up': 'over' });
    this.talkedFor = Math.max(1, Math.round((Date.now() - since.getTime()) / 1000));
    this.current = 'routing';
    return this.talkedFor;
  }

  /** @returns false unless a phone is ringing */
  answer(): boolean {
    return this.act('answer');
  }

  /** @returns false unless a phone is ringing */
  decline(): boolean {
    return this.act('decline');
  }

  /** While a phone rings, the caller hangs up; in the talk, either. @returns false after the end of the call */
  hangUp(): boolean {
    if (this.current === 'ended') return false;
    if (!this.act('hang up')) this.callerLeft = true;
    return true;
  }

  /** The caller presses keys, which count only while the app has asked for some. @returns false after the end of the call */
  key(keys: string): boolean {
    if (this.current === 'ended') return false;
    if (this.current !== 'keying') return true;
    this.keyed += keys;
    this.act('key');
    return true;
  }

  /** The run of the call tells that there is a step, or something to hear. */
  tell(): void {
    this.tellChange();
  }

  end(): void {
    this.current = 'ended';
    this.endedAt = new Date();
    this.tellChange();
  }

  view() {
    return {
      ...this.of,
      state: this.current,
      rang: this.rang,
      showed: this.showed,
      keyed: this.keyed,
      startedAt: this.startedAt,
      ringsSince: this.ringsSince,
      talksSince: this.talksSince,
      endedAt: this.endedAt,
      outcome: this.current === 'ended' ? this.outcome() : null,
      talkSeconds: this.talkedFor,
      heard: this.heard,
      steps: this.steps,
    };
  }

  private outcome(): ManualOutcome {
    if (this.talksSince !== null) return 'completed';
    if (this.ended === null) return this.callerLeft ? 'canceled' : 'refused';
    // Who answered and heard the whisper only was not connected.
    return this.ended === 'answer' ? 'no-answer' : OUTCOME_OF[this.ended];
  }

  /** @param ends the acts that end the waiting, and what each comes to */
  private async wait<Result>(
    limitSeconds: number,
    otherwise: Result,
    ends: Readonly<Partial<Record<Act, Result>>>,
  ): Promise<Result> {
    this.tellChange();
    if (this.callerLeft && ends['hang up'] !== undefined) return ends['hang up'];
    return new Promise<Result>((resolve) => {
      const done = (result: Result) => {
        this.act = () => false;
        clearTimeout(timer);
        resolve(result);
      };
      const timer = setTimeout(() => done(otherwise), limitSeconds * 1000);
      this.act = (what) => {
        const result = ends[what];
        if (result === undefined) return false;
        done(result);
        return true;
      };
    });
  }
}
