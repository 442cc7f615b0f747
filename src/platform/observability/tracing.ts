import type { Span, SpanOptions } from './span.js';
import { currentWork, inWork } from './work-context.js';

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
