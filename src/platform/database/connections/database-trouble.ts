import { ConnectionLost, sqlStateOf } from './connection-lost.js';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const QUERY_CANCELED = '57014';
const CONNECTION_EXCEPTIONS = /^08/;
const SERVER_GOES_OR_COMES = ['57P01', '57P02', '57P03'];
/** A standby or a read-only primary; too many connections; no disk space or memory. */
const CANNOT_SERVE = ['25006', '53000', '53100', '53200', '53300'];
/** pg-pool has no class or code for this failure. */
const NO_CONNECTION_FREE = 'timeout exceeded when trying to connect';
const POOL_HAS_ENDED = 'Cannot use a pool after calling end on the pool';
/** TypeORM's error for the further statements of a transaction whose connection broke between two of them. */
const BROKE_BETWEEN_STATEMENTS = 'QueryRunnerAlreadyReleasedError';

/**
 * Whether a statement failed because the database is unreachable, silent, starting, stopping, read-only, full or too
 * slow.
 */
export function isDatabaseTrouble(failure: unknown): boolean {
  return someCause(failure, (cause) => {
    if (cause instanceof ConnectionLost) return true;
    const code = sqlStateOf(cause);
    if (code !== null) return isConnectionCode(code) || CANNOT_SERVE.includes(code) || code === QUERY_CANCELED;
    return [NO_CONNECTION_FREE, POOL_HAS_ENDED].includes(cause.message) || cause.name === BROKE_BETWEEN_STATEMENTS;
  });
}

/** Whether the server cancelled a statement, by its limit of time. */
export function tookTooLong(failure: unknown): boolean {
  return someCause(failure, (cause) => sqlStateOf(cause) === QUERY_CANCELED);
}

/** Whether the same statement is likely to succeed on another connection. */
export function isWorthTryingAgain(failure: unknown): boolean {
  return someCause(failure, (cause) => {
    if (cause instanceof ConnectionLost) return true;
    const code = sqlStateOf(cause);
    return code !== null && (isConnectionCode(code) || code === QUERY_CANCELED);
  });
}

/** Whether a certificate was refused, or the server has no TLS. It does not pass by itself. */
export function isAboutTls(failure: unknown): boolean {
  return someCause(failure, ({ message }) => /certificate|altnames|does not support SSL/i.test(message));
}

function isConnectionCode(code: string): boolean {
  return CONNECTION_EXCEPTIONS.test(code) || SERVER_GOES_OR_COMES.includes(code);
}

/** TypeORM wraps pg's errors, and pg-pool and Node give a failure several causes. */
function someCause(failure: unknown, matches: (cause: Error) => boolean): boolean {
  if (!(failure instanceof Error)) return false;
  if (matches(failure)) return true;
  const { driverError, errors } = failure as { driverError?: unknown; errors?: unknown };
  const causes = [failure.cause, driverError, ...(Array.isArray(errors) ? (errors as unknown[]) : [])];
  return causes.some((cause) => cause !== failure && someCause(cause, matches));
}
