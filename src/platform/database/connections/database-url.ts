import { readFileSync } from 'node:fs';
import type { ConnectionOptions as TlsOptions } from 'node:tls';

/** A URL of a database that cannot be used. The message follows the setting's name, and quotes no password. */
class DatabaseUrlError extends Error {}

/** The address of one PostgreSQL server, or of a pooler in front of it. */
export interface DatabaseServer {
  /** A host name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
}

/** What pg needs to log in at any of the servers. */
export interface DatabaseLogin {
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  /** Undefined = as the environment variable PGSSLMODE says, by default without TLS. */
  readonly ssl?: false | TlsOptions;
  readonly sslnegotiation?: 'postgres' | 'direct';
  readonly enableChannelBinding?: boolean;
  readonly application_name?: string;
  readonly options?: string;
}

export interface DatabaseUrl {
  /** If there are several, the one that accepts writes is used. */
  readonly servers: readonly [DatabaseServer, ...DatabaseServer[]];
  readonly login: DatabaseLogin;
  /** Whether a pooler at this address gives each connection a session of its own, as PgBouncer does in session mode. */
  readonly hasSessions: boolean;
}

const DEFAULT_PORT = 5432;

const FORM =
  'must have the form postgres://user:password@host:5432/database, with @ as %40, # as %23, / as %2F, ? as %3F and ' +
  '% as %25 within the user, the password and the database';
const URL_PARTS =
  /^postgres(?:ql)?:\/\/(?:(?<user>[^@/?#:]*)(?::(?<password>[^@/?#]*))?@)?(?<hosts>[^@/?#]*)(?:\/(?<database>[^@/?#]*))?(?:\?(?<query>[^#]*))?$/;
const HOST_AND_PORT = /^(?<host>\[[\da-f:.%]+\]|[^:[\]]*)(?::(?<port>\d{1,5})?)?$/i;
const PARAMETERS = /^[^=&]+=[^&]*(&[^=&]+=[^&]*)*$/;

/**
 * Reads a URL in the form of PostgreSQL's libpq, which pg's own reader lacks in part: several hosts, and the meaning of
 * `sslmode`. Reads the certificates that it names.
 *
 * @throws DatabaseUrlError
 */
export function parseDatabaseUrl(text: string): DatabaseUrl {
  const { user, password, hosts = '', database, query = '' } = URL_PARTS.exec(text)?.groups ?? fail(FORM);
  if (query !== '' && !PARAMETERS.test(query)) fail(FORM);
  const parameters = new URLSearchParams(query);
  const parameter = (name: string) => parameters.get(name) || undefined;
  const { sslnegotiation, channel_binding: binding } = Object.fromEntries(parameters);
  const servers = serversIn(parameter('host') ?? hosts, parameter('port'));
  checkSessionAttributes(parameter('target_session_attrs'), servers.length);
  return {
    servers,
    hasSessions: oneOf(parameter('pool_mode') ?? 'auto', 'pool_mode', ['auto', 'session']) === 'session',
    login: {
      user: parameter('user') ?? decoded(user),
      password: parameter('password') ?? decoded(password),
      database: decoded(database),
      ssl: tlsOptions(parameter),
      ...(sslnegotiation ? { sslnegotiation: oneOf(sslnegotiation, 'sslnegotiation', ['postgres', 'direct']) } : {}),
      enableChannelBinding: binding === 'prefer' || binding === 'require',
      application_name: parameter('application_name'),
      options: parameter('options'),
    },
  };
}

/** The name of the database. By PostgreSQL's rule it is the user's if the URL names none. */
export function databaseIn(text: string): string {
  const { database, user } = parseDatabaseUrl(text).login;
  return database ?? user ?? '';
}

function serversIn(hosts: string, ports: string | undefined): DatabaseUrl['servers'] {
  const listed = ports?.split(',');
  const [first, ...others] = hosts.split(',').map((text, index): DatabaseServer => {
    const folder = text.startsWith('/') ? text : null;
    const { host = folder ?? fail(FORM), port } = HOST_AND_PORT.exec(folder === null ? text : '')?.groups ?? {};
    const number = Number(listed?.[index] ?? listed?.[0] ?? port ?? DEFAULT_PORT);
    if (!(number >= 1 && number <= 65_535)) fail(FORM);
    return { host: folder ?? (decoded(host.replace(/^\[|\]$/g, '')) || 'localhost'), port: number };
  });
  return [first!, ...others];
}

/** Maskline writes, so of several servers it always needs the one that accepts writes. */
function checkSessionAttributes(attributes: string | undefined, servers: number): void {
  if (attributes === undefined || (attributes === 'any' && servers === 1)) return;
  oneOf(attributes, 'target_session_attrs', ['read-write', 'primary']);
}

/** As libpq does it. pg's own reader takes `require` and `verify-ca` for `verify-full`, until its next version. */
function tlsOptions(parameter: (name: string) => string | undefined): false | TlsOptions | undefined {
  const root = parameter('sslrootcert');
  const file = (name: string) => (parameter(name) === undefined ? {} : readFile(name, parameter(name)!));
  const ca = root === undefined || root === 'system' ? undefined : readFile('sslrootcert', root);
  const tls: TlsOptions = { ...(ca ? { ca } : {}) };
  if (parameter('sslcert')) tls.cert = file('sslcert') as Buffer;
  if (parameter('sslkey')) tls.key = file('sslkey') as Buffer;
  const anybody = { ...tls, rejectUnauthorized: false };
  const anyName = { ...tls, checkServerIdentity: () => undefined };
  switch (parameter('sslmode') ?? modeOfPg(parameter('ssl'))) {
    case undefined:
      return root === undefined && parameter('sslnegotiation') !== 'direct' ? undefined : tls;
    case 'disable':
      return false;
    case 'no-verify':
      return anybody;
    case 'require':
      return ca ? anyName : anybody;
    case 'verify-ca':
      return ca ? anyName : fail('has sslmode=verify-ca, which needs sslrootcert, the file of the CA');
    case 'verify-full':
      return tls;
    default:
      return fail('has an sslmode that cannot be used: write disable, require, verify-ca or verify-full');
  }
}

/** The spelling of pg, which other tools do not know. */
function modeOfPg(ssl: string | undefined): string | undefined {
  if (ssl === undefined) return undefined;
  if (ssl === 'no-verify') return ssl;
  return ssl === '0' || ssl === 'false' ? 'disable' : 'verify-full';
}

function readFile(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (failure) {
    return fail(`has ${name}=${path}, which cannot be read (${(failure as NodeJS.ErrnoException).code})`);
  }
}

function oneOf<const T extends string>(value: string, name: string, allowed: readonly T[]): T {
  return allowed.find((one) => one === value) ?? fail(`has ${name}=${value}: write ${allowed.join(' or ')}`);
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
  throw new DatabaseUrlError(message);
}
