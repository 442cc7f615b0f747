import { vi } from 'vitest';

import { anExchange, send, type AtTheExchange, type Body } from './at-the-exchange.js';
import { connectsTo, plainly, SECRET, startPretendApp, type PretendApp } from './pretend-app.js';
import { startPretendTwiml, type PretendTwiml } from './pretend-twiml.js';

const [CUSTOMER, AGENT, NUMBER, SHOWN] = ['+919000000001', '+919000000002', '+918040000101', '+918040000102'];
const TWILIO = { sid: `AC${'0'.repeat(32)}`, authToken: 'token' };

let app: PretendApp;
let exchange: AtTheExchange;
beforeEach(async () => {
  app = await startPretendApp();
  exchange = await anExchange(app.hooks, { owned: [NUMBER, SHOWN], twilio: TWILIO });
  await exchange.pointAtTheFlow(NUMBER, SHOWN);
});
afterEach(async () => {
  await exchange.close();
  await app.close();
});

const dial = async (call: object = {}): Promise<Body> => {
  const { status, body } = await exchange.operator('POST', '/exchange/calls', {
    from: CUSTOMER,
    to: NUMBER,
    callee: 'person',
    ...call,
  });
  expect(status).toBe(202);
  return body;
};

const phones = async (): Promise<Body> => (await exchange.operator('GET', '/exchange/phones')).body;
const callOf = async (callSid: string): Promise<Body> =>
  (await phones()).calls.find((call: Body) => call.callSid === callSid);

const PATIENTLY = { timeout: 60_000, interval: 20 };

/** Waits until the call is in this state. */
const state = async (callSid: string, wanted: string): Promise<Body> =>
  vi.waitFor(async () => {
    const call = await callOf(callSid);
    expect(call.state).toBe(wanted);
    return call;
  }, PATIENTLY);
const act = async (callSid: string, what: string) => exchange.operator('POST', `/exchange/calls/${callSid}/${what}`);

const reports = () => app.asked.filter(({ path }) => path.includes('/passthru/'));

describe('a call in the hands of people, at Exotel', () => {
  it('rings until it is answered, lasts until somebody hangs up, and is reported then', async () => {
    app.connect = connectsTo(AGENT, { outgoing_phone_number: SHOWN });
    const placed = await dial();
    expect(placed).toMatchObject({ provider: 'exotel', from: CUSTOMER, to: NUMBER, state: 'routing' });
    const { callSid } = placed;
    expect(await state(callSid, 'ringing')).toMatchObject({ rang: AGENT, showed: SHOWN, outcome: null });
    expect((await exchange.voice('GET', `Calls/${callSid}.json`)).body.Call).toMatchObject({ Status: 'in-progress' });
    expect(reports()).toEqual([]);

    expect((await act(callSid, 'answer')).status).toBe(200);
    await state(callSid, 'talking');
    expect(reports()).toEqual([]);
    expect((await act(callSid, 'hang-up')).status).toBe(200);

    const ended = await state(callSid, 'ended');
    expect(ended).toMatchObject({ outcome: 'completed', talkSeconds: expect.any(Number), heard: [] });
    const [report, ...more] = reports();
    expect(more).toEqual([]);
    expect(report!.path).toBe(`/hooks/exotel/${SECRET}/passthru/answered`);
    expect(report!.query).toMatchObject({
      DialCallStatus: 'completed',
      'Legs[0][OnCallDuration]': String(ended.talkSeconds),
      DialWhomNumber: '09000000002',
    });
    const rang = (Date.parse(ended.talksSince) - Date.parse(ended.ringsSince)) / 1_000;
    const lasted = Number(report!.query['DialCallDuration']) - rang - ended.talkSeconds;
    expect(Math.abs(lasted)).toBeLessThan(2); // as it was, not as in a script
    expect(ended.steps.map((step: Body) => Object.keys(step)[0])).toEqual([
      'asked',
      'rang',
      'showed',
      'asked',
      'reported',
    ]);
    expect((await exchange.operator('GET', `/exchange/calls/${callSid}`)).body).toMatchObject({ connected: true });
  });

  it.each([
    ['decline', 'busy', 'busy', 'incomplete'],
    ['hang-up', 'canceled', 'canceled', 'client-hangup'],
  ])('that meets with %s is reported as %s', async (what, outcome, status, type) => {
    app.connect = connectsTo(AGENT);
    const { callSid } = await dial();
    await state(callSid, 'ringing');
    await act(callSid, what);
    expect(await state(callSid, 'ended')).toMatchObject({ outcome, talkSeconds: 0 });
    expect(reports().map(({ query }) => [query['DialCallStatus'], query['CallType']])).toEqual([[status, type]]);
  });

  it('rings no longer than the app says', async () => {
    app.connect = connectsTo(AGENT, { max_ringing_duration: 1 });
    const { callSid } = await dial();
    expect(await state(callSid, 'ended')).toMatchObject({ outcome: 'no-answer', rang: AGENT });
    expect(reports().map(({ query }) => query['DialCallStatus'])).toEqual(['no-answer']);
  });

  it('lasts no longer than the app says', async () => {
    app.connect = connectsTo(AGENT, { max_conversation_duration: 1 });
    const { callSid } = await dial();
    await state(callSid, 'ringing');
    await act(callSid, 'answer');
    expect(await state(callSid, 'ended')).toMatchObject({ outcome: 'completed' });
  });

  it('that is refused is heard by the caller, and rings nobody', async () => {
    const { callSid } = await dial();
    expect(await state(callSid, 'ended')).toMatchObject({
      outcome: 'refused',
      rang: null,
      heard: ['This number is not in use.'],
    });
  });

  it('cannot be answered twice, or after its end, and an unknown one not at all', async () => {
    app.connect = connectsTo(AGENT);
    const { callSid } = await dial();
    await state(callSid, 'ringing');
    await act(callSid, 'answer');
    await state(callSid, 'talking');
    expect((await act(callSid, 'answer')).status).toBe(409);
    expect((await act(callSid, 'decline')).status).toBe(409);
    await act(callSid, 'hang-up');
    await state(callSid, 'ended');
    expect((await act(callSid, 'hang-up')).status).toBe(409);
    expect((await act('none', 'answer')).status).toBe(404);
    expect(
      (await exchange.operator('POST', '/exchange/calls', { from: CUSTOMER, to: NUMBER, callee: 'person', callSid }))
        .status,
    ).toBe(409);
  });

  it.each([
    [{ keys: ['1'] }, '"keys" and "callee": "person" exclude each other.'],
    [{ talkSeconds: 5 }, '"talkSeconds" and "callee": "person" exclude each other.'],
    [{ passthruFirst: true }, '"passthruFirst" and "callee": "person" exclude each other.'],
    [{ callee: 'somebody' }, '"callee" must be one of answer, busy, no-answer, hangup, person.'],
  ])('takes no wish that foresees what people do: %o', async (wish, error) => {
    const call = { from: CUSTOMER, to: NUMBER, callee: 'person', ...wish };
    const { status, body } = await exchange.operator('POST', '/exchange/calls', call);
    expect([status, body]).toEqual([400, { error }]);
  });

  it('is not placed to a number that is none of the account', async () => {
    const { status } = await exchange.operator('POST', '/exchange/calls', {
      from: CUSTOMER,
      to: AGENT,
      callee: 'person',
    });
    expect([status, (await phones()).calls]).toEqual([422, []]);
  });

  describe('that asks for a PIN', () => {
    const PIN = '0482135519';
    const asks = (more: object = {}) => {
      app.reason = plainly(200, 'text/plain', '{"select":"pin"}');
      app.gather = () => ({
        gather_prompt: { text: 'Your PIN, please.' },
        repeat_gather_prompt: { text: 'Again, please.' },
        max_input_digits: 10,
        finish_on_key: '#',
        input_timeout: 60,
        ...more,
      });
      app.connectPin = connectsTo(AGENT);
    };
    const key = async (callSid: string, keys: string) =>
      exchange.operator('POST', `/exchange/calls/${callSid}/keys`, { keys });

    it('takes the keys one by one until the key that ends the input, and rings then', async () => {
      asks();
      const { callSid } = await dial();
      expect(await state(callSid, 'keying')).toMatchObject({ keyed: '', heard: ['Your PIN, please.'], rang: null });
      for (const one of '04821') expect((await key(callSid, one)).status).toBe(200);
      expect(await callOf(callSid)).toMatchObject({ state: 'keying', keyed: '04821' });
      await key(callSid, '#');
      await state(callSid, 'ringing');
      expect(app.askedOf('connect-pin').map(({ query }) => query['digits'])).toEqual(['"04821"']);
      await act(callSid, 'decline');
      expect((await state(callSid, 'ended')).steps).toContainEqual({ keyed: '04821#' });
    });

    it('takes no more keys than it was told to; those that are pressed later do nothing until the end', async () => {
      asks();
      const { callSid } = await dial();
      await state(callSid, 'keying');
      await key(callSid, PIN);
      await state(callSid, 'ringing');
      expect((await key(callSid, '#')).body).toMatchObject({ state: 'ringing', keyed: PIN });
      await act(callSid, 'hang-up');
      await state(callSid, 'ended');
      expect((await key(callSid, '#')).status).toBe(409);
      expect((await key(callSid, 'A')).status).toBe(400);
      expect(app.askedOf('connect-pin').map(({ query }) => query['digits'])).toEqual([`"${PIN}"`]);
    });

    it('asks again whoever keys nothing, and says why it ends', async () => {
      asks({ input_timeout: 1, repeat_menu: 1 });
      const { callSid } = await dial();
      expect(await state(callSid, 'ended')).toMatchObject({
        outcome: 'refused',
        heard: ['Your PIN, please.', 'Again, please.', 'This number is not in use.'],
      });
    });

    it('says nothing to whoever hangs up instead', async () => {
      asks();
      const { callSid } = await dial();
      await state(callSid, 'keying');
      await key(callSid, '04');
      await act(callSid, 'hang-up');
      expect(await state(callSid, 'ended')).toMatchObject({ outcome: 'canceled', heard: ['Your PIN, please.'] });
      expect([app.askedOf('connect-pin'), app.askedOf('greeting')]).toEqual([[], []]);
    });
  });

  describe('that the app orders', () => {
    const hold = async (...held: string[]) => exchange.operator('PUT', '/exchange/phones', { held });
    const order = async (more: Record<string, string> = {}): Promise<string> => {
      const { status, body } = await exchange.voice('POST', 'Calls/connect.json', {
        From: AGENT,
        To: CUSTOMER,
        CallerId: NUMBER,
        StatusCallback: `${app.hooks}/call-status`,
        'StatusCallbackEvents[0]': 'terminal',
        'StatusCallbackEvents[1]': 'answered',
        StatusCallbackContentType: 'application/json',
        ...more,
      });
      expect(status).toBe(200);
      return body.Call.Sid;
    };
    const told = () => app.statusReports.map(({ body }) => JSON.parse(body) as Body);

    it('rings the phones that people hold, one after the other', async () => {
      expect((await hold(AGENT, CUSTOMER)).status).toBe(200);
      const callSid = await order();
      expect(await state(callSid, 'ringing')).toMatchObject({
        isOrdered: true,
        from: AGENT,
        rang: AGENT,
        showed: NUMBER,
      });
      await act(callSid, 'answer');
      await vi.waitFor(async () => expect(await callOf(callSid)).toMatchObject({ rang: CUSTOMER, state: 'ringing' }));
      expect(told()).toEqual([]);
      await act(callSid, 'answer');
      await state(callSid, 'talking');
      await act(callSid, 'hang-up');
      const { talkSeconds, steps } = await state(callSid, 'ended');
      expect(steps.slice(0, 3)).toEqual([{ ordered: AGENT }, { rang: AGENT }, { showed: NUMBER }]);
      expect(told()).toMatchObject([
        { EventType: 'answered' },
        { EventType: 'terminal', Status: 'completed', ConversationDuration: talkSeconds },
      ]);
    });

    it.each([
      ['decline', 'busy', 'busy'],
      ['hang-up', 'canceled', 'canceled'],
    ])('is over when the first one meets with %s', async (what, outcome, status) => {
      await hold(AGENT);
      const callSid = await order();
      await state(callSid, 'ringing');
      await act(callSid, what);
      expect(await state(callSid, 'ended')).toMatchObject({ outcome, rang: AGENT });
      expect(told()).toMatchObject([{ EventType: 'terminal', Status: status }]);
    });

    it('rings no longer than the app says', async () => {
      await hold(AGENT);
      expect(await state(await order({ TimeOut: '1' }), 'ended')).toMatchObject({ outcome: 'no-answer' });
    });

    it('follows habits where nobody holds the phone that rings first', async () => {
      await hold(CUSTOMER);
      const callSid = await order();
      await vi.waitFor(() => expect(told().at(-1)).toMatchObject({ EventType: 'terminal' }), PATIENTLY);
      expect([(await phones()).calls, (await act(callSid, 'answer')).status]).toEqual([[], 404]);
      expect((await exchange.operator('PUT', '/exchange/phones', { held: ['90'] })).status).toBe(400);
    });
  });

  it('ends when the exchange closes', async () => {
    app.connect = connectsTo(AGENT);
    const { callSid } = await dial();
    await state(callSid, 'ringing');
    await exchange.close(); // or the test would run into its time limit
  });
});

describe('a call in the hands of people, at Twilio', () => {
  let twiml: PretendTwiml;
  let number: string;
  const rest = (path: string, form?: Record<string, string>) =>
    send(`${exchange.url}/2010-04-01/Accounts/${TWILIO.sid}/${path}`, {
      headers: { authorization: `Basic ${Buffer.from(`${TWILIO.sid}:${TWILIO.authToken}`).toString('base64')}` },
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    });
  beforeEach(async () => {
    twiml = await startPretendTwiml();
    const found = await rest('AvailablePhoneNumbers/US/Local.json');
    number = found.body.available_phone_numbers[0].phone_number;
    const bought = await rest('IncomingPhoneNumbers.json', { PhoneNumber: number, VoiceUrl: `${twiml.url}voice` });
    expect(bought.status).toBe(201);
  });
  afterEach(async () => twiml.close());

  const asked = ({ steps }: Body) =>
    steps
      .filter((step: Body) => 'asked' in step)
      .map(({ asked: path, body }: Body) => [path, body.CallStatus, body.DialCallStatus]);
  const dials = (more = '') => ({
    '/voice': `<Response><Dial action="/done" callerId="${number}" answerOnBridge="true" ${more}><Number statusCallback="/leg" statusCallbackEvent="initiated ringing answered completed">+12025550102</Number></Dial></Response>`,
  });

  it('reports each state of the leg when it happens', async () => {
    twiml.answers = dials();
    const { callSid } = await dial({ from: '+12025550101', to: number });
    await state(callSid, 'ringing');
    await vi.waitFor(
      async () =>
        expect(asked(await callOf(callSid))).toEqual([
          ['POST /voice', 'ringing', undefined],
          ['POST /leg', 'initiated', undefined],
          ['POST /leg', 'ringing', undefined],
        ]),
      PATIENTLY,
    );
    await act(callSid, 'answer');
    const talking = await state(callSid, 'talking');
    expect(asked(talking).at(-1)).toEqual(['POST /leg', 'in-progress', undefined]);
    await act(callSid, 'hang-up');
    const ended = await state(callSid, 'ended');
    expect(ended).toMatchObject({ provider: 'twilio', outcome: 'completed', rang: '+12025550102', showed: number });
    expect(asked(ended).slice(4)).toEqual([
      ['POST /leg', 'completed', undefined],
      ['POST /done', 'in-progress', 'completed'],
    ]);
    const numbers = ended.steps.flatMap(({ body }: Body) => body?.SequenceNumber ?? []);
    expect(numbers).toEqual(['0', '1', '2', '3']);
  });

  it.each([
    ['decline', 'busy', 'busy'],
    ['hang-up', 'canceled', 'canceled'],
  ])('that meets with %s ends as %s', async (what, outcome, status) => {
    twiml.answers = dials();
    const { callSid } = await dial({ from: '+12025550101', to: number });
    await state(callSid, 'ringing');
    await act(callSid, what);
    const ended = await state(callSid, 'ended');
    expect(ended.outcome).toBe(outcome);
    expect(asked(ended).slice(-2)).toEqual([
      ['POST /leg', status, undefined],
      ['POST /done', 'ringing', status],
    ]);
  });

  it('rings no longer than the app says', async () => {
    twiml.answers = dials('timeout="5"');
    const { callSid } = await dial({ from: '+12025550101', to: number });
    expect(await state(callSid, 'ended')).toMatchObject({ outcome: 'no-answer' });
  });

  it('takes the keys of whoever is asked for them', async () => {
    twiml.answers = {
      '/voice': '<Response><Gather numDigits="4" timeout="60" action="/pin"><Say>Your PIN.</Say></Gather></Response>',
      '/pin': '<Response><Say>Wrong.</Say><Hangup/></Response>',
    };
    const { callSid } = await dial({ from: '+12025550199', to: number });
    expect(await state(callSid, 'keying')).toMatchObject({ keyed: '', heard: ['Your PIN.'] });
    for (const one of '0482') await exchange.operator('POST', `/exchange/calls/${callSid}/keys`, { keys: one });
    const ended = await state(callSid, 'ended');
    expect(ended).toMatchObject({ outcome: 'refused', keyed: '0482', heard: ['Your PIN.', 'Wrong.'] });
    expect(ended.steps.flatMap(({ body }: Body) => body?.Digits ?? [])).toEqual(['0482']);
    const left = await dial({ from: '+12025550199', to: number });
    await state(left.callSid, 'keying');
    await act(left.callSid, 'hang-up');
    expect(await state(left.callSid, 'ended')).toMatchObject({ outcome: 'canceled', heard: ['Your PIN.'] });
  });

  describe('that the app orders', () => {
    const [first, second] = ['+12025550102', '+12025550101'];
    const order = async (): Promise<string> => {
      await exchange.operator('PUT', '/exchange/phones', { held: [first, second] });
      const { status, body } = await rest('Calls.json', {
        To: first,
        From: number,
        Twiml: `<Response><Dial action="${twiml.url}done" callerId="${number}"><Number statusCallback="${twiml.url}leg" statusCallbackEvent="initiated ringing answered completed">${second}</Number></Dial></Response>`,
        StatusCallback: `${twiml.url}call`,
      });
      expect(status).toBe(201);
      return body.sid;
    };

    it('rings the phones that people hold, one after the other', async () => {
      twiml.answers = { '/done': '<Response><Hangup/></Response>' };
      const callSid = await order();
      expect(await state(callSid, 'ringing')).toMatchObject({
        isOrdered: true,
        from: first,
        rang: first,
        showed: number,
      });
      await act(callSid, 'answer');
      await vi.waitFor(
        async () => expect(await callOf(callSid)).toMatchObject({ rang: second, state: 'ringing' }),
        PATIENTLY,
      );
      await act(callSid, 'answer');
      await state(callSid, 'talking');
      await act(callSid, 'hang-up');
      const ended = await state(callSid, 'ended');
      expect(ended.outcome).toBe('completed');
      expect(asked(ended).map(([path, status]: string[]) => `${path} ${status}`)).toEqual([
        'POST /leg initiated',
        'POST /leg ringing',
        'POST /leg in-progress',
        'POST /leg completed',
        'POST /done in-progress',
        'POST /call completed',
      ]);
    });

    it('is over when the first one declines', async () => {
      const callSid = await order();
      await state(callSid, 'ringing');
      await act(callSid, 'decline');
      const ended = await state(callSid, 'ended');
      expect([ended.outcome, asked(ended)]).toEqual(['busy', [['POST /call', 'busy', undefined]]]);
    });
  });

  it('that is refused is heard by the caller', async () => {
    twiml.answers = { '/voice': '<Response><Say>This order has ended.</Say><Hangup/></Response>' };
    const { callSid } = await dial({ from: '+12025550101', to: number });
    expect(await state(callSid, 'ended')).toMatchObject({ outcome: 'refused', heard: ['This order has ended.'] });
  });
});

describe('what phones show', () => {
  it('is answered at the next change, to whoever knows the present', async () => {
    const { version } = await phones();
    const waiting = exchange.operator('GET', `/exchange/phones?after=${version}`);
    const { callSid } = await dial();
    const { body } = await waiting;
    expect(body.version).toBeGreaterThan(version);
    expect(body.calls).toMatchObject([{ callSid }]);
    expect((await exchange.operator('GET', `/exchange/phones?after=${version}`)).body.calls).toHaveLength(1);
    expect((await exchange.operator('GET', '/exchange/phones?after=later')).status).toBe(400);
  });

  it('has texts, and is cleared of everything that is over', async () => {
    app.connect = connectsTo(AGENT);
    const ended = await dial();
    await state(ended.callSid, 'ringing');
    await act(ended.callSid, 'decline');
    await state(ended.callSid, 'ended');
    const going = await dial();
    await state(going.callSid, 'ringing');
    const { body } = await exchange.operator('DELETE', '/exchange/phones');
    expect(body.calls).toMatchObject([{ callSid: going.callSid, state: 'ringing' }]);
    expect(body.texts).toEqual({ sent: [], arrived: [] });
  });
});
