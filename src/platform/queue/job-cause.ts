import type { Job, JobsOptions } from 'bullmq';

import { inSpan } from '../observability/tracing.js';
import { currentWork, inWork } from '../observability/work-context.js';

/** What a job knows of the work that announced it. */
interface Cause {
  readonly requestId: string | null;
  /** A W3C `traceparent`; missing if traces are off. */
  readonly trace?: string;
}

/** Options of a job that the current work announces. BullMQ keeps them with the job, apart from its payload. */
export function thisWork(): Pick<JobsOptions, 'telemetry'> {
  const work = currentWork();
  if (work === undefined) return {};
  const { requestId, span } = work;
  const cause: Cause = { requestId, ...(span === null ? {} : { trace: span.asCause }) };
  return { telemetry: { metadata: JSON.stringify(cause) } };
}

/** Null = the job was started by its schedule. */
export function requestThatCaused(job: Job): string | null {
  return causeOf(job).requestId;
}

/** Works a job in a context with the id of the request that caused it, and in a span below that request's. */
export async function asCaused(job: Job, work: () => Promise<void>): Promise<void> {
  const { requestId, trace } = causeOf(job);
  const attributes = { 'messaging.system': 'bullmq', 'messaging.destination.name': job.queueName };
  const id = requestId === null ? {} : { 'maskline.request_id': requestId };
  await inWork({ requestId, span: null }, async () =>
    inSpan(
      `process ${job.queueName}`,
      { kind: 'consumer', attributes: { ...attributes, ...id }, ...(trace === undefined ? {} : { cause: trace }) },
      work,
    ),
  );
}

function causeOf(job: Job): Cause {
  const { metadata } = job.opts.telemetry ?? {};
  try {
    return metadata === undefined ? { requestId: null } : (JSON.parse(metadata) as Cause);
  } catch {
    return { requestId: null };
  }
}
