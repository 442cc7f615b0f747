import { setTimeout as sleep } from 'node:timers/promises';

import { anExchange, VOICE_URL, type AtTheExchange, type Body } from './at-the-exchange.js';
import { connectsTo, startPretendApp, type PretendApp } from './pretend-app.js';

const [CUSTOMER, AGENT, NUMBER] = ['+919000000001', '+919000000002', '+918040000101'];
const IST = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

let app: PretendApp;
let exchange: AtTheExchange;
beforeEach(async () => {
  app = await startPretendApp();
  exchange = await anExchange(app.hooks, { owned: [NUMBER] });
  await exchange.pointAtTheFlow(NUMBER);
});
afterEach(async () => {
  await exchange.close();
  await app.close();
});

const ring = async (call: object) => exchange.place({ from: CUSTOMER, to: NUMBER, ...call });
const record = async (sid: string, query = '') =>
  (await exchange.voice('GET', `Calls/${sid}.json${query}`)).body.Call as Body;

describe('call details', () => {
  it('tell of a talk, with its legs when they are asked for', async () => {
    app.connect = connectsTo(AGENT);
    const { callSid } = await ring({});
    const call = await record(callSid, '?details=true');
    expect(call).toEqual({
      Sid: callSid,
      ParentCallSid: null,
      DateCreated: expect.stringMatching(IST),
      DateUpdated: expect.stringMatching(IST),
      AccountSid: 'acme1',
      To: '08040000101',
      From: '09000000001',
      PhoneNumberSid: '08040000101',
      Status: 'completed',
      StartTime: expect.stringMatching(IST),
      EndTime: expect.stringMatching(IST),
      Duration: '78',
      Price: '1.200',
      Direction: 'inbound',
      AnsweredBy: null,
      ForwardedFrom: null,
      CallerName: null,
      Uri: `/v1/Accounts/acme1/Calls.json/${callSid}`,
      RecordingUrl: null,
      Details: {
        ConversationDuration: 61,
        Leg1Status: 'completed',
        Leg2Status: 'completed',
        Legs: [{ Leg: { Id: 1, OnCallDuration: 78 } }, { Leg: { Id: 2, OnCallDuration: 61 } }],
      },
    });
    expect(await record(callSid)).not.toHaveProperty('Details');
  });

  it.each([
    ['busy', 'busy', 'busy'],
    ['no-answer', 'no-answer', 'no-answer'],
    ['hangup', 'no-answer', 'canceled'],
  ])('tell of a call that ended in %s', async (callee, status, secondLeg) => {
    app.connect = connectsTo(AGENT);
    const { callSid } = await ring({ callee, skipPassthru: true });
    const { Status, Details } = await record(callSid, '?details=true');
    expect([Status, Details.Leg2Status, Details.ConversationDuration]).toEqual([status, secondLeg, 0]);
  });

  it('tell of a refused call that only the flow answered', async () => {
    const { callSid } = await ring({});
    const { Status, Details } = await record(callSid, '?details=true');
    expect([Status, Details.Leg2Status]).toEqual(['completed', null]);
  });

  it('know no call that was never made, and no XML', async () => {
    expect((await exchange.voice('GET', 'Calls/forged.json')).status).toBe(404);
    expect((await exchange.voice('GET', 'Calls/forged')).status).toBe(400);
  });

  it('tell of a call that is still going on', async () => {
    app.connect = connectsTo(AGENT);
    const placed = ring({ callSid: 'going', delayMs: 300 });
    await sleep(100);
    expect(await record('going')).toMatchObject({ Status: 'in-progress', EndTime: null, Duration: null, Price: null });
    await placed;
    expect(await record('going')).toMatchObject({ Status: 'completed' });
  });
});

describe('the list of calls', () => {
  const list = (query: string) => exchange.voice('GET', `Calls.json?${query}`);
  const sids = (body: Body) => body.Calls.map(({ Sid }: Body) => Sid);

  it('finds calls by their ids', async () => {
    for (const callSid of ['one', 'two', 'three']) await ring({ callSid });
    expect(sids((await list('Sid=one,three,forged&SortBy=DateCreated:asc')).body)).toEqual(['one', 'three']);
  });

  it('comes in pages that lead on', async () => {
    for (const callSid of ['one', 'two', 'three']) await ring({ callSid });
    const first = (await list('PageSize=2')).body;
    expect(sids(first)).toEqual(['three', 'two']);
    expect(first.Metadata).toMatchObject({ Total: 3, PageSize: 2, PrevPageUri: null });
    const next = await exchange.voice('GET', first.Metadata.NextPageUri.replace('/v1/Accounts/acme1/', ''));
    expect(sids(next.body)).toEqual(['one']);
    expect(next.body.Metadata.NextPageUri).toBeNull();
  });

  it('keeps to the times asked for, on an Indian clock', async () => {
    await ring({ callSid: 'now' });
    const ist = (offsetMs: number) =>
      new Date(Date.now() + 5.5 * 3_600_000 + offsetMs).toISOString().slice(0, 19).replace('T', ' ');
    const between = (from: number, until: number) =>
      list(new URLSearchParams({ DateCreated: `gte:${ist(from)};lte:${ist(until)}` }).toString());
    expect(sids((await between(-60_000, 60_000)).body)).toEqual(['now']);
    expect(sids((await between(-120_000, -60_000)).body)).toEqual([]);
    expect(sids((await between(60_000, 120_000)).body)).toEqual([]);
    expect(sids((await list(new URLSearchParams({ DateCreated: `gte:${ist(-60_000)}` }).toString())).body)).toEqual([
      'now',
    ]);
    expect(sids((await list(new URLSearchParams({ DateCreated: `lte:${ist(-60_000)}` }).toString())).body)).toEqual([]);
  });

  it('holds the very second in which a call began, from either side', async () => {
    await ring({ callSid: 'now' });
    const { DateCreated: began } = await record('now');
    for (const bound of [`gte:${began}`, `lte:${began}`, `gte:${began};lte:${began}`]) {
      const { body } = await list(new URLSearchParams({ DateCreated: bound }).toString());
      expect([bound, sids(body)]).toEqual([bound, ['now']]);
    }
  });

  it.each([
    ...['yesterday', '', 'gte:', '2026-11-22 11:00:00', 'gt:2026-11-22 11:00:00', 'gte:2026-11-22T11:00:00Z'],
    ...['gte:2026-11-22', 'gte:2026-13-01 00:00:00', 'gte:2026-02-30 00:00:00', 'gte:2026-11-22 24:00:00'],
    ...['gte:2026-11-22 11:00:00;', 'gte:2026-11-22 11:00:00,lte:2026-11-22 12:00:00'],
  ])('takes no "%s" for a time', async (DateCreated) => {
    await ring({ callSid: 'now' });
    const { status, body } = await list(new URLSearchParams({ DateCreated }).toString());
    expect([status, body.RestException?.Message]).toEqual([400, expect.stringMatching(/^DateCreated must be as in/)]);
  });
});

describe('click to call', () => {
  const connect = (more: Record<string, string> = {}) =>
    exchange.voice('POST', 'Calls/connect.json', {
      From: AGENT,
      To: CUSTOMER,
      CallerId: '08040000101',
      CallType: 'trans',
      ...more,
    });
  const callback = () => ({ StatusCallback: `${app.hooks}/call-status` });
  const events = { 'StatusCallbackEvents[0]': 'terminal', 'StatusCallbackEvents[1]': 'answered' };
  const reported = async (count: number) => {
    for (let tries = 0; app.statusReports.length < count && tries < 100; tries += 1) await sleep(10);
    expect(app.statusReports).toHaveLength(count);
    return app.statusReports;
  };

  it('answers while the phones have yet to ring, then reports answer and end as JSON', async () => {
    const answer = await connect({
      ...callback(),
      ...events,
      StatusCallbackContentType: 'application/json',
      CustomField: 'ord-1001',
    });
    expect(answer.status).toBe(200);
    expect(answer.body.Call).toMatchObject({
      From: '09000000002',
      To: '09000000001',
      PhoneNumberSid: '08040000101',
      Status: 'in-progress',
      EndTime: null,
      Duration: null,
      Direction: 'outbound-api',
    });
    const [first, second] = (await reported(2)).map(({ contentType, body }) => {
      expect(contentType).toBe('application/json');
      return JSON.parse(body);
    });
    expect(first).toMatchObject({ EventType: 'answered', Status: 'in-progress' });
    expect(second).toEqual({
      CallSid: answer.body.Call.Sid,
      EventType: 'terminal',
      DateCreated: expect.stringMatching(IST),
      DateUpdated: expect.stringMatching(IST),
      Status: 'completed',
      To: '09000000001',
      From: '09000000002',
      PhoneNumberSid: '08040000101',
      StartTime: expect.stringMatching(IST),
      EndTime: expect.stringMatching(IST),
      ConversationDuration: 98,
      Direction: 'outbound-api',
      CustomField: 'ord-1001',
      RecordingUrl: null,
      Legs: [
        { OnCallDuration: 118, Status: 'completed', AnsweredBy: 'NA' },
        { OnCallDuration: 98, Status: 'completed', AnsweredBy: 'HUMAN' },
      ],
    });
    expect(await record(answer.body.Call.Sid)).toMatchObject({ Status: 'completed', Duration: '118' });
  });

  it('reports as multipart form with bracket keys when nothing else is asked for', async () => {
    await connect({ ...callback(), 'StatusCallbackEvents[0]': 'terminal' });
    const [report] = await reported(1);
    expect(report?.contentType).toMatch(/^multipart\/form-data; boundary=/);
    const fields = await new Response(report?.body, {
      headers: { 'content-type': report?.contentType ?? '' },
    }).formData();
    expect(Object.fromEntries(fields)).toMatchObject({
      EventType: 'terminal',
      Status: 'completed',
      RecordingUrl: '',
      'Legs[1][Status]': 'completed',
      'Legs[1][OnCallDuration]': '98',
    });
  });

  it('reports only the end, in four fields, when no event is named', async () => {
    await connect({ ...callback(), StatusCallbackContentType: 'application/json' });
    const [report] = await reported(1);
    expect(Object.keys(JSON.parse(report?.body ?? ''))).toEqual(['CallSid', 'DateUpdated', 'Status', 'RecordingUrl']);
  });

  it('rings nobody second when the first does not answer', async () => {
    await exchange.operator('PUT', `/exchange/people/${encodeURIComponent(AGENT)}`, { whenRung: 'busy' });
    const { body } = await connect({ ...callback(), ...events, StatusCallbackContentType: 'application/json' });
    const [report] = await reported(1);
    expect(JSON.parse(report?.body ?? '')).toMatchObject({
      EventType: 'terminal',
      Status: 'busy',
      ConversationDuration: 0,
      Legs: [{ Status: 'busy' }, { Status: null }],
    });
    await sleep(50);
    const transcript = (await exchange.operator('GET', `/exchange/calls/${body.Call.Sid}`)).body;
    expect(transcript).toMatchObject({ connected: false, rang: AGENT, showed: NUMBER, exit: 'no-answer' });
    expect(transcript.steps.at(-1).asked).toBe('POST /hooks/exotel/…/call-status');
  });

  it.each([
    [{ From: '' }, /From is missing/],
    [{ To: 'Asha' }, /To is not a phone number/],
    [{ CallerId: '+918040009999' }, /not an ExoPhone/],
    [{ TimeLimit: '14401' }, /TimeLimit/],
    [{ CustomField: 'x'.repeat(129) }, /CustomField/],
    [{ StatusCallback: 'here' }, /not a URL/],
    [{ StatusCallbackContentType: 'text/csv' }, /StatusCallbackContentType/],
    [{ Url: VOICE_URL }, /Url/],
  ])('refuses %j', async (more, reason) => {
    const answer = await connect(more);
    expect(answer.status).toBe(400);
    expect(answer.body.RestException.Message).toMatch(reason);
  });
});
