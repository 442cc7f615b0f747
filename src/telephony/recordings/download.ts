import { Readable } from 'node:stream';

import type { RecordingSource } from '../providers/recording-source.js';

/** What is heard of a recording, as it comes. */
export interface Audio {
  /** A media type, `audio/…`. */
  readonly type: string;
  /** Null = the provider does not say. */
  readonly bytes: number | null;
  /** Destroy it to stop the download. It fails where the provider breaks off, or the limits are reached. */
  readonly stream: Readable;
}

export interface DownloadLimits {
  /** Until the provider begins to answer, all its redirects together. */
  readonly answerMs: number;
  /** Without a byte, be it that the provider sends none or that the client takes none. */
  readonly silenceMs: number;
  readonly wholeMs: number;
  readonly bytes: number;
}

/** A day's call in mp3 is larger; an hour's, which is the longest that anybody allows, has a tenth of it. */
export const DOWNLOAD_LIMITS: DownloadLimits = {
  ...{ answerMs: 10_000, silenceMs: 15_000, wholeMs: 10 * 60_000 },
  bytes: 200 * 1024 * 1024,
};

const MOST_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** There is no audio to be had now. The message tells why, and names no link. */
export class NoAudio extends Error {}

/** Asks a provider for the audio behind a link, and for nothing elsewhere, whatever it redirects to. @throws NoAudio */
export async function download(
  source: RecordingSource,
  link: string,
  limits: DownloadLimits = DOWNLOAD_LIMITS,
): Promise<Audio> {
  const first = source.audioAt(link);
  if (first === null) throw new NoAudio('the link leads elsewhere than the settings allow');
  const cancel = new AbortController();
  const late = setTimeout(() => cancel.abort(), limits.answerMs);
  try {
    const { response, url } = await follow(source, first, cancel.signal);
    if (response.status !== 200) throw new NoAudio(`the answer was ${response.status}${meaningOf(response.status)}`);
    const type = audioType(response, url);
    if (type === null) throw new NoAudio('the answer was no audio');
    const bytes = lengthOf(response);
    if (bytes !== null && bytes > limits.bytes) throw new NoAudio('it is larger than we pass on');
    return { type, bytes, stream: within(limits, response.body!, cancel) };
  } catch (failure) {
    const gaveUp = cancel.signal.aborted;
    cancel.abort();
    if (failure instanceof NoAudio) throw failure;
    throw new NoAudio(gaveUp ? `no answer came within ${limits.answerMs / 1000} s` : 'the connection failed', {
      cause: failure,
    });
  } finally {
    clearTimeout(late);
  }
}

async function follow(
  source: RecordingSource,
  first: URL,
  signal: AbortSignal,
): Promise<{ response: Response; url: URL }> {
  let url = first;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const response = await fetch(url, {
      headers: { ...source.headersFor(url), accept: 'audio/*', 'accept-encoding': 'identity' },
      redirect: 'manual',
      signal,
    });
    if (!REDIRECTS.has(response.status)) return { response, url };
    await response.body?.cancel();
    const next = source.within(response.headers.get('location') ?? '', url);
    if (next === null) throw new NoAudio('it redirects elsewhere than the settings allow');
    url = next;
  }
  throw new NoAudio('it redirects again and again');
}

/** Fails, and lets the provider go, when nothing moves for too long, all of it takes too long, or it grows too large. */
function within(limits: DownloadLimits, body: AsyncIterable<Uint8Array>, cancel: AbortController): Readable {
  const silence = setTimeout(() => cancel.abort(), limits.silenceMs);
  const whole = setTimeout(() => cancel.abort(), limits.wholeMs);
  async function* counted(): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > limits.bytes) throw new NoAudio('it is larger than we pass on');
      silence.refresh();
      yield chunk;
      silence.refresh();
    }
  }
  const stream = Readable.from(counted(), { objectMode: false });
  stream.once('close', () => {
    for (const timer of [silence, whole]) clearTimeout(timer);
    cancel.abort();
  });
  return stream;
}

const TYPE_OF_ENDING: Readonly<Record<string, string>> = { mp3: 'audio/mpeg', wav: 'audio/wav' };

/** Audio as it calls itself, or a file of no type that is called as one. A page that asks for a password is neither. */
function audioType({ headers }: Response, { pathname }: URL): string | null {
  const [type = ''] = (headers.get('content-type') ?? '').toLowerCase().split(';');
  if (/^audio\/[\w.+-]{1,60}$/.test(type.trim())) return type.trim();
  const isBare = ['', 'application/octet-stream', 'binary/octet-stream'].includes(type.trim());
  return isBare ? (TYPE_OF_ENDING[pathname.split('.').at(-1)!.toLowerCase()] ?? null) : null;
}

/** Not of a body that was packed all the same, which is longer when unpacked. */
function lengthOf({ headers }: Response): number | null {
  const told = headers.get('content-length') ?? '';
  const isPlain = ['', 'identity'].includes(headers.get('content-encoding') ?? '');
  return isPlain && /^\d{1,15}$/.test(told) ? Number(told) : null;
}

function meaningOf(status: number): string {
  if (status === 401 || status === 403) return ', which does not let us in';
  if (status === 404 || status === 410) return ': it is not there yet, or was deleted there';
  return '';
}
