import { setMaxListeners } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long Exotel waits for an answer. */
export const ANSWER_LIMIT_MS = 5_000;
const LARGEST_ANSWER_BYTES = 1_000_000;

export interface CallbackRequest {
  method: 'GET' | 'HEAD' | 'POST';
  url: URL;
  headers?: Record<string, string>;
  body?: Buffer | string;
  /** How long to wait for the answer; default: as long as Exotel does. */
  limitMs?: number;
}

export interface CallbackAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

/** No usable answer: too late, refused, or cut off. */
export class NoAnswer extends Error {}

/** Sends the provider's callbacks by HTTP, without following redirects, and waits for a limited time. */
export class Callbacks {
  private readonly http = new http.Agent({ keepAlive: true });
  private readonly https = new https.Agent({ keepAlive: true });
  private readonly closing = new AbortController();

  constructor() {
    setMaxListeners(0, this.closing.signal); // one for each waiting call
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

  /** Waits; rejects if the exchange closes. */
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
        // The app closed this kept-alive connection at the same moment, which is not an error of the app.
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

/** The path of a callback for display: the secret, and anything that looks like one, is replaced by `…`. */
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
