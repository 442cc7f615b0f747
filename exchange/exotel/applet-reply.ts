import type { CallbackAnswer } from '../network/callbacks.js';

/** Why the provider rejects a reply. */
export class RejectedReply extends Error {}

export type Fields = Record<string, unknown>;

/** The body of a reply that must be JSON. @throws RejectedReply */
export function parseJson(answer: CallbackAnswer): unknown {
  if (answer.status !== 200) throw new RejectedReply(`status is ${answer.status}, must be 200`);
  const type = answer.headers['content-type'] ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new RejectedReply(`content type is "${type}", must be application/json`);
  }
  try {
    return JSON.parse(answer.body);
  } catch {
    throw new RejectedReply('the body is not JSON');
  }
}

/** An object that has only known fields. @throws RejectedReply */
export function fields(value: unknown, name: string, known: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RejectedReply(`${name} must be an object`);
  }
  const unknownField = Object.keys(value).find((key) => !known.includes(key));
  if (unknownField !== undefined) throw new RejectedReply(`${name} has the unknown field "${unknownField}"`);
  return value as Fields;
}
