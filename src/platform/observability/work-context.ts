import { AsyncLocalStorage } from 'node:async_hooks';

import type { Span } from './span.js';

/** The request or job that this process works on, with everything that it awaits. */
export interface WorkContext {
  /** Of the request, or of the request that caused the job; null = a job that its schedule started. */
  readonly requestId: string | null;
  /** Null = traces are off. */
  readonly span: Span | null;
}

const contexts = new AsyncLocalStorage<WorkContext>();

/** Undefined outside requests and jobs, for example at the start. */
export function currentWork(): WorkContext | undefined {
  return contexts.getStore();
}

export function inWork<Result>(work: WorkContext, run: () => Result): Result {
  return contexts.run(work, run);
}

/** What each log line contains of the current work. */
export function fieldsOfWork(): Record<string, string> {
  const work = contexts.getStore();
  if (work === undefined) return {};
  const { requestId, span } = work;
  if (span !== null) return { ...(requestId === null ? {} : { requestId }), traceId: span.traceId };
  return requestId === null ? {} : { requestId };
}
