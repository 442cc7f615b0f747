/**
 * The server could not be reached, or the connection broke or fell silent. The statement may or may not have been
 * executed.
 */
export class ConnectionLost extends Error {
  /** The system's name of the error, for example `ECONNREFUSED`; undefined if there is none. */
  readonly code: string | undefined;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConnectionLost';
    this.code = (options?.cause as NodeJS.ErrnoException | undefined)?.code;
  }
}

/** SQLSTATE, the five characters of a PostgreSQL error code; null if the server did not report the failure. */
export function sqlStateOf(failure: unknown): string | null {
  const { severity, code } = (failure ?? {}) as { severity?: unknown; code?: unknown };
  return typeof severity === 'string' && typeof code === 'string' ? code : null;
}

/** Keeps errors that the server reported. Any other failure to connect becomes a lost connection. */
export function asConnectionLost(failure: unknown): unknown {
  if (sqlStateOf(failure) !== null || failure instanceof ConnectionLost) return failure;
  return new ConnectionLost(failure instanceof Error ? failure.message : String(failure), { cause: failure });
}
