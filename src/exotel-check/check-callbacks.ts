import { randomBytes } from 'node:crypto';

import type { ExotelConfig } from '../telephony/exotel/exotel-config.js';
import { wallClock } from '../telephony/exotel/calls/plausibility.js';
import { look, ok, wrong, type Finding } from './finding.js';

/** How long Exotel waits for an applet's answer. */
export const EXOTEL_WAITS_MS = 5_000;
/** The caller hears silence meanwhile. */
const SLOW_MS = 1_500;

export interface Callbacks {
  /** As in the flow: `https://maskline.example.com`. */
  readonly baseUrl: string;
  readonly config: ExotelConfig;
  /** A number of ours, so that the call is looked up like a real one; others are refused earlier. */
  readonly dialled: string;
  /** Default: as long as Exotel waits. */
  readonly waitsMs?: number;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly length: string | null;
  readonly text: string;
}

/** Why there is no answer, in words. */
class NoAnswer extends Error {}

/**
 * Sends the requests of the flow's applets with every secret, as a caller who hides the number and so reaches nobody.
 * Leaves one refused call for each secret, whose id begins with `check-`.
 */
export async function checkCallbacks(callbacks: Callbacks): Promise<Finding[]> {
  const { hookSecrets } = callbacks.config;
  const findings = [...checkAddress(callbacks)];
  for (const [index, secret] of hookSecrets.entries()) {
    const which = hookSecrets.length === 1 ? '' : index === 0 ? ', first secret' : ', second secret';
    findings.push(...(await checkWithSecret(callbacks, secret, which)));
  }
  return [...findings, ...(await checkWithAnotherSecret(callbacks))];
}

function checkAddress({ baseUrl, config }: Callbacks): Finding[] {
  const { protocol, hostname } = new URL(baseUrl);
  const isHere = /^(localhost|127\.|\[::1\]|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(hostname);
  const isExotel = new URL(config.account.apiBase).hostname.endsWith('exotel.com');
  if (!isExotel) return [];
  if (isHere) return [wrong('address', `${baseUrl} can be reached from here only: PUBLIC_BASE_URL must be public`)];
  if (protocol === 'https:') return [];
  return [wrong('address', `PUBLIC_BASE_URL begins with http: secret and numbers would travel in clear; use https`)];
}

async function checkWithSecret(callbacks: Callbacks, secret: string, which: string): Promise<Finding[]> {
  const query = aWithheldCall(callbacks);
  const ask = (method: 'GET' | 'HEAD', path: string) => request(callbacks, secret, method, path, query);
  const checks: readonly (readonly [path: string, check: () => Promise<string | null>])[] = [
    ['connect', async () => judgeConnect(await ask('GET', 'connect'))],
    ['reason', async () => judgeReason(await ask('GET', 'reason'))],
    ['gather', async () => judgeGather(await ask('GET', 'gather'))],
    ['connect-pin', async () => judgeConnect(await ask('GET', 'connect-pin'))],
    ['connect-pin-again', async () => judgeConnect(await ask('GET', 'connect-pin-again'))],
    ['greeting', async () => judgeGreeting(await ask('HEAD', 'greeting'), await ask('GET', 'greeting'))],
    ['passthru', async () => judgeStatus(await ask('HEAD', 'passthru/answered'))],
  ];
  const findings: Finding[] = [];
  for (const [path, check] of checks) {
    const about = `${path}${which}`;
    const began = performance.now();
    try {
      const amiss = await check();
      const tookMs = Math.round(performance.now() - began);
      if (amiss !== null) findings.push(wrong(about, amiss));
      else if (tookMs > SLOW_MS)
        findings.push(look(about, `answers in ${tookMs} ms: the caller hears silence so long`));
      else findings.push(ok(about, `answers as Exotel wants it, in ${tookMs} ms`));
    } catch (failure) {
      if (!(failure instanceof NoAnswer)) throw failure;
      // Without a connection, the other checks would fail in the same way.
      return [...findings, wrong(about, failure.message)];
    }
    if (findings.at(-1)?.says === UNKNOWN_SECRET) return findings;
  }
  return findings;
}

/** A server that answers an invented secret is not Maskline. */
async function checkWithAnotherSecret(callbacks: Callbacks): Promise<Finding[]> {
  const secret = randomBytes(16).toString('hex');
  const { status } = await request(callbacks, secret, 'GET', 'reason', new URLSearchParams()).catch(() => ({
    status: 404,
  }));
  if (status === 404) return [ok('other secrets', 'are answered with 404, as if nothing were here')];
  const says = `are answered with ${status} instead of 404: something before Maskline answers, or lets everybody in`;
  return [wrong('other secrets', says)];
}

const UNKNOWN_SECRET =
  'is answered with 404: the running Maskline has another EXOTEL_HOOK_SECRET, or its EXOTEL_ALLOWED_CIDRS do not include this machine';

function judgeStatus({ status, type }: Answer): string | null {
  if (status === 200) return null;
  if (status === 404 && type.includes('problem+json')) return UNKNOWN_SECRET;
  if (status === 404) return 'is answered with 404, and not by Maskline: compare PUBLIC_BASE_URL with your proxy';
  if (status >= 300 && status < 400)
    return `redirects (${status}), which Exotel does not follow: name the last address`;
  if (status >= 502 && status <= 504) return `is answered with ${status} by a proxy that does not reach Maskline`;
  return `is answered with ${status}, must be 200`;
}

function judgeJson(answer: Answer): string | { [field: string]: unknown } {
  const amiss = judgeStatus(answer);
  if (amiss !== null) return amiss;
  if (!/^application\/json\s*(;|$)/.test(answer.type)) {
    return `has the content type "${answer.type}", must be application/json`;
  }
  try {
    return JSON.parse(answer.text) as { [field: string]: unknown };
  } catch {
    return 'is not answered with JSON: something on the way changes the answer';
  }
}

function judgeConnect(answer: Answer): string | null {
  const reply = judgeJson(answer);
  if (typeof reply === 'string') return reply;
  const { numbers } = (reply['destination'] ?? {}) as { numbers?: unknown };
  if (!Array.isArray(numbers)) return 'is answered without destination.numbers: is this Maskline?';
  return numbers.length === 0 ? null : 'rings somebody for a caller who withholds the number: is this Maskline?';
}

function judgeGather(answer: Answer): string | null {
  const reply = judgeJson(answer);
  if (typeof reply === 'string') return reply;
  const isWhole = typeof reply['gather_prompt'] === 'object' && typeof reply['max_input_digits'] === 'number';
  return isWhole ? null : 'is answered without gather_prompt or max_input_digits: is this Maskline?';
}

function judgeText(answer: Answer): string | null {
  const amiss = judgeStatus(answer);
  if (amiss !== null) return amiss;
  if (answer.type === 'text/plain') return null;
  return `has the content type "${answer.type}", must be text/plain and nothing else: a proxy adds to it`;
}

function judgeReason(answer: Answer): string | null {
  return (
    judgeText(answer) ?? (/^\{"select":"\w+"\}$/.test(answer.text) ? null : 'does not name a case: is this Maskline?')
  );
}

function judgeGreeting(head: Answer, get: Answer): string | null {
  const amiss = judgeText(get) ?? judgeText(head);
  if (amiss !== null) return amiss;
  if (get.text.trim() === '') return 'has no words to speak';
  if (head.length === get.length) return null;
  return `says content-length ${head.length ?? 'nothing'} to HEAD and ${get.length ?? 'nothing'} to GET: Exotel wants the same, so no proxy may compress it`;
}

async function request(
  { baseUrl, waitsMs = EXOTEL_WAITS_MS }: Callbacks,
  secret: string,
  method: 'GET' | 'HEAD',
  path: string,
  query: URLSearchParams,
): Promise<Answer> {
  try {
    const response = await fetch(`${baseUrl}/hooks/exotel/${secret}/${path}?${query.toString()}`, {
      method,
      headers: { 'exotel-version': '1.0' },
      redirect: 'manual',
      signal: AbortSignal.timeout(waitsMs),
    });
    const text = await response.text();
    const { status, headers } = response;
    const [type, length] = [headers.get('content-type') ?? '', headers.get('content-length')];
    return { status, type, length, text };
  } catch (failure) {
    throw new NoAnswer(whyNoAnswer(failure as Error, new URL(baseUrl), waitsMs));
  }
}

function whyNoAnswer(failure: Error, { host }: URL, waitsMs: number): string {
  if (failure.name === 'TimeoutError') return `no answer within ${waitsMs / 1000} s: Exotel gives up and rings nobody`;
  const { code = failure.message } = (failure.cause ?? {}) as { code?: string };
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `${host} is no name that resolves: look at DNS`;
  if (code === 'ECONNREFUSED') return `nothing listens at ${host}: start Maskline, or correct PUBLIC_BASE_URL`;
  if (/CERT|SIGNATURE|SSL|TLS/.test(code))
    return `the certificate of ${host} is not valid (${code}), so Exotel refuses it`;
  return `no connection to ${host} (${code}): look at the firewall`;
}

function aWithheldCall({ config, dialled }: Callbacks): URLSearchParams {
  const { flowId, tenantId, timeZone } = config.callbacks;
  return new URLSearchParams({
    CallSid: `check-${randomBytes(12).toString('hex')}`,
    CallFrom: '',
    From: '',
    CallTo: dialled,
    To: dialled,
    Direction: 'incoming',
    CallType: 'call-attempt',
    DialCallDuration: '0',
    DialWhomNumber: '',
    ...(flowId === null ? {} : { flow_id: flowId }),
    ...(tenantId === null ? {} : { tenant_id: tenantId }),
    ...(timeZone === null ? {} : { CurrentTime: wallClock(timeZone, new Date()) }),
  });
}
