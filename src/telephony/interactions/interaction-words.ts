import { CALL_WORDS, TEXT_WORDS, type ReasonWords } from './reason-words.js';

/** What is told of a call or text. */
export interface Told {
  readonly kind: 'call' | 'text';
  /** The role of the caller or sender, or unknown. */
  readonly from: string;
  /** The role of the callee or recipient; null = no link is known. */
  readonly to: string | null;
  readonly decision: string;
  readonly reason: string;
  readonly state: 'decided' | 'ringing' | 'answered' | 'ended';
  readonly outcome: string | null;
  readonly talkSeconds: number | null;
  readonly ringSeconds: number | null;
  readonly hungUpBy: 'caller' | 'callee' | null;
  readonly recorded: boolean;
  readonly genuine: boolean | null;
}

/** What happened in a call or text, in one sentence. */
export function wordsOf(told: Told): string {
  const parts = [
    told.kind === 'call' ? aCall(told) : aText(told),
    ...(told.recorded ? ['the call was recorded'] : []),
    ...(told.genuine === false ? ['the provider does not know this call, so somebody invented it'] : []),
  ];
  return asSentence(parts.join('; '));
}

/** What to tell the person who called or wrote; null = nothing, also if they reached the other one. */
export function tellOf({ kind, decision, reason }: Pick<Told, 'kind' | 'decision' | 'reason'>): string | null {
  if (decision === 'connect' || decision === 'forward') return null;
  return wordsAbout(kind, reason)?.tell ?? null;
}

/** Begins with a capital letter and ends with a full stop. */
export function asSentence(words: string): string {
  return `${words[0]!.toUpperCase()}${words.slice(1)}.`;
}

function wordsAbout(kind: Told['kind'], reason: string): ReasonWords | undefined {
  const known: Readonly<Record<string, ReasonWords | undefined>> = kind === 'call' ? CALL_WORDS : TEXT_WORDS;
  return known[reason];
}

/** The reason of a version that this one does not know stays as it is. */
const because = ({ kind, reason }: Told) => wordsAbout(kind, reason)?.because ?? reason;

function aCall(told: Told): string {
  const { from, to, decision, reason } = told;
  const called = `${somebody(told)} called${to === null ? '' : ` the ${to}`}`;
  if (decision === 'refuse') return `${called} and was not connected: ${because(told)}`;
  if (decision === 'ask-pin') return `${called} and was asked for a PIN: ${because(told)}`;
  const when = reason === 'CONNECTED_IN_GRACE' ? ` in the order's grace` : '';
  return `${called}${when}; ${end(told, { caller: somebody({ kind: 'call', from }), callee: other(to) })}`;
}

function aText(told: Told): string {
  const { to, decision, reason, outcome } = told;
  const wrote = `${somebody(told)} wrote${to === null ? '' : ` to the ${to}`}`;
  if (decision === 'drop') return `${wrote}, and the text was not forwarded: ${because(told)}`;
  const when = reason === 'FORWARDED_IN_GRACE' ? ` in the order's grace` : '';
  return `${wrote}${when}; ${DELIVERIES[outcome ?? ''] ?? 'the text is being forwarded'}`;
}

const DELIVERIES: Readonly<Record<string, string | undefined>> = {
  sent: 'the text was forwarded, and its delivery is not reported yet',
  delivered: 'the text was delivered',
  failed: 'the text could not be delivered',
};

interface People {
  readonly caller: string;
  readonly callee: string;
}

/** How a connected call ended, or how far it is. */
function end({ state, outcome, talkSeconds, ringSeconds, hungUpBy }: Told, { caller, callee }: People): string {
  const rang = ringSeconds === null ? null : durationOf(ringSeconds);
  const hungUp = hungUpBy && `${hungUpBy === 'caller' ? caller : callee} hung up`;
  switch (outcome) {
    case 'completed':
      return listOf([
        ...(rang === null ? [] : [`${possessive(callee)} phone rang for ${rang}`]),
        talkSeconds === null ? 'they talked' : `they talked for ${durationOf(talkSeconds)}`,
        ...(hungUp === null ? [] : [hungUp]),
      ]);
    case 'no-answer':
      return `${possessive(callee)} phone rang${rang === null ? '' : ` for ${rang}`} and nobody answered`;
    case 'busy':
      return `${possessive(callee)} phone ${rang === null || ringSeconds === 0 ? '' : `rang for ${rang} and `}was busy, or the call was rejected`;
    case 'canceled':
      return `${caller} hung up before ${callee} answered${rang === null ? '' : `, after ${rang} of ringing`}`;
    case 'failed':
      return `the provider could not reach ${possessive(callee)} phone`;
    case null:
      return PROGRESS[state](callee);
    default:
      return `it ended ${outcome}`;
  }
}

const PROGRESS: Readonly<Record<Told['state'], (callee: string) => string>> = {
  decided: () => 'it is being connected, or its end is not reported yet',
  ringing: (callee) => `${possessive(callee)} phone is ringing`,
  answered: () => 'they are talking',
  ended: () => 'it ended, and the provider does not say how',
};

function somebody({ kind, from }: Pick<Told, 'kind' | 'from'>): string {
  if (from !== 'unknown') return `the ${from}`;
  return kind === 'call' ? 'an unknown caller' : 'an unknown sender';
}

const other = (to: string | null) => (to === null ? 'the other participant' : `the ${to}`);
const possessive = (who: string) => `${who}'s`;

/** `61` as `1 min 1 s`. */
function durationOf(seconds: number): string {
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  if (minutes === 0) return `${rest} s`;
  return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
}

/** `a, b and c`. */
function listOf(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
