/** One of several ways to make a request. */
export interface Alternative {
  /** Fields that it must have. */
  readonly needs: readonly string[];
  /** Fields that it may have, and the others may not. */
  readonly allows?: readonly string[];
}

/** What is wrong with a request that has not exactly one of its alternatives. */
export interface BrokenAlternative {
  /** The field that is missing, or does not go together with another one. */
  readonly field: string;
  /** Names all alternatives. */
  readonly says: string;
}

const ALTERNATIVES = Symbol('alternatives');

/**
 * A request has exactly one of these alternatives, whole. Its fields must be optional for themselves; null counts as
 * missing. Validation tells of a broken alternative beside the fields that are wrong.
 */
export function HasOneOf(...alternatives: Alternative[]): ClassDecorator {
  return (request) => Reflect.defineMetadata(ALTERNATIVES, alternatives, request);
}

/** @param request an instance of its class. @returns null if nothing is wrong, or the class has no alternatives */
export function brokenAlternative(request: object): BrokenAlternative | null {
  const alternatives = Reflect.getMetadata(ALTERNATIVES, request.constructor) as readonly Alternative[] | undefined;
  if (alternatives === undefined) return null;
  const isGiven = (field: string) => ((request as Readonly<Record<string, unknown>>)[field] ?? null) !== null;
  const or = alternatives.some(({ needs }) => needs.length > 1) ? ', or ' : ' or ';
  const must = `the request must have either ${alternatives.map(({ needs }) => needs.join(' and ')).join(or)}`;
  const isWhole = ({ needs }: Alternative) => needs.every(isGiven);
  const meant = alternatives.find(isWhole) ?? alternatives.find(({ needs }) => needs.some(isGiven));
  if (meant === undefined) return { field: alternatives[0]!.needs[0]!, says: must };
  const missing = meant.needs.find((field) => !isGiven(field));
  const strange = alternatives
    .filter((other) => other !== meant)
    .flatMap(({ needs, allows = [] }) => [...needs, ...allows])
    .find(isGiven);
  if (strange !== undefined) {
    const given = meant.needs.find(isGiven)!;
    return { field: strange, says: `${must}: ${strange} does not go together with ${given}` };
  }
  return missing === undefined ? null : { field: missing, says: `${must}: ${missing} is missing` };
}
