import { setMaxListeners } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long Exotel waits for an answer to one of its requests. */
export const ANSWER_LIMIT_MS = 5_000;
const LARGEST_ANSWER_BYTES = 1_000_000;

export interface CallbackRequest {
  method: 'GET' | 'HEAD' | 'POST';
  url: URL;
  headers?: Record<string, string>;
  body?: Buffer | string;
  /** How long to wait for the answer; as long as Exotel does when absent. */
  limitMs?: number;
}

export interface CallbackAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

/** Nothing usable came back: too late, refused, cut. */
export class NoAnswer extends Error {}

/** The provider's side of the callbacks: asks over HTTP, follows no redirect, and waits only so long. */
export class Callbacks {
  private readonly http = new http.Agent({ keepAlive: true });
  private readonly https = new https.Agent({ keepAlive: true });
  private readonly closing = new AbortController();

  constructor() {
    setMaxListeners(0, this.closing.signal); // one for each call that waits
  }

  /** @throws NoAnswer */
  async ask(request: CallbackRequest): Promise<CallbackAnswer> {
    const cancel = new AbortController();
    const giveUp = () => cancel.abort();
    const { limitMs = ANSWER_LIMIT_MS } = request;
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      giveUp();
    }, limitMs);
    this.closing.signal.addEventListener('abort', giveUp);
    if (this.closing.signal.aborted) giveUp();
    try {
      return await this.send(request, cancel.signal);
    } catch (error) {
      if (late) throw new NoAnswer(`no answer within ${limitMs / 1000} s`);
      const { code, message } = error as NodeJS.ErrnoException;
      throw new NoAnswer(`no answer: ${code ?? message}`);
    } finally {
      clearTimeout(limit);
      this.closing.signal.removeEventListener('abort', giveUp);
    }
  }

  /** Waits, or rejects when the exchange closes. */
  async wait(ms: number): Promise<void> {
    if (ms > 0) await sleep(ms, undefined, { signal: this.closing.signal });
  }

  close(): void {
    this.closing.abort();
    this.http.destroy();
    this.https.destroy();
  }

  private send({ method, url, headers, body }: CallbackRequest, signal: AbortSignal): Promise<CallbackAnswer> {
    const secure = url.protocol === 'https:';
    return new Promise((resolve, reject) => {
      const options = { method, headers: { ...headers }, signal, agent: secure ? this.https : this.http };
      if (body !== undefined) options.headers['content-length'] = String(Buffer.byteLength(body));
      const request = (secure ? https : http).request(url, options, (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > LARGEST_ANSWER_BYTES) request.destroy(new Error('the answer is larger than 1 MB'));
          chunks.push(chunk);
        });
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
        });
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        // A kept connection that the app closed at this very moment says nothing about the app.
        if (request.reusedSocket && error.code === 'ECONNRESET' && !signal.aborted) {
          this.send({ method, url, headers, body }, signal).then(resolve, reject);
        } else {
          reject(error);
        }
      });
      request.end(body);
    });
  }
}

/** A callback's path as it may be shown: the hooks' secret, and whatever else looks like one, is `…`. */
export function pathWithoutSecret(url: URL, hooks: readonly string[]): string {
  const secrets = new Set(hooks.map((base) => segments(new URL(base).pathname).at(-1)));
  const shown = segments(url.pathname).map((segment) =>
    secrets.has(segment) || /^[\w-]{20,}$/.test(segment) ? '…' : segment,
  );
  return `/${shown.join('/')}`;
}

function segments(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}
