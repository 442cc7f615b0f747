import { getExampleNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';

import { countryOf, type Country, type E164 } from '../../src/phone-number/e164.js';

export const NUMBER_TYPES = ['Landline', 'Mobile', 'TollFree'] as const;
export type NumberType = (typeof NUMBER_TYPES)[number];

/** A series of consecutive numbers for sale: a prefix, and a counter for the remaining digits. */
export interface Series {
  readonly country: Country;
  /** The telecom circle; null outside India. */
  readonly region: string | null;
  readonly type: NumberType;
  readonly prefix: string;
  readonly counterDigits: number;
  readonly rentalPrice: string;
  readonly currency: string;
  readonly sms: boolean;
}

/** By Indian circle: the STD code and the first digit of its landline numbers. */
const LANDLINES_BY_CIRCLE: Record<string, string> = {
  AP: '404',
  AS: '3614',
  BR: '6124',
  DL: '114',
  GJ: '794',
  HP: '1774',
  HR: '1844',
  JK: '1944',
  KA: '804',
  KL: '4844',
  KO: '334',
  MH: '224',
  MP: '7554',
  MU: '226',
  NE: '3644',
  OR: '6744',
  PB: '1724',
  RJ: '1414',
  TN: '444',
  UE: '5224',
  UW: '1214',
  WB: '3534',
};
const CIRCLES = Object.keys(LANDLINES_BY_CIRCLE);
const CIRCLE_WHEN_NONE_IS_NAMED = 'KA';

/**
 * Prefix and number of free digits, for countries whose example numbers do not distinguish landlines from mobiles or
 * would soon run out.
 */
const ABROAD: Partial<Record<Country, Partial<Record<NumberType, [prefix: string, counterDigits: number]>>>> = {
  US: { Landline: ['+14152', 6], Mobile: ['+16282', 6], TollFree: ['+18002', 6] },
  GB: { Landline: ['+442079', 6] },
  SG: { Landline: ['+6561', 6] },
  AE: { Landline: ['+97142', 6] },
};

/** Countries where landlines receive texts; elsewhere only mobiles do. */
const LANDLINES_TAKE_TEXTS: ReadonlySet<Country> = new Set(['US', 'CA'] as const);

const OFFERED_AT_ONCE = 30;
const MOST_LOOKED_AT = 200_000;

/** The series that matches a search; null if the provider sells no such numbers. */
export function seriesFor(country: Country, type: NumberType, region: string | undefined): Series | null {
  return country === 'IN' ? indian(type, region ?? CIRCLE_WHEN_NONE_IS_NAMED) : abroad(country, type);
}

/** The series that contains a number, sold or not; null if the provider never had it. */
export function seriesOf(number: E164): Series | null {
  const country = countryOf(number);
  if (!country || !parsePhoneNumberFromString(number)?.isValid()) return null;
  for (const type of NUMBER_TYPES) {
    for (const region of country === 'IN' ? CIRCLES : [undefined]) {
      const series = seriesFor(country, type, region);
      if (series && number.startsWith(series.prefix) && number.length === series.prefix.length + series.counterDigits) {
        return series;
      }
    }
  }
  return null;
}

/** The first numbers of a series that are still for sale. Always the same ones, so two buyers want the same number. */
export function numbersForSale(series: Series, isGone: (number: E164) => boolean, contains = ''): E164[] {
  const offered: E164[] = [];
  const end = Math.min(10 ** series.counterDigits, MOST_LOOKED_AT);
  for (let counter = 1; counter < end && offered.length < OFFERED_AT_ONCE; counter += 1) {
    const number = (series.prefix + String(counter).padStart(series.counterDigits, '0')) as E164;
    if (!number.includes(contains) || isGone(number)) continue;
    if (parsePhoneNumberFromString(number)?.isValid()) offered.push(number);
  }
  return offered;
}

function indian(type: NumberType, region: string): Series | null {
  const landline = LANDLINES_BY_CIRCLE[region];
  if (landline === undefined) return null;
  const circle = String(CIRCLES.indexOf(region) + 1).padStart(2, '0');
  const prefix = { Landline: `+91${landline}`, Mobile: `+9195${circle}`, TollFree: `+911800${circle}` }[type];
  const length = type === 'TollFree' ? 14 : 13;
  return {
    country: 'IN',
    region,
    type,
    prefix,
    counterDigits: length - prefix.length,
    rentalPrice: type === 'TollFree' ? '999.000000' : '499.000000',
    currency: 'INR',
    sms: type === 'Mobile',
  };
}

function abroad(country: Country, type: NumberType): Series | null {
  const run = ABROAD[country]?.[type] ?? besideTheExample(country, type);
  if (!run) return null;
  const [prefix, counterDigits] = run;
  const sms = type === 'Mobile' || (type === 'Landline' && LANDLINES_TAKE_TEXTS.has(country));
  const terms = { rentalPrice: '12.000000', currency: 'USD', sms };
  return { country, region: null, type, prefix, counterDigits, ...terms };
}

/** Example numbers are mobiles only, so landlines abroad come from another series than the mobiles. */
function besideTheExample(country: Country, type: NumberType): [string, number] | null {
  const example = type === 'TollFree' ? undefined : getExampleNumber(country, examples);
  if (!example) return null;
  return [example.number.slice(0, -5) + (type === 'Landline' ? '0' : '5'), 4];
}
