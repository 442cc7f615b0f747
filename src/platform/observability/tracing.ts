import { currentWork, inWork } from './work-context.js';

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

export interface Tracer {
  start(name: string, options: SpanOptions, parent: Span | null): Span;
}

let tracer: Tracer | null = null;

/** Turns traces of this process on, or off again. */
export function useTracer(used: Tracer | null): void {
  tracer = used;
}

/** A span within the current one. Its user ends it. @returns null if traces are off */
export function startSpan(name: string, options: SpanOptions = {}): Span | null {
  return tracer === null ? null : tracer.start(name, options, currentWork()?.span ?? null);
}

/** Runs work within a span of its own. @param run gets null if traces are off */
export async function inSpan<Result>(
  name: string,
  options: SpanOptions,
  run: (span: Span | null) => Promise<Result>,
): Promise<Result> {
  const span = startSpan(name, options);
  if (span === null) return run(null);
  const { requestId = null } = currentWork() ?? {};
  try {
    return await inWork({ requestId, span }, async () => run(span));
  } catch (failure) {
    span.fail(kindOf(failure));
    throw failure;
  } finally {
    span.end();
  }
}

/** The class of an error, or its code, for example an SQLSTATE. Messages may quote values. */
export function kindOf(failure: unknown): string {
  const { code, name } = (failure ?? {}) as { code?: unknown; name?: unknown };
  if (typeof code === 'string' && /^[A-Z0-9_]{2,40}$/.test(code)) return code;
  return typeof name === 'string' ? name : 'unknown';
}
