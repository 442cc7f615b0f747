import { randomBytes } from 'node:crypto';

import { Client } from 'pg';

import { Greetings, SAYINGS } from '../../../../src/telephony/greetings/greetings.js';
import { spokenAs } from '../../../../src/telephony/twilio/calls/spoken-languages.js';
import { aPhone, TestApp, TWILIO } from '../../../support/app.js';
import { CalmTime } from '../../../support/calm-time.js';

const AUDIO = ['https://example.test/mr/ask.wav', 'https://example.test/en/ask.wav'];
const greetings = new Greetings({
  mr: { ask_pin: AUDIO.join('\n'), unknown_caller: 'हा क्रमांक तुमचा कॉल जोडू शकत नाही.' },
  as: { unknown_caller: 'এই নম্বৰে আপোনাৰ কল সংযোগ কৰিব নোৱাৰে।' },
});

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start({ greetings });
});
afterAll(() => app?.stop());

let drawn = 0;
const aUsNumber = () => `+1415204${String((drawn += 1)).padStart(4, '0')}`;

/** What a stranger who dials a number of a pool is answered, at the first step. */
async function heard(language: string, policy: object = {}): Promise<string> {
  const pool = await app.pool({ country: 'US', provider: 'twilio', language, ...policy }, [aUsNumber(), aUsNumber()]);
  const order = await app.order(`language-${pool}`, aPhone(), aPhone(), { pool });
  const form = { AccountSid: TWILIO.sid, CallSid: `CA${randomBytes(16).toString('hex')}`, From: aPhone() };
  return (await app.twilio('voice', { ...form, To: order.customer.dials, Called: order.customer.dials })).text;
}

describe('a caller of a number of Twilio’s', () => {
  it.each([
    ['en', 'en-US'],
    ['hi', 'hi-IN'],
    ['mr', 'mr-IN'],
  ])('hears the words that Exotel’s hear, in the pool’s language (%s), spoken as such', async (language, accent) => {
    expect(await heard(language)).toContain(
      `<Say language="${accent}">${greetings.say('unknown_caller', language)}</Say><Hangup/>`,
    );
  });

  it('hears English, spoken as English, where the pool’s language has no words for it, or Twilio does not speak it', async () => {
    for (const language of ['kn', 'as']) {
      expect(await heard(language)).toContain(`<Say language="en-US">${greetings.say('unknown_caller', 'en')}</Say>`);
    }
  });

  it('is asked for the PIN in it, by audio files where that is what it has', async () => {
    expect(await heard('hi', { pin: 'unknown-callers' })).toContain(
      `<Say language="hi-IN">${greetings.say('ask_pin', 'hi')}</Say></Gather>`,
    );
    expect(await heard('mr', { pin: 'unknown-callers' })).toContain(
      `<Play>${AUDIO[0]}</Play><Play>${AUDIO[1]}</Play></Gather>`,
    );
  });

  it('hears English, and in time, while the database lets nobody look', async () => {
    const pool = await app.pool({ country: 'US', provider: 'twilio', language: 'hi' }, [aUsNumber(), aUsNumber()]);
    const order = await app.order('language-late', aPhone(), aPhone(), { pool });
    const other = new Client({ connectionString: app.database.url });
    await other.connect();
    await other.query('BEGIN; LOCK TABLE pools IN ACCESS EXCLUSIVE MODE');
    const waited = new CalmTime();
    try {
      const form = { AccountSid: TWILIO.sid, CallSid: 'CAlate', From: aPhone(), To: order.customer.dials };
      const { text } = await app.twilio('voice', form);
      expect(text).toContain(`<Say language="en-US">${greetings.say('error', 'en')}</Say>`);
      expect(waited.ms).toBeLessThan(4_500); // what Twilio waits for
    } finally {
      await other.end();
    }
  });
});

describe('what Twilio calls a language', () => {
  it.each([
    ['en', 'IN', 'en-IN'],
    ['en', 'GB', 'en-GB'],
    ['en', 'AE', 'en-US'],
    ['en', undefined, 'en-US'],
    ['hi', 'US', 'hi-IN'],
    ['fr', 'CA', 'fr-CA'],
    ['fr', 'CH', 'fr-FR'],
    ['pt', 'PT', 'pt-PT'],
    ['pt', 'US', 'pt-BR'],
    ['ar', 'SA', 'ar-AE'],
    ['yue', 'HK', 'yue-HK'],
    ['as', 'IN', null],
    ['xx', 'IN', null],
  ])('%s on a number of %s is %s', (language, country, tag) => {
    expect(spokenAs(language, country)).toBe(tag);
  });

  it('covers what we say ourselves', () => {
    for (const language of ['en', 'hi']) {
      for (const saying of SAYINGS) expect(spokenAs(greetings.find(saying, language).language, 'IN')).not.toBeNull();
    }
  });
});
