import { XMLParser, XMLValidator } from 'fast-xml-parser';

import type { CallbackAnswer } from '../network/callbacks.js';

/** One element of a TwiML document. */
export interface Verb {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Its own text, without that of its children. */
  readonly text: string;
  readonly children: readonly Verb[];
}

/** The provider does not play this answer. `code` is the one that its debugger would show. */
export class RejectedTwiml extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(`${code}: ${message}`);
  }
}

/** The known elements, the elements allowed in each, and their attributes. */
export type Grammar = Readonly<
  Record<string, { readonly attributes: readonly string[]; readonly children: readonly string[] }>
>;

const SPOKEN = ['Say', 'Play', 'Pause'];

export const VOICE: Grammar = {
  Response: { attributes: [], children: [...SPOKEN, 'Gather', 'Dial', 'Redirect', 'Reject', 'Hangup'] },
  Say: { attributes: ['voice', 'language', 'loop'], children: [] },
  Play: { attributes: ['loop', 'digits'], children: [] },
  Pause: { attributes: ['length'], children: [] },
  Gather: {
    attributes: ['input', 'numDigits', 'timeout', 'finishOnKey', 'action', 'method', 'actionOnEmptyResult', 'language'],
    children: SPOKEN,
  },
  Dial: {
    attributes: [
      ...['callerId', 'answerOnBridge', 'timeout', 'timeLimit', 'action', 'method', 'record', 'trim', 'ringTone'],
      ...['hangupOnStar', 'sequential', 'recordingTrack', 'recordingStatusCallback', 'recordingStatusCallbackMethod'],
      'recordingStatusCallbackEvent',
    ],
    children: ['Number'],
  },
  Number: {
    attributes: ['url', 'method', 'statusCallback', 'statusCallbackEvent', 'statusCallbackMethod', 'sendDigits'],
    children: [],
  },
  Redirect: { attributes: ['method'], children: [] },
  Reject: { attributes: ['reason'], children: [] },
  Hangup: { attributes: [], children: [] },
};

export const MESSAGING: Grammar = {
  Response: { attributes: [], children: ['Message', 'Redirect'] },
  Message: { attributes: ['to', 'from', 'action', 'method', 'statusCallback'], children: ['Body', 'Media'] },
  Body: { attributes: [], children: [] },
  Media: { attributes: [], children: [] },
  Redirect: { attributes: ['method'], children: [] },
};

const LARGEST_DOCUMENT_BYTES = 64 * 1024;
const XML_TYPES = /^(text|application)\/xml\s*(;|$)/i;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  htmlEntities: true,
});

/**
 * Reads an answer strictly: anything that the schema does not name is rejected.
 *
 * @returns the verbs of the response, in order
 * @throws RejectedTwiml
 */
export function readTwiml(answer: CallbackAnswer, grammar: Grammar): readonly Verb[] {
  if (answer.status < 200 || answer.status > 299) throw new RejectedTwiml(11200, `status is ${answer.status}`);
  const type = answer.headers['content-type'] ?? '';
  if (!XML_TYPES.test(type)) throw new RejectedTwiml(12300, `content type is "${type}", must be text/xml`);
  if (Buffer.byteLength(answer.body) > LARGEST_DOCUMENT_BYTES) throw new RejectedTwiml(11750, 'larger than 64 kB');
  const flaw = XMLValidator.validate(answer.body);
  if (flaw !== true) throw new RejectedTwiml(12100, flaw.err.msg);
  const roots = verbsOf(parser.parse(answer.body));
  const [response] = roots;
  if (roots.length !== 1 || response?.name !== 'Response') throw new RejectedTwiml(12102, 'the root is not Response');
  check(response, grammar);
  return response.children;
}

function check(verb: Verb, grammar: Grammar): void {
  const { attributes, children } = grammar[verb.name]!;
  const stray = Object.keys(verb.attributes).find((name) => !attributes.includes(name));
  if (stray !== undefined) throw new RejectedTwiml(12200, `${verb.name} has no attribute "${stray}"`);
  for (const child of verb.children) {
    if (!children.includes(child.name)) throw new RejectedTwiml(12200, `${child.name} is not allowed in ${verb.name}`);
    check(child, grammar);
  }
}

type Node = Record<string, unknown>;

/** The parser's nodes. Each has its element's name, or `#text`, and `:@` for its attributes. */
function verbsOf(nodes: unknown): Verb[] {
  return (nodes as Node[]).flatMap((node) => {
    const name = Object.keys(node).find((key) => key !== ':@');
    if (name === undefined || name === '#text') return [];
    const inner = node[name] as Node[];
    const text = inner.flatMap((part) => (typeof part['#text'] === 'string' ? [part['#text']] : [])).join('');
    return [{ name, attributes: (node[':@'] ?? {}) as Record<string, string>, text, children: verbsOf(inner) }];
  });
}
