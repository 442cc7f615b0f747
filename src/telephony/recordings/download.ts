import { Readable } from 'node:stream';

import { asProviderRequest } from '../providers/provider-request.js';
import type { RecordingSource } from '../providers/recording-source.js';

/** The audio of a recording, while it is downloaded. */
export interface Audio {
  /** A media type, `audio/…`. */
  readonly type: string;
  /** Null = the provider does not state it. */
  readonly bytes: number | null;
  /** Destroy it to stop the download. It fails if the provider breaks off or a limit is reached. */
  readonly stream: Readable;
}

export interface DownloadLimits {
  /** Time until the provider's answer begins, including all redirects. */
  readonly answerMs: number;
  /** Time without a byte, whether the provider sends none or the client takes none. */
  readonly silenceMs: number;
  readonly wholeMs: number;
  readonly bytes: number;
}

/** Larger than the mp3 of an hour, which is the longest call. */
export const DOWNLOAD_LIMITS: DownloadLimits = {
  answerMs: 10_000,
  silenceMs: 15_000,
  wholeMs: 10 * 60_000,
  bytes: 200 * 1024 * 1024,
};

const MOST_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** The audio is not available now. The message says why, and contains no link. */
export class NoAudio extends Error {}

/** Downloads the audio behind a link. Follows redirects only to allowed places. @throws NoAudio */
export async function download(
  source: RecordingSource,
  link: string,
  limits: DownloadLimits = DOWNLOAD_LIMITS,
): Promise<Audio> {
  const first = source.audioAt(link);
  if (first === null) throw new NoAudio('the link leads to a place that the settings do not allow');
  const cancel = new AbortController();
  const late = setTimeout(() => cancel.abort(), limits.answerMs);
  try {
    const { response, url } = await follow(source, first, cancel.signal);
    if (response.status !== 200) throw new NoAudio(`the answer was ${response.status}${meaningOf(response.status)}`);
    const type = audioType(response, url);
    if (type === null) throw new NoAudio('the answer was not audio');
    const bytes = lengthOf(response);
    if (bytes !== null && bytes > limits.bytes) throw new NoAudio('it is larger than the limit');
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
    const response = await asProviderRequest('recordings', 'GET', async () =>
      fetch(url, {
        headers: { ...source.headersFor(url), accept: 'audio/*', 'accept-encoding': 'identity' },
        redirect: 'manual',
        signal,
      }),
    );
    if (!REDIRECTS.has(response.status)) return { response, url };
    await response.body?.cancel();
    const next = source.within(response.headers.get('location') ?? '', url);
    if (next === null) throw new NoAudio('it redirects to a place that the settings do not allow');
    url = next;
  }
  throw new NoAudio('it redirects too often');
}

/** Fails and closes the connection if nothing arrives for too long, the download takes too long, or it is too large. */
function within(limits: DownloadLimits, body: AsyncIterable<Uint8Array>, cancel: AbortController): Readable {
  const silence = setTimeout(() => cancel.abort(), limits.silenceMs);
  const whole = setTimeout(() => cancel.abort(), limits.wholeMs);
  async function* counted(): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > limits.bytes) throw new NoAudio('it is larger than the limit');
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

/** The media type of audio, or of an untyped file with an audio extension. A login page is neither. */
function audioType({ headers }: Response, { pathname }: URL): string | null {
  const [type = ''] = (headers.get('content-type') ?? '').toLowerCase().split(';');
  if (/^audio\/[\w.+-]{1,60}$/.test(type.trim())) return type.trim();
  const isBare = ['', 'application/octet-stream', 'binary/octet-stream'].includes(type.trim());
  return isBare ? (TYPE_OF_ENDING[pathname.split('.').at(-1)!.toLowerCase()] ?? null) : null;
}

/** Not for a compressed body, whose length after decompression differs. */
function lengthOf({ headers }: Response): number | null {
  const told = headers.get('content-length') ?? '';
  const isPlain = ['', 'identity'].includes(headers.get('content-encoding') ?? '');
  return isPlain && /^\d{1,15}$/.test(told) ? Number(told) : null;
}

function meaningOf(status: number): string {
  if (status === 401 || status === 403) return ', access was denied';
  if (status === 404 || status === 410) return ': it is not ready yet, or was deleted';
  return '';
}
