import { findLinks } from './hidden-links.js';
import { findNumbers } from './hidden-numbers.js';
import { PlainText } from './plain-text.js';

const WORDS = { number: '[number removed]', link: '[link removed]', address: '[address removed]' } as const;

export interface Redacted {
  readonly text: string;
  /** The number of removed spans. */
  readonly removed: number;
}

/**
 * Removes phone numbers, links and addresses from a text, however they are written: with spaces, in words, in another
 * script. The rest stays unchanged. docs/decisions/0030-texts-are-redacted-by-form.md defines and measures what is
 * removed. Redacting twice changes nothing more: without a number that is removed, digits beside it may be a number.
 */
export function redact(original: string): Redacted {
  let [text, removed] = [original, 0];
  for (;;) {
    const redacted = redactOnce(text);
    if (redacted.removed === 0) return { text, removed };
    text = redacted.text;
    removed += redacted.removed;
  }
}

function redactOnce(original: string): Redacted {
  const plain = new PlainText(original);
  const links = findLinks(plain.text);
  const numbers = findNumbers(plain.text, links).map((span) => ({ kind: 'number' as const, ...span }));
  const found = [...links, ...numbers].toSorted((a, b) => a.start - b.start);
  let text = '';
  let written = 0;
  for (const { kind, ...span } of found) {
    const { start, end } = plain.originOf(span);
    text += original.slice(written, start) + WORDS[kind];
    written = end;
  }
  return { text: text + original.slice(written), removed: found.length };
}
