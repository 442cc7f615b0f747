import { randomBytes } from 'node:crypto';

import type { FastifyInstance } from 'fastify';

import { type E164 } from '../../src/phone-number/e164.js';
import type { CallLog, CallRecord, LegStatus } from '../network/call-log.js';
import type { Callbacks } from '../network/callbacks.js';
import { FlowRun, type CallScript, type Flow, type FlowResult } from '../exotel/flow.js';
import { DIAL_CALL_STATUS, type IncomingCall } from '../exotel/flow-requests.js';
import type { Flows } from '../exotel/flows.js';
import type { Inventory, OwnedNumber } from '../network/inventory.js';
import { nationalForm, SPELLINGS } from '../network/number-spelling.js';
import { OperatorInput, OperatorMistake } from '../network/operator-input.js';
import type { People } from '../phones/people.js';
import type { Transcript } from '../network/transcript.js';
import { aSid, type VoiceCalls } from '../twilio/voice-calls.js';
import type { Phones } from '../phones/phones.js';

const CALLEES = ['answer', 'busy', 'no-answer', 'hangup'] as const;
/** The callee is a person, who answers at the operator's endpoints. */
const PERSON = 'person';
/** Wishes that foresee what people will do. */
const NOT_WITH_A_PERSON = ['keys', 'talkSeconds', 'passthruFirst', 'backwards'] as const;
const TALK_SECONDS = 61;
const LONGEST_TALK_SECONDS = 14_400;
const LONGEST_DELAY_MS = 60_000;
const SECONDS_BEFORE_THE_TALK = 17;
const FIELDS = [
  'from',
  'to',
  'callee',
  'keys',
  'spelling',
  'deliverTwice',
  'delayMs',
  'talkSeconds',
  'callSid',
  'skipPassthru',
  'passthruFirst',
  'backwards',
];

interface Exchange {
  inventory: Inventory;
  flows: Flows;
  people: People;
  calls: CallLog;
  callbacks: Callbacks;
  accountSid: string;
  recordingUrl: (callSid: string) => string;
  /** The calls of Twilio. */
  voiceCalls: VoiceCalls;
  phones: Phones;
}

/**
 * Operator endpoints that dial a number of the account from a simulated phone. The answer says what happened; if the
 * callee is a person, it comes at once, and `phones.api.ts` has what happens then.
 */
export function servePlacedCalls(operator: FastifyInstance, exchange: Exchange): void {
  const { inventory, flows, people, calls, callbacks, accountSid, recordingUrl, voiceCalls, phones } = exchange;

  operator.post('/exchange/calls', async (request, reply) => {
    const input = new OperatorInput(request.body, FIELDS);
    const from = readCaller(input);
    const to = input.e164('to');
    const script = readScript(input);
    const isTwilios = voiceCalls.owns(to);
    const callSid = input.has('callSid')
      ? input.text('callSid', /^[A-Za-z0-9_-]{1,64}$/, '1 to 64 letters, digits, - or _')
      : isTwilios
        ? aSid()
        : randomBytes(16).toString('hex');
    const spelling = input.has('spelling') ? input.oneOf('spelling', SPELLINGS) : 'national';
    const place = placing(from, to, callSid, spelling);
    if (isByHand(input)) {
      const manual = phones.begin({ callSid, provider: isTwilios ? 'twilio' : 'exotel', isOrdered: false, from, to });
      phones.follow(manual, place({ ...script, manual }));
      return reply.status(202).send(manual.view());
    }
    return place(script);
  });

  operator.get<{ Params: { callSid: string } }>('/exchange/calls/:callSid', (request): Transcript => {
    const transcript = calls.transcript(request.params.callSid);
    if (!transcript) throw new OperatorMistake(`No transcript of call ${request.params.callSid} is kept.`, 404);
    return transcript;
  });

  /** @throws OperatorMistake if no app can be asked about a call to this number */
  function placing(
    from: IncomingCall['from'],
    to: E164,
    callSid: string,
    spelling: IncomingCall['spelling'],
  ): (script: CallScript) => Promise<Transcript> {
    if (voiceCalls.owns(to)) {
      voiceCalls.reach(to);
      return async (script) => voiceCalls.dialIn(from, to, script, callSid);
    }
    const [number, flow] = reach(to);
    const startedAt = new Date();
    const call: IncomingCall = {
      callSid,
      from,
      to,
      carriedOn: anotherNumber(to),
      spelling,
      flowId: flow.id,
      startedAt,
    };
    return async (script) => play(call, number, flow, script);
  }

  async function play(call: IncomingCall, number: OwnedNumber, flow: Flow, script: CallScript): Promise<Transcript> {
    const record = beginning(call, number);
    calls.begin(record);
    const run = new FlowRun(flow, call, script, {
      callbacks,
      owns: (shown) => inventory.find(shown) !== null,
      picksUp: (callee) => people.whenRung(callee),
      recordingUrl,
    });
    const result = await run.play();
    end(record, result, script.manual?.ringingSeconds);
    await calls.end(record);
    const transcript = transcriptOf(call, result);
    calls.keepTranscript(transcript);
    return transcript;
  }

  function reach(to: E164): [OwnedNumber, Flow] {
    const number = inventory.find(to);
    if (!number) throw new OperatorMistake(`${to} is not a number of account ${accountSid}; no app is asked.`, 422);
    const flow = flows.reachedBy(number);
    if (flow) return [number, flow];
    const points =
      number.voiceUrl === null ? 'has no voice_url' : `has a voice_url that names no flow of ours (${number.voiceUrl})`;
    throw new OperatorMistake(`${to} ${points}; no app is asked.`, 422);
  }

  function anotherNumber(to: E164): E164 {
    for (let suffix = 777; ; suffix += 1) {
      const other = `${to.slice(0, -3)}${suffix}` as E164;
      if (other !== to && !inventory.find(other)) return other;
    }
  }
}

function readCaller(input: OperatorInput): IncomingCall['from'] {
  return input.withheldCaller('from') ?? input.e164('from');
}

function readScript(input: OperatorInput): CallScript {
  if (input.flag('skipPassthru') && input.flag('passthruFirst')) {
    throw new OperatorMistake('"skipPassthru" and "passthruFirst" exclude each other.');
  }
  const byHand = isByHand(input);
  const foreseen = NOT_WITH_A_PERSON.find((name) => byHand && input.has(name));
  if (foreseen) throw new OperatorMistake(`"${foreseen}" and "callee": "${PERSON}" exclude each other.`);
  return {
    callee: input.has('callee') && !byHand ? input.oneOf('callee', CALLEES) : undefined,
    talkSeconds: input.wholeNumber('talkSeconds', 1, LONGEST_TALK_SECONDS, TALK_SECONDS),
    deliverTwice: input.flag('deliverTwice'),
    delayMs: input.wholeNumber('delayMs', 0, LONGEST_DELAY_MS, 0),
    skipPassthru: input.flag('skipPassthru'),
    passthruFirst: input.flag('passthruFirst'),
    backwards: input.flag('backwards'),
    keys: input.has('keys') ? readKeys(input) : [],
  };
}

function isByHand(input: OperatorInput): boolean {
  return input.has('callee') && input.oneOf('callee', [...CALLEES, PERSON]) === PERSON;
}

/** What the caller keys each time the flow asks for digits. */
function readKeys(input: OperatorInput): string[] {
  return input.texts('keys', /^[\d*#]{0,32}$/, 'a list of texts of up to 32 of 0-9, * and #');
}

function beginning(call: IncomingCall, number: OwnedNumber): CallRecord {
  return {
    sid: call.callSid,
    createdAt: call.startedAt.toISOString(),
    from: call.from === '' || call.from === 'anonymous' ? call.from : nationalForm(call.from),
    to: nationalForm(call.to),
    phoneNumberSid: number.sid,
    direction: 'inbound',
    status: 'in-progress',
    endedAt: null,
    durationSeconds: 0,
    talkSeconds: 0,
    legs: ['completed', null],
    recordingUrl: null,
  };
}

/** The flow answered the caller's leg, so a refused call is a completed call without a second leg. */
function end(record: CallRecord, { outcome }: FlowResult, ringingSeconds = SECONDS_BEFORE_THE_TALK): void {
  const second: LegStatus = outcome ? DIAL_CALL_STATUS[outcome.callee] : null;
  record.status = second === 'canceled' ? 'no-answer' : (second ?? 'completed');
  record.legs = ['completed', second];
  record.talkSeconds = outcome?.talkSeconds ?? 0;
  record.durationSeconds = record.talkSeconds + ringingSeconds;
  record.recordingUrl = outcome?.recordingUrl ?? null;
  record.endedAt = new Date(Date.parse(record.createdAt) + record.durationSeconds * 1000).toISOString();
}

function transcriptOf(call: IncomingCall, { exit, outcome, heard, steps }: FlowResult): Transcript {
  return {
    callSid: call.callSid,
    from: call.from,
    to: call.to,
    connected: exit === 'answered',
    rang: outcome?.rang.at(-1) ?? null,
    showed: outcome?.showed ?? null,
    heard,
    exit,
    steps,
  };
}
