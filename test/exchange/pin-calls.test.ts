import { STATIC_GREETING } from '../../exchange/exotel/flow.js';
import { anExchange, askedSteps, type AtTheExchange } from './at-the-exchange.js';
import { connectsTo, plainly, refuses, startPretendApp, type PretendApp } from './pretend-app.js';

const [CALLER, CALLEE] = ['+919000000001', '+919000000002'];
const [DIALLED, SHOWN] = ['+918040000102', '+918040000101'];
const NOBODY = 'This number is not in use.';
const PROMPT = 'Your PIN, please.';

let app: PretendApp;
let exchange: AtTheExchange;
beforeAll(async () => {
  app = await startPretendApp();
  exchange = await anExchange(app.hooks, { owned: [DIALLED, SHOWN] });
  await exchange.pointAtTheFlow(DIALLED, SHOWN);
});
afterAll(async () => {
  await exchange.close();
  await app.close();
});
beforeEach(() => {
  app.reset();
  app.reason = plainly(200, 'text/plain', '{"select":"pin"}');
});

const place = (keys?: string[], more: object = {}) =>
  exchange.place({ from: CALLER, to: DIALLED, ...(keys && { keys }), ...more });
const asked = async (call: ReturnType<typeof place>) =>
  askedSteps(await call).map((step) => step.asked.replace(' /hooks/exotel/…/', ' '));
const FIRST = ['GET connect', 'GET passthru/not-dialled', 'GET reason', 'GET gather'];
const GREETING = ['HEAD greeting', 'GET greeting'];

describe('behind the case pin', () => {
  it('the flow asks for digits, brings them in double quotes, and rings whom the second Connect names', async () => {
    app.connectPin = connectsTo(CALLEE, { outgoing_phone_number: SHOWN });
    const transcript = await place(['45123#']);
    expect(await asked(Promise.resolve(transcript))).toEqual([...FIRST, 'GET connect-pin', 'GET passthru/answered']);
    expect(transcript).toMatchObject({
      connected: true,
      rang: CALLEE,
      showed: SHOWN,
      heard: [PROMPT],
      exit: 'answered',
    });
    expect(transcript.steps).toContainEqual({ keyed: '45123#' });
    expect(app.askedOf('gather')[0]?.query).not.toHaveProperty('digits');
    const [pin] = app.askedOf('connect-pin');
    expect(pin?.rawQuery).toMatch(/&digits=%2245123%23%22$/);
    expect(pin?.query.CallSid).toBe(app.askedOf('connect')[0]?.query.CallSid);
    expect(pin?.headers['exotel-version']).toBe('1.0');
  });

  it('a caller who is refused is asked once more, and then hears the greeting', async () => {
    const transcript = await place(['11111', '22222', '33333']);
    expect(await asked(Promise.resolve(transcript))).toEqual([
      ...[...FIRST, 'GET connect-pin', 'GET reason', 'GET gather', 'GET connect-pin-again'],
      ...GREETING,
    ]);
    expect(app.askedOf('connect-pin').map(({ query }) => query.digits)).toEqual(['"11111"']);
    expect(app.askedOf('connect-pin-again').map(({ query }) => query.digits)).toEqual(['"22222"']);
    expect(app.askedOf('gather').map(({ query }) => query.digits)).toEqual([undefined, '"11111"']);
    expect(transcript).toMatchObject({ exit: 'not-dialled', heard: [PROMPT, PROMPT, NOBODY] });
  });

  it('a caller who keys nothing hears the prompt again and the greeting, and no Connect is asked', async () => {
    app.gather = () => ({
      gather_prompt: { text: PROMPT },
      repeat_gather_prompt: { text: 'Again, please.' },
      repeat_menu: 2,
      finish_on_key: '#',
      input_timeout: 5,
      max_input_digits: 5,
    });
    for (const keys of [undefined, [], ['', '45123'], ['#45123']]) {
      app.asked = [];
      const transcript = await place(keys);
      expect(transcript.heard).toEqual([PROMPT, 'Again, please.', 'Again, please.', NOBODY]);
      expect(await asked(Promise.resolve(transcript))).toEqual([...FIRST, ...GREETING]);
    }
  });

  it('no more digits are taken than were asked for', async () => {
    app.gather = () => ({ gather_prompt: { audio_url: 'https://example.test/pin.wav' }, max_input_digits: 4 });
    await place(['45123']);
    expect(app.askedOf('connect-pin')[0]?.query.digits).toBe('"4512"');
  });

  it('another case on the second round leads to the greeting', async () => {
    let rounds = 0;
    app.reason = (request, reply) =>
      plainly(200, 'text/plain', (rounds += 1) === 1 ? '{"select":"pin"}' : '{"select":"error"}')(request, reply);
    expect(await asked(place(['1', '2']))).toEqual([...FIRST, 'GET connect-pin', 'GET reason', ...GREETING]);
  });

  it('the fallback is asked for digits and for whom to ring where the primary gives no usable answer', async () => {
    const fallback = await startPretendApp();
    try {
      fallback.connectPin = connectsTo(CALLEE);
      await exchange.operator('PUT', '/exchange/flows/700001', { hooks: app.hooks, fallbackHooks: fallback.hooks });
      app.gather = plainly(500, 'application/json', '{}');
      app.connectPin = plainly(500, 'application/json', '{}');
      expect(await place(['45123'])).toMatchObject({ connected: true, rang: CALLEE });
      expect(fallback.asked.map(({ path }) => path.split('/').at(-1))).toEqual(['gather', 'connect-pin']);
    } finally {
      await exchange.operator('PUT', '/exchange/flows/700001', { hooks: app.hooks });
      await fallback.close();
    }
  });
});

describe('a Gather reply that the provider rejects', () => {
  const prompt = { gather_prompt: { text: PROMPT } };
  it.each([
    ['another status', plainly(404, 'application/json', '{}'), /status is 404/],
    ['another content type', plainly(200, 'text/plain', '{}'), /content type/],
    ['no JSON', plainly(200, 'application/json', 'PIN?'), /not JSON/],
    ['no prompt', () => ({ max_input_digits: 4 }), /gather_prompt is missing/],
    ['a bare text', () => ({ gather_prompt: 'PIN?' }), /gather_prompt must be an object/],
    ['an empty prompt', () => ({ gather_prompt: {} }), /either a text or an audio_url/],
    ['a silent prompt', () => ({ gather_prompt: { text: ' ' } }), /either a text or an audio_url/],
    ['two prompts', () => ({ gather_prompt: { text: 'a', audio_url: 'https://example.test/a.wav' } }), /either/],
    ['audio from nowhere', () => ({ gather_prompt: { audio_url: 'a.wav' } }), /audio_url is not a URL/],
    ['half a repeat prompt', () => ({ ...prompt, repeat_gather_prompt: {} }), /repeat_gather_prompt must have/],
    ['digits as a text', () => ({ ...prompt, max_input_digits: '5' }), /max_input_digits/],
    ['no digits', () => ({ ...prompt, max_input_digits: 0 }), /max_input_digits/],
    ['another key', () => ({ ...prompt, finish_on_key: '1' }), /finish_on_key/],
    ['a timeout of no time', () => ({ ...prompt, input_timeout: 0 }), /input_timeout/],
    ['repeats without end', () => ({ ...prompt, repeat_menu: 99 }), /repeat_menu/],
    ['an unknown field', () => ({ ...prompt, language: 'hi' }), /unknown field "language"/],
  ])('%s', async (_what, gather, problem) => {
    app.gather = gather;
    const transcript = await place(['45123']);
    expect(askedSteps(transcript)[3]?.problem).toMatch(problem);
    expect(transcript.heard).toEqual([NOBODY]);
    expect(app.askedOf('connect-pin')).toEqual([]);
  });
});

it.each([
  ['no answer to the reason', plainly(500, 'text/plain', '')],
  ['a reason with a charset', plainly(200, 'text/plain; charset=utf-8', '{"select":"pin"}')],
])('%s leads to the greeting by the default case', async (_what, reason) => {
  app.reason = reason;
  app.greeting = refuses;
  expect((await place(['45123'])).heard).toEqual([STATIC_GREETING]);
  expect(app.askedOf('gather')).toEqual([]);
});
