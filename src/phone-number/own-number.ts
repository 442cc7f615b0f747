import {
  getCountryCallingCode,
  parsePhoneNumberFromString,
  type NumberType,
  type PhoneNumber,
} from 'libphonenumber-js/max';

import { UnusableNumber, wordsFor, type Country, type E164 } from './e164.js';
import { plainSpelling } from './plain-spelling.js';
import { fits } from './usual-lengths.js';

/** Types of numbers that can be shown as the caller and can be dialled from anywhere. */
const TYPES_OF_OURS = new Set<NumberType>(['FIXED_LINE', 'MOBILE', 'FIXED_LINE_OR_MOBILE', 'VOIP', 'PERSONAL_NUMBER']);

/**
 * Reads a virtual number strictly, because people see and dial it, so a typing error must be found first. Accepts
 * E.164, the same without the plus, and the national form of `country`, if only one of them is possible. Spaces, dots,
 * hyphens and brackets are allowed. A number may be of a range that the metadata does not know (a new range, a test
 * number) if it is as long as the country's longest landline or mobile numbers.
 *
 * @throws UnusableNumber that says what to do
 */
export function parseOwnNumber(text: string, country: Country): E164 {
  const plain = plainSpelling(text);
  if (/^\d+([.,]\d+)?E\+?\d+$/i.test(plain) || /^\+?\d+\.0$/.test(plain)) {
    throw new UnusableNumber('is what a spreadsheet made of a number: format its column as text, and export it again');
  }
  // A single digit at the end is the end of a range, as in +91804700001-2.
  if (!/^\+?[\d\s().-]+$/.test(plain) || /[.-]\d$/.test(plain)) {
    throw new UnusableNumber(
      'is not one phone number and nothing else: write +<country code><number>, each number on its own, without extension',
    );
  }
  const digits = plain.replace(/\D/g, '');
  const code = getCountryCallingCode(country);
  const read = (plain.startsWith('+') ? [`+${digits}`] : [nationalIn(digits, country), `+${digits}`]).map((one) =>
    one === null ? undefined : parsePhoneNumberFromString(one),
  );
  const ofCountry = (one: PhoneNumber) =>
    one.countryCallingCode === code && (one.country === undefined || one.country === country);
  const fitting = new Map(
    read.flatMap((one) => (one && ofCountry(one) && fits(one, country) ? [[one.number as string, one]] : [])),
  );
  const [number, other] = fitting.values();
  if (!number) throw new UnusableNumber(whyNone(plain, read, country, ofCountry));
  if (other) throw new UnusableNumber('can be read in two ways: write it as +<country code><number>');
  const type = number.getType();
  if (type !== undefined && !TYPES_OF_OURS.has(type)) {
    throw new UnusableNumber(
      `is a ${wordsFor(type)} number, which cannot be shown as a caller's: give a landline or mobile number`,
    );
  }
  return number.number as string as E164;
}

/** Reads a number that a provider offers or lists, like `parseOwnNumber`; null if it cannot be used. */
export function ownNumberIn(text: string, country: Country): E164 | null {
  try {
    return parseOwnNumber(text, country);
  } catch (failure) {
    if (failure instanceof UnusableNumber) return null;
    throw failure;
  }
}

function whyNone(
  plain: string,
  read: readonly (PhoneNumber | undefined)[],
  country: Country,
  ofCountry: (one: PhoneNumber) => boolean,
): string {
  if (plain.startsWith('+') && read[0] && !ofCountry(read[0]))
    return `does not belong to ${country}, the country of the pool`;
  return `has too few or too many digits for a number of ${country}, or begins wrong: write it whole, as +<country code><number>`;
}

/** The number in its national form, with or without the leading 0; null if the digits cannot be one. */
function nationalIn(digits: string, country: Country): string | null {
  const number = parsePhoneNumberFromString(digits, country);
  return number?.countryCallingCode === getCountryCallingCode(country) ? (number.number as string) : null;
}
