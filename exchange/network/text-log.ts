import type { E164 } from '../../src/phone-number/e164.js';

/** A text that arrived on somebody's phone. */
export interface ArrivedText {
  readonly sid: string;
  /** What the phone shows, and answers to. */
  readonly from: string;
  readonly to: E164;
  readonly body: string;
  /** Addresses of the pictures and the like that came with it; absent where none did. */
  readonly media?: readonly string[];
  readonly at: string;
}

const MOST_TEXTS_KEPT = 10_000;

/** The texts that arrived, for the operator to read. */
export class TextLog {
  private readonly texts: ArrivedText[] = [];

  arrive(text: Omit<ArrivedText, 'at'>): void {
    this.texts.push({ ...text, at: new Date().toISOString() });
    if (this.texts.length > MOST_TEXTS_KEPT) this.texts.shift();
  }

  /** Oldest first. */
  on(phone: E164): ArrivedText[] {
    return this.texts.filter(({ to }) => to === phone);
  }
}
