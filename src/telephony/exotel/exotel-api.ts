import { withoutNumbers } from '../../platform/observability/without-numbers.js';
import {
  ProviderBusy,
  ProviderNotReached,
  ProviderRefused,
  ProviderUnavailable,
} from '../providers/provider-errors.js';
import { askAgain, MomentarilyUnavailable, type Repeat } from '../providers/provider-retry.js';
import type { ExotelConfig } from './exotel-config.js';
import type { Turns } from './exotel-rate-limit.js';

export interface ExotelRequest {
  /** For messages, as in `the purchase of +918040000001`. */
  readonly what: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the account, with its query. */
  readonly path: string;
  readonly form?: Readonly<Record<string, string>>;
  /** It is about numbers of ours alone, so that what Exotel says of it may be quoted. Of all else it may name a person's phone. */
  readonly isOfOurs?: true;
  /** When it is sent again after a failure. Default: a POST never, any other always. */
  readonly repeat?: Repeat;
}

export interface ExotelTiming {
  /** Of one attempt, until its answer is read to the end. */
  readonly timeoutMs: number;
  /** Before the second attempt at least, twice that at most; double for the third. */
  readonly backoffMs: number;
}

export const EXOTEL_TIMING: ExotelTiming = { timeoutMs: 10_000, backoffMs: 500 };

const WORTH_ANOTHER_ATTEMPT = new Set([502, 503, 504]);
/** Failures before a connection was made, by Node's and undici's names. */
const NOT_REACHED = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'],
]);
const LONGEST_QUOTE = 200;

/** One of Exotel's APIs below our account, v1 (calls and texts) or v2_beta (numbers): authentication, rate, timeout, further attempts, and what errors mean. */
export class ExotelApi {
  private readonly base: string;
  private readonly authorization: string;

  constructor(
    account: ExotelConfig['account'],
    private readonly limit: Turns,
    private readonly timing: ExotelTiming,
    version: 'v1' | 'v2_beta' = 'v2_beta',
  ) {
    this.base = `${account.apiBase.replace(/\/+$/, '')}/${version}/Accounts/${encodeURIComponent(account.sid)}`;
    // Not in the URL, as Exotel's samples have it: from there it gets into logs and errors.
    this.authorization = `Basic ${Buffer.from(`${account.apiKey}:${account.apiToken}`).toString('base64')}`;
  }

  /**
   * Resolves with the body of a successful answer: from JSON, or the bare text of one that is none. A request is sent up to
   * three times, as far as its `repeat` allows, but not after a timeout, nor when Exotel asks for a wait of more than 5 s.
   * A shorter wait is kept by all requests of all processes.
   *
   * @throws ProviderUnavailable, ProviderRefused
   */
  async ask(request: ExotelRequest): Promise<unknown> {
    const { repeat = request.method === 'POST' ? 'never' : 'always' } = request;
    const attempt = async () => {
      await this.limit.takeTurn();
      return this.send(request);
    };
    return askAgain(attempt, repeat, this.timing, (ms) => this.limit.standStill(ms));
  }

  private async send(request: ExotelRequest): Promise<unknown> {
    const { response, text } = await this.exchange(request).catch((cause: unknown) => {
      throw this.noAnswer(request.what, cause);
    });
    const body = readJson(text);
    if (!response.ok) throw failureOf(request.what, response, request.isOfOurs === true ? body : null);
    return body;
  }

  private async exchange({ method, path, form }: ExotelRequest): Promise<{ response: Response; text: string }> {
    const response = await fetch(`${this.base}/${path}`, {
      method,
      headers: { authorization: this.authorization, accept: 'application/json' },
      body: form && new URLSearchParams(form),
      redirect: 'manual', // a followed POST becomes a GET
      signal: AbortSignal.timeout(this.timing.timeoutMs),
    });
    return { response, text: await response.text() };
  }

  private noAnswer(what: string, cause: unknown): ProviderUnavailable {
    if ((cause as Error).name === 'TimeoutError') {
      return new ProviderUnavailable(`Exotel did not answer ${what} within ${this.timing.timeoutMs} ms.`);
    }
    const code = codeOf(cause);
    return NOT_REACHED.has(code)
      ? new ProviderNotReached(`No connection to Exotel was made for ${what} (${code}).`)
      : new MomentarilyUnavailable(`The connection to Exotel failed during ${what}${code === '' ? '' : ` (${code})`}.`);
  }
}

/** As in `ECONNREFUSED`; empty where there is none. The error itself stays here, as it may name the address that was asked. */
function codeOf(failure: unknown): string {
  const { code } = ((failure as Error).cause ?? failure) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

function failureOf(what: string, response: Response, body: unknown): ProviderUnavailable | ProviderRefused {
  const { status } = response;
  const said = messageIn(body, what);
  const answered = `Exotel answered ${what} with ${status}${said === null ? '.' : `: ${said}`}`;
  if (status === 429) return new ProviderBusy(answered, retryAfter(response));
  if (WORTH_ANOTHER_ATTEMPT.has(status)) return new MomentarilyUnavailable(answered, retryAfter(response));
  if (status >= 500 || status === 408) return new ProviderUnavailable(answered, retryAfter(response));
  return new ProviderRefused(answered + adviceOn(status), status);
}

function adviceOn(status: number): string {
  if (status === 401) {
    return ' EXOTEL_API_KEY or EXOTEL_API_TOKEN is wrong, or EXOTEL_API_BASE is of another region than the account.';
  }
  if (status === 402) return ' The account has no balance for it, or its plan does not include it.';
  if (status < 400) return ' EXOTEL_API_BASE must name the API itself, not an address that redirects to it.';
  return '';
}

/** `{"RestException":{"Status","Message"}}` or `{"Status","Message"}`; what a gateway says is neither. */
function messageIn(body: unknown, what: string): string | null {
  const { RestException: exception = body } = (body ?? {}) as { RestException?: unknown };
  const { Message: message } = (exception ?? {}) as { Message?: unknown };
  if (typeof message !== 'string' || message === '') return null;
  return `${withoutNumbers(message, what).slice(0, LONGEST_QUOTE).replace(/\.$/, '')}.`;
}

/** RFC 9110, section 10.2.3: seconds or a date. */
function retryAfter({ headers }: Response): { retryAfterMs?: number } {
  const told = headers.get('retry-after') ?? '';
  const ms = /^\d+$/.test(told) ? Number(told) * 1000 : Date.parse(told) - Date.now();
  return Number.isNaN(ms) ? {} : { retryAfterMs: Math.max(ms, 0) };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
