import { startExchange, type ExchangeOptions, type RunningExchange } from '../../exchange/exchange.js';
import type { AskedStep, Transcript } from '../../exchange/network/transcript.js';

export const ACCOUNT = { sid: 'acme1', apiKey: 'key', apiToken: 'token' };
export const FLOW_ID = '700001';
export const VOICE_URL = `http://my.in.exotel.com/${ACCOUNT.sid}/exoml/start_voice/${FLOW_ID}`;

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into bodies of every shape
export type Body = any;

export interface Answer {
  status: number;
  headers: Headers;
  body: Body;
}

/** An exchange, its customer with the API key, and its operator. */
export interface AtTheExchange extends RunningExchange {
  /** The provider's APIs, below `/v2_beta/Accounts/acme1/`. */
  exophones(method: string, path: string, form?: Record<string, string>): Promise<Answer>;
  /** The provider's APIs, below `/v1/Accounts/acme1/`. */
  voice(method: string, path: string, form?: Record<string, string>): Promise<Answer>;
  operator(method: string, path: string, body?: unknown): Promise<Answer>;
  place(call: object): Promise<Transcript>;
  pointAtTheFlow(...numbers: string[]): Promise<void>;
}

export async function anExchange(hooks: string, more: Partial<ExchangeOptions> = {}): Promise<AtTheExchange> {
  const exchange = await startExchange({ port: 0, account: ACCOUNT, flow: { id: FLOW_ID, hooks }, ...more });
  const authorization = `Basic ${Buffer.from(`${ACCOUNT.apiKey}:${ACCOUNT.apiToken}`).toString('base64')}`;
  const api = (base: string) => (method: string, path: string, form?: Record<string, string>) =>
    send(`${exchange.url}/${base}/Accounts/${ACCOUNT.sid}/${path}`, {
      method,
      headers: { authorization },
      ...(form ? { body: new URLSearchParams(form) } : {}),
    });
  const operator: AtTheExchange['operator'] = (method, path, body) =>
    send(exchange.url + path, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  const exophones = api('v2_beta');
  return {
    ...exchange,
    exophones,
    voice: api('v1'),
    operator,
    place: async (call) => {
      const { status, body } = await operator('POST', '/exchange/calls', call);
      if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`);
      return body as Transcript;
    },
    pointAtTheFlow: async (...numbers) => {
      const { body } = await operator('GET', '/exchange/numbers');
      for (const owned of body.numbers as { sid: string; phone_number: string }[]) {
        if (!numbers.includes(owned.phone_number)) continue;
        await exophones('PUT', `IncomingPhoneNumbers/${owned.sid}`, { VoiceUrl: VOICE_URL });
      }
    },
  };
}

/** The requests of a transcript, in order. */
export function askedSteps(transcript: Transcript): AskedStep[] {
  return transcript.steps.filter((step): step is AskedStep => 'asked' in step);
}

export async function send(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}
