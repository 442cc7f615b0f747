import type { Job, Queue } from 'bullmq';

import type { Schedule } from './job-processor.js';

/** The number of jobs in a queue, by state. */
export interface Depth {
  readonly waiting: number;
  readonly delayed: number;
  readonly active: number;
  readonly failed: number;
}

/** The state of a queue at one instant, as its backend reports it. All times are in milliseconds since 1970. */
export interface QueueReading {
  readonly depth: Depth;
  /** When the oldest waiting job could have run first. */
  readonly oldestWaitingSince: number | null;
  /** When the schedule's next job is due. Null = the schedule does not exist. */
  readonly nextRunAt: number | null;
  /** Whether the schedule's next job is in the queue. A `lost` job never runs; a `taken` one was taken by a worker. */
  readonly nextJob: 'waiting' | 'taken' | 'lost' | null;
  /** When the job that a worker holds was started. Read only if something is late. */
  readonly activeSince: number | null;
}

export async function readQueue(queue: Queue, schedule: Schedule | null, now: number): Promise<QueueReading> {
  const [counts, scheduler] = await Promise.all([
    queue.getJobCounts('wait', 'prioritized', 'delayed', 'active', 'failed'),
    schedule === null ? undefined : queue.getJobScheduler(schedule.id),
  ]);
  const { wait = 0, prioritized = 0, delayed = 0, active = 0, failed = 0 } = counts;
  const nextRunAt = scheduler?.next ?? null;
  const oldest = wait > 0 ? (await queue.getJobs(['wait'], 0, 0, true))[0] : undefined;
  const oldestWaitingSince = oldest ? oldest.timestamp + (oldest.opts.delay ?? 0) : null;
  const isLate = Math.min(nextRunAt ?? now, oldestWaitingSince ?? now) < now - 1_000;
  const running = active > 0 && isLate ? (await queue.getJobs(['active'], 0, 0, true))[0] : undefined;
  return {
    depth: { waiting: wait + prioritized, delayed, active, failed },
    oldestWaitingSince,
    nextRunAt,
    nextJob: schedule === null || nextRunAt === null ? null : await placeOf(queue, schedule, nextRunAt),
    activeSince: running?.processedOn ?? null,
  };
}

async function placeOf(queue: Queue, schedule: Schedule, nextRunAt: number): Promise<QueueReading['nextJob']> {
  // BullMQ names a schedule's job after the schedule and the time when it is due.
  const job: Job | undefined = await queue.getJob(`repeat:${schedule.id}:${nextRunAt}`);
  if (!job) return 'lost';
  const state = await job.getState();
  if (state === 'delayed' || state === 'waiting' || state === 'prioritized') return 'waiting';
  return state === 'active' ? 'taken' : 'lost';
}
