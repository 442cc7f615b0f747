import { Processor, WorkerHost } from '@nestjs/bullmq';
import { applyDecorators } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { Job, WorkerOptions } from 'bullmq';

import { withDeadline } from '../clock/deadline.js';
import { asCaused } from './job-cause.js';

/** A job that a queue adds repeatedly by itself. */
export interface Schedule {
  /** The schedule's name within its queue. */
  readonly id: string;
  readonly repeat: { readonly every: number } | { readonly pattern: string; readonly tz: string };
  readonly job: string;
  /**
   * Default: as for every job. A job that repeats within seconds needs one attempt, because the next run is its retry.
   */
  readonly attempts?: number;
  /** Removes the schedule when the process starts, because there is nothing to do. */
  readonly isOff?: boolean;
}

/**
 * For every worker. Another worker takes a job over within 8 s after its worker died or lost its connection. A worker
 * that is only stuck for that long loses its job as well, so every job must be safe to run twice at once.
 */
const WORKER_OPTIONS = {
  lockDuration: 6_000,
  stalledInterval: 2_000,
  runRetryDelay: 1_000, // BullMQ waits 15 s after a lost connection
  drainDelay: 4,
} as const satisfies Partial<WorkerOptions>;

/** Stores the name of the queue on the processor's class. */
export const WorkedQueueName = DiscoveryService.createDecorator<string>();

/** Puts a `JobProcessor` to work on a queue. */
export function Works(queue: string): ClassDecorator {
  return applyDecorators(Processor(queue, WORKER_OPTIONS), WorkedQueueName(queue));
}

const DEFAULT_DEADLINE_MS = 60_000;

/**
 * Works the jobs of one queue, one at a time. A job that is not done by its deadline fails and is retried like any
 * other failed job, and the worker goes on with the next. The late job is not stopped, so it must be safe to run twice
 * at once.
 */
export abstract class JobProcessor<Payload = unknown> extends WorkerHost {
  /** Null = jobs are only added by announcements. */
  readonly schedule: Schedule | null = null;
  readonly deadlineMs: number = DEFAULT_DEADLINE_MS;

  protected abstract work(job: Job<Payload>): Promise<void>;

  async process(job: Job<Payload>): Promise<void> {
    await asCaused(job, async () =>
      withDeadline(this.deadlineMs, this.work(job), () => {
        throw new DeadlineExceeded(`the job was not done within ${this.deadlineMs / 1000} s`);
      }),
    );
  }
}

/** The job took longer than its queue allows. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
}
