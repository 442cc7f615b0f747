import type { Span } from './plain-text.js';
import { isNoise, isTens, isUnit, joinsNumbers, numberWord, repeats } from './number-words.js';

/** Consecutive digits, or a word for digits, with the gap before it. */
interface Part extends Span {
  readonly digits: number;
  /** A single digit, or a word for one, that stands alone. Next to it, "for" means four. */
  readonly single: boolean;
  readonly ambiguous: boolean;
  /** The time, date or price that contains it. */
  readonly figure: Figure | null;
  /** Digits next to a word that is none for digits: "2 bags", "flat 302". */
  readonly named: boolean;
  readonly gap: Gap;
}

/**
 * close: nothing, or a few spaces, dots, dashes, brackets; loose: commas, line ends, more of those; worded: "and then",
 * or a letter or two; apart: anything else, which ends a number.
 */
type Gap = 'close' | 'loose' | 'worded' | 'apart';
type Figure = Span;

/** The shortest phone number that is dialled without an area code. Order ids and PIN codes have at most six digits. */
const FEWEST_DIGITS = 7;
/** Loosely joined parts need more digits, because a gate code and a flat number can be close to each other as well. */
const FEWEST_ACROSS: Readonly<Record<Exclude<Gap, 'apart'>, number>> = { close: FEWEST_DIGITS, loose: 9, worded: 9 };
/** This many consecutive digits are a phone number by themselves. */
const WHOLE_NUMBER = 10;
/** Digits next to such a number that belong to it: a country code, or the end of a number that was split. */
const LONGEST_APPENDAGE = 3;

const MOST_FIGURES = 5;
const MOST_DIGITS_BESIDE_FIGURES = 4;
/** As far as a word next to digits is read. No word for digits is longer. */
const LONGEST_NEIGHBOUR = 12;

/**
 * Finds phone numbers in a plain text: in digits with anything between them, in words, or both. Times, dates, prices,
 * house numbers and up to six consecutive digits are not removed.
 *
 * @param taken spans that are already handled; no number continues across them
 */
export function findNumbers(text: string, taken: readonly Span[]): Span[] {
  return runsIn(partsIn(text, taken))
    .flatMap(numbersIn)
    .map(({ start, end }) => ({ start: withOpening(text, start), end }));
}

/** Between two digits, these letters mean one or zero. */
const LOOK_LIKE_DIGITS = ['o', 'l', 'i'];
const HAS_LETTER = /[\p{L}\p{M}]/u;
/** A plus or brackets before a number belong to it. */
function withOpening(text: string, start: number): number {
  let first = start;
  while (first > 0 && '+('.includes(text[first - 1]!)) first -= 1;
  return first;
}

const TOKEN = /\d+|[\p{L}\p{M}]+|[^\d\p{L}\p{M}]+/gu;

function partsIn(text: string, taken: readonly Span[]): Part[] {
  const figures = figuresIn(text);
  const parts: Part[] = [];
  let gap: Gap = 'apart';
  let multiplier: { times: number; start: number } | null = null;
  let afterTens = false;
  for (const { 0: token, index: start } of text.matchAll(TOKEN)) {
    const end = start + token.length;
    if (taken.some((span) => span.start < end && start < span.end)) {
      gap = 'apart';
      multiplier = null;
      continue;
    }
    const inDigits = /^\d/.test(token);
    const glued = isGlued(text, start, end);
    const word = inDigits
      ? { digits: token.length, ambiguous: false }
      : glued && LOOK_LIKE_DIGITS.includes(token)
        ? { digits: 1, ambiguous: false }
        : numberWord(token);
    if (word) {
      const own = afterTens && word.digits === 1 && gap === 'close' ? { ...parts.pop()! } : null;
      const figure = inDigits ? (figures.find((span) => span.start <= start && end <= span.end) ?? null) : null;
      parts.push({
        start: own?.start ?? multiplier?.start ?? start,
        end,
        digits: own ? 2 : word.digits * (word.digits === 1 ? (multiplier?.times ?? 1) : 1),
        single: word.digits === 1 || !inDigits,
        ambiguous: word.ambiguous,
        figure,
        named: inDigits && isNamed(text, start, end),
        gap: own?.gap ?? (!inDigits && glued ? wider(gap, 'worded') : gap),
      });
      afterTens = !inDigits && isTens(token);
      gap = 'close';
      multiplier = null;
      continue;
    }
    const times = repeats(token);
    if (times !== null) {
      multiplier = { times, start };
    } else {
      gap = wider(gap, gapOf(token, { glued, before: parts.at(-1) }));
      if (HAS_LETTER.test(token)) multiplier = null;
    }
  }
  return withoutDoubtful(parts);
}

function isGlued(text: string, start: number, end: number): boolean {
  return /\d/.test(text[start - 1] ?? '') && /\d/.test(text[end] ?? '');
}

function isNamed(text: string, start: number, end: number): boolean {
  const before = /([\p{L}\p{M}]+)\s?$/u.exec(text.slice(Math.max(0, start - LONGEST_NEIGHBOUR), start))?.[1];
  const after = /^\s?([\p{L}\p{M}]+)/u.exec(text.slice(end, end + LONGEST_NEIGHBOUR))?.[1];
  return [before, after].some((word) => word !== undefined && numberWord(word) === null);
}

function gapOf(token: string, { glued, before }: { glued: boolean; before: Part | undefined }): Gap {
  if (!HAS_LETTER.test(token)) return token.length <= 5 && !/[,;\n\r!?]/.test(token) ? 'close' : 'loose';
  if (joinsNumbers(token)) return 'worded';
  if (!isNoise(token)) return 'apart';
  // "9x8x7" hides a number, "2 x 500 ml" does not.
  if (isUnit(token)) return glued && before !== undefined && before.digits <= 2 ? 'worded' : 'apart';
  return 'worded';
}

const WIDTHS: readonly Gap[] = ['close', 'loose', 'worded', 'apart'];

function wider(one: Gap, other: Gap): Gap {
  return WIDTHS[Math.max(WIDTHS.indexOf(one), WIDTHS.indexOf(other))]!;
}

/** "to" counts as a two only between digits that stand alone. */
function withoutDoubtful(parts: readonly Part[]): Part[] {
  const kept: Part[] = [];
  let gap: Gap = 'close';
  parts.forEach((part, index) => {
    const next = parts[index + 1];
    const before = kept.at(-1);
    const isDigit =
      !part.ambiguous ||
      (before?.single &&
        next?.single &&
        wider(gap, part.gap) !== 'apart' &&
        part.gap !== 'apart' &&
        next.gap !== 'apart');
    if (isDigit) {
      kept.push({ ...part, gap: wider(gap, part.gap) });
      gap = 'close';
    } else {
      gap = wider(wider(gap, part.gap), 'worded');
    }
  });
  return kept;
}

function runsIn(parts: readonly Part[]): Part[][] {
  const runs: Part[][] = [];
  for (const part of parts) {
    if (part.gap === 'apart' || runs.length === 0) runs.push([part]);
    else runs.at(-1)!.push(part);
  }
  return runs;
}

/**
 * The numbers in a sequence of digits: pieces that are numbers by themselves, otherwise the whole sequence if it has
 * enough digits.
 */
function numbersIn(run: readonly Part[]): Span[] {
  const whole = run.findIndex(({ digits, figure }) => digits >= WHOLE_NUMBER && figure === null);
  if (whole >= 0) return aroundPiece(run, whole, whole + 1);
  const loose = piecesOf(run);
  const piece =
    loose.length > 1 ? loose.find(({ from, to }) => digitsOf(run.slice(from, to)) >= WHOLE_NUMBER) : undefined;
  if (piece) return aroundPiece(run, piece.from, piece.to);
  return isNumber(run) ? [spanOf(run)] : [];
}

/** A piece that is a number by itself, with its country code or other appendage; then the rest. */
function aroundPiece(run: readonly Part[], from: number, to: number): Span[] {
  let [first, end] = [from, to];
  while (first > 0 && run[first]!.gap === 'close' && run[first - 1]!.digits <= LONGEST_APPENDAGE) first -= 1;
  while (end < run.length && run[end]!.gap === 'close' && run[end]!.digits <= LONGEST_APPENDAGE) end += 1;
  const piece = run.slice(first, end);
  const rest = [run.slice(0, first), run.slice(end)].filter((parts) => parts.length > 0);
  return [...(isNumber(piece) ? [spanOf(piece)] : []), ...rest.flatMap(numbersIn)];
}

/** The spans of a sequence in which all parts are close together. */
function piecesOf(run: readonly Part[]): { from: number; to: number }[] {
  const starts = run.flatMap(({ gap }, index) => (index === 0 || gap !== 'close' ? [index] : []));
  return starts.map((from, index) => ({ from, to: starts[index + 1] ?? run.length }));
}

function isNumber(run: readonly Part[]): boolean {
  const gaps = run.slice(1).map(({ gap }) => gap);
  const gap = gaps.reduce(wider, 'close');
  if (gap === 'apart' || digitsOf(run) < FEWEST_ACROSS[gap]) return false;
  const figures = new Set(run.map(({ figure }) => figure).filter((figure) => figure !== null));
  const besides = run.filter(({ figure }) => figure === null);
  if (figures.size === 0 || figures.size > MOST_FIGURES || digitsOf(besides) > MOST_DIGITS_BESIDE_FIGURES) return true;
  // As many digits as a whole number has, some of which form times: "9.45 10.12 3456". Not "22/11/2026 10:30 2 bags".
  const isExplained = besides.length === 0 || (besides.length === 1 && besides[0]!.named);
  return gap === 'close' && digitsOf(run) >= WHOLE_NUMBER && !isExplained;
}

function digitsOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { digits }) => sum + digits, 0);
}

function spanOf(parts: readonly Part[]): Span {
  return { start: parts[0]!.start, end: parts.at(-1)!.end };
}

const CURRENCY = String.raw`(?:rs\.?|inr|usd|eur|gbp|aed|sgd|[₹$€£])`;
const HOUR_AND_MINUTE = String.raw`(?:[01]?\d|2[0-3])[:.][0-5]\d(?:[:.][0-5]\d)?`;
const DAY_AND_MONTH = String.raw`(?:0?[1-9]|[12]\d|3[01])([/.-])(?:0?[1-9]|1[0-2])`;
const FIGURES = [
  // The dash between two times, as in 10:30-11:15, belongs to neither.
  figure(String.raw`${HOUR_AND_MINUTE}(?:\s?[ap]m)?`, { dashed: true }),
  figure(String.raw`${DAY_AND_MONTH}\1(?:20)?\d\d`),
  figure(String.raw`20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`),
  figure(String.raw`${CURRENCY}\s?(?:\d{1,3}(?:,\d{2,3}){1,2}|\d{1,6})(?:\.\d\d?)?(?:\s?/-)?`),
  figure(String.raw`(?:\d{1,3}(?:,\d{2,3}){1,2}|\d{1,6})(?:\.\d\d?)?\s?(?:/-|${CURRENCY}|rupees)`),
  // A house number in Hyderabad: 8-2-293/82
  figure(String.raw`\d{1,2}-\d{1,2}-\d{1,3}(?:/\d{1,2}){1,2}`),
];

/** A pattern that does not continue before or after the match. */
function figure(form: string, { dashed = false } = {}): RegExp {
  const dash = dashed ? '' : '-';
  return new RegExp(String.raw`(?<![\d.:/,${dash}])${form}(?![\d:/]|[.,${dash}]\d)`, 'g');
}

/** Times, dates, prices and house numbers, recognized by their form. */
function figuresIn(text: string): Figure[] {
  return FIGURES.flatMap((form) =>
    Array.from(text.matchAll(form), ({ 0: found, index }) => ({ start: index, end: index + found.length })),
  );
}
