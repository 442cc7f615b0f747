import { plainSpelling } from '../../../src/phone-number/plain-spelling.js';
import { parseParticipantPhone, parseSpelling } from '../../../src/phone-number/e164.js';
import { parseOwnNumber } from '../../../src/phone-number/own-number.js';
import { parseOrderNews } from '../../../src/orders/intake/cloud-event.js';
import { excessOf } from '../../../src/platform/http/server/json-body.js';
import { dropForwardedPorts } from '../../../src/platform/http/server/forwarded-for.js';
import { readInstant } from '../../../src/platform/http/instant.js';
import { readNumbersCsv } from '../../../src/virtual-numbers/numbers/numbers-csv.js';
import { PROVIDERS } from '../../../src/installation/providers.js';
import { usualSpelling } from '../../../src/telephony/providers/callback-path.js';
import { parseConnect, parseEnd } from '../../../src/telephony/exotel/calls/exotel-call.js';
import { parseDelivery, parseText } from '../../../src/telephony/exotel/texts/exotel-text.js';
import { optOutWordIn } from '../../../src/telephony/texts/opt-out-words.js';
import { redact } from '../../../src/telephony/texts/redaction/redaction.js';
import { segmentsOf } from '../../../src/telephony/texts/segments.js';
import { parseForm } from '../../../src/telephony/twilio/twilio-form.js';
import { parseMessage } from '../../../src/telephony/twilio/texts/message-requests.js';
import { parseVoice } from '../../../src/telephony/twilio/calls/voice-requests.js';

const LENGTH = 16_000;
/** On a busy machine; what grows with the square of the length takes seconds. */
const MOST_MS = 250;

const text = (unit: string, end = '') => unit.repeat(Math.ceil(LENGTH / unit.length)).slice(0, LENGTH) + end;

const UNITS = [
  ...[
    '0',
    '9',
    '+',
    ' ',
    '(',
    ')',
    '((',
    '()',
    '-',
    '.',
    '/',
    '#',
    '*',
    '#*',
    ':',
    '@',
    'a',
    'a@',
    '@a',
    'a.',
    '.a',
    'w.',
  ],
  ...[
    '+91',
    '0 ',
    '9 ',
    '9-',
    '(9',
    '1ext',
    'x1',
    ';ext=1',
    'http://',
    'www.',
    'a.com ',
    'a.b',
    '//',
    'http://a.',
    '[',
    '{',
  ],
  ...[
    'one ',
    'double ',
    'nine',
    '\u200e',
    '\ufeff',
    '\u0660',
    '\u0300',
    'e\u0301',
    '😀',
    'ﷺ',
    'stop ',
    '&',
    'a=',
    '%',
    '%41',
  ],
  ...[
    '"',
    ',',
    '"",',
    '\n',
    '\r\n',
    '\t',
    '\0',
    '-',
    '_',
    '9.18E+',
    '[::',
    '::',
    '1.',
    '1:1,',
    '\\"',
    'Legs[0]',
    ' @',
    'dot ',
    'a dot ',
  ],
];

const quiet = (read: (input: string) => unknown) => (input: string) => {
  try {
    read(input);
  } catch {
    // that it is refused is all right
  }
};

const READERS: Record<string, (input: string) => unknown> = {
  'a phone': (input) => parseParticipantPhone(input, 'IN'),
  'an operator’s spelling': (input) => parseSpelling(input, 'IN'),
  'a plain spelling': plainSpelling,
  'a number of ours': (input) => parseOwnNumber(input, 'IN'),
  'an event': (input) =>
    parseOrderNews({
      specversion: '1.0',
      source: input,
      id: input,
      type: 'order.placed',
      time: input,
      data: { reference: input, customer: { phone: input } },
    }),
  'an instant': readInstant,
  'a CSV file': (input) => readNumbersCsv(Buffer.from(`number\n${input}`)),
  JSON: (input) => excessOf(Buffer.from(input)),
  'X-Forwarded-For': (input) => dropForwardedPorts({ 'x-forwarded-for': input }),
  'a callback’s path': (input) => usualSpelling(PROVIDERS)(`/hooks/exotel/${input}`),
  'Exotel’s call': (input) =>
    parseConnect(
      { CallSid: 'a', From: input, CallFrom: input, To: input, CallTo: input, digits: input },
      'connect-pin',
      'IN',
    ),
  'Exotel’s end': (input) =>
    parseEnd({ DialCallStatus: input, [input]: input, RecordingUrl: input, CallType: input }, 'answered'),
  'Exotel’s text': (input) => [
    parseText({ SmsSid: 'a', From: input, To: input, Body: input }, 'IN'),
    parseDelivery({ Status: input }),
  ],
  'Twilio’s form': (input) => parseForm(input),
  'Twilio’s call': (input) => parseVoice({ CallSid: 'a', From: input, To: input, Digits: input }, 'voice', true),
  'Twilio’s text': (input) => parseMessage({ MessageSid: 'a', From: input, To: input, Body: input }),
  'a stop word': optOutWordIn,
  'a text to redact': (input) => redact(input.slice(0, 1_600)), // texts are cut to that first
  'a text to count': (input) => segmentsOf(input.slice(0, 1_600)),
};

it.each(Object.keys(READERS))('%s is read in a time that does not grow with the square of its length', (name) => {
  const read = quiet(READERS[name]!);
  read('warm');
  const slow: string[] = [];
  for (const unit of UNITS) {
    for (const end of ['', 'x']) {
      const before = process.cpuUsage();
      read(text(unit, end));
      const ms = process.cpuUsage(before).user / 1_000;
      if (ms > MOST_MS) slow.push(`${JSON.stringify(unit)}…${end}: ${Math.round(ms)} ms`);
    }
  }
  expect(slow).toEqual([]);
});
