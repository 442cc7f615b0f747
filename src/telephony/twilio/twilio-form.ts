/** What Twilio posts, as it came: unknown parameters, empty ones, and lists of those that are repeated. All of it is signed. */
export type TwilioForm = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Twilio sends some fifty, and two for each medium of a message. */
const MOST_PARAMETERS = 200;

/** @returns null where the form has more parameters than any of Twilio's */
export function parseForm(body: string): TwilioForm | null {
  if (hasMore(body, '&', MOST_PARAMETERS - 1)) return null;
  const form = Object.create(null) as Record<string, string | string[]>; // whatever a parameter is called, it is only that
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

/** A parameter's value, the first of a repeated one; empty when it is not there. */
export function parameter(form: TwilioForm, name: string): string {
  const value = form[name];
  return (typeof value === 'string' ? value : value?.[0]) ?? '';
}

const LONGEST_SID = 64;

/** A call's or message's id, or null when the form holds none that can be stored. */
export function sidIn(form: TwilioForm, name: string): string | null {
  const sid = parameter(form, name);
  return /^[\w-]+$/.test(sid) && sid.length <= LONGEST_SID ? sid : null;
}
