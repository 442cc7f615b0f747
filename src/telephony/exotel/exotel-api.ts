import { withoutNumbers } from '../../platform/observability/without-numbers.js';
import {
  ProviderBusy,
  ProviderNotReached,
  ProviderRefused,
  ProviderUnavailable,
} from '../providers/provider-errors.js';
import { asProviderRequest } from '../providers/provider-request.js';
import { askAgain, MomentarilyUnavailable, type Repeat } from '../providers/provider-retry.js';
import type { ExotelConfig } from './exotel-config.js';
import type { Turns } from './exotel-rate-limit.js';

export interface ExotelRequest {
  /** The request's subject for messages, for example `the purchase of +918040000001`. */
  readonly what: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the account, with its query. */
  readonly path: string;
  readonly form?: Readonly<Record<string, string>>;
  /** The request is only about our own numbers, so that Exotel's message may be quoted. Others may contain a phone. */
  readonly isOfOurs?: true;
  /** When to send it again after a failure. Default: never for POST, always for others. */
  readonly repeat?: Repeat;
}

export interface ExotelTiming {
  /** For one attempt, until its answer is read completely. */
  readonly timeoutMs: number;
  /** Minimum wait before the second attempt; the maximum is twice as much. Doubled for the third attempt. */
  readonly backoffMs: number;
}

export const EXOTEL_TIMING: ExotelTiming = { timeoutMs: 10_000, backoffMs: 500 };

const WORTH_ANOTHER_ATTEMPT = new Set([502, 503, 504]);
/** Failures before a connection was made, by the names of Node and undici. */
const NOT_REACHED = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'],
]);
const LONGEST_QUOTE = 200;

/**
 * One of Exotel's APIs below our account: v1 (calls and texts) or v2_beta (numbers). Handles authentication, rate
 * limit, time-outs, retries, and errors.
 */
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
    // Not in the URL as in Exotel's examples, because URLs get into logs and errors.
    this.authorization = `Basic ${Buffer.from(`${account.apiKey}:${account.apiToken}`).toString('base64')}`;
  }

  /**
   * Resolves with the body of a successful answer: parsed JSON, or plain text if it is not JSON. Sends a request up to
   * three times, as far as its `repeat` allows, but not after a time-out, and not if Exotel asks for a wait of more
   * than 5 s. All requests of all processes obey a shorter wait.
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
    return asProviderRequest('exotel', method, async () => {
      const response = await fetch(`${this.base}/${path}`, {
        method,
        headers: { authorization: this.authorization, accept: 'application/json' },
        body: form && new URLSearchParams(form),
        redirect: 'manual', // following a redirect would turn a POST into a GET
        signal: AbortSignal.timeout(this.timing.timeoutMs),
      });
      return { response, text: await response.text(), status: response.status };
    });
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

/**
 * For example `ECONNREFUSED`; empty if there is none. The error itself may contain the requested address, so it is not
 * passed on.
 */
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

/** `{"RestException":{"Status","Message"}}` or `{"Status","Message"}`; a gateway's answer is neither. */
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
