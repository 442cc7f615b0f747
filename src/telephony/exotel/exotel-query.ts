/**
 * The query of an applet's request, with flat bracketed keys (`Legs[0][Number]`). Only some parameters are sent,
 * "depending on the stage of the flow", and new ones appear without notice; a repeated one is a list.
 * https://support.exotel.com/support/solutions/articles/3000096873
 */
export type ExotelQuery = Readonly<Record<string, string | readonly string[] | undefined>>;

const LONGEST_CALL_SID = 64;

/** The call's id; null if the request contains none that can be stored. */
export function callSidOf(query: ExotelQuery): string | null {
  const sid = parameter(query, 'CallSid');
  return /^[\w-]+$/.test(sid) && sid.length <= LONGEST_CALL_SID ? sid : null;
}

/** A parameter's text, the first of several; empty if it was not sent. */
export function parameter(query: ExotelQuery, name: string): string {
  const value = query[name];
  const [first] = typeof value === 'string' ? [value] : (value ?? []);
  return first ?? '';
}
