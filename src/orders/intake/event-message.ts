import type { IncomingHttpHeaders } from 'node:http';

import { InvalidRequest } from '../../platform/http/request.problems.js';

/** A body with several events. */
export const CLOUD_EVENTS_BATCH = 'application/cloudevents-batch+json';
/** A body with one event. */
export const CLOUD_EVENT = 'application/cloudevents+json';

/** The headers with the attributes of an event in binary mode begin with this. */
const ATTRIBUTE = 'ce-';

/**
 * Events as they came in an HTTP request: several, or one.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
 */
export type EventMessage = { readonly batch: readonly unknown[] } | { readonly event: unknown };

/**
 * Reads the three modes of CloudEvents over HTTP: batched, structured and binary. JSON without attributes in its headers
 * is a batch, too.
 *
 * @throws InvalidRequest if the body has not the form of its type
 */
export function readMessage(headers: IncomingHttpHeaders, body: unknown): EventMessage {
  const type = headers['content-type']?.split(';')[0]!.trim().toLowerCase();
  if (type === CLOUD_EVENT) return { event: body };
  const attributes = Object.keys(headers).filter((name) => name.startsWith(ATTRIBUTE));
  if (type !== CLOUD_EVENTS_BATCH && attributes.length > 0) {
    const named = attributes.map((name): [string, unknown] => [name.slice(ATTRIBUTE.length), decoded(headers[name])]);
    return { event: { ...Object.fromEntries(named), data: body } };
  }
  if (Array.isArray(body)) return { batch: body as unknown[] };
  throw new InvalidRequest([
    `the body must be a JSON array of CloudEvents; send one event as ${CLOUD_EVENT}, or its data as JSON with its attributes in headers (ce-id, ce-source, ce-type, ce-specversion)`,
  ]);
}

/** Section 3.1.3.2: a value may be quoted, and its characters may be percent-encoded. */
function decoded(value: string | readonly string[] | undefined): string {
  const text = String(value);
  const plain = /^".*"$/.test(text) ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text;
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain; // a sender that does not encode
  }
}
