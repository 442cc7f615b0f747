import {
  getCountryCallingCode,
  parsePhoneNumberFromString,
  type CountryCode,
  type NumberType,
  type PhoneNumber,
} from 'libphonenumber-js/max';

import { plainSpelling } from './plain-spelling.js';
import { fits } from './usual-lengths.js';

/**
 * A phone number as `+`, country code and national number, at most 15 digits (ITU-T E.164). Our code uses no other
 * form.
 */
export type E164 = string & { readonly __brand: 'E164' };

/** ISO 3166-1 alpha-2, for example `IN`. */
export type Country = CountryCode;

export { isSupportedCountry as isCountry } from 'libphonenumber-js/max';

/** Says why a text cannot be a participant's number. Never contains the text itself. */
export class UnusableNumber extends Error {
  constructor(readonly why: string) {
    super(why);
  }
}

const TYPES_NOBODY_IS_RUNG_ON = new Set(['PREMIUM_RATE', 'SHARED_COST', 'PAGER', 'VOICEMAIL', 'UAN']);

/**
 * Reads a participant's own number, in E.164 or in the national form of `country`, however it is written. The text must
 * contain the number and nothing else; no number is picked out of a sentence.
 *
 * @throws UnusableNumber if the number is not valid, has an extension (we cannot dial it), or must never be rung:
 *   premium rate, shared cost, satellite and other numbers without a country. Emergency numbers are not valid in any
 *   country's plan.
 */
export function parseParticipantPhone(text: string, country: Country): E164 {
  const plain = plainSpelling(text);
  const number = firstOf(
    [
      ofToday(parsePhoneNumberFromString(plain, { defaultCountry: country, extract: false })),
      withCodeBehindZero(plain, country),
    ],
    (one) => one.isValid(),
  );
  if (!number) {
    throw new UnusableNumber(
      `is not a valid phone number: write it as +<country code><number>, or as it is dialled within ${country}`,
    );
  }
  if (number.ext !== undefined) throw new UnusableNumber('has an extension: give a phone that rings by itself');
  if (number.country === undefined) {
    throw new UnusableNumber(
      'belongs to no country (a satellite or an international service): give a phone of a country',
    );
  }
  const type = number.getType();
  if (type !== undefined && TYPES_NOBODY_IS_RUNG_ON.has(type)) {
    throw new UnusableNumber(`is a ${wordsFor(type)} number: give a person's own phone`);
  }
  return number.number as string as E164;
}

/** Reads E.164 and nothing else; null if the number is not possible in its country's plan. */
export function parseE164(text: string): E164 | null {
  const number = text.startsWith('+') ? parsePhoneNumberFromString(text) : undefined;
  return number?.isPossible() ? (number.number as string as E164) : null;
}

/**
 * Reads a number in any form that providers use: E.164; bare with the country code; national with or without its
 * leading 0; `00` or `+0` for the plus; the country code after a 0; a plus that a query string turned into a space.
 * Null for anything else: withheld callers, words, too few or too many digits. The number must be possible but need not
 * be valid, because new ranges are missing from our metadata.
 */
export function parseSpelling(text: string, country: Country): E164 | null {
  return readSpelling(text, country)?.number ?? null;
}

/** A number, and the country whose plan applies; undefined for satellite and service codes. */
export interface ReadNumber {
  readonly number: E164;
  readonly country: Country | undefined;
}

/** Reads like `parseSpelling`, and returns the country as well, from a single parse. */
export function readSpelling(text: string, country: Country): ReadNumber | null {
  const number = parsedSpelling(text, country);
  return number ? { number: number.number as string as E164, country: number.country } : null;
}

/**
 * Reads a number in E.164, or as it is dialled within one of these countries, and returns each number that it may be.
 * A country in which it is valid rules out those in which it is only possible. If it is valid in none, every possible
 * one counts, because new ranges are missing from our metadata.
 */
export function parseWithin(text: string, countries: readonly Country[]): E164[] {
  const whole = parseE164(text);
  if (whole !== null) return [whole];
  const readings = countries.map((country) => parsedSpelling(text, country)).filter((one) => one !== undefined);
  const valid = readings.filter((one) => one.isValid());
  const numbers = (valid.length > 0 ? valid : readings).map((one) => one.number as string as E164);
  return [...new Set(numbers)];
}

function parsedSpelling(text: string, country: Country): PhoneNumber | undefined {
  const plain = plainSpelling(text);
  // A query string turns a plus into a space.
  if (text.startsWith(' ') && /^\d/.test(plain)) {
    const readings = [parsedPlain(`+${plain}`, country), parsedPlain(plain, country)];
    return firstOf(readings, (one) => one.isValid()) ?? firstOf(readings, () => true);
  }
  return parsedPlain(plain, country);
}

function parsedPlain(plain: string, country: Country): PhoneNumber | undefined {
  if (!/^\+?[\d\s().-]+$/.test(plain)) return undefined;
  const digits = plain.replace(/\D/g, '');
  const isAbroad = plain.startsWith('+') && !digits.startsWith('0');
  const number = ofToday(
    isAbroad ? parsePhoneNumberFromString(`+${digits}`) : parsePhoneNumberFromString(digits, country),
  );
  const other = isAbroad ? undefined : withCodeBehindZero(digits, country);
  // Whether a number is valid takes as long to find out as to parse it, so only a choice of two asks.
  if (other && !number?.isValid()) {
    // If the metadata does not know the range, the reading with a usual length wins.
    if (other.isValid() || (fits(other, country) && !(number && fits(number, country)))) return other;
  }
  return number?.isPossible() ? number : undefined;
}

/** Exotel writes some callers as a 0, the country code and the number: `0919000000001`. */
function withCodeBehindZero(plain: string, country: Country): PhoneNumber | undefined {
  const digits = plain.replace(/[\s().-]/g, '');
  const code = getCountryCallingCode(country);
  return digits.startsWith(`0${code}`) && /^\d+$/.test(digits)
    ? ofToday(parsePhoneNumberFromString(`+${digits.slice(1)}`))
    : undefined;
}

function firstOf(
  numbers: readonly (PhoneNumber | undefined)[],
  holds: (number: PhoneNumber) => boolean,
): PhoneNumber | undefined {
  return numbers.find((number): number is PhoneNumber => number !== undefined && holds(number));
}

/** For example `premium-rate`. */
export function wordsFor(type: NumberType): string {
  return String(type).toLowerCase().replaceAll('_', '-');
}

/** The number as it is dialled within its own country, digits only, for example `08047000001`. */
export function nationalDigits(number: E164): string {
  return parsePhoneNumberFromString(number)?.formatNational().replace(/\D/g, '') ?? number.slice(1);
}

/**
 * The number to which texts are sent. Mobiles of Argentina have a 9 after the country code in calls from abroad, and
 * none in texts. Both forms mean the same subscriber, because no landline has the same digits.
 */
export function asTexted(number: E164): E164 {
  return /^\+549\d{10}$/.test(number) ? (`+54${number.slice(4)}` as E164) : number;
}

/** The country whose numbering plan the number belongs to; undefined for satellite and service codes. */
export function countryOf(number: E164): Country | undefined {
  return parsePhoneNumberFromString(number)?.country;
}

/** The number with only its country code and last two digits, as in `+91••••••••01`. */
export function masked(number: E164): string {
  const parsed = parsePhoneNumberFromString(number);
  const code = parsed ? `+${parsed.countryCallingCode}` : number.slice(0, 2);
  return code + '•'.repeat(Math.max(0, number.length - code.length - 2)) + number.slice(-2);
}

/** Removes the 1 after Mexico's country code. Mobiles had it until 2019, and phones and networks still send it. */
function ofToday(number: PhoneNumber | undefined): PhoneNumber | undefined {
  if (number?.countryCallingCode !== '52' || !/^1\d{10}$/.test(number.nationalNumber)) return number;
  return parsePhoneNumberFromString(`+52${number.nationalNumber.slice(1)}`);
}
