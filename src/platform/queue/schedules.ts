import { Injectable } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';
import { Counter } from 'prom-client';

import { Metrics } from '../observability/metrics.js';
import type { Schedule } from './job-processor.js';
import type { QueueReading } from './queue-reading.js';

/**
 * Keeps the schedules of the queues in their backend. A Redis that restarted empty, was flushed or evicts keys has lost
 * them or their next jobs, and nothing else would add them again.
 */
@Injectable()
export class Schedules {
  /** By queue: the next run for which the last reading found no waiting job. */
  private readonly suspected = new Map<Queue, number>();
  private readonly recreated: Counter<'queue'>;

  constructor(
    metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(Schedules.name);
    this.recreated = new Counter({
      name: 'maskline_schedules_recreated_total',
      help: 'Schedules that were missing in the queue backend and were created again',
      labelNames: ['queue'],
      registers: [metrics.registry],
    });
  }

  /** Creates or updates the schedule, or removes one that is off. */
  async set(queue: Queue, schedule: Schedule): Promise<void> {
    if (schedule.isOff) await queue.removeJobScheduler(schedule.id);
    else await upsert(queue, schedule);
  }

  /**
   * Recreates the schedule if the reading shows that it will not run again: it is missing, or its next job is. A worker
   * that takes the next job adds the following one a moment later, so a missing job counts only if the next reading
   * finds the same one missing.
   */
  async keep(queue: Queue, schedule: Schedule, { nextRunAt, nextJob }: QueueReading): Promise<void> {
    if (schedule.isOff) return;
    if (nextRunAt !== null && (nextJob === 'waiting' || this.suspected.get(queue) !== nextRunAt)) {
      if (nextJob === 'waiting') this.suspected.delete(queue);
      else this.suspected.set(queue, nextRunAt);
      return;
    }
    this.suspected.delete(queue);
    await recreate(queue, schedule);
    this.recreated.inc({ queue: queue.name });
    this.logger.warn({ queue: queue.name, schedule: schedule.id }, 'schedule recreated');
  }
}

async function upsert(queue: Queue, { id, repeat, job, attempts }: Schedule): Promise<void> {
  const opts = attempts === undefined ? {} : { attempts };
  await queue.upsertJobScheduler(id, repeat, { name: job, data: {}, opts });
}

/**
 * BullMQ does not add a job if one with the same id exists, even a completed one. So the rest of the lost schedule is
 * removed first.
 */
async function recreate(queue: Queue, schedule: Schedule): Promise<void> {
  try {
    await upsert(queue, schedule);
  } catch {
    await queue.removeJobScheduler(schedule.id);
    const left = await queue.getJobs(['wait', 'delayed', 'prioritized', 'completed', 'failed']);
    for (const job of left) if (job?.repeatJobKey === schedule.id) await job.remove();
    await upsert(queue, schedule);
  }
}
