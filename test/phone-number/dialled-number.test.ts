import { readDialled } from '../../src/phone-number/dialled-number.js';
import { readSpelling, type Country } from '../../src/phone-number/e164.js';

const SPELLINGS = ['+918047000001', '08047000001', '8047000001', '918047000001', ' 918047000001', '+1 415 555 0101'];
const NOT_NUMBERS = ['', 'anonymous', '+', '12', '9'.repeat(40)];

it('is read in each country as any number is, the second time as well', () => {
  for (let time = 0; time < 2; time += 1) {
    for (const country of ['IN', 'US', 'GB'] satisfies Country[]) {
      for (const spelling of [...SPELLINGS, ...NOT_NUMBERS]) {
        expect(readDialled(spelling, country), `${spelling} in ${country}`).toEqual(readSpelling(spelling, country));
      }
    }
  }
});

it('is read however many separators it has', () => {
  const spelling = `+91${' '.repeat(5_000)}8047000001`;
  expect([readDialled(spelling, 'IN'), readDialled(spelling, 'IN')]).toEqual(
    Array(2).fill({ number: '+918047000001', country: 'IN' }),
  );
});
