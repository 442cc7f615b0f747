import type { FastifyRequest } from 'fastify';

/**
 * Whether a browser says that a request comes from a page of this origin. Browsers send `Sec-Fetch-Site` where they
 * trust the connection, which no proxy changes, and with each write `Origin`, whose host is compared with the request's.
 * Null = the request has neither header, so it comes from no page.
 */
export function isFromOwnPage({ headers, host }: FastifyRequest): boolean | null {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin } = headers;
  if (origin === undefined) return null;
  return URL.canParse(origin) && new URL(origin).host === host;
}
