import { Unexpected } from './narrator.js';

/** People the demo invented. Their numbers are no secret here, and yet the API may show none of them. */
export const ASHA = '+919000000001';
export const RAVI = '+919000000002';
export const MEERA = '+919000000003';
export const KIRAN = '+919000000004';
export const STRANGER = '+919000000099';
/** Somebody's, who lends it to Asha. */
export const BORROWED = '+919000000005';
/** Of another country, where texts may be passed on. */
export const DANA = '+14155550101';
export const LUIS = '+14155550142';
const EVERYBODY = [ASHA, RAVI, MEERA, KIRAN, STRANGER, BORROWED, DANA, LUIS];

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

/** A text as it stands on somebody's phone. */
export interface ArrivedText {
  readonly from: string;
  readonly body: string;
}

/** Why a call is decided as it is, in words. */
export interface Explanation {
  readonly decision: string;
  readonly reason: string;
  readonly from: string | null;
  readonly words: readonly string[];
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
    if (EVERYBODY.some((phone) => text.includes(phone.replace(/^\+(91|1)/, '')))) {
      throw new Unexpected(`${method} /v1/${path}\n    expected  nobody's phone in the answer\n    came      ${text}`);
    }
    return JSON.parse(text) as Body;
  }

  /** Lets somebody dial a number at the exchange, which asks Maskline whom to ring. @param keys what they key when asked */
  async call(from: string, to: string, keys: readonly string[] = []): Promise<Call> {
    return this.atTheExchange<Call>('POST', 'calls', { from, to, keys });
  }

  /** Lets somebody text a number at the exchange, which asks Maskline to whom to pass it on. */
  async write(from: string, to: string, body: string): Promise<void> {
    await this.atTheExchange<object>('POST', 'texts', { from, to, body });
  }

  /** The texts on somebody's phone, oldest first. */
  async textsOn(phone: string): Promise<readonly ArrivedText[]> {
    return (await this.atTheExchange<{ texts: ArrivedText[] }>('GET', `people/${phone}/texts`)).texts;
  }

  private async atTheExchange<Body>(method: 'GET' | 'POST', path: string, body?: object): Promise<Body> {
    const { status, text } = await send(`${this.exchange}/exchange/${path}`, method, body);
    if (status === 200) return JSON.parse(text) as Body;
    throw new Unexpected(`${method} /exchange/${path}\n    expected  200\n    came      ${status} ${text}`);
  }
}

async function send(url: string, method: string, body?: object, headers: Record<string, string> = {}) {
  const content = body && { body: JSON.stringify(body), headers: { ...headers, 'content-type': 'application/json' } };
  const response = await fetch(url, { method, headers, ...content, signal: AbortSignal.timeout(10_000) });
  return { status: response.status, text: await response.text() };
}
