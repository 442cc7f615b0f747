import { withoutNumbers } from '../../platform/observability/without-numbers.js';
import {
  ProviderBusy,
  ProviderNotReached,
  ProviderRefused,
  ProviderUnavailable,
} from '../providers/provider-errors.js';
import { MomentarilyUnavailable } from '../providers/provider-retry.js';

/**
 * The meaning of Twilio's error codes, https://www.twilio.com/docs/api/errors. The status says what is affected: with
 * 400 and 404 only this number, so another may still be bought; with 401 and 403 the account.
 */
const REFUSALS: Readonly<Record<number, { readonly status: number; readonly advice: string }>> = {
  20003: { status: 401, advice: 'TWILIO_ACCOUNT_SID or TWILIO_AUTH_TOKEN is wrong, or the account is suspended.' },
  20404: { status: 404, advice: 'The account does not own it (any more).' },
  21210: { status: 403, advice: 'The number to call from is no number of the account.' },
  21211: { status: 400, advice: 'The number to call is none that Twilio can dial.' },
  21215: { status: 403, advice: 'Allow calls to that country in the console, under Voice, Geo permissions.' },
  21408: { status: 403, advice: 'Allow texts to that country in the console, under Messaging, Geo permissions.' },
  21421: { status: 400, advice: 'That is no number of theirs.' },
  21422: { status: 400, advice: 'Somebody else was quicker, or it is no number of theirs.' },
  21451: { status: 400, advice: 'There is no such area code.' },
  21452: { status: 400, advice: 'They have no number of that area code.' },
  21457: { status: 400, advice: 'That area code is not sold there.' },
  21613: {
    status: 403,
    advice: 'Numbers there need an address: add one in the console and buy there; the pool takes it in.',
  },
  21631: {
    status: 403,
    advice: 'Numbers there need an address: add one in the console and buy there; the pool takes it in.',
  },
  21649: {
    status: 403,
    advice: 'Numbers there need a regulatory bundle: file it in the console and buy there; the pool takes it in.',
  },
};

const TOO_MANY_AT_ONCE = 20429;
const LONGEST_QUOTE = 200;

const NOT_REACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/**
 * The error for a failed request.
 *
 * @param what the request's subject for the message, for example `the purchase of +14152000001`
 * @param isOfOurs whether the request is only about our own numbers; otherwise Twilio's message may contain a phone and
 *   is not quoted
 */
export function failureOf(
  what: string,
  error: unknown,
  timeoutMs: number,
  isOfOurs = false,
): ProviderUnavailable | ProviderRefused {
  if (error instanceof ProviderRefused) return error;
  const { status, code, message } = error as { status?: unknown; code?: unknown; message?: unknown };
  if (typeof status !== 'number') return noAnswer(what, code, timeoutMs);
  const said = isOfOurs && typeof message === 'string' && message !== '' ? `: ${quoted(message, what)}` : '.';
  const answered = `Twilio answered ${what} with ${typeof code === 'number' ? `${code} (${status})` : status}${said}`;
  if (code === TOO_MANY_AT_ONCE || status === 429) return new ProviderBusy(answered);
  if ([502, 503, 504].includes(status)) return new MomentarilyUnavailable(answered);
  if (status >= 500 || status === 408) return new ProviderUnavailable(answered);
  const known = typeof code === 'number' ? REFUSALS[code] : undefined;
  return known
    ? new ProviderRefused(`${answered} ${known.advice}`, known.status)
    : new ProviderRefused(answered, status);
}

/** Without its cause, which contains the whole request with our auth token and people's phones, and would be logged. */
function noAnswer(what: string, code: unknown, timeoutMs: number): ProviderUnavailable {
  if (code === 'ECONNABORTED' || code === 'ETIMEDOUT') {
    return new ProviderUnavailable(`Twilio did not answer ${what} within ${timeoutMs} ms.`);
  }
  if (typeof code === 'string' && NOT_REACHED.has(code)) {
    return new ProviderNotReached(`No connection to Twilio was made for ${what} (${code}).`);
  }
  if (typeof code === 'string') {
    return new MomentarilyUnavailable(`The connection to Twilio failed during ${what} (${code}).`);
  }
  return new ProviderUnavailable(`Twilio's answer to ${what} could not be read.`);
}

function quoted(message: string, what: string): string {
  return `${withoutNumbers(message, what).slice(0, LONGEST_QUOTE).replace(/\.$/, '')}.`;
}
