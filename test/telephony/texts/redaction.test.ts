import fc from 'fast-check';

import { PlainText } from '../../../src/telephony/texts/redaction/plain-text.js';
import { redact } from '../../../src/telephony/texts/redaction/redaction.js';
import { LEAKS, ORDINARY } from './delivery-messages.js';
import { CalmTime } from '../../support/calm-time.js';

const DIGIT_WORDS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const HINDI_WORDS = ['shunya', 'ek', 'do', 'teen', 'chaar', 'paanch', 'chhe', 'saat', 'aath', 'nau'];
/** The noughts of scripts whose digits stand in a row. */
const NOUGHTS = ['0', '٠', '۰', '०', '০', '௦', '೦', '๐', '０', '𝟎', '𝟶'];
const CIRCLED = [...'⓪①②③④⑤⑥⑦⑧⑨'];

/** Enough digits, in figures or words, to go on guessing by. */
function digitsLeft(text: string): number {
  const { text: plain } = new PlainText(text);
  const spelled = plain.match(new RegExp([...DIGIT_WORDS, 'nau', 'aath', 'saat', 'chhe', 'paanch'].join('|'), 'g'));
  return plain.replace(/\D/g, '').length + (spelled?.length ?? 0);
}

const FIGURES = [
  String.raw`\d?\d[:.]\d\d(?:[:.]\d\d)?`, // a time
  String.raw`\d?\d([/.-])\d?\d\1(?:20)?\d\d`, // a date
  String.raw`20\d\d-\d\d-\d\d`,
  String.raw`\d?\d-\d?\d-\d{1,3}(?:/\d{1,2}){1,2}`, // a house number
];
const ONLY_FIGURES = new RegExp(
  String.raw`^[^\d]*(?:(?<=\p{L}\s?)\d{1,4}\D+)?(?:(?:${FIGURES.join('|')})(?!\d)\D*)+$`,
  'u',
);

/** Whether a text has no digits but times, dates and house numbers, and perhaps a short code after its words. */
function readsAsFigures(text: string): boolean {
  return ONLY_FIGURES.test(new PlainText(text).text);
}

describe('what is left alone', () => {
  it.each(ORDINARY)('%j', (message) => {
    expect(redact(message)).toEqual({ text: message, removed: 0 });
  });

  it('any text without digits, their words, dots and at signs', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'abcdefghk mpqrsuvwyzअआकगनमपहéß!?-🙂\n') });
    fc.assert(
      fc.property(letters, (text) => {
        expect(redact(text)).toEqual({ text, removed: 0 });
      }),
    );
  });

  it('up to six digits in a row, whatever ordinary words stand around them', () => {
    const word = fc.constantFrom('gate', 'code', 'flat', 'order', 'tower', 'please', 'lift', 'wing', 'near', 'रोड');
    const digits = fc.integer({ min: 0, max: 999_999 }).map(String);
    const message = fc
      .array(fc.tuple(word, digits, word), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.map((part) => part.join(' ')).join(' '));
    fc.assert(
      fc.property(message, (text) => {
        expect(redact(text)).toEqual({ text, removed: 0 });
      }),
    );
  });
});

describe('what is taken out', () => {
  it.each(LEAKS)('%j', (message, secret) => {
    const { text, removed } = redact(message);
    expect(removed).toBeGreaterThan(0);
    if (/^\d+$/.test(secret)) expect(digitsLeft(text)).toBeLessThanOrEqual(4);
    else expect(new PlainText(text).text).not.toContain(secret.toLowerCase());
  });

  it('a number of 10 to 13 digits with anything but words between them, each digit in its own script or spelled', () => {
    const digit = fc.tuple(
      fc.nat(9),
      fc.constantFrom<(value: number) => string>(
        ...NOUGHTS.map((nought) => (value: number) => String.fromCodePoint(nought.codePointAt(0)! + value)),
        (value) => CIRCLED[value]!,
        (value) => `${value}\ufe0f\u20e3`,
        (value) => ` ${DIGIT_WORDS[value]!} `,
        (value) => ` ${DIGIT_WORDS[value]!.toUpperCase()} `,
        (value) => `${value}\u200b`,
      ),
      fc.constantFrom('', ' ', '  ', '-', '.', ' - ', '/', '_', '|', '*', ' * ', ')', '(', '🙂', '\u2013', '\u00a0'),
    );
    const number = fc.array(digit, { minLength: 10, maxLength: 13 });
    fc.assert(
      fc.property(number, fc.constantFrom('', 'call me on ', 'Gate code please '), (parts, before) => {
        const written = parts.map(([value, write, gap]) => write(value) + gap).join('');
        const { text } = redact(before + written);
        // Of thirteen digits, ten may go as a number by itself, and three be left behind a gap.
        if (!readsAsFigures(text)) expect(digitsLeft(text)).toBeLessThanOrEqual(3);
      }),
      { numRuns: Number(process.env['REDACTION_RUNS'] ?? 500) },
    );
  });

  it('the same in Hindi words, mixed with digits', () => {
    const number = fc.array(fc.tuple(fc.integer({ min: 5, max: 9 }), fc.boolean()), { minLength: 10, maxLength: 12 });
    fc.assert(
      fc.property(number, (parts) => {
        const written = parts.map(([value, spelled]) => (spelled ? HINDI_WORDS[value] : String(value))).join(' ');
        expect(digitsLeft(redact(written).text)).toBe(0);
      }),
    );
  });

  it('keeps what stands around it as it was written', () => {
    expect(redact('ＨＩ! call 98765 43210, gate Code ४४११ ok?').text).toBe(
      'ＨＩ! call [number removed], gate Code ४४११ ok?',
    );
    expect(redact('See EXAMPLE.com/x or mail Me@Example.com.').text).toBe(
      'See [link removed] or mail [address removed].',
    );
  });

  it('counts every stretch it took out', () => {
    expect(redact('9876543210 or example.com or a@example.com').removed).toBe(3);
  });
});

describe('for any text', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({ unit: 'grapheme', maxLength: 100 }),
    fc
      .array(fc.constantFrom(...LEAKS.map(([message]) => message), ...ORDINARY, ' ', ', ', '\n', '+', '9'), {
        maxLength: 4,
      })
      .map((parts) => parts.join(' ')),
  );

  it('never fails, and once is enough', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const once = redact(text);
        expect(redact(once.text)).toEqual({ text: once.text, removed: 0 });
        if (once.removed === 0) expect(once.text).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });

  it('leaves no number that shows only when the one before it is removed', () => {
    const once = redact('call me on 9876543210 22/11/2026 10:30 2 bags').text;
    expect(redact(once)).toEqual({ text: once, removed: 0 });
  });

  it.each(['9', 'a.', 'a at ', 'nine ', '(((', '1:', '12-', '₹1,', 'h t t p ', 'http://', '12-12-', 'a_b-'])(
    'takes no longer than a caller would notice, even for 2,000 characters of %j',
    (unit) => {
      const hostile = unit.repeat(2_000 / unit.length);
      const waited = new CalmTime();
      redact(hostile);
      expect(waited.ms).toBeLessThan(1_000);
    },
  );
});
