/**
 * What spans say: names, ids and counts. Never a phone, a secret, a URL or path with values in it, a query, a
 * statement's parameters, or the message of an error.
 */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanOptions {
  /** Default: internal. */
  readonly kind?: 'internal' | 'server' | 'client' | 'consumer';
  readonly attributes?: Attributes;
  /** A name of a trace that requests and jobs of any process share. Default: the trace of the current span, or a new one. */
  readonly trace?: string;
  /** The span that caused this one, in another process, as a W3C `traceparent`. */
  readonly cause?: string;
  /** Milliseconds since 1970. Default: now. */
  readonly startedAt?: number;
}

export interface Span {
  readonly traceId: string;
  /** This span as the cause of others, as a W3C `traceparent`. */
  readonly asCause: string;
  set(attributes: Attributes): void;
  /** @param kind of the error: a class, an SQLSTATE or a status, without its message */
  fail(kind: string): void;
  end(): void;
}
