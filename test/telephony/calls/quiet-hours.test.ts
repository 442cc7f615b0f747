import { isQuiet } from '../../../src/telephony/calls/quiet-hours.js';

const NIGHT = { from: '22:00', until: '07:00', timeZone: 'Europe/Berlin' };

it.each([
  ['2026-03-28T20:59:00Z', false], // 21:59 in winter
  ['2026-03-28T21:00:00Z', true],
  ['2026-03-29T04:59:00Z', true], // 06:59 in summer, which began in this night
  ['2026-03-29T05:00:00Z', false],
  ['2026-10-25T05:59:00Z', true], // 06:59 in winter again
  ['2026-10-25T06:00:00Z', false],
  ['2026-10-25T23:30:00Z', true], // half past midnight
])('Clock step, DST: at %s it is quiet by the clock on the wall: %s', (instant, quiet) => {
  expect(isQuiet(NIGHT, new Date(instant))).toBe(quiet);
});

it('a pause at noon is quiet from its first minute to before its last', () => {
  const noon = { from: '12:00', until: '13:00', timeZone: 'UTC' };
  const at = (time: string) => isQuiet(noon, new Date(`2026-11-22T${time}Z`));
  expect(['11:59:59', '12:00:00', '12:59:59', '13:00:00'].map(at)).toEqual([false, true, true, false]);
});
