import type { FastifyRequest } from 'fastify';

export const JSON_TYPE = 'application/json';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The media types of the bodies that a route reads. Default: JSON. */
    readonly reads?: readonly string[];
  }
}

export function typesReadBy({ routeOptions }: FastifyRequest): readonly string[] {
  return routeOptions.config.reads ?? [JSON_TYPE];
}

/**
 * Whether a request has a body that its route does not read. The server has readers for other types than JSON, for the
 * callbacks of providers. They would take JSON that is marked as a form, as `curl -d` does, for the name of a field.
 */
export function hasUnreadBody(request: FastifyRequest): boolean {
  const { 'content-length': length, 'transfer-encoding': transfer, ...headers } = request.headers;
  const hasBody = Number(length ?? 0) > 0 || transfer !== undefined;
  if (!hasBody) return false;
  const type = headers['content-type']?.split(';')[0]!.trim().toLowerCase() ?? '';
  return !typesReadBy(request).includes(type) || (headers['content-encoding'] ?? 'identity') !== 'identity';
}
