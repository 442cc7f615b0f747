import { audioIn, Greetings, readGreetings, SAYINGS } from '../../../src/telephony/greetings/greetings.js';

it.each(['en', 'hi'])('has a text of its own for everything that is said, in %s', (language) => {
  const texts = SAYINGS.map((saying) => new Greetings().say(saying, language));
  expect(new Set(texts).size).toBe(SAYINGS.length);
  for (const text of texts) expect(/[ऀ-ॿ]/.test(text)).toBe(language === 'hi');
});

it('says in English what a language lacks', () => {
  const greetings = readGreetings('{"kn": {"expired": "ಈ ಆರ್ಡರ್ ಮುಗಿದಿದೆ."}, "en": {"error": "Please try again."}}');
  expect(greetings.say('expired', 'kn')).toBe('ಈ ಆರ್ಡರ್ ಮುಗಿದಿದೆ.');
  expect(greetings.say('error', 'kn')).toBe('Please try again.');
  expect(greetings.say('inactive_number', 'xx')).toBe('This number is not in service.');
});

it('takes the addresses of audio files, one a line', () => {
  const audio = 'https://example.test/en/error.wav\nhttps://example.test/hi/error.wav';
  expect(readGreetings(JSON.stringify({ en: { error: audio } })).say('error', 'en')).toBe(audio);
  expect(audioIn(audio)).toEqual(audio.split('\n'));
  expect(audioIn(`${audio}\nGoodbye.`)).toBeNull();
});

it.each([
  ['[]', /the file must be a JSON object/],
  ['{', /JSON/],
  ['{"Hindi": {}}', /"Hindi" is not a language/],
  ['{"hi": "no"}', /"hi" must be a JSON object/],
  ['{"hi": {"expird": "x"}}', /"expird" of "hi" does not exist; known are expired, /],
  ['{"hi": {"expired": " "}}', /"expired" of "hi" must be a text/],
  ['{"hi": {"expired": 7}}', /"expired" of "hi" must be a text/],
])('refuses %s and says why', (json, why) => {
  expect(() => readGreetings(json)).toThrow(why);
});
