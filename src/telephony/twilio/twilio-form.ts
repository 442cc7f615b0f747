/**
 * A form that Twilio posted, unchanged: with unknown and empty parameters, and lists of repeated ones. All of it is
 * signed.
 */
export type TwilioForm = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Twilio sends about fifty parameters, and two for each attachment of a text. */
const MOST_PARAMETERS = 200;

/** @returns null if the form has more parameters than any form of Twilio */
export function parseForm(body: string): TwilioForm | null {
  if (hasMore(body, '&', MOST_PARAMETERS - 1)) return null;
  const form = Object.create(null) as Record<string, string | string[]>; // no parameter name has a special meaning
  for (const [name, value] of new URLSearchParams(body)) {
    const known = form[name];
    if (known === undefined) form[name] = value;
    else if (typeof known === 'string') form[name] = [known, value];
    else known.push(value);
  }
  return form;
}

function hasMore(text: string, separator: string, most: number): boolean {
  let at = -1;
  for (let count = 0; count <= most; count += 1) {
    at = text.indexOf(separator, at + 1);
    if (at === -1) return false;
  }
  return true;
}

/** A parameter's value, the first one if it is repeated; empty if it is missing. */
export function parameter(form: TwilioForm, name: string): string {
  const value = form[name];
  return (typeof value === 'string' ? value : value?.[0]) ?? '';
}

const LONGEST_SID = 64;

/** The id of a call or text; null if the form contains none that can be stored. */
export function sidIn(form: TwilioForm, name: string): string | null {
  const sid = parameter(form, name);
  return /^[\w-]+$/.test(sid) && sid.length <= LONGEST_SID ? sid : null;
}
