import { useEffect, useState } from 'react';

import { atExchange } from '../api/client';

/** A request of the provider to Maskline, and the answer. */
export interface AskedStep {
  readonly asked: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, string>>;
  /** Null = no answer. */
  readonly status: number | null;
  readonly answered: unknown;
  readonly ms: number;
  /** Why the provider rejects the answer. */
  readonly problem?: string;
}

/** How the provider reports the end of a call; `nothing`: it does not. */
export type Reported = 'completed' | 'no-answer' | 'busy' | 'failed' | 'canceled' | 'not-dialled' | 'nothing';

/** What the provider reports of a call, or of the call to one of its phones, in its own words. */
export type CallState = 'initiated' | 'ringing' | 'in-progress' | 'answered' | Exclude<Reported, 'nothing'>;

/** What the provider reports of a text. */
export type TextState = 'queued' | 'sent' | 'delivered' | 'undelivered' | 'failed';

export type Step =
  | AskedStep
  | { readonly ordered: string }
  | { readonly rang: string }
  | { readonly showed: string }
  | { readonly heard: string; readonly by: 'caller' | 'callee' }
  | { readonly keyed: string }
  | { readonly reported: Reported; readonly talkSeconds: number };

export interface Call {
  readonly callSid: string;
  readonly provider: 'exotel' | 'twilio';
  /** Whether Maskline ordered the call: then the phone of `from` rings first, and shows `to`. */
  readonly isOrdered: boolean;
  readonly from: string;
  readonly to: string;
  readonly state: 'routing' | 'keying' | 'ringing' | 'talking' | 'ended';
  readonly rang: string | null;
  readonly showed: string | null;
  /** What the caller has keyed since they were asked; null = they were not asked. */
  readonly keyed: string | null;
  readonly startedAt: string;
  readonly ringsSince: string | null;
  readonly talksSince: string | null;
  readonly endedAt: string | null;
  readonly outcome: 'completed' | 'busy' | 'no-answer' | 'canceled' | 'refused' | null;
  readonly talkSeconds: number;
  readonly heard: readonly string[];
  readonly steps: readonly Step[];
}

export interface SentText {
  readonly smsSid: string;
  readonly from: string;
  readonly to: string;
  readonly body: string;
  readonly at: string;
  readonly steps: readonly AskedStep[];
}

export interface ArrivedText {
  readonly sid: string;
  readonly from: string;
  readonly to: string;
  readonly body: string;
  readonly at: string;
}

/** What all simulated phones show. */
export interface Phones {
  readonly version: number;
  readonly calls: readonly Call[];
  readonly texts: { readonly sent: readonly SentText[]; readonly arrived: readonly ArrivedText[] };
}

const TRY_AGAIN_AFTER_MS = 2_000;

export interface Followed {
  /** Null until they are known. */
  readonly phones: Phones | null;
  /** Why they are not known now. It is tried again. */
  readonly failure: unknown;
}

/** What the phones show, now and after each change. */
export function usePhones(): Followed {
  const [followed, setFollowed] = useState<Followed>({ phones: null, failure: null });
  useEffect(() => {
    const stop = new AbortController();
    void follow(setFollowed, stop.signal);
    return () => stop.abort();
  }, []);
  return followed;
}

async function follow(tell: (change: (before: Followed) => Followed) => void, stop: AbortSignal): Promise<void> {
  let version: number | null = null;
  while (!stop.aborted) {
    try {
      const path: string = version === null ? 'phones' : `phones?after=${version}`;
      const phones: Phones = await atExchange('GET', path, undefined, stop);
      if (stop.aborted) return;
      ({ version } = phones);
      tell(() => ({ phones, failure: null }));
    } catch (failure) {
      if (stop.aborted) return;
      version = null;
      tell(({ phones }) => ({ phones, failure }));
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_AFTER_MS));
    }
  }
}

export const dial = (from: string, to: string) => atExchange<Call>('POST', 'calls', { from, to, callee: 'person' });

export type Act = 'answer' | 'decline' | 'hang-up';
export const act = ({ callSid }: Call, what: Act) => atExchange<Call>('POST', `calls/${callSid}/${what}`);

export const pressKeys = ({ callSid }: Call, keys: string) =>
  atExchange<Call>('POST', `calls/${callSid}/keys`, { keys });

export const sendText = (from: string, to: string, body: string) =>
  atExchange<object>('POST', 'texts', { from, to, body });

/** Says which phones are in the visitor's hands. Calls that Maskline orders then ring there until somebody answers. */
export const holdPhones = (phones: readonly string[]) => atExchange<Phones>('PUT', 'phones', { held: phones });

/** Removes what earlier orders left on the phones. */
export const clearPhones = () => atExchange<Phones>('DELETE', 'phones');

export const isAsked = (step: Step): step is AskedStep => 'asked' in step;
