import createFetchClient, { type Client } from 'openapi-fetch';
import { Webhook } from 'standardwebhooks';

import type { components, paths } from './schema.js';

export type Schemas = components['schemas'];
export type Order = Schemas['OrderResponse'];
export type OrderEvent = Schemas['OrderCloudEventResponse'];
export type Problem = Schemas['Problem'];

export type Maskline = Client<paths>;

export interface MasklineOptions {
  /** Where Maskline is served, for example `https://calls.example.com`. */
  readonly url: string;
  /** An API key. */
  readonly key: string;
  /** Default 10,000. */
  readonly timeoutMs?: number;
}

/** A typed fetch of every endpoint: `maskline.POST('/v1/orders', { body })`. */
export function createMaskline({ url, key, timeoutMs = 10_000 }: MasklineOptions): Maskline {
  return createFetchClient<paths>({
    baseUrl: url.replace(/\/$/, ''),
    headers: { authorization: `Bearer ${key}` },
    fetch: (request: Request) => fetch(request, { signal: AbortSignal.timeout(timeoutMs) }),
  });
}

/** A request that was refused. Decide by `problem.type`, as in `/problems/order-not-found`. */
export class MasklineProblem extends Error {
  override readonly name = 'MasklineProblem';
  constructor(
    readonly problem: Problem,
    /** The answer's status, and its headers `X-Request-Id` and `Retry-After`. */
    readonly response: Response,
  ) {
    super(`${problem.type}: ${problem.detail} (request ${response.headers.get('x-request-id')})`);
  }
}

interface Answer<Body> {
  readonly data?: Body;
  readonly error?: unknown;
  readonly response: Response;
}

/** The body of a request's answer. @throws MasklineProblem if the request was refused */
export async function bodyOf<Body>(answer: Promise<Answer<Body>>): Promise<Body> {
  const { data, error, response } = await answer;
  if (data !== undefined) return data;
  throw new MasklineProblem(isProblem(error) ? error : notFromMaskline(response), response);
}

/**
 * Every item of a list, page after page.
 *
 * @param readPage reads the page at a cursor; the first one has none
 */
export async function* everyItem<Page extends { readonly nextCursor: string | null }, Item>(
  readPage: (cursor: string | undefined) => Promise<Page>,
  itemsOf: (page: Page) => readonly Item[],
): AsyncGenerator<Item, void, undefined> {
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page: Page = await readPage(cursor);
    yield* itemsOf(page);
    cursor = page.nextCursor;
  }
}

/** All orders, newest first. @param status only those with this status */
export function everyOrder(maskline: Maskline, status?: Order['status']): AsyncGenerator<Order, void, undefined> {
  return everyItem(
    (cursor) => bodyOf(maskline.GET('/v1/orders', { params: { query: { status, cursor } } })),
    ({ orders }) => orders,
  );
}

/**
 * The events after a place in the feed, until there are no more. Store the `id` of the last event that you have handled,
 * and begin after it the next time.
 *
 * @param after default: the beginning
 */
export async function* everyEventAfter(maskline: Maskline, after = '0'): AsyncGenerator<OrderEvent, void, undefined> {
  for (let place = after; ;) {
    const { events, next } = await bodyOf(maskline.GET('/v1/order-events', { params: { query: { after: place } } }));
    if (events.length === 0) return;
    yield* events;
    place = next;
  }
}

/**
 * The events of a webhook request, after its signature was verified. One request has one event, or a batch.
 *
 * @param body as it came, before it is parsed
 * @throws WebhookVerificationError of `standardwebhooks`: answer 401
 */
export function eventsOfWebhook(
  secret: string,
  body: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): OrderEvent[] {
  const single = Object.entries(headers).map(([name, value]): [string, string] => [name, [value].flat()[0] ?? '']);
  const content = new Webhook(secret).verify(body, Object.fromEntries(single)) as OrderEvent | OrderEvent[];
  return Array.isArray(content) ? content : [content];
}

function isProblem(error: unknown): error is Problem {
  return typeof error === 'object' && error !== null && 'type' in error && 'detail' in error;
}

/** A proxy in front of Maskline answered in its place. */
function notFromMaskline({ status, statusText }: Response): Problem {
  return { type: '/problems/unexpected', title: statusText, status, detail: 'The answer is not from Maskline.' };
}
