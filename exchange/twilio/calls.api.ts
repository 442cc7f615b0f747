import type { FastifyInstance } from 'fastify';

import type { CallLog, CallRecord } from '../network/call-log.js';
import { form, queryNumber, queryText, RestException } from '../network/provider-door.js';
import type { VoiceCalls } from './voice-calls.js';

const PAGE_SIZE = 50;
const LARGEST_PAGE_SIZE = 1000;
const FILTERS = ['ParentCallSid', 'From', 'To', 'StartTime', 'StartTime>', 'StartTime<'] as const;
const DAY_MS = 24 * 60 * 60 * 1000;

type Filters = Readonly<Partial<Record<(typeof FILTERS)[number], string>>>;

/** Requests for calls, and their records. https://www.twilio.com/docs/voice/api/call-resource */
export function serveTwilioCalls(
  provider: FastifyInstance,
  accountSid: string,
  calls: CallLog,
  voiceCalls: VoiceCalls,
): void {
  const base = '/2010-04-01/Accounts/:sid';
  const account = `/2010-04-01/Accounts/${accountSid}`;

  provider.post(`${base}/Calls.json`, { config: { api: 'connect' } }, async (request, reply) =>
    reply.status(201).send(rendered(voiceCalls.order(form(request)))),
  );

  provider.get(`${base}/Calls.json`, { config: { api: 'calls' } }, (request) => {
    const wanted = Object.fromEntries(
      FILTERS.flatMap((name) => {
        const value = queryText(request, name);
        return value === undefined ? [] : [[name, value]];
      }),
    );
    const [page, size] = [
      queryNumber(request, 'Page', 0, 0, Number.MAX_SAFE_INTEGER),
      queryNumber(request, 'PageSize', PAGE_SIZE, 1, LARGEST_PAGE_SIZE),
    ];
    const all = request.fault?.kind === 'empty' ? [] : calls.all().toReversed();
    const startedThen = startedWithin(wanted);
    const found = all.filter((call) => matches(call, wanted) && startedThen(call));
    const query = new URLSearchParams({ PageSize: String(size), ...wanted });
    const uri = (of: number) => `${account}/Calls.json?${query.toString()}&Page=${of}`;
    return {
      page,
      page_size: size,
      start: page * size,
      end: page * size + size - 1,
      uri: uri(page),
      first_page_uri: uri(0),
      next_page_uri: (page + 1) * size < found.length ? uri(page + 1) : null,
      previous_page_uri: page > 0 ? uri(page - 1) : null,
      calls: found.slice(page * size, (page + 1) * size).map(rendered),
    };
  });

  provider.get<{ Params: { callSid: string } }>(`${base}/Calls/:callSid`, { config: { api: 'calls' } }, (request) =>
    rendered(find(request.params.callSid)),
  );

  /** Ending a call is possible only after its end, because calls take no time here. */
  provider.post<{ Params: { callSid: string } }>(`${base}/Calls/:callSid`, { config: { api: 'calls' } }, (request) => {
    const record = find(request.params.callSid);
    const status = form(request).get('Status');
    if (status !== null && status !== 'completed' && status !== 'canceled') {
      throw new RestException(400, 'Status must be completed or canceled', 21218);
    }
    if (record.endedAt !== null) throw new RestException(400, 'Call is not in-progress. Cannot redirect.', 21220);
    return rendered(record);
  });

  function find(name: string): CallRecord {
    const record = name.endsWith('.json') ? calls.record(name.slice(0, -'.json'.length)) : null;
    if (!record) throw new RestException(404, `The requested resource ${name} was not found`, 20404);
    return record;
  }

  function rendered(record: CallRecord) {
    const ended = record.endedAt;
    return {
      sid: record.sid,
      account_sid: accountSid,
      parent_call_sid: record.parentSid ?? null,
      from: record.from,
      from_formatted: record.from,
      to: record.to,
      to_formatted: record.to,
      phone_number_sid: record.phoneNumberSid || null,
      status: record.status,
      direction: record.direction,
      start_time: record.status === 'queued' ? null : rfc2822(record.createdAt),
      end_time: ended === null ? null : rfc2822(ended),
      duration: ended === null ? null : String(record.durationSeconds),
      price: null,
      price_unit: 'USD',
      answered_by: null,
      forwarded_from: null,
      caller_name: null,
      api_version: '2010-04-01',
      date_created: rfc2822(record.createdAt),
      date_updated: rfc2822(ended ?? record.createdAt),
      uri: `${account}/Calls/${record.sid}.json`,
    };
  }
}

function matches(call: CallRecord, wanted: Filters): boolean {
  const { ParentCallSid: parent, From: from, To: to } = wanted;
  return (
    (parent === undefined || call.parentSid === parent) &&
    (from === undefined || call.from === withPlus(from)) &&
    (to === undefined || call.to === withPlus(to))
  );
}

/**
 * On a day, `StartTime=2026-11-22`, or between two instants, both inclusive: `StartTime>=2026-11-22T06:00:00Z`, whose
 * parameter name is `StartTime>`. A queued call has not started, so no filter matches it.
 */
function startedWithin(wanted: Filters): (call: CallRecord) => boolean {
  const { StartTime: on, 'StartTime>': after, 'StartTime<': before } = wanted;
  if (on === undefined && after === undefined && before === undefined) return () => true;
  const day = on === undefined ? null : Math.floor(instantIn(on) / DAY_MS);
  const since = after === undefined ? -Infinity : instantIn(after);
  const until = before === undefined ? Infinity : instantIn(before) + 999; // Twilio stores whole seconds
  return ({ status, createdAt }) => {
    const at = Date.parse(createdAt);
    return status !== 'queued' && since <= at && at <= until && (day === null || Math.floor(at / DAY_MS) === day);
  };
}

const DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,3})?Z)?$/;

/** A day in GMT, which begins at midnight, or an instant. */
function instantIn(text: string): number {
  const instant = DATE.test(text) ? new Date(text) : new Date(NaN);
  const isOne = !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text.slice(0, 10));
  if (!isOne) throw new RestException(400, 'StartTime must be a date, as in 2026-11-22 or 2026-11-22T06:00:00Z', 20001);
  return instant.getTime();
}

/** A plus that was not encoded is read as a space. */
function withPlus(number: string): string {
  return number.replace(/^ (?=\d)/, '+');
}

function rfc2822(instant: string): string {
  return new Date(instant).toUTCString().replace('GMT', '+0000');
}
