import { parseE164, type E164 } from '../../src/phone-number/e164.js';

/** A request of the operator that is not valid. The message says in one sentence why. */
export class OperatorMistake extends Error {
  constructor(
    message: string,
    readonly status: 400 | 404 | 409 | 422 = 400,
  ) {
    super(message);
  }
}

/** Reads the operator's JSON object field by field. Every method throws OperatorMistake for an invalid value. */
export class OperatorInput {
  private readonly fields: Record<string, unknown>;

  constructor(body: unknown, known: readonly string[], what = 'The body') {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw new OperatorMistake(`${what} must be a JSON object.`);
    }
    const stray = Object.keys(body).find((key) => !known.includes(key));
    if (stray !== undefined)
      throw new OperatorMistake(`${what} has the unknown field "${stray}"; known are ${known.join(', ')}.`);
    this.fields = body as Record<string, unknown>;
  }

  has(name: string): boolean {
    return this.fields[name] !== undefined;
  }

  text(name: string, pattern: RegExp, shape: string): string {
    const value = this.fields[name];
    if (typeof value === 'string' && pattern.test(value)) return value;
    throw new OperatorMistake(`"${name}" must be ${shape}.`);
  }

  texts(name: string, pattern: RegExp, shape: string): string[] {
    const value = this.fields[name];
    const isText = (item: unknown): item is string => typeof item === 'string' && pattern.test(item);
    if (Array.isArray(value) && value.every(isText)) return value;
    throw new OperatorMistake(`"${name}" must be ${shape}.`);
  }

  e164(name: string): E164 {
    const value = this.fields[name];
    const number = typeof value === 'string' && /^\+\d+$/.test(value) ? parseE164(value) : null;
    if (number) return number;
    throw new OperatorMistake(`"${name}" must be a number in E.164, as in +919000000001.`);
  }

  /** A caller who hides the number; null if the field contains a number. */
  withheldCaller(name: string): 'anonymous' | '' | null {
    const value = this.fields[name];
    return value === 'anonymous' || value === '' ? value : null;
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    const value = this.fields[name];
    const choice = choices.find((known) => known === value);
    if (choice !== undefined) return choice;
    throw new OperatorMistake(`"${name}" must be one of ${choices.join(', ')}.`);
  }

  flag(name: string): boolean {
    const value = this.fields[name] ?? false;
    if (typeof value === 'boolean') return value;
    throw new OperatorMistake(`"${name}" must be true or false.`);
  }

  wholeNumber(name: string, least: number, most: number, otherwise?: number): number {
    const value = this.fields[name] ?? otherwise;
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    throw new OperatorMistake(`"${name}" must be a whole number from ${least} to ${most}.`);
  }

  httpUrl(name: string): string {
    const value = this.fields[name];
    if (typeof value === 'string' && isHttpUrl(value)) return value;
    throw new OperatorMistake(`"${name}" must be an http or https URL.`);
  }
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
