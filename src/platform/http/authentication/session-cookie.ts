import type { FastifyReply, FastifyRequest } from 'fastify';

const NAME = 'maskline-session';
const VALUE = new RegExp(`(?:^|;\\s*)${NAME}=([\\w-]{43})(?:;|$)`);

/** The token in the cookie of a request; null if there is none of its form. */
export function sessionTokenIn({ headers }: FastifyRequest): string | null {
  return VALUE.exec(headers.cookie ?? '')?.[1] ?? null;
}

/**
 * Sets the cookie of a session. No script can read it, and browsers send it to this origin only. If the page was loaded
 * by https, it is never sent without; the header Origin says so, whatever stands in front of this process.
 */
export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, token: string, seconds: number): void {
  const isSecure = request.protocol === 'https' || (request.headers.origin ?? '').startsWith('https://');
  const attributes = [`Max-Age=${seconds}`, 'Path=/', 'HttpOnly', 'SameSite=Strict', ...(isSecure ? ['Secure'] : [])];
  void reply.header('set-cookie', [`${NAME}=${token}`, ...attributes].join('; '));
}

export function deleteSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  setSessionCookie(request, reply, '', 0);
}
