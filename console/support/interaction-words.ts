import type { Schemas } from '../api/client';
import { text } from '../strings';

const words = text.interactions;

/** What happened in a call or a text, in sentences. */
export function sentencesOf(interaction: Schemas['InteractionResponse']): string[] {
  const { kind, from, to, decision, reason, outcome, state, talkSeconds, recorded, genuine } = interaction;
  const isText = kind === 'text';
  const who = from === 'unknown' ? (isText ? words.someoneWrote : words.someone) : words.the(from);
  const [toSomebody, toNobody] = isText ? [words.wrote, words.wroteNobody] : [words.called, words.calledNobody];
  const happened = to === null ? toNobody(who) : toSomebody(who, to);
  const isConnected = decision === 'connect' || decision === 'forward';
  const means = text.reasons[reason]?.means ?? reason;
  return [
    happened,
    ...(isConnected && reason !== 'CONNECTED_IN_GRACE' && reason !== 'FORWARDED_IN_GRACE' ? [] : [means]),
    ...(isConnected ? ended({ outcome, state, talkSeconds, isText }) : []),
    ...(recorded ? [words.recorded] : []),
    ...(genuine === false ? [words.notGenuine] : []),
  ];
}

interface Ending {
  readonly outcome: string | null;
  readonly state: string;
  readonly talkSeconds: number | null;
  readonly isText: boolean;
}

function ended({ outcome, state, talkSeconds, isText }: Ending): string[] {
  if (outcome === 'completed') return [words.talked(durationOf(talkSeconds ?? 0))];
  if (outcome !== null) return [words.outcome[outcome] ?? outcome];
  return isText ? [] : [words.state[state] ?? state];
}

/** `61` as `1 min 1 s`. */
function durationOf(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`;
}
