import { Unexpected } from './narrator.js';

/** People the demo invented. Their numbers are no secret here, and yet the API may show none of them. */
export const ASHA = '+919000000001';
export const RAVI = '+919000000002';
export const MEERA = '+919000000003';
export const KIRAN = '+919000000004';
export const STRANGER = '+919000000099';
/** Somebody's, who lends it to Asha. */
export const BORROWED = '+919000000005';
const EVERYBODY = [ASHA, RAVI, MEERA, KIRAN, STRANGER, BORROWED];

export interface Side {
  readonly phone: string | null;
  readonly dials: string | null;
}

export interface Order {
  readonly reference: string;
  readonly status: string;
  readonly customer: Side;
  readonly agent: Side | null;
}

export interface Pool {
  readonly level: { readonly assignable: number; readonly numbers: { readonly available: number } };
  readonly target: number;
}

export interface Interaction {
  readonly at: string;
  readonly from: string;
  readonly decision: string;
  readonly reason: string;
  readonly outcome: string | null;
  readonly talkSeconds: number | null;
}

/** What the exchange saw of a call. */
export interface Call {
  readonly connected: boolean;
  readonly rang: string | null;
  readonly showed: string | null;
  readonly heard: readonly string[];
}

/** All that the demo knows of Maskline and of the telephone network: two HTTP addresses. */
export class Town {
  constructor(
    private readonly maskline: string,
    private readonly apiKey: string,
    private readonly exchange: string,
  ) {}

  /** A call of the REST API. @throws Unexpected for another status, or when somebody's number is in the answer */
  async api<Body>(expected: number, method: 'GET' | 'POST' | 'PUT', path: string, body?: object): Promise<Body> {
    const headers = { authorization: `Bearer ${this.apiKey}` };
    const { status, text } = await send(`${this.maskline}/v1/${path}`, method, body, headers);
    if (status !== expected) {
      throw new Unexpected(`${method} /v1/${path}\n    expected  ${expected}\n    came      ${status} ${text}`);
    }
    if (EVERYBODY.some((phone) => text.includes(phone.replace('+91', '')))) {
      throw new Unexpected(`${method} /v1/${path}\n    expected  nobody's phone in the answer\n    came      ${text}`);
    }
    return JSON.parse(text) as Body;
  }

  /** Lets somebody dial a number at the exchange, which asks Maskline whom to ring. @param keys what they key when asked */
  async call(from: string, to: string, keys: readonly string[] = []): Promise<Call> {
    const { status, text } = await send(`${this.exchange}/exchange/calls`, 'POST', { from, to, keys });
    if (status !== 200)
      throw new Unexpected(`POST /exchange/calls\n    expected  200\n    came      ${status} ${text}`);
    return JSON.parse(text) as Call;
  }
}

async function send(url: string, method: string, body?: object, headers: Record<string, string> = {}) {
  const content = body && { body: JSON.stringify(body), headers: { ...headers, 'content-type': 'application/json' } };
  const response = await fetch(url, { method, headers, ...content, signal: AbortSignal.timeout(10_000) });
  return { status: response.status, text: await response.text() };
}
