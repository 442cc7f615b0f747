import type { E164 } from '../../src/phone-number/e164.js';
import { OperatorMistake } from '../network/operator-input.js';
import type { ArrivedText } from '../network/text-log.js';
import type { TextTranscript } from '../network/transcript.js';
import { Changes } from './changes.js';
import { ManualCall, type ManualCallOf } from './manual-call.js';

const MOST_CALLS_KEPT = 50;
const MOST_TEXTS_KEPT = 100;
/** How long phones count as held after somebody last looked at what they show. */
const HELD_FOR_MS = 10_000;

interface SentText extends TextTranscript {
  readonly body: string;
  readonly at: Date;
}

/** What the phones show, oldest first. */
export interface PhonesView {
  readonly version: number;
  readonly calls: readonly ReturnType<ManualCall['view']>[];
  readonly texts: { readonly sent: readonly SentText[]; readonly arrived: readonly ArrivedText[] };
}

/** What simulated phones show to the people who hold them: the calls that they answer themselves, and texts. */
export class Phones {
  private readonly changes = new Changes();
  private readonly calls = new Map<string, ManualCall>();
  private readonly running = new Set<Promise<void>>();
  private held: ReadonlySet<E164> = new Set();
  private looking = 0;
  private lookedAt = -Infinity;
  private sent: SentText[] = [];
  private arrived: ArrivedText[] = [];

  /** @throws OperatorMistake if there is a call with this id already */
  begin(of: ManualCallOf): ManualCall {
    if (this.calls.has(of.callSid)) throw new OperatorMistake(`There is a call ${of.callSid} already.`, 409);
    const call = new ManualCall(of, () => this.changes.tell());
    this.calls.set(of.callSid, call);
    const oldest = [...this.calls.values()].find(({ state }) => state === 'ended');
    if (this.calls.size > MOST_CALLS_KEPT && oldest) this.calls.delete(oldest.of.callSid);
    this.changes.tell();
    return call;
  }

  /** Says which phones people hold, instead of those before. */
  hold(phones: readonly E164[]): void {
    this.held = new Set(phones);
    this.lookedAt = Date.now();
  }

  /** A call that the app ordered; null unless a person holds the phone that rings first. */
  beginOrdered(of: Omit<ManualCallOf, 'isOrdered'> & { readonly from: E164 }): ManualCall | null {
    return this.isHeld(of.from) ? this.begin({ ...of, isOrdered: true }) : null;
  }

  /** Follows the run of a call until its end. */
  follow(call: ManualCall, run: Promise<unknown>): void {
    const running: Promise<void> = run
      .then(() => undefined)
      .catch(() => undefined) // happens only while the exchange closes
      .finally(() => {
        call.end();
        this.running.delete(running);
      });
    this.running.add(running);
  }

  /** @throws OperatorMistake */
  find(callSid: string): ManualCall {
    const call = this.calls.get(callSid);
    if (call) return call;
    throw new OperatorMistake(`No person holds the phones of call ${callSid}: place it with "callee": "person".`, 404);
  }

  send(transcript: TextTranscript, body: string): void {
    this.sent = [...this.sent, { ...transcript, body, at: new Date() }].slice(-MOST_TEXTS_KEPT);
    this.changes.tell();
  }

  receive(text: ArrivedText): void {
    this.arrived = [...this.arrived, text].slice(-MOST_TEXTS_KEPT);
    this.changes.tell();
  }

  /** Waits for a change after `version`, for `ms` at most. Without a version it answers at once. */
  async show(version: number | null, ms: number): Promise<PhonesView> {
    this.looking += 1;
    await this.changes.since(version, ms);
    this.looking -= 1;
    this.lookedAt = Date.now();
    return {
      version: this.changes.version,
      calls: [...this.calls.values()].map((call) => call.view()),
      texts: { sent: this.sent, arrived: this.arrived },
    };
  }

  /** Removes texts, and calls that have ended. */
  clear(): void {
    for (const [callSid, { state }] of [...this.calls]) if (state === 'ended') this.calls.delete(callSid);
    [this.sent, this.arrived] = [[], []];
    this.changes.tell();
  }

  /** Ends all calls. Resolves when they have ended. */
  async close(): Promise<void> {
    this.changes.close();
    for (const call of this.calls.values()) call.hangUp();
    await Promise.all(this.running);
  }

  /** A phone that was put aside rings nobody: its owner then has habits again. */
  private isHeld(phone: E164): boolean {
    return this.held.has(phone) && (this.looking > 0 || Date.now() - this.lookedAt < HELD_FOR_MS);
  }
}
