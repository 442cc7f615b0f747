import { parseSpelling, type E164 } from '../../src/phone-number/e164.js';
import { RestException } from './provider-door.js';

/** National numbers are read as numbers of this country. */
const ACCOUNT_COUNTRY = 'IN';

/** @throws RestException if the field is missing or is not a phone number */
export function phoneNumberIn(form: URLSearchParams, name: string): E164 {
  const text = form.get(name);
  if (!text) throw new RestException(400, `Mandatory parameter ${name} is missing`);
  const parsed = parseSpelling(text, ACCOUNT_COUNTRY);
  if (!parsed) throw new RestException(400, `${name} is not a phone number`);
  return parsed;
}

/** The URL for delivery reports; null = none. @throws RestException */
export function statusCallbackIn(form: URLSearchParams): URL | null {
  const text = form.get('StatusCallback');
  if (text === null) return null;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new RestException(400, 'StatusCallback is not a URL');
  }
  return new URL(text);
}
