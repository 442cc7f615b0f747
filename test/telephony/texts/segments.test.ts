import { segmentsOf } from '../../../src/telephony/texts/segments.js';

it.each([
  ['nothing', '', 0],
  ['160 letters', 'a'.repeat(160), 1],
  ['161 letters', 'a'.repeat(161), 2],
  ['306 letters, in two of 153', 'a'.repeat(306), 2],
  ['307 letters', 'a'.repeat(307), 3],
  ['80 euro signs, of two septets each', '€'.repeat(80), 1],
  ['81 euro signs', '€'.repeat(81), 2],
  ['70 letters of another alphabet', 'अ'.repeat(70), 1],
  ['71 letters of another alphabet', 'अ'.repeat(71), 2],
  ['160 letters and an emoji, which makes all of it UCS-2', `${'a'.repeat(160)}🙂`, 3],
  ['35 emoji, of two units each', '🙂'.repeat(35), 1],
  ['36 emoji', '🙂'.repeat(36), 2],
])('counts %s', (_, text, segments) => {
  expect(segmentsOf(text)).toBe(segments);
});
