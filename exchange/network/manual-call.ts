import type { E164 } from '../../src/phone-number/e164.js';
import type { Step } from './transcript.js';

/** `routing`: the app is asked whom to ring. */
export type ManualState = 'routing' | 'ringing' | 'talking' | 'ended';

/** What became of a phone that rang; `hangup`: the caller hung up first. */
export type RingResult = 'answer' | 'busy' | 'no-answer' | 'hangup';

export type ManualOutcome = 'completed' | 'busy' | 'no-answer' | 'canceled' | 'refused';

/** Who calls which number at which provider. */
export interface ManualCallOf {
  readonly callSid: string;
  readonly provider: 'exotel' | 'twilio';
  readonly from: E164 | 'anonymous' | '';
  readonly to: E164;
}

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
  private ringsSince: Date | null = null;
  private talksSince: Date | null = null;
  private endedAt: Date | null = null;
  private ended: RingResult | null = null;
  private callerLeft = false;
  private rangForMs = 0;
  private talkedFor = 0;
  private act: ((result: RingResult) => void) | null = null;

  constructor(
    readonly of: ManualCallOf,
    private readonly tellChange: () => void,
  ) {}

  get state(): ManualState {
    return this.current;
  }

  /** Whether the caller hung up while the app was asked. */
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
    const result = await this.wait(limitSeconds, 'no-answer');
    this.rangForMs += Date.now() - this.ringsSince.getTime();
    this.ended = result;
    this.current = 'routing';
    return result;
  }

  /** @returns how long they talked, in whole seconds, at least one */
  async talk(limitSeconds: number): Promise<number> {
    const since = new Date();
    this.talksSince = since;
    this.current = 'talking';
    await this.wait(limitSeconds, 'hangup');
    this.talkedFor = Math.max(1, Math.round((Date.now() - since.getTime()) / 1000));
    this.current = 'routing';
    return this.talkedFor;
  }

  /** @returns false unless a phone is ringing */
  answer(): boolean {
    return this.current === 'ringing' && this.done('answer');
  }

  /** @returns false unless a phone is ringing */
  decline(): boolean {
    return this.current === 'ringing' && this.done('busy');
  }

  /** While a phone rings, the caller hangs up; in the talk, either. @returns false after the end of the call */
  hangUp(): boolean {
    if (this.current === 'ended') return false;
    if (this.act !== null) return this.done('hangup');
    this.callerLeft = true;
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

  private async wait(limitSeconds: number, otherwise: RingResult): Promise<RingResult> {
    this.tellChange();
    if (this.callerLeft) return 'hangup';
    let timer: NodeJS.Timeout | undefined;
    const result = await new Promise<RingResult>((resolve) => {
      this.act = resolve;
      timer = setTimeout(() => resolve(otherwise), limitSeconds * 1000);
    });
    this.act = null;
    clearTimeout(timer);
    return result;
  }

  private done(result: RingResult): boolean {
    this.act?.(result);
    this.act = null;
    return true;
  }
}
