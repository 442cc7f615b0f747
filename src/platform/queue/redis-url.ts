import { readFileSync } from 'node:fs';
import type { ConnectionOptions as TlsOptions } from 'node:tls';

/** A URL of Redis that cannot be used. The message follows the setting's name, and quotes no password. */
class RedisUrlError extends Error {}

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** What a URL of Redis says. */
export interface RedisUrl {
  /** One server, the sentinels of a primary, or some nodes of a cluster. */
  readonly kind: 'server' | 'sentinels' | 'cluster';
  readonly nodes: readonly [RedisNode, ...RedisNode[]];
  /** The name by which the sentinels know the primary. */
  readonly primary?: string;
  /** The number of the database; a cluster has only 0. */
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  /** Of the sentinels, which have users of their own. */
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
  /** Undefined = without TLS. */
  readonly tls?: TlsOptions;
}

export const REDIS_SCHEMES = [
  'redis',
  'rediss',
  'redis+sentinel',
  'rediss+sentinel',
  'redis+cluster',
  'rediss+cluster',
];

const DEFAULT_PORTS = { server: 6379, sentinels: 26_379, cluster: 6379 };

const FORM =
  'must have the form redis://user:password@host:6379/0, with @ as %40, # as %23, / as %2F, ? as %3F and % as %25 ' +
  'within the user and the password';
const SENTINEL_FORM =
  'must name the primary after the sentinels, as in redis+sentinel://host1:26379,host2:26379/mymaster';
const URL_PARTS =
  /^redis(?<tls>s?)(?:\+(?<topology>sentinel|cluster))?:\/\/(?:(?<username>[^@/?#:]*)(?::(?<password>[^@/?#]*))?@)?(?<hosts>[^@/?#]*)(?:\/(?<path>[^@?#]*))?(?:\?(?<query>[^#]*))?$/;
const HOST_AND_PORT = /^(?<host>\[[\da-f:.%]+\]|[^:[\]]+)?(?::(?<port>\d{1,5}))?$/i;
const PARAMETERS = /^[^=&]+=[^&]*(&[^=&]+=[^&]*)*$/;

/**
 * Reads a URL of Redis. The schemes and the parameters of TLS are those of redis-py and Celery. Reads the certificates
 * that it names.
 *
 * @throws RedisUrlError
 */
export function parseRedisUrl(text: string): RedisUrl {
  const parts = URL_PARTS.exec(text)?.groups ?? fail(FORM);
  const { topology, username, password, hosts = '', path = '', query = '' } = parts;
  if (query !== '' && !PARAMETERS.test(query)) fail(FORM);
  const parameters = new URLSearchParams(query);
  const kind = topology === 'sentinel' ? 'sentinels' : topology === 'cluster' ? 'cluster' : 'server';
  const [first, ...second] = path.replace(/\/+$/, '').split('/');
  const primary = kind === 'sentinels' ? decoded(first) : undefined;
  if (kind === 'sentinels' && !primary) fail(SENTINEL_FORM);
  const nodes = nodesIn(hosts, DEFAULT_PORTS[kind]);
  if (kind === 'server' && nodes.length > 1) fail(`names several hosts: write redis+sentinel:// or redis+cluster://`);
  const db = parameters.get('db') ?? (kind === 'sentinels' ? second.join('/') : [first, ...second].join('/'));
  if (!/^\d{0,5}$/.test(db) || (kind === 'cluster' && Number(db) !== 0)) fail(FORM);
  const given = {
    primary,
    username: decoded(username),
    password: decoded(password),
    sentinelUsername: parameters.get('sentinel_username') || undefined,
    sentinelPassword: parameters.get('sentinel_password') || undefined,
    tls: parts['tls'] === 's' ? tlsOptions(parameters) : undefined,
  };
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return { kind, nodes, db: Number(db), ...Object.fromEntries(known) };
}

function nodesIn(hosts: string, defaultPort: number): RedisUrl['nodes'] {
  const [first, ...others] = hosts.split(',').map((text): RedisNode => {
    const { host = '127.0.0.1', port } = HOST_AND_PORT.exec(text)?.groups ?? fail(FORM);
    const number = Number(port ?? defaultPort);
    if (!(number >= 1 && number <= 65_535)) fail(FORM);
    return { host: host.replace(/^\[|\]$/g, ''), port: number };
  });
  return [first!, ...others];
}

function tlsOptions(parameters: URLSearchParams): TlsOptions {
  const file = (name: string) => {
    const path = parameters.get(name);
    return path ? readFile(name, path) : undefined;
  };
  return {
    ca: file('ssl_ca_certs'),
    cert: file('ssl_certfile'),
    key: file('ssl_keyfile'),
    ...(parameters.get('ssl_cert_reqs') === 'none' ? { rejectUnauthorized: false } : {}),
    ...(isOff(parameters.get('ssl_check_hostname')) ? { checkServerIdentity: () => undefined } : {}),
  };
}

function isOff(value: string | null): boolean {
  return /^(false|no|0)$/i.test(value ?? '');
}

function readFile(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (failure) {
    return fail(`has ${name}=${path}, which cannot be read (${(failure as NodeJS.ErrnoException).code})`);
  }
}

function decoded(text: string | undefined): string | undefined {
  if (!text) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return fail(FORM);
  }
}

function fail(message: string): never {
  throw new RedisUrlError(message);
}
