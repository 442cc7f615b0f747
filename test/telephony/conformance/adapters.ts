import { randomBytes } from 'node:crypto';

import { XMLValidator } from 'fast-xml-parser';

import type { ProviderName } from '../../../src/virtual-numbers/provider-name.js';
import { TWILIO, type Answer, type TestApp } from '../../support/app.js';

export type Fields = Record<string, string | string[]>;

/** What an adapter answered: whom it rings, whether its provider can read it at all, and the words in it. */
export interface Answered {
  readonly status: number;
  readonly isValid: boolean;
  readonly rings: readonly string[];
  readonly shows: string | undefined;
  readonly text: string;
}

export interface ReceivedText {
  readonly from: string;
  readonly body: string;
}

/** One provider as the suite sees it: how it asks, and how it tells of an end. Everything else is the same for all. */
export interface Adapter {
  readonly name: ProviderName;
  readonly country: string;
  readonly aPhone: () => string;
  readonly aNumber: () => string;
  readonly aCallId: () => string;
  /** The fields of a call as the provider sends them. */
  readonly call: (callId: string, from: string, to: string) => Fields;
  /** Which of them name the caller. */
  readonly callerFields: readonly string[];
  readonly ask: (app: TestApp, fields: Fields) => Promise<Answered>;
  readonly end: (app: TestApp, callId: string, outcome: 'completed' | 'busy') => Promise<number>;
  /** Ways in which this provider has been seen to write one number. */
  readonly spellings: Readonly<Record<string, (number: string) => string>>;
  readonly withheld: readonly string[];
  /** Lets a person write a text to a number of ours. */
  readonly write: (app: TestApp, from: string, to: string, body: string) => Promise<void>;
  /** The texts that a phone got. */
  readonly textsOn: (app: TestApp, phone: string) => Promise<readonly ReceivedText[]>;
}

let drawn = 0;
const digits = (count: number) => String((drawn += 1)).padStart(count, '0');

const TEXTS_AT_THE_EXCHANGE: Pick<Adapter, 'write' | 'textsOn'> = {
  write: async (app, from, to, body) => {
    const answer = await fetch(`${app.exchange.url}/exchange/texts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ from, to, body }),
    });
    if (!answer.ok) throw new Error(await answer.text());
  },
  textsOn: async (app, phone) => {
    const answer = await fetch(`${app.exchange.url}/exchange/people/${phone}/texts`);
    return ((await answer.json()) as { texts: ReceivedText[] }).texts;
  },
};

export const EXOTEL: Adapter = {
  name: 'exotel',
  country: 'IN',
  aPhone: () => `+9190001${digits(5)}`,
  aNumber: () => `+9180471${digits(5)}`,
  aCallId: () => randomBytes(16).toString('hex'),
  call: (callId, from, to) => ({
    CallSid: callId,
    CallFrom: from,
    From: from,
    CallTo: to,
    To: to,
    Direction: 'incoming',
    CallType: 'call-attempt',
    DialWhomNumber: '',
    flow_id: '700001',
    tenant_id: '90001',
  }),
  callerFields: ['CallFrom', 'From'],
  ask: async (app, fields) => {
    const answer = await app.request(
      'GET',
      `/hooks/exotel/the_secret_path_of_the_tests/connect?${encoded(fields)}`,
      {},
    );
    const { body } = answer;
    const isValid =
      /^application\/json *(;|$)/.test(String(answer.headers['content-type'])) &&
      Array.isArray(body?.destination?.numbers);
    return {
      ...readable(answer, isValid),
      rings: isValid ? body.destination.numbers : [],
      shows: body?.outgoing_phone_number,
    };
  },
  end: async (app, callId, outcome) => {
    const exit = outcome === 'completed' ? 'answered' : 'no-answer';
    const query = { CallSid: callId, DialCallStatus: outcome, DialCallDuration: '30', 'Legs[0][OnCallDuration]': '20' };
    return (await app.exotel('GET', `passthru/${exit}`, query)).status;
  },
  spellings: {
    'in E.164': (number) => number,
    'nationally with a 0': (number) => `0${number.slice(3)}`,
    'nationally without': (number) => number.slice(3),
    'with the country code': (number) => number.slice(1),
    'with +0': (number) => `+0${number.slice(3)}`,
    'with 00': (number) => `00${number.slice(1)}`,
    'with a space for the plus': (number) => ` ${number.slice(1)}`,
    'with blanks around': (number) => ` ${number} `,
  },
  withheld: ['', 'anonymous', 'Unknown', 'null', '0', '+', '123'],
  ...TEXTS_AT_THE_EXCHANGE,
};

export const TWILIO_ADAPTER: Adapter = {
  name: 'twilio',
  country: 'US',
  aPhone: () => `+1628301${digits(4)}`,
  aNumber: () => `+1415301${digits(4)}`,
  aCallId: () => `CA${randomBytes(16).toString('hex')}`,
  call: (callId, from, to) => ({
    AccountSid: TWILIO.sid,
    ApiVersion: '2010-04-01',
    CallSid: callId,
    CallStatus: 'ringing',
    Direction: 'inbound',
    From: from,
    Caller: from,
    To: to,
    Called: to,
    FromCity: '',
  }),
  callerFields: ['From', 'Caller'],
  ask: async (app, fields) => {
    const answer = await app.twilio('voice', fields);
    const { text } = answer;
    const isValid =
      String(answer.headers['content-type']).startsWith('text/xml') && XMLValidator.validate(text) === true;
    const rings = [...text.matchAll(/<Number[^>]*>([^<]+)</g)].map(([, number]) => number!);
    return { ...readable(answer, isValid), rings, shows: /callerId="([^"]+)"/.exec(text)?.[1] };
  },
  end: async (app, callId, outcome) => {
    const form = {
      CallSid: callId,
      DialCallStatus: outcome,
      DialCallDuration: '20',
      DialBridged: String(outcome === 'completed'),
    };
    return (await app.twilio('voice/dial-result', form)).status;
  },
  spellings: {
    'in E.164': (number) => number,
    'with a space for the plus': (number) => ` ${number.slice(1)}`,
    'with blanks around': (number) => ` ${number} `,
    nationally: (number) => number.slice(2),
    'with the country code': (number) => number.slice(1),
    'with 00': (number) => `00${number.slice(1)}`,
  },
  withheld: [
    '',
    'anonymous',
    '+266696687',
    '+86282452253',
    '+7378742833',
    '+2562533',
    '+8656696',
    'client:joe',
    'sip:joe@example.test',
  ],
  ...TEXTS_AT_THE_EXCHANGE,
};

function readable({ status, text }: Answer, isValid: boolean): Pick<Answered, 'status' | 'isValid' | 'text'> {
  return { status, isValid, text };
}

function encoded(fields: Fields): string {
  const pairs = Object.entries(fields).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, one]),
  );
  return new URLSearchParams(pairs).toString();
}
