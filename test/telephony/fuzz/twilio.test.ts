import fc from 'fast-check';

import { TWILIO } from '../../support/app.js';
import { hostileText } from './hostile-text.js';
import { SmallWorld } from './small-world.js';

/** As exotel.test.ts for Twilio's callbacks: signed forms, TwiML. FUZZ_CASES says how often. */
const { FUZZ_CASES, FUZZ_SEED, FUZZ_PATH } = process.env;
const CASES = Number(FUZZ_CASES ?? 1_000);
const AT_ONCE = 20;

interface TwilioRequest {
  readonly path: string;
  readonly form: Record<string, string | string[]>;
  /** Whether nothing was spoilt on purpose. */
  readonly isWhole: boolean;
}

const PATHS = [
  ...['voice', 'voice', 'voice', 'voice', 'voice/pin/1', 'voice/pin/2', 'voice/whisper', 'voice/dial-result'],
  ...['voice/status', 'messages', 'messages/status'],
];
const NAMES = [
  ...['CallSid', 'AccountSid', 'From', 'To', 'Caller', 'Called', 'CallStatus', 'Direction', 'ApiVersion', 'Digits'],
  ...[
    'ForwardedFrom',
    'StirVerstat',
    'FromCountry',
    'DialCallStatus',
    'DialCallSid',
    'DialCallDuration',
    'ParentCallSid',
  ],
  ...['SequenceNumber', 'CallDuration', 'Timestamp', 'RecordingUrl', 'MessageSid', 'Body', 'NumMedia', 'MediaUrl0', ''],
  ...['toString', 'constructor', 'hasOwnProperty', 'From[]', 'To[0]', 'MessageStatus', 'SmsSid', 'ErrorCode'],
];

let world: SmallWorld;
beforeAll(async () => {
  world = await SmallWorld.begin('twilio');
}, 120_000);
afterAll(() => world?.end());

const tally = new Map<string, number>();
const count = (what: string) => tally.set(what, (tally.get(what) ?? 0) + 1);

it(
  'whatever is signed, nothing breaks, nobody is rung who must not be, and no refusal tells a number',
  async () => {
    const seed = FUZZ_SEED ? Number(FUZZ_SEED) : Date.now() % 0x7fffffff;
    const some = fc.array(requests(), { minLength: AT_ONCE, maxLength: AT_ONCE });
    const began = performance.now();
    await fc.assert(
      fc.asyncProperty(some, async (asked) => {
        await Promise.all(asked.map(async (one) => judge(one, await world.maskline.twilio(one.path, one.form))));
      }),
      { seed, path: FUZZ_PATH, numRuns: Math.ceil(CASES / AT_ONCE) },
    );
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const kinds = [...tally].map(([what, times]) => `${what} ${times}`).join(', ');
    process.stdout.write(`${CASES} forms in ${seconds} s from seed ${seed}: ${kinds}\n`);
    expect(tally.get('connected')).toBeGreaterThan(CASES / 50);
    expect(tally.get('refused')).toBeGreaterThan(CASES / 50);
  },
  120_000 + CASES * 30,
);

it('hears nobody whose signature is of another token, and tells them nothing', async () => {
  await fc.assert(
    fc.asyncProperty(requests(), fc.stringMatching(/^[0-9a-f]{32}$/), async ({ path, form }, token) => {
      const { status, text } = await world.maskline.twilio(path, form, { token });
      expect([status, text]).toEqual([403, '']);
    }),
    { numRuns: 200 },
  );
});

/** Each call has an id of its own: one that is drawn may be drawn again, and is then somebody else's. */
let drawn = 0;

function requests(): fc.Arbitrary<TwilioRequest> {
  const people = [...world.phones, world.stranger];
  const known = fc.constantFrom(
    ...world.phones.flatMap((phone) => world.dialsOf(phone).map((number) => [phone, number])),
  );
  const pair = fc.oneof(known, fc.tuple(fc.constantFrom(...people), fc.constantFrom(...world.numbers)));
  const whole = fc
    .record({ pair, path: fc.constantFrom(...PATHS), digits: fc.constantFrom(...world.pins, '', '0') })
    .map(({ pair: [from, to], path, digits }): TwilioRequest => {
      const id = (drawn += 1).toString(16).padStart(32, '0');
      const ends = { From: from!, Caller: from!, To: to!, Called: to! };
      const call = { CallSid: `CA${id}`, AccountSid: TWILIO.sid, ApiVersion: '2010-04-01', ...ends };
      const text: TwilioRequest['form'] =
        path === 'messages' ? { MessageSid: `SM${id}`, Body: 'At the gate', NumMedia: '0' } : {};
      return {
        path,
        form: { ...call, CallStatus: 'ringing', Direction: 'inbound', Digits: digits, ...text },
        isWhole: true,
      };
    });
  const change = fc.tuple(
    fc.constantFrom(...NAMES),
    fc.oneof(hostileText, fc.constantFrom(...people, ...world.numbers)),
  );
  const off = fc
    .tuple(
      whole,
      fc.array(change, { minLength: 1, maxLength: 4 }),
      fc.array(fc.constantFrom(...NAMES), { maxLength: 2 }),
    )
    .map(([{ path, form }, changes, dropped]): TwilioRequest => {
      const kept = Object.entries(form).filter(([name]) => !dropped.includes(name));
      return { path, form: Object.fromEntries([...kept, ...changes]), isWhole: false };
    });
  return fc.oneof(whole, off);
}

function judge({ path, form, isWhole }: TwilioRequest, { status, text }: { status: number; text: string }): void {
  expect(status).toBeLessThan(500);
  const [, callerId] = /<Dial[^>]* callerId="([^"]*)"/.exec(text) ?? [];
  if (callerId === undefined) {
    world.expectNoPhoneIn(text);
    if (!path.startsWith('voice')) return;
    count('refused');
    if (isWhole && path === 'voice') expect(world.reached(String(form['To']), String(form['From']))).toBeUndefined();
    return;
  }
  count(isWhole ? 'connected' : 'connected although a little off');
  expect(path).toMatch(/^voice(\/pin\/\d)?$/);
  const rings = [...text.matchAll(/<Number[^>]*>([^<]*)<\/Number>/g)].map(([, number]) => number);
  expect(rings).toHaveLength(1);
  const may = mayReach(path, form);
  if (!may.some((one) => one.rings === rings[0] && one.shows === callerId)) {
    throw new Error(`${path} ${JSON.stringify(form)} must not ring ${rings[0]} showing ${callerId}`);
  }
}

/** Everybody whom a phone named in the form may reach by a number named in it, or by a PIN keyed there. */
function mayReach(path: string, form: TwilioRequest['form']) {
  const said = (...names: string[]) => names.flatMap((name) => form[name] ?? []).map((text) => text.replace(/\D/g, ''));
  const names = (texts: string[], number: string) => texts.some((text) => text.endsWith(number.slice(3)));
  const dialled = world.numbers.filter((number) => names(said('To', 'Called'), number));
  const callers = world.phones.filter((phone) => names(said('From', 'Caller'), phone));
  const keyed = path === 'voice' ? [] : world.pins.filter((pin) => said('Digits').includes(pin));
  return dialled.flatMap((number) => [
    ...callers.flatMap((phone) => world.reached(number, phone) ?? []),
    ...keyed.flatMap((pin) => world.reachedByPin(number, pin) ?? []),
  ]);
}
