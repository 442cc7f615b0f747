import type { E164 } from '../../src/phone-number/e164.js';

/** A text that arrived on somebody's phone. */
export interface ArrivedText {
  readonly sid: string;
  /** The number that the phone shows, and that a reply goes to. */
  readonly from: string;
  readonly to: E164;
  readonly body: string;
  /** URLs of its attachments; absent if there are none. */
  readonly media?: readonly string[];
  readonly at: string;
}

const MOST_TEXTS_KEPT = 10_000;

/** The texts that arrived, for the operator. */
export class TextLog {
  private readonly texts: ArrivedText[] = [];

  constructor(private readonly tell: (text: ArrivedText) => void) {}

  arrive(text: Omit<ArrivedText, 'at'>): void {
    const arrived = { ...text, at: new Date().toISOString() };
    this.texts.push(arrived);
    if (this.texts.length > MOST_TEXTS_KEPT) this.texts.shift();
    this.tell(arrived);
  }

  /** Oldest first. */
  on(phone: E164): ArrivedText[] {
    return this.texts.filter(({ to }) => to === phone);
  }
}
