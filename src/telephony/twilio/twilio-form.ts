/** What Twilio posts, as it came: unknown parameters, empty ones, and lists of those that are repeated. All of it is signed. */
export type TwilioForm = Readonly<Record<string, string | readonly string[] | undefined>>;

export function parseForm(body: string): TwilioForm {
  const form = Object.create(null) as Record<string, string | string[]>; // whatever a parameter is called, it is only that
  for (const [name, value] of new URLSearchParams(body)) {
    const known = form[name];
    form[name] = known === undefined ? value : [...(typeof known === 'string' ? [known] : known), value];
  }
  return form;
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
