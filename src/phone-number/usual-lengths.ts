import { Metadata, type MetadataJson } from 'libphonenumber-js/core';
import type { CountryCode, NumberType, PhoneNumber } from 'libphonenumber-js/max';

/** The part of the metadata that the package's types leave out. */
interface WithMetadata {
  getMetadata(): MetadataJson;
}
interface LengthsByType {
  type(type: NumberType): { possibleLengths(): number[] } | undefined;
}

/** Whether a number is valid, or has a usual length for landlines or mobiles of the country. */
export function fits(number: PhoneNumber, country: CountryCode): boolean {
  if (number.isValid()) return true;
  return number.isPossible() && usualLengths(number, country).has(number.nationalNumber.length);
}

const lengthsOf = new Map<CountryCode, ReadonlySet<number>>();

function usualLengths(number: PhoneNumber, country: CountryCode): ReadonlySet<number> {
  let lengths = lengthsOf.get(country);
  if (!lengths) {
    const metadata = new Metadata((number as unknown as WithMetadata).getMetadata());
    metadata.selectNumberingPlan(country);
    const plan = metadata.numberingPlan as unknown as LengthsByType;
    const of = (type: NumberType) => plan.type(type)?.possibleLengths() ?? [];
    lengths = new Set([...of('FIXED_LINE'), ...of('MOBILE')]);
    lengthsOf.set(country, lengths);
  }
  return lengths;
}
