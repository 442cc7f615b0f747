import { Processor, WorkerHost } from '@nestjs/bullmq';
import { applyDecorators } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { Job, WorkerOptions } from 'bullmq';

import { within } from './within.js';

/** A job that a queue adds by itself, again and again. */
export interface Schedule {
  /** Names the schedule within its queue. */
  readonly id: string;
  readonly repeat: { readonly every: number } | { readonly pattern: string; readonly tz: string };
  readonly job: string;
  /** Default: as for every job. A job that repeats within seconds needs one: the next run is its retry. */
  readonly attempts?: number;
  /** The schedule is removed when the process starts, because there is nothing to do. */
  readonly isOff?: boolean;
}

/**
 * For every worker. Another worker takes a job over within 8 s after its worker died or lost its connection. A worker that
 * is only stuck for so long loses its job as well, so every job must be safe to run twice at once.
 */
const WORKER_OPTIONS = {
  lockDuration: 6_000,
  stalledInterval: 2_000,
  runRetryDelay: 1_000, // BullMQ waits 15 s after a lost connection
  drainDelay: 4,
} as const satisfies Partial<WorkerOptions>;

/** Names the queue on the class of its processor. */
export const WorkedQueueName = DiscoveryService.createDecorator<string>();

/** Puts a `JobProcessor` to work on a queue. */
export function Works(queue: string): ClassDecorator {
  return applyDecorators(Processor(queue, WORKER_OPTIONS), WorkedQueueName(queue));
}

const DEFAULT_DEADLINE_MS = 60_000;

/**
 * Works the jobs of one queue, one at a time. A job that is not done by its deadline fails and is retried like any other
 * failed job, and the worker goes on with the next. What the late job still does is not stopped, so it must be safe to
 * run twice at once.
 */
export abstract class JobProcessor<Payload = unknown> extends WorkerHost {
  /** Null = jobs come by announcement only. */
  readonly schedule: Schedule | null = null;
  readonly deadlineMs: number = DEFAULT_DEADLINE_MS;

  protected abstract work(job: Job<Payload>): Promise<void>;

  async process(job: Job<Payload>): Promise<void> {
    const late = () => new DeadlineExceeded(`the job was not done within ${this.deadlineMs / 1000} s`);
    await within(this.deadlineMs, this.work(job), late);
  }
}

/** The job took longer than its queue allows. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
}
