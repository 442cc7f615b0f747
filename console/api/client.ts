import createClient from 'openapi-fetch';

import type { components, paths } from '../../clients/typescript/src/schema';

export type Schemas = components['schemas'];
export type Scope = Schemas['SessionResponse']['scopes'][number];

/** The console lies in the folder `console/` of the address at which the API is served. */
const ROOT = new URL('..', document.baseURI).href;
const ANSWERS_WITHIN_MS = 20_000;
/** The exchange answers some requests only when something happens. */
const EXCHANGE_ANSWERS_WITHIN_MS = 30_000;

export const client = createClient<paths>({
  baseUrl: ROOT.replace(/\/$/, ''),
  fetch: (request: Request) => fetch(request, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) }),
});

/** Why the API did not do what was asked. */
export class ApiFailure extends Error {
  constructor(
    /** The last part of the problem's type; `unreachable` if there was no answer. */
    readonly slug: string,
    readonly status: number,
    message: string,
    /** The fields of the request that it is about, as the API names them. */
    readonly fields: readonly string[] = [],
  ) {
    super(message);
  }
}

/** Whether a failure may pass without anybody's doing: an outage, a limit, no connection. */
export function isPassing(failure: unknown): boolean {
  return failure instanceof ApiFailure && (failure.status === 0 || failure.status === 429 || failure.status >= 500);
}

interface Answer<Data> {
  readonly data?: Data;
  readonly error?: unknown;
  readonly response: Response;
}

/** A problem, as the API tells it (RFC 9457). */
interface ProblemBody {
  readonly type?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly field?: string;
  readonly fields?: readonly string[];
  readonly errors?: readonly string[];
}

/** Called when the API says that the session has ended. */
let onSignedOut = (): void => undefined;
export function whenSignedOut(then: () => void): void {
  onSignedOut = then;
}

/** The body of an answer. @throws ApiFailure */
export async function answered<Data>(asked: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await asked.catch((): never => {
    throw new ApiFailure('unreachable', 0, '');
  });
  if (response.ok) return data as Data;
  const problem = (typeof error === 'object' && error !== null ? error : {}) as ProblemBody;
  const { type = '', title = '', detail = '', field, fields = field === undefined ? [] : [field] } = problem;
  if (response.status === 401) onSignedOut();
  // Of several mistakes, the first one is about the field that is named.
  const message = problem.errors?.[0] ?? (detail || title);
  throw new ApiFailure(type.split('/').at(-1) ?? '', response.status, message, fields);
}

/**
 * Asks the exchange, the simulated provider, to which Maskline passes these requests on.
 *
 * @throws ApiFailure
 */
export async function atExchange<Data>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
  signal?: AbortSignal,
): Promise<Data> {
  const limit = AbortSignal.timeout(EXCHANGE_ANSWERS_WITHIN_MS);
  const content = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const asked = async () => {
    const signals = AbortSignal.any(signal ? [signal, limit] : [limit]);
    const response = await fetch(`${ROOT}exchange/${path}`, { method, signal: signals, ...content });
    const told = (await response.json()) as { error?: string };
    return response.ok ? { data: told as Data, response } : { error: { detail: told.error, ...told }, response };
  };
  return answered(asked());
}

/** The stream of changes, with the session's cookie. */
export function streamOfChanges(): EventSource {
  return new EventSource(`${ROOT}v1/stream`);
}

/** The OpenAPI document. @throws ApiFailure */
export async function documentOfTheApi(): Promise<unknown> {
  const asked = fetch(`${ROOT}docs-json`, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
  const response = await asked.catch((): never => {
    throw new ApiFailure('unreachable', 0, '');
  });
  if (!response.ok) throw new ApiFailure('', response.status, '');
  return response.json();
}

/** The address of a file that the API serves, for a link. @param query contains no phone: it is in the address */
export function fileOfTheApi(path: string, query: Readonly<Record<string, string>>): string {
  return `${ROOT}${path}?${new URLSearchParams(query)}`;
}
