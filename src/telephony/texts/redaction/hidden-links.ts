import { LinkifyIt, type Match } from 'linkify-it';

import type { Span } from './plain-text.js';

export interface Found extends Span {
  readonly kind: 'link' | 'address';
}

/** Endings that only domains have. They make a domain even after a full stop and a space. */
const ENDINGS = words('com org biz edu gov xyz dev mobi');
/** Endings that are also words, which may start the next sentence. linkify-it knows all of the two-letter ones. */
const WORDS_TOO = words(
  'net info app link site online store shop club live page chat tel name pro web click bio space',
);
const SHORT_ENDINGS = words('in co io me ai gg ly gl tv us uk to be');
/** Two-letter endings that never start a sentence, even if its space is missing. */
const SHORT_AND_NO_WORD = new Set(words('co io ai gg ly gl tv uk'));

const MAIL_HOSTS = words('gmail googlemail yahoo ymail hotmail outlook icloud rediffmail protonmail');
const UPI_HANDLES = words(
  'ybl ibl axl apl upi paytm ptsbi ptyes ptaxis pthdfc okaxis oksbi okicici okhdfcbank axisbank sbi icici yesbank kotak',
);
const MESSENGERS = [
  ...words('whatsapp telegram tg insta instagram ig snap snapchat facebook fb viber skype'),
  'whats app',
];

const linkify = new LinkifyIt({ fuzzyLink: true, fuzzyEmail: true }).tlds([...ENDINGS, ...WORDS_TOO], true);

const LABEL = String.raw`[\p{L}\p{N}][\p{L}\p{M}\p{N}_-]{0,62}`;
const NAME = String.raw`[\p{L}\p{N}][\p{L}\p{M}\p{N}._+-]{0,63}`;
const HANDLE = String.raw`[\p{L}\p{N}_][\p{L}\p{M}\p{N}._]{2,}`;
const BEGIN = String.raw`(?<![\p{L}\p{M}\p{N}_])`;
const END = String.raw`(?![\p{L}\p{M}\p{N}_])`;

/** A dot or an at sign in words or in a frame: "dot", "(dot)", "-dot-". */
const SAID_DOT = said('dot|d0t|डॉट', String.raw`\.`);
const FRAMED_AT = String.raw`(?:\s*@\s*|\s*[([{<]\s*(?:at|@)\s*[)\]}>]\s*|\s*[_*-]+at[_*-]+\s*)`;
const SAID_AT = String.raw`(?:\s+at(?:\s+the\s+rate(?:\s+of)?)?\s+|\s+एट(?:\s+द\s+रेट)?\s+)`;
/** A dot with spaces on both sides or on none. With one only after it, it ends a sentence. */
const SIGN = String.raw`(?:\.|\s+\.\s*)`;
const DOT = `(?:${SIGN}|${SAID_DOT})`;
/** "priya dot k" */
const SAID_NAME = `(?:${LABEL}${SAID_DOT}){0,2}${NAME}`;
const SLASH = String.raw`\s?(?:/|\bslash\b)\s?`;
/** Up to the last character that is not punctuation of the surrounding sentence. */
const TAIL = String.raw`\S*[\p{L}\p{N}_/=&-]`;
const PATH = `(?:(?:${SLASH}${TAIL})+)?`;

const FORMS: readonly (readonly [kind: Found['kind'], form: RegExp])[] = [
  // "priya @ example . com", "priya at example dot com", "priya at gmail", "priya@okaxis"
  ['address', form(`${SAID_NAME}${FRAMED_AT}(?:${LABEL}${DOT}){1,4}${any(ENDINGS, WORDS_TOO, SHORT_ENDINGS)}`)],
  [
    'address',
    form(`${SAID_NAME}${SAID_AT}${LABEL}(?:${DOT}${LABEL}){0,3}?${SAID_DOT}${any(ENDINGS, WORDS_TOO, SHORT_ENDINGS)}`),
  ],
  ['address', form(`${SAID_NAME}${SAID_AT}(?:${LABEL}${SIGN}){1,4}${any(ENDINGS)}`)],
  ['address', form(`${SAID_NAME}(?:${FRAMED_AT}|${SAID_AT})${any(MAIL_HOSTS)}`)],
  ['address', form(String.raw`${NAME}\s*@\s*${any(UPI_HANDLES)}`)],
  // "telegram: @priya", "@priya on telegram", "insta id priya.k"
  ['address', form(String.raw`${any(MESSENGERS)}(?:\s+\p{L}+){0,3}\s*[:=-]?\s*@${HANDLE}`)],
  ['address', form(String.raw`@${HANDLE}\s+(?:on|in)\s+${any(MESSENGERS)}`)],
  ['address', form(String.raw`${any(MESSENGERS)}\s+(?:id|handle|username)\s*(?:is|:|=|-)?\s+${HANDLE}`)],
  // "example dot in", "example . com", "example , com", "wa dot me slash 91…"
  ['link', form(`(?:${LABEL}${DOT}){0,3}?${LABEL}${SAID_DOT}${any(ENDINGS, WORDS_TOO, SHORT_ENDINGS, ['कॉम'])}`, PATH)],
  ['link', form(`(?:${LABEL}${SIGN}){1,4}${any(ENDINGS)}`, PATH)],
  ['link', form(String.raw`${LABEL}\s+\.\s*${any(WORDS_TOO)}`, PATH)],
  ['link', form(String.raw`${LABEL}\s*,\s*${any(['com'])}`, PATH)],
  ['link', form(String.raw`w\s*w\s*w\s*\.\s*${LABEL}(?:\s*\.\s*${LABEL})*`, PATH)],
  ['link', form(String.raw`(?:wa|t|m|fb|ig)\s*\.\s*me\s*/\s*${TAIL}`)],
  // "h t t p s : / / …", "hxxp://…", "tel:+91…"
  [
    'link',
    form(String.raw`(?:h\s*t\s*t\s*p|h\s*x\s*x\s*p)\s*s?\s*:\s*(?:/\s*/|\\\s*\\)\s*${TAIL}(?:\s*[./]\s*${TAIL})*`),
  ],
  ['link', form(String.raw`(?:tel|sms|smsto|callto|whatsapp|tg|viber|skype|upi|intent|geo):(?:\S*[\p{N}/@]\S*)`)],
];

/** Finds links, e-mail addresses, payment and messenger handles in a plain text, however they are written. */
export function findLinks(text: string): Found[] {
  const undisguised = (linkify.match(text) ?? [])
    .filter((match) => !lacksSpace(text, match))
    .map(({ schema, index: start, lastIndex: end, raw }): Found => {
      const isAddress = schema === 'mailto:' || (schema === '' && raw.includes('@') && !raw.includes('/'));
      return { kind: isAddress ? 'address' : 'link', start, end };
    });
  const disguised = FORMS.flatMap(([kind, pattern]) =>
    Array.from(text.matchAll(pattern), ({ 0: found, index }) => ({ kind, start: index, end: index + found.length })),
  ).filter(({ start, end }) => !isTurnOfPhrase(text.slice(start, end)));
  return merged([...undisguised, ...disguised]);
}

/** "I am here.in the lobby": two sentences, unless more than the ending suggests a link. */
function lacksSpace(text: string, { schema, lastIndex, raw }: Match): boolean {
  if (schema !== '' || raw.includes('@')) return false;
  const labels = raw.split(/[/?#:]/)[0]!.split('.');
  const ending = labels.at(-1)!;
  if (raw.length > labels.join('.').length || labels.length > 2) return false;
  const mayBeWord = WORDS_TOO.includes(ending) || (ending.length === 2 && !SHORT_AND_NO_WORD.has(ending));
  return mayBeWord && /^\s*[\p{L}\p{N}]/u.test(text.slice(lastIndex));
}

/** "On the dot in the lobby". */
function isTurnOfPhrase(found: string): boolean {
  return /(?:^|[^\p{L}])(?:the|a|this|that|red|blue|black|white|green)\s+dot\s/u.test(found);
}

/** Merges overlapping spans. The result is an address if one of them is. */
function merged(found: readonly Found[]): Found[] {
  const kept: Found[] = [];
  for (const one of found.toSorted((a, b) => a.start - b.start)) {
    const last = kept.at(-1);
    if (last === undefined || one.start >= last.end) {
      kept.push(one);
      continue;
    }
    const kind = last.kind === 'address' || one.kind === 'address' ? 'address' : 'link';
    kept[kept.length - 1] = { kind, start: last.start, end: Math.max(last.end, one.end) };
  }
  return kept;
}

function words(list: string): string[] {
  return list.split(' ');
}

function any(...lists: readonly (readonly string[])[]): string {
  return `(?:${lists
    .flat()
    .join('|')
    .replaceAll(' ', String.raw`\s`)})${END}`;
}

function said(word: string, sign: string): string {
  return String.raw`(?:\s*[([{<]\s*(?:${word}|${sign})\s*[)\]}>]\s*|\s+(?:${word})\s+|\s*[_*-]+(?:${word})[_*-]+\s*|[•·∙・])`;
}

function form(pattern: string, path = ''): RegExp {
  return new RegExp(BEGIN + pattern + path, 'gu');
}
