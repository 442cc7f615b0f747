/**
 * The server could not be reached, or the connection broke or fell silent. What was under way may or may not have been
 * done.
 */
export class ConnectionLost extends Error {
  /** As the system names it, `ECONNREFUSED` for example; undefined where it has no name. */
  readonly code: string | undefined;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConnectionLost';
    this.code = (options?.cause as NodeJS.ErrnoException | undefined)?.code;
  }
}

/** The five characters by which the server names its error, SQLSTATE; null for what the server did not say. */
export function sqlStateOf(failure: unknown): string | null {
  const { severity, code } = (failure ?? {}) as { severity?: unknown; code?: unknown };
  return typeof severity === 'string' && typeof code === 'string' ? code : null;
}

/** What the server itself said stays as it is; everything else that ends an attempt to connect is a lost connection. */
export function asConnectionLost(failure: unknown): unknown {
  if (sqlStateOf(failure) !== null || failure instanceof ConnectionLost) return failure;
  return new ConnectionLost(failure instanceof Error ? failure.message : String(failure), { cause: failure });
}
