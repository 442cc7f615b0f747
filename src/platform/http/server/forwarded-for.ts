import type { IncomingHttpHeaders } from 'node:http';

const FORWARDED_FOR = 'x-forwarded-for';

/** `203.0.113.7:51008`, `[2001:db8::1]:51008` and `[2001:db8::1]`, quoted or not. */
const WITH_PORT = /^"?(?:(?<v4>\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?|\[(?<v6>[0-9a-f:.]{2,45})\](?::\d{1,5})?)"?$/i;

/**
 * Removes the ports from X-Forwarded-For, which Azure's proxies add. Fastify uses the header only from trusted proxies,
 * and does not accept an address with a port.
 */
export function dropForwardedPorts(headers: IncomingHttpHeaders): void {
  const forwarded = headers[FORWARDED_FOR];
  if (typeof forwarded !== 'string' || !/[:"[]/.test(forwarded)) return;
  headers[FORWARDED_FOR] = forwarded.split(',').map(withoutPort).join(', ');
}

function withoutPort(entry: string): string {
  const { v4, v6 } = WITH_PORT.exec(entry.trim())?.groups ?? {};
  return v4 ?? v6 ?? entry.trim();
}
