import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max';

import type { E164 } from '../../src/phone-number/e164.js';

/**
 * The forms in which providers write numbers. `differing-called` is a request whose `CallTo` differs from `To`, because
 * the number is carried on another one.
 */
export const SPELLINGS = ['national', 'bare', 'e164', 'cc-bare', 'plus-zero', 'differing-called'] as const;
export type Spelling = (typeof SPELLINGS)[number];
export type NumberShape = Exclude<Spelling, 'differing-called'>;

/**
 * Writes a number in a provider's form, for a network of `home`. The national form of a foreign number is `00<cc>…`.
 */
export function spell(number: E164, shape: NumberShape, home: CountryCode): string {
  const digits = number.slice(1);
  const parsed = parsePhoneNumberFromString(number, home);
  const foreign = parsed?.country !== home;
  const bare = foreign ? digits : parsed.nationalNumber;
  const national = foreign ? `00${digits}` : nationalForm(number);
  switch (shape) {
    case 'national':
      return national;
    case 'bare':
      return bare;
    case 'e164':
      return number;
    case 'cc-bare':
      return digits;
    case 'plus-zero':
      return foreign ? `+00${digits}` : `+0${bare}`;
  }
}

/** The number as it is dialled within its own country, digits only: `08040000001`, `4152000001`. */
export function nationalForm(number: E164): string {
  const parsed = parsePhoneNumberFromString(number);
  return parsed ? parsed.formatNational().replace(/\D/g, '') : number.slice(1);
}
