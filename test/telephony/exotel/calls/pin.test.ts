import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';

import { Greetings } from '../../../../src/telephony/greetings/greetings.js';
import type { E164 } from '../../../../src/phone-number/e164.js';
import { aNumber, aPhone, HOOK_SECRET, TestApp, type Body } from '../../../support/app.js';

const PIN = '0451230001';
const WRONG = '0451240001';
const AUDIO = 'https://example.test/mr/pin.wav';

let maskline: TestApp;
beforeAll(async () => {
  maskline = await TestApp.start({ greetings: new Greetings({ mr: { ask_pin: AUDIO, pin_wrong: 'चुकीचा पिन.' } }) });
});
afterAll(() => maskline.stop());

/** An order whose numbers the exchange sold us, with a PIN for its customer. */
async function anOrderWithPin(policy: object = {}) {
  const pool = await maskline.pool({ lowWater: 2, target: 2, maxNumbers: 2, pin: 'unknown-callers', ...policy });
  await maskline.replenish(pool);
  const [customer, agent] = [aPhone(), aPhone()];
  const order = await maskline.order(`order-${randomBytes(4).toString('hex')}`, customer, agent, { pool });
  const { dials } = order.customer as { dials: E164 };
  await maskline.dataSource.query(
    `UPDATE assignments SET pin = '\\x00', pin_key = $2 WHERE virtual_number = $1 AND dialler_role = 'customer'`,
    [dials, maskline.vault.keyOfPin(dials, PIN)],
  );
  return { reference: order.reference as string, customer, agent, dials, shows: order.agent.dials as string };
}

const keyOf = (phone: string) => maskline.vault.keyOf(phone as E164).toString('base64url');

/** Wrong PINs that count for the pool of a number. */
async function wrongPinsCounted(number: string): Promise<number> {
  const [row] = await maskline.dataSource.query(
    `SELECT sum(wrong.count)::integer AS count FROM wrong_pins AS wrong
     JOIN virtual_numbers AS number ON number.pool_id = wrong.pool_id WHERE number.number = $1`,
    [number],
  );
  return row.count;
}

/** Tries that count for a subject. */
async function guessesSpent(subject: string): Promise<number> {
  const [row] = await maskline.dataSource.query('SELECT tries FROM recent_tries WHERE subject = $1', [subject]);
  return Object.keys(row?.tries ?? {}).length;
}

/** Tries of a call. */
async function stepsWithDigits(callSid: string): Promise<number> {
  const [row] = await maskline.dataSource.query('SELECT steps FROM interactions WHERE provider_call_id = $1', [
    callSid,
  ]);
  return Object.keys(row.steps).filter((step) => step.includes(' ')).length;
}

const problems = (transcript: Body) => transcript.steps.flatMap((step: Body) => step.problem ?? []);

describe('a caller whose phone we do not know', () => {
  it('keys the PIN that Gather asks for, and reaches the callee with the caller ID that leads back', async () => {
    const { agent, dials, shows, reference } = await anOrderWithPin();
    const transcript = await maskline.place({ from: aPhone(), to: dials, keys: [`${PIN}#`] });
    expect(transcript).toMatchObject({ connected: true, rang: agent, showed: shows, exit: 'answered' });
    expect(transcript.heard).toEqual(['Please enter the PIN that the app shows, and then the hash key.']);
    expect(problems(transcript)).toEqual([]);
    const { body } = await maskline.api('GET', `/v1/orders/${reference}/interactions`);
    expect(body.interactions).toMatchObject([{ decision: 'connect', outcome: 'completed', talkSeconds: 61 }]);
    expect(JSON.stringify(body)).not.toContain(PIN);
  });

  it('has a second go', async () => {
    const { agent, dials } = await anOrderWithPin();
    const transcript = await maskline.place({ from: aPhone(), to: dials, keys: [WRONG, PIN], deliverTwice: true });
    expect(transcript).toMatchObject({ connected: true, rang: agent });
    expect(transcript.heard.at(-1)).toBe('Please enter the PIN again, and then the hash key.');
    expect(problems(transcript)).toEqual([]);
  });

  it('hears after two wrong PINs what a caller without guesses hears after a right one', async () => {
    const { dials } = await anOrderWithPin();
    const [caller, words] = [aPhone(), [] as string[][]];
    for (const keys of [
      [WRONG, '9999999999'],
      [WRONG, '9999989999'],
      ['9999979999', '9999969999'],
      [PIN, PIN],
    ]) {
      const transcript = await maskline.place({ from: caller, to: dials, keys });
      expect(transcript).toMatchObject({ connected: false, rang: null, exit: 'not-dialled' });
      expect(problems(transcript)).toEqual([]);
      words.push(transcript.heard);
    }
    expect(words[0]!.at(-1)).toBe('This PIN cannot connect your call. Please use the app to get help.');
    expect(words[3]).toEqual(words[0]);
  });

  it('spends a guess on each wrong PIN, the same one twice too, and none more on what is asked twice', async () => {
    for (const [keys, deliverTwice] of [
      [[WRONG, WRONG], false],
      [[WRONG, WRONG], true],
      [[WRONG, '9999999999'], true],
    ] as const) {
      const { dials } = await anOrderWithPin();
      const caller = aPhone();
      const transcript = await maskline.place({ from: caller, to: dials, keys, deliverTwice });
      expect(transcript).toMatchObject({ connected: false, rang: null });
      expect(problems(transcript)).toEqual([]);
      expect(await wrongPinsCounted(dials)).toBeGreaterThanOrEqual(2);
      expect(await guessesSpent(`wrong PINs of ${keyOf(caller)}`)).toBe(2);
      expect(await stepsWithDigits(transcript.callSid)).toBe(2);
    }
  });

  it('who keys nothing is asked again, and then told what a PIN is for', async () => {
    const { dials } = await anOrderWithPin();
    const transcript = await maskline.place({ from: aPhone(), to: dials });
    expect(transcript.heard).toEqual([
      'Please enter the PIN that the app shows, and then the hash key.',
      'Please enter the PIN again, and then the hash key.',
      'No PIN was entered. Please call from the phone you use in the app, or have the PIN at hand.',
    ]);
  });

  it('is spoken to in the language of the pool, by an audio file where that is what it has', async () => {
    const { dials } = await anOrderWithPin({ language: 'mr' });
    const transcript = await maskline.place({ from: aPhone(), to: dials, keys: [WRONG, WRONG] });
    expect(transcript.heard[0]).toBe(AUDIO);
    expect(transcript.heard.at(-1)).toBe('चुकीचा पिन.');
    expect(problems(transcript)).toEqual([]);
  });

  it('withholding the number, is asked all the same', async () => {
    const { agent, dials } = await anOrderWithPin();
    expect(await maskline.place({ from: 'anonymous', to: dials, keys: [PIN] })).toMatchObject({ rang: agent });
  });
});

it('a caller whose phone we know is asked where the pool asks everybody', async () => {
  const { customer, agent, dials } = await anOrderWithPin({ pin: 'always' });
  expect(await maskline.place({ from: customer, to: dials })).toMatchObject({ connected: false, rang: null });
  expect(await maskline.place({ from: customer, to: dials, keys: [PIN] })).toMatchObject({ rang: agent });
});

describe('the second Connect', () => {
  let agent: string;
  let dials: string;
  beforeAll(async () => ({ agent, dials } = await anOrderWithPin()));

  const query = (digits?: string) => ({
    CallSid: randomBytes(16).toString('hex'),
    CallFrom: aPhone(),
    To: dials,
    CallTo: dials,
    ...(digits === undefined ? {} : { digits }),
  });
  const rung = async (digits?: string) =>
    (await maskline.exotel('GET', 'connect-pin', query(digits))).body.destination.numbers;

  it.each([`"${PIN}"`, PIN, `"${PIN}#"`, ` "${PIN}" `])('takes the digits as %j', async (digits) => {
    expect(await rung(digits)).toEqual([agent]);
  });

  it.each([undefined, '""', '"', '"04512300012"', '"45123"', '"४५१२३"'])('rings nobody for %p', async (digits) => {
    expect(await rung(digits)).toEqual([]);
  });

  it('rings nobody for thousands of digits', async () => {
    expect(await rung('9'.repeat(5_000))).toEqual([]);
  });

  it('does nothing when asked by HEAD, and neither does Gather', async () => {
    const before = [await maskline.count('interactions'), await maskline.count('recent_tries')];
    for (const path of ['connect-pin', 'connect-pin-again', 'gather', 'connect']) {
      const { status, headers, text } = await maskline.exotel('HEAD', path, query(`"${PIN}"`));
      expect([status, headers['cache-control'], text]).toEqual([200, 'no-store', '']);
      expect(headers['content-type']).toMatch(/^application\/json/);
    }
    expect([await maskline.count('interactions'), await maskline.count('recent_tries')]).toEqual(before);
  });

  it('gives its fallback URL the same answer, and none when the PIN has become nobody’s', async () => {
    const asked = query(`"${PIN}"`);
    const first = await maskline.exotel('GET', 'connect-pin', asked);
    const again = await maskline.exotel('GET', 'connect-pin', asked, `${HOOK_SECRET}_2`);
    expect(first.body.destination.numbers).toEqual([agent]);
    expect(again.text).toBe(first.text);
    await maskline.dataSource.query('UPDATE assignments SET pin = NULL, pin_key = NULL');
    const late = await maskline.exotel('GET', 'connect-pin', asked);
    expect(late.body.destination.numbers).toEqual([]);
  });
});

describe('what the flow reads', () => {
  it('asks for as many digits as a PIN has, also about a call that nothing is known of', async () => {
    const { status, body } = await maskline.exotel('GET', 'gather', { CallSid: 'never-heard-of' });
    expect(status).toBe(200);
    expect(body).toEqual({
      gather_prompt: { text: 'Please enter the PIN that the app shows, and then the hash key.' },
      max_input_digits: 10,
      finish_on_key: '#',
      input_timeout: 20,
      repeat_menu: 1,
      repeat_gather_prompt: { text: 'Please enter the PIN again, and then the hash key.' },
    });
  });

  it('is greeted in Hindi byte for byte, with the content type that has nothing beside it', async () => {
    const pool = await maskline.pool({ language: 'hi' }, [aNumber(), aNumber()]);
    const order = await maskline.order('order-hindi', aPhone(), aPhone(), { pool });
    const { callSid } = await maskline.call('+919000099999', order.customer.dials);
    const answer = await new Promise<{ type?: string; length?: string; text: string }>((resolve, reject) => {
      const url = `${maskline.url}/hooks/exotel/${HOOK_SECRET}/greeting?CallSid=${callSid}`;
      httpRequest(url, (response) => {
        const { 'content-type': type, 'content-length': length } = response.headers;
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ type, length, text: Buffer.concat(chunks).toString('utf8') }));
      })
        .on('error', reject)
        .end();
    });
    const text = new Greetings().say('unknown_caller', 'hi');
    expect(answer).toEqual({ type: 'text/plain', length: String(Buffer.byteLength(text)), text });
  });
});
