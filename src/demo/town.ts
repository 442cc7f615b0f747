import { Unexpected } from './narrator.js';

/** Invented people. Even so, the API must not show their phones. */
export const ASHA = '+919000000001';
export const RAVI = '+919000000002';
export const MEERA = '+919000000003';
export const KIRAN = '+919000000004';
export const STRANGER = '+919000000099';
/** Another person's phone, which Asha borrows. */
export const BORROWED = '+919000000005';
/** In a country where texts can be forwarded. */
export const DANA = '+14155550101';
export const LUIS = '+14155550142';
const EVERYBODY = [ASHA, RAVI, MEERA, KIRAN, STRANGER, BORROWED, DANA, LUIS];

export interface StoryParticipant {
  readonly phone: string | null;
  readonly dials: string | null;
}

export interface ParcelParticipant {
  readonly role: string;
  readonly dials: readonly { readonly to: string; readonly number: string | null }[];
}

export interface Order {
  readonly reference: string;
  readonly status: string;
  readonly customer: StoryParticipant;
  readonly agent: StoryParticipant | null;
  readonly participants: readonly ParcelParticipant[];
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

/** A call as the exchange saw it. */
export interface Call {
  readonly connected: boolean;
  readonly rang: string | null;
  readonly showed: string | null;
  readonly heard: readonly string[];
}

/** A text on a person's phone. */
export interface ArrivedText {
  readonly from: string;
  readonly body: string;
}

/** Why a call is decided as it is, in sentences. */
export interface Explanation {
  readonly decision: string;
  readonly reason: string;
  readonly from: string | null;
  readonly words: readonly string[];
}

/** The demo reaches Maskline and the telephone network only by two HTTP addresses. */
export class Town {
  constructor(
    private readonly maskline: string,
    private readonly apiKey: string,
    private readonly exchange: string,
  ) {}

  /** Sends a request to the API. @throws Unexpected for another status, or if a person's phone is in the response */
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

  /** Dials a number at the exchange, which asks Maskline whom to ring. @param keys what the caller keys when asked */
  async call(from: string, to: string, keys: readonly string[] = []): Promise<Call> {
    return this.atTheExchange<Call>('POST', 'calls', { from, to, keys });
  }

  /** Texts a number at the exchange, which asks Maskline where to forward it. */
  async write(from: string, to: string, body: string): Promise<void> {
    await this.atTheExchange<object>('POST', 'texts', { from, to, body });
  }

  /** The texts on a person's phone, oldest first. */
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
