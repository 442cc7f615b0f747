import { setTimeout as sleep } from 'node:timers/promises';

import { ANSWER_LIMIT_MS } from '../../exchange/network/callbacks.js';
import { STATIC_GREETING } from '../../exchange/exotel/flow.js';
import { anExchange, askedSteps, FLOW_ID, type AtTheExchange } from './at-the-exchange.js';
import { connectsTo, plainly, refuses, SECRET, startPretendApp, type PretendApp } from './pretend-app.js';

const CUSTOMER = '+919000000001';
const AGENT = '+919000000002';
/** What the customer dials, and what the agent is shown. */
const [DIALLED, SHOWN] = ['+918040000102', '+918040000101'];

let app: PretendApp;
let exchange: AtTheExchange;
beforeAll(async () => {
  app = await startPretendApp();
  exchange = await anExchange(app.hooks, { owned: [DIALLED, SHOWN, '+918040000103'] });
  await exchange.pointAtTheFlow(DIALLED, SHOWN);
});
afterAll(async () => {
  await exchange.close();
  await app.close();
});
beforeEach(() => app.reset());

const place = (more: object = {}) => exchange.place({ from: CUSTOMER, to: DIALLED, ...more });
const IST = String.raw`\d{4}-\d\d-\d\d\+\d\d%3A\d\d%3A\d\d`;
const IST_WORDS = String.raw`[A-Z][a-z]{2}%2C\+\d\d\+[A-Z][a-z]{2}\+\d{4}\+\d\d%3A\d\d%3A\d\d`;

describe('a call that is connected', () => {
  it('rings the callee with the shown number and reports the talk', async () => {
    app.connect = connectsTo(AGENT, { outgoing_phone_number: SHOWN });
    const transcript = await place();
    expect(transcript).toMatchObject({
      from: CUSTOMER,
      to: DIALLED,
      connected: true,
      rang: AGENT,
      showed: SHOWN,
      heard: [],
      exit: 'answered',
    });
    expect(transcript.steps.map((step) => ('asked' in step ? step.asked : step))).toEqual([
      'GET /hooks/exotel/…/connect',
      { rang: AGENT },
      { showed: SHOWN },
      'GET /hooks/exotel/…/passthru/answered',
      { reported: 'completed', talkSeconds: 61 },
    ]);
    expect(JSON.stringify(transcript)).not.toContain(SECRET);
  });

  it('asks with every parameter of a first fetch, and the version of the contract', async () => {
    app.connect = connectsTo(AGENT);
    await place({ callSid: 'call1' });
    const [asked] = app.askedOf('connect');
    expect(asked?.headers['exotel-version']).toBe('1.0');
    expect(asked?.rawQuery).toMatch(
      new RegExp(
        `^CallSid=call1&CallFrom=09000000001&CallTo=08040000102&Direction=incoming&Created=${IST_WORDS}&DialCallDuration=0` +
          `&StartTime=${IST}&EndTime=1970-01-01\\+05%3A30%3A00&CallType=call-attempt&DialWhomNumber=&flow_id=${FLOW_ID}` +
          `&tenant_id=90001&From=09000000001&To=08040000102&CurrentTime=${IST}$`,
      ),
    );
  });

  it('reports a recorded talk with flat bracket keys', async () => {
    app.connect = connectsTo(AGENT, { outgoing_phone_number: SHOWN, record: true });
    await place({ callSid: 'call2' });
    const [report] = app.askedOf('passthru/answered');
    expect(report?.rawQuery).toMatch(
      new RegExp(
        `^CallSid=call2&CallFrom=09000000001&CallTo=08040000102&Direction=incoming&ForwardedFrom=null&Created=${IST_WORDS}` +
          `&DialCallDuration=74&RecordingUrl=http%3A%2F%2F[^&]+call2\\.mp3&StartTime=${IST}&EndTime=1970-01-01\\+05%3A30%3A00` +
          `&DialCallStatus=completed&CallType=completed&DialWhomNumber=09000000002&ProcessStatus=null&flow_id=${FLOW_ID}` +
          `&tenant_id=90001&From=09000000001&To=08040000102&RecordingAvailableBy=${IST_WORDS}&CurrentTime=${IST}` +
          `&OutgoingPhoneNumber=08040000101&Legs%5B0%5D%5BNumber%5D=09000000002&Legs%5B0%5D%5BType%5D=single` +
          `&Legs%5B0%5D%5BOnCallDuration%5D=61&Legs%5B0%5D%5BCallerId%5D=08040000101` +
          `&Legs%5B0%5D%5BCauseCode%5D=NORMAL_CLEARING&Legs%5B0%5D%5BCause%5D=16$`,
      ),
    );
  });

  it('shows the dialled number when the reply names none', async () => {
    app.connect = connectsTo(AGENT);
    expect((await place()).showed).toBe(DIALLED);
  });

  it('takes the shown number in its national form too', async () => {
    app.connect = connectsTo(AGENT, { outgoing_phone_number: '08040000101' });
    expect((await place()).showed).toBe(SHOWN);
  });

  it('cuts the talk at the longest conversation, which is 15 minutes when not said', async () => {
    app.connect = connectsTo(AGENT);
    await place({ talkSeconds: 2000 });
    app.connect = connectsTo(AGENT, { max_conversation_duration: 1200 });
    await place({ talkSeconds: 2000 });
    const talks = app.askedOf('passthru/answered').map(({ query }) => query['Legs[0][OnCallDuration]']);
    expect(talks).toEqual(['900', '1200']);
  });

  it('lets the callee alone, or both, hear the playback', async () => {
    const playback = { playback_to: 'callee', type: 'text', value: 'A delivery call' };
    app.connect = connectsTo(AGENT, { start_call_playback: playback });
    const whisper = await place();
    expect(whisper.heard).toEqual([]);
    expect(whisper.steps).toContainEqual({ heard: 'A delivery call', by: 'callee' });
    app.connect = connectsTo(AGENT, { start_call_playback: { ...playback, playback_to: 'both' } });
    expect((await place()).heard).toEqual(['A delivery call']);
  });

  it('rings the next number when one does not answer', async () => {
    await exchange.operator('PUT', `/exchange/people/${encodeURIComponent(AGENT)}`, { whenRung: 'no-answer' });
    app.connect = () => ({ destination: { numbers: [AGENT, '+919000000003'] } });
    const transcript = await place();
    expect(transcript).toMatchObject({ connected: true, rang: '+919000000003' });
    expect(transcript.steps.filter((step) => 'rang' in step)).toHaveLength(2);
    expect(app.askedOf('passthru/answered')[0]?.query).toMatchObject({ 'Legs[1][Number]': '09000000003' });
    await exchange.operator('PUT', `/exchange/people/${encodeURIComponent(AGENT)}`, { whenRung: 'answer' });
  });
});

describe('a callee who does not talk', () => {
  it.each([
    ['busy', 'busy', 'incomplete', 'USER_BUSY'],
    ['no-answer', 'no-answer', 'incomplete', 'RING_TIMEOUT'],
    ['hangup', 'canceled', 'client-hangup', 'ORIGINATOR_CANCEL'],
  ])('%s leaves by "nobody answers"', async (callee, dialCallStatus, callType, cause) => {
    app.connect = connectsTo(AGENT, { record: true });
    const transcript = await place({ callee });
    expect(transcript).toMatchObject({ connected: false, rang: AGENT, exit: 'no-answer', heard: [] });
    expect(transcript.steps.at(-1)).toEqual({ reported: dialCallStatus, talkSeconds: 0 });
    const [report] = app.askedOf('passthru/no-answer');
    expect(report?.query).toMatchObject({
      DialCallStatus: dialCallStatus,
      CallType: callType,
      DialCallDuration: '0',
      'Legs[0][OnCallDuration]': '0',
      'Legs[0][CauseCode]': cause,
    });
    expect(report?.query).not.toHaveProperty('RecordingUrl');
  });
});

describe('a call that is refused', () => {
  it('reports, asks for the reason, and plays the greeting', async () => {
    const transcript = await place();
    expect(transcript).toMatchObject({
      connected: false,
      rang: null,
      showed: null,
      exit: 'not-dialled',
      heard: ['This number is not in use.'],
    });
    expect(transcript.steps.map((step) => ('asked' in step ? step.asked : step))).toEqual([
      'GET /hooks/exotel/…/connect',
      'GET /hooks/exotel/…/passthru/not-dialled',
      'GET /hooks/exotel/…/reason',
      'HEAD /hooks/exotel/…/greeting',
      'GET /hooks/exotel/…/greeting',
      { heard: 'This number is not in use.', by: 'caller' },
      { reported: 'not-dialled', talkSeconds: 0 },
    ]);
    expect(askedSteps(transcript)[2]).toMatchObject({ status: 200, answered: { select: 'unknown_caller' } });
    expect(askedSteps(transcript).some(({ problem }) => problem)).toBe(false);
    expect(app.askedOf('passthru/not-dialled')[0]?.query).toMatchObject({
      CallType: 'call-attempt',
      DialCallDuration: '0',
    });
    expect(app.askedOf('passthru/not-dialled')[0]?.query).not.toHaveProperty('DialCallStatus');
    expect(app.askedOf('reason')[0]?.rawQuery).toMatch(
      /^CallSid=\w+&CallFrom=09000000001&CallTo=08040000102&Direction=incoming&CallType=call-attempt&From=09000000001&To=08040000102&flow_id=700001$/,
    );
    expect(app.askedOf('greeting')[0]?.rawQuery).toMatch(
      /^CallSid=\w+&From=09000000001&To=08040000102&DialWhomNumber=$/,
    );
  });

  it.each([
    ['a charset beside text/plain', plainly(200, 'text/plain; charset=utf-8', 'Hello'), /content type/],
    ['a status other than 200', plainly(404, 'text/plain', 'Hello'), /status is 404/],
    ['silence', plainly(200, 'text/plain', ' '), /no text/],
  ])('hears the flow’s own text when the greeting has %s', async (_what, greeting, problem) => {
    app.greeting = greeting;
    const transcript = await place();
    expect(transcript.heard).toEqual([STATIC_GREETING]);
    expect(askedSteps(transcript).at(-1)?.problem).toMatch(problem);
  });

  it('hears the flow’s own text when HEAD and GET tell different lengths', async () => {
    app.greeting = (request, reply) =>
      plainly(200, 'text/plain', request.method === 'HEAD' ? 'Hello' : 'Hello there')(request, reply);
    const transcript = await place();
    expect(transcript.heard).toEqual([STATIC_GREETING]);
    expect(askedSteps(transcript).at(-1)).toMatchObject({ problem: 'HEAD says content-length 5, GET says 11' });
  });

  it.each([
    ['JSON’s own content type', plainly(200, 'application/json', '{"select":"expired"}'), /exactly text\/plain/],
    ['no case', plainly(200, 'text/plain', 'expired'), /select/],
    ['another status', plainly(500, 'text/plain', '{"select":"expired"}'), /status is 500/],
  ])('takes the default case when the reason has %s', async (_what, reason, problem) => {
    app.reason = reason;
    const transcript = await place();
    expect(askedSteps(transcript).find(({ asked }) => asked.endsWith('/reason'))?.problem).toMatch(problem);
    expect(transcript.heard).toEqual(['This number is not in use.']);
  });
});

describe('spellings', () => {
  it.each([
    ['national', 'CallFrom=09000000001&CallTo=08040000102', 'From=09000000001&To=08040000102'],
    ['bare', 'CallFrom=9000000001&CallTo=8040000102', 'From=9000000001&To=8040000102'],
    ['e164', 'CallFrom=%2B919000000001&CallTo=%2B918040000102', 'From=%2B919000000001&To=%2B918040000102'],
    ['cc-bare', 'CallFrom=919000000001&CallTo=918040000102', 'From=919000000001&To=918040000102'],
    ['plus-zero', 'CallFrom=%2B09000000001&CallTo=%2B08040000102', 'From=%2B09000000001&To=%2B08040000102'],
    ['differing-called', 'CallFrom=%2B919000000001&CallTo=8040000777', 'From=%2B919000000001&To=08040000102'],
  ])('%s is written as seen on the wire', async (spelling, callEnds, ends) => {
    await place({ spelling });
    const rawQuery = app.askedOf('connect')[0]?.rawQuery ?? '';
    expect(rawQuery).toContain(`&${callEnds}&`);
    expect(rawQuery).toContain(`&${ends}&`);
    expect(rawQuery.includes('HangupLatencyStartTime=&HangupLatencyStartTimeExocc=')).toBe(
      spelling === 'differing-called',
    );
  });

  it.each([
    ['anonymous', 'anonymous'],
    ['', ''],
  ])('a withheld caller is sent as "%s"', async (from, written) => {
    const transcript = await place({ from });
    expect(transcript.from).toBe(from);
    expect(app.askedOf('connect')[0]?.query).toMatchObject({ CallFrom: written, From: written });
  });

  it('a caller from abroad has a 00 before the country code', async () => {
    await place({ from: '+442079460000' });
    expect(app.askedOf('connect')[0]?.query.From).toBe('00442079460000');
  });
});

describe('replies that the provider rejects', () => {
  const reply = (more: object) => () => ({ destination: { numbers: [AGENT] }, ...more });
  it.each([
    ['another status than 200', plainly(204, 'application/json', ''), /status is 204/],
    ['a redirect', plainly(302, 'application/json', '{}'), /status is 302/],
    ['another content type', plainly(200, 'text/html', '{"destination":{"numbers":[]}}'), /content type/],
    ['no JSON', plainly(200, 'application/json', '{'), /not JSON/],
    ['a list', plainly(200, 'application/json', '[]'), /must be an object/],
    ['no destination', () => ({ record: false }), /destination is missing/],
    ['no list of numbers', () => ({ destination: {} }), /numbers must be a list/],
    ['a number that is not E.164', () => ({ destination: { numbers: ['09000000002'] } }), /not E\.164/],
    ['an unknown field', reply({ caller_id: SHOWN }), /unknown field "caller_id"/],
    ['an unknown field further in', () => ({ destination: { numbers: [AGENT], trunk: 't' } }), /unknown field "trunk"/],
    ['a shown number of somebody else', reply({ outgoing_phone_number: '+918040009999' }), /not owned/],
    ['a shown number that is none', reply({ outgoing_phone_number: 'mask' }), /not a phone number/],
    ['ringing for longer than a minute', reply({ max_ringing_duration: 61 }), /max_ringing_duration/],
    ['ringing for no time', reply({ max_ringing_duration: 0 }), /max_ringing_duration/],
    ['talk for longer than 75 minutes', reply({ max_conversation_duration: 4501 }), /max_conversation_duration/],
    ['talk for half a second', reply({ max_conversation_duration: 0.5 }), /max_conversation_duration/],
    ['a flag that is a word', reply({ record: 'yes' }), /record must be true or false/],
    ['three channels', reply({ recording_channels: 'triple' }), /recording_channels/],
    ['music of an unknown type', reply({ music_on_hold: { type: 'jazz' } }), /type is "jazz"/],
    ['a custom tone from nowhere', reply({ music_on_hold: { type: 'custom_tone' } }), /custom tone/],
    [
      'a playback to the caller',
      reply({ start_call_playback: { playback_to: 'caller', type: 'text', value: 'x' } }),
      /playback_to is "caller"/,
    ],
    ['half a playback', reply({ start_call_playback: { playback_to: 'both' } }), /must have/],
    [
      'parallel ringing of nobody',
      reply({ parallel_ringing: { activate: true, max_parallel_attempts: 0 } }),
      /parallel/,
    ],
    ['events to nowhere', reply({ dial_passthru_event_url: 'here' }), /not a URL/],
  ])('%s', async (_what, connect, problem) => {
    app.connect = connect;
    const transcript = await place();
    expect(askedSteps(transcript)[0]?.problem).toMatch(problem);
    expect(transcript).toMatchObject({ exit: 'not-dialled', rang: null });
  });

  it('a reply with everything the contract names is taken', async () => {
    app.connect = connectsTo(AGENT, {
      fetch_after_attempt: false,
      outgoing_phone_number: SHOWN,
      record: true,
      recording_channels: 'dual',
      max_ringing_duration: 60,
      max_conversation_duration: 4500,
      music_on_hold: { type: 'custom_tone', value: 'https://example.test/tone.wav' },
      start_call_playback: { playback_to: 'callee', type: 'audio_url', value: 'https://example.test/hello.wav' },
      parallel_ringing: { activate: true, max_parallel_attempts: 3 },
      dial_passthru_event_url: 'https://example.test/events',
    });
    expect((await place()).connected).toBe(true);
  });

  it(`an answer after ${ANSWER_LIMIT_MS / 1000} seconds is none`, async () => {
    app.connect = async () => {
      await sleep(ANSWER_LIMIT_MS + 500);
      return { destination: { numbers: [AGENT] } };
    };
    const transcript = await place();
    expect(askedSteps(transcript)[0]).toMatchObject({ status: null, problem: 'no answer within 5 s' });
    expect(transcript.exit).toBe('not-dialled');
  });
});

describe('the fallback', () => {
  let fallback: PretendApp;
  beforeAll(async () => {
    fallback = await startPretendApp();
    await exchange.operator('PUT', `/exchange/flows/${FLOW_ID}`, { hooks: app.hooks, fallbackHooks: fallback.hooks });
  });
  afterAll(async () => {
    await exchange.operator('PUT', `/exchange/flows/${FLOW_ID}`, { hooks: app.hooks });
    await fallback.close();
  });

  it('is asked the same question when the primary fails', async () => {
    app.connect = plainly(500, 'application/json', '{}');
    fallback.connect = connectsTo(AGENT);
    const transcript = await place();
    expect(transcript.connected).toBe(true);
    expect(fallback.askedOf('connect')[0]?.rawQuery).toBe(app.askedOf('connect')[0]?.rawQuery);
    expect(askedSteps(transcript).map((step) => step.fallback ?? false)).toEqual([false, true, false]);
    expect(JSON.stringify(transcript)).not.toContain(SECRET);
  });

  it('is left alone when the primary refuses properly', async () => {
    fallback.reset();
    app.connect = refuses;
    await place();
    expect(fallback.asked).toEqual([]);
  });
});

describe('deliveries that go astray', () => {
  it('come twice, both answers in sight', async () => {
    app.connect = connectsTo(AGENT);
    const transcript = await place({ deliverTwice: true });
    expect(askedSteps(transcript).map(({ asked, status }) => [asked, status])).toEqual([
      ['GET /hooks/exotel/…/connect', 200],
      ['GET /hooks/exotel/…/connect', 200],
      ['GET /hooks/exotel/…/passthru/answered', 200],
      ['GET /hooks/exotel/…/passthru/answered', 200],
    ]);
    const [first, second] = app.askedOf('connect');
    expect(first?.rawQuery).toBe(second?.rawQuery);
  });

  it('come in the wrong order', async () => {
    app.connect = connectsTo(AGENT);
    const transcript = await place({ passthruFirst: true });
    expect(askedSteps(transcript).map(({ asked }) => asked.split('/').at(-1))).toEqual(['answered', 'connect']);
    expect(transcript.connected).toBe(true);
  });

  it('come in the wrong order and turn out to be wrong', async () => {
    const transcript = await place({ passthruFirst: true });
    expect(askedSteps(transcript).map(({ asked }) => asked.split('/').at(-1))).toEqual([
      'answered',
      'connect',
      'not-dialled',
      'reason',
      'greeting',
      'greeting',
    ]);
  });

  it('never come', async () => {
    app.connect = connectsTo(AGENT);
    const transcript = await place({ skipPassthru: true });
    expect(app.asked).toHaveLength(1);
    expect(transcript.steps.at(-1)).toEqual({ reported: 'nothing', talkSeconds: 61 });
  });

  it('come late', async () => {
    app.connect = connectsTo(AGENT);
    const started = Date.now();
    await place({ delayMs: 200 });
    expect(Date.now() - started).toBeGreaterThanOrEqual(195);
  });

  it('repeat a call under its old id', async () => {
    await place({ callSid: 'again' });
    await place({ callSid: 'again' });
    expect(app.askedOf('connect').map(({ query }) => query.CallSid)).toEqual(['again', 'again']);
  });
});

describe('the operator', () => {
  it('is told when a number belongs to nobody here, or leads nowhere', async () => {
    const answer = (to: string) => exchange.operator('POST', '/exchange/calls', { from: CUSTOMER, to });
    expect(await answer('+918040009999')).toMatchObject({
      status: 422,
      body: { error: '+918040009999 is not a number of account acme1; no app is asked.' },
    });
    expect(await answer('+918040000103')).toMatchObject({
      status: 422,
      body: { error: '+918040000103 has no voice_url; no app is asked.' },
    });
    await exchange.exophones('PUT', 'IncomingPhoneNumbers/08040000103', {
      VoiceUrl: 'http://my.exotel.com/a/exoml/start_voice/1',
    });
    expect((await answer('+918040000103')).body.error).toMatch(/names no flow of ours/);
    expect(app.asked).toEqual([]);
  });

  it.each([
    [{ from: 'Asha', to: DIALLED }, /"from" must be a number in E\.164/],
    [{ from: CUSTOMER }, /"to" must be/],
    [{ from: CUSTOMER, to: DIALLED, callee: 'sleeps' }, /"callee" must be one of/],
    [{ from: CUSTOMER, to: DIALLED, spelling: 'roman' }, /"spelling" must be one of/],
    [{ from: CUSTOMER, to: DIALLED, keys: ['45123', 'abc'] }, /"keys"/],
    [{ from: CUSTOMER, to: DIALLED, delayMs: -1 }, /"delayMs"/],
    [{ from: CUSTOMER, to: DIALLED, talkSeconds: '61' }, /"talkSeconds"/],
    [{ from: CUSTOMER, to: DIALLED, deliverTwice: 'yes' }, /"deliverTwice" must be true or false/],
    [{ from: CUSTOMER, to: DIALLED, callSid: '' }, /"callSid"/],
    [{ from: CUSTOMER, to: DIALLED, colour: 'red' }, /unknown field "colour"/],
    [{ from: CUSTOMER, to: DIALLED, skipPassthru: true, passthruFirst: true }, /exclude each other/],
    [[], /must be a JSON object/],
  ])('hears what is wrong with %j', async (call, problem) => {
    const answer = await exchange.operator('POST', '/exchange/calls', call);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatch(problem);
  });

  it('hears what is wrong with a body that is no JSON', async () => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${exchange.url}/exchange/calls`, { method: 'POST', headers, body: '{' });
    expect(answer.status).toBe(400);
  });

  it('reads a transcript again', async () => {
    const transcript = await place();
    expect((await exchange.operator('GET', `/exchange/calls/${transcript.callSid}`)).body).toEqual(transcript);
    expect((await exchange.operator('GET', '/exchange/calls/unknown')).status).toBe(404);
  });

  it('recognises an exchange', async () => {
    expect((await exchange.operator('GET', '/exchange')).body).toEqual({
      name: 'exchange',
      provider: 'exotel',
      account: 'acme1',
      numbersOwned: 3,
      callsPlaced: expect.any(Number),
    });
  });

  it('points a flow elsewhere without showing the secret', async () => {
    const answer = await exchange.operator('PUT', `/exchange/flows/${FLOW_ID}`, { hooks: app.hooks });
    expect(answer.body.hooks).toBe(app.hooks.replace(SECRET, '…'));
    expect((await exchange.operator('PUT', `/exchange/flows/${FLOW_ID}`, { hooks: 'ftp://x' })).status).toBe(400);
  });

  it('sees an app that is not there', async () => {
    await exchange.operator('PUT', `/exchange/flows/${FLOW_ID}`, { hooks: 'http://127.0.0.1:9/hooks/exotel/gone' });
    const transcript = await place();
    await exchange.operator('PUT', `/exchange/flows/${FLOW_ID}`, { hooks: app.hooks });
    expect(askedSteps(transcript)[0]).toMatchObject({
      asked: 'GET /hooks/exotel/…/connect',
      status: null,
      problem: 'no answer: ECONNREFUSED',
    });
    expect(transcript.heard).toEqual([STATIC_GREETING]);
  });
});
