import { Metadata, type MetadataJson } from 'libphonenumber-js/core';
import type { CountryCode, NumberType, PhoneNumber } from 'libphonenumber-js/max';

/** The part of the metadata that the package's types leave out. */
interface WithMetadata {
  getMetadata(): MetadataJson;
}
interface NumberingPlan {
  type(type: NumberType): { possibleLengths(): number[] } | undefined;
  nationalPrefix(): string | undefined;
}

interface UsualForm {
  /** Digits of the longest landline or mobile numbers. */
  readonly length: number;
  /** What is dialled before a national number, as the 0 of most countries; null = nothing. */
  readonly nationalPrefix: string | null;
}

/**
 * Whether a number is valid, or may belong to a range that the metadata does not know. Such a number has the length of
 * the country's longest landline or mobile numbers, because a shorter one may lack a digit, and does not begin with the
 * national prefix.
 */
export function fits(number: PhoneNumber, country: CountryCode): boolean {
  if (number.isValid()) return true;
  const { length, nationalPrefix } = usualForm(number, country);
  const { nationalNumber } = number;
  return nationalNumber.length === length && !(nationalPrefix !== null && nationalNumber.startsWith(nationalPrefix));
}

const forms = new Map<CountryCode, UsualForm>();

function usualForm(number: PhoneNumber, country: CountryCode): UsualForm {
  let form = forms.get(country);
  if (!form) {
    const metadata = new Metadata((number as unknown as WithMetadata).getMetadata());
    metadata.selectNumberingPlan(country);
    const plan = metadata.numberingPlan as unknown as NumberingPlan;
    const of = (type: NumberType) => plan.type(type)?.possibleLengths() ?? [];
    form = {
      length: Math.max(...of('FIXED_LINE'), ...of('MOBILE')),
      nationalPrefix: plan.nationalPrefix() || null,
    };
    forms.set(country, form);
  }
  return form;
}
