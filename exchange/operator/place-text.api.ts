import { randomBytes } from 'node:crypto';

import type { FastifyInstance } from 'fastify';

import { countryOf, parseE164, type E164 } from '../../src/phone-number/e164.js';
import { pathWithoutSecret, type CallbackAnswer, type Callbacks } from '../network/callbacks.js';
import { answerTo } from '../exotel/flow.js';
import type { Flows } from '../exotel/flows.js';
import type { Inventory } from '../network/inventory.js';
import { istTime } from '../network/ist-time.js';
import { spell } from '../network/number-spelling.js';
import { OperatorInput, OperatorMistake } from '../network/operator-input.js';
import type { TextLog } from '../network/text-log.js';
import type { AskedStep, TextTranscript } from '../network/transcript.js';
import type { TextMessages } from '../twilio/text-messages.js';
import type { TextScript } from '../twilio/text-run.js';
import type { Phones } from '../phones/phones.js';

/** How Exotel delivers a text: by an SMS applet (HEAD, then GET) or by its newer portal (POST). */
const WAYS = ['applet', 'portal'] as const;

interface Exchange {
  inventory: Inventory;
  flows: Flows;
  texts: TextLog;
  callbacks: Callbacks;
  /** The texts of Twilio. */
  textMessages: TextMessages;
  phones: Phones;
}

const FIELDS = ['from', 'to', 'body', 'smsSid', 'deliverTwice'];
const FIELDS_AT_EXOTEL = [...FIELDS, 'way'];
const FIELDS_AT_TWILIO = [...FIELDS, 'media', 'delayMs', 'backwards', 'skipStatus'];
const LONGEST_DELAY_MS = 60_000;
const MOST_MEDIA = 10;

/**
 * Operator endpoints that send a text from a simulated phone to a number of the account, and list the texts that
 * arrived.
 */
export function servePlacedTexts(operator: FastifyInstance, exchange: Exchange): void {
  const { inventory, flows, texts, callbacks, textMessages, phones } = exchange;

  operator.post('/exchange/texts', async (request): Promise<TextTranscript> => {
    const input = new OperatorInput(request.body, [...new Set([...FIELDS_AT_EXOTEL, ...FIELDS_AT_TWILIO])]);
    const from = input.withheldCaller('from') ?? input.e164('from');
    const to = input.e164('to');
    const body = input.text('body', /^[^]{0,2000}$/, 'a text of up to 2,000 characters');
    const sid = input.has('smsSid')
      ? input.text('smsSid', /^[A-Za-z0-9_-]{1,64}$/, '1 to 64 letters, digits, - or _')
      : undefined;
    const isTwilios = textMessages.owns(to);
    new OperatorInput(
      request.body,
      isTwilios ? FIELDS_AT_TWILIO : FIELDS_AT_EXOTEL,
      `A text to a number of ${isTwilios ? 'Twilio' : 'Exotel'}`,
    );
    if (isTwilios) return kept(await textMessages.textIn(from, to, body, readScript(input), sid), body);
    const way = input.has('way') ? input.oneOf('way', WAYS) : 'applet';
    const smsSid = sid ?? randomBytes(16).toString('hex');
    const url = urlOf(to);
    const home = countryOf(to) ?? 'IN';
    const fields = new URLSearchParams({
      SmsSid: smsSid,
      From: from === '' || from === 'anonymous' ? from : spell(from, 'bare', home),
      To: spell(to, 'national', home),
      ...(way === 'applet' ? { Date: istTime(new Date()) } : { DateCreated: istTime(new Date()) }),
      Body: body,
    });
    const transcript: TextTranscript = { smsSid, from, to, replied: null, steps: [] };
    for (let time = 0; time < (input.flag('deliverTwice') ? 2 : 1); time += 1) {
      const answer =
        way === 'applet' ? await byApplet(url, fields, transcript) : await byPortal(url, fields, transcript);
      if (answer?.status === 200 && answer.body !== '') transcript.replied = answer.body;
    }
    if (transcript.replied !== null && from !== '' && from !== 'anonymous') {
      texts.arrive({ sid: smsSid, from: to, to: from, body: transcript.replied });
    }
    return kept(transcript, body);
  });

  function kept(transcript: TextTranscript, body: string): TextTranscript {
    phones.send(transcript, body);
    return transcript;
  }

  operator.get<{ Params: { number: string } }>('/exchange/people/:number/texts', (request) => {
    const number = parseE164(request.params.number);
    if (!number) throw new OperatorMistake('The number in the path must be in E.164, as in +919000000001.');
    return { texts: texts.on(number) };
  });

  /** HEAD comes first: the provider accepts the answer to GET only if it has exactly the same headers. */
  async function byApplet(
    base: URL,
    fields: URLSearchParams,
    { steps }: TextTranscript,
  ): Promise<CallbackAnswer | null> {
    const url = new URL(`${base.href}?${fields}`);
    const head = await ask('HEAD', url, fields, steps);
    const get = await ask('GET', url, fields, steps);
    const [step] = steps.slice(-1);
    if (get && step) step.problem ??= problemOf(head, get);
    return step?.problem === undefined ? get : null;
  }

  async function byPortal(
    url: URL,
    fields: URLSearchParams,
    { steps }: TextTranscript,
  ): Promise<CallbackAnswer | null> {
    const answer = await ask('POST', url, fields, steps);
    const [step] = steps.slice(-1);
    if (answer && step && (answer.status < 200 || answer.status > 299))
      step.problem = `status is ${answer.status}, must be 2xx`;
    return answer;
  }

  async function ask(
    method: 'HEAD' | 'GET' | 'POST',
    url: URL,
    fields: URLSearchParams,
    steps: AskedStep[],
  ): Promise<CallbackAnswer | null> {
    const said = Object.fromEntries(fields);
    const step: AskedStep = {
      asked: `${method} ${pathWithoutSecret(url, flows.hooks())}`,
      ...(method === 'POST' ? { body: said } : { query: said }),
      status: null,
      answered: null,
      ms: 0,
    };
    steps.push(step);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const sent = method === 'POST' ? { headers: form, body: fields.toString() } : {};
    return answerTo(step, callbacks, { method, url, ...sent });
  }

  function urlOf(to: E164): URL {
    const number = inventory.find(to);
    if (!number) throw new OperatorMistake(`${to} is not a number of the account; no app is asked.`, 422);
    if (!number.sms) throw new OperatorMistake(`${to} cannot receive texts; no app is asked.`, 422);
    const flow = flows.reachedBy(number);
    if (!flow) throw new OperatorMistake(`${to} points at no flow of ours; no app is asked.`, 422);
    return new URL(`${flow.hooks}/sms`);
  }
}

function readScript(input: OperatorInput): TextScript {
  const media = input.has('media')
    ? input.texts('media', /^[a-z]+\/[\w.+-]{1,60}$/, 'a list of content types, as in image/jpeg')
    : [];
  if (media.length > MOST_MEDIA) throw new OperatorMistake(`"media" must be ${MOST_MEDIA} at most.`);
  return {
    media,
    deliverTwice: input.flag('deliverTwice'),
    delayMs: input.wholeNumber('delayMs', 0, LONGEST_DELAY_MS, 0),
    backwards: input.flag('backwards'),
    skipStatus: input.flag('skipStatus'),
  };
}

function problemOf(head: CallbackAnswer | null, get: CallbackAnswer): string | undefined {
  if (get.status !== 200) return `status is ${get.status}, must be 200`;
  if (get.headers['content-type'] !== 'text/plain') return 'content-type must be text/plain and nothing else';
  if (head?.headers['content-type'] !== get.headers['content-type']) return 'HEAD and GET have different headers';
  return undefined;
}
