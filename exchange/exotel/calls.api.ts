import type { FastifyInstance } from 'fastify';

import type { CallLog, CallRecord } from '../network/call-log.js';
import type { ClickToCall } from './click-to-call.js';
import { istTime, parseIstTime } from '../network/ist-time.js';
import { form, queryNumber, queryText, RestException } from '../network/provider-door.js';

const PAGE_SIZE = 50;
const LARGEST_PAGE_SIZE = 100;
const MOST_SIDS = 100;
const PRICE_OF_A_MINUTE = 0.6;

/**
 * Voice API v1: call details, and click to call. Only JSON: without `.json` the provider returns XML, and the exchange
 * refuses.
 */
export function serveCalls(
  provider: FastifyInstance,
  accountSid: string,
  calls: CallLog,
  clickToCall: ClickToCall,
): void {
  const base = '/v1/Accounts/:sid';

  provider.get<{ Params: { callSid: string } }>(`${base}/Calls/:callSid`, { config: { api: 'calls' } }, (request) => {
    if (!request.params.callSid.endsWith('.json')) throw new RestException(400, 'Append .json: we speak no XML here');
    const record = calls.record(request.params.callSid.slice(0, -'.json'.length));
    if (!record) throw new RestException(404, 'No such call');
    const details = queryText(request, 'details') === 'true';
    return { Call: { ...rendered(record, accountSid), ...(details ? { Details: detailsOf(record) } : {}) } };
  });

  provider.get(`${base}/Calls.json`, { config: { api: 'calls' } }, (request) => {
    const sids = queryText(request, 'Sid')?.split(',');
    if (sids && sids.length > MOST_SIDS) throw new RestException(400, `Sid takes at most ${MOST_SIDS} sids`);
    const isWanted = createdWithin(queryText(request, 'DateCreated'));
    const size = queryNumber(request, 'PageSize', PAGE_SIZE, 1, LARGEST_PAGE_SIZE);
    const first = queryNumber(request, 'After', 0, 0, Number.MAX_SAFE_INTEGER);
    const found = request.fault?.kind === 'empty' ? [] : among(calls, sids).filter(isWanted);
    if (queryText(request, 'SortBy') !== 'DateCreated:asc') found.reverse();
    const next = new URLSearchParams(request.query as Record<string, string>);
    next.set('After', String(first + size));
    const more = first + size < found.length;
    return {
      Metadata: {
        Total: found.length,
        PageSize: size,
        FirstPageUri: `/v1/Accounts/${accountSid}/Calls.json`,
        PrevPageUri: null,
        NextPageUri: more ? `/v1/Accounts/${accountSid}/Calls.json?${next.toString()}` : null,
      },
      Calls: found.slice(first, first + size).map((record) => rendered(record, accountSid)),
    };
  });

  provider.post(`${base}/Calls/connect.json`, { config: { api: 'connect' } }, (request) => ({
    Call: rendered(clickToCall.begin(form(request)), accountSid),
  }));
}

function among(calls: CallLog, sids: string[] | undefined): CallRecord[] {
  return sids ? sids.flatMap((sid) => calls.record(sid) ?? []) : calls.all();
}

/** `gte:2026-11-22 11:00:00;lte:2026-11-22 12:00:00`, in Indian time; either bound may be missing. */
function createdWithin(filter: string | undefined): (record: CallRecord) => boolean {
  let [from, until] = [-Infinity, Infinity];
  for (const bound of filter?.split(';') ?? []) {
    const [, side, text] = /^(gte|lte):(.*)$/.exec(bound) ?? [];
    const instant = parseIstTime(text ?? '');
    if (!instant)
      throw new RestException(400, 'DateCreated must be as in gte:2026-11-22 11:00:00;lte:2026-11-22 12:00:00');
    if (side === 'gte') from = instant.getTime();
    else until = instant.getTime() + 999;
  }
  return ({ createdAt }) => from <= Date.parse(createdAt) && Date.parse(createdAt) <= until;
}

function rendered(record: CallRecord, accountSid: string) {
  const created = istTime(new Date(record.createdAt));
  const ended = record.endedAt === null ? null : istTime(new Date(record.endedAt));
  return {
    Sid: record.sid,
    ParentCallSid: null,
    DateCreated: created,
    DateUpdated: ended ?? created,
    AccountSid: accountSid,
    To: record.to,
    From: record.from,
    PhoneNumberSid: record.phoneNumberSid,
    Status: record.status,
    StartTime: created,
    EndTime: ended,
    Duration: ended === null ? null : String(record.durationSeconds),
    Price: ended === null ? null : price(record).toFixed(3),
    Direction: record.direction,
    AnsweredBy: null,
    ForwardedFrom: null,
    CallerName: null,
    Uri: `/v1/Accounts/${accountSid}/Calls.json/${record.sid}`,
    RecordingUrl: record.recordingUrl,
  };
}

function detailsOf(record: CallRecord) {
  const [first, second] = record.legs;
  return {
    ConversationDuration: record.talkSeconds,
    Leg1Status: first,
    Leg2Status: second,
    Legs: [
      { Leg: { Id: 1, OnCallDuration: record.durationSeconds } },
      { Leg: { Id: 2, OnCallDuration: record.talkSeconds } },
    ],
  };
}

function price(record: CallRecord): number {
  return Math.ceil(record.durationSeconds / 60) * PRICE_OF_A_MINUTE;
}
