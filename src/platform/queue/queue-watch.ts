import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Queue } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';
import { Gauge } from 'prom-client';

import { Metrics } from '../observability/metrics.js';
import { Readiness } from '../observability/readiness.js';
import { RefusedWrites } from './backends.js';
import { Processors, type WorkedQueue } from './processors.js';
import { readQueue, type QueueReading } from './queue-reading.js';
import { Schedules } from './schedules.js';
import { withDeadline } from '../clock/deadline.js';

const LOOKS_EVERY_MS = 3_000;
const ANSWERS_WITHIN_MS = 3_000;
/** A request without an answer after this time was lost with its connection; another one is sent. */
const FORGOTTEN_AFTER_MS = 30_000;

/** A backend that answers nothing for this long is reported as unreadable. */
const UNREADABLE_AFTER_MS = 10_000;
/** A queue whose next job is late by more than this is reported as not running. */
const NOT_RUNNING_AFTER_MS = 60_000;

/** A Redis that is not the primary refuses writes more often than this. */
const REFUSED_MS = 5_000;

/** An unavailable queue must not delay the start of the process. */
const SET_WITHIN_MS = 1_000;

/** The last known state of one queue. All times are in milliseconds since 1970. */
interface Known {
  readonly askedAt: number | null;
  readonly readAt: number;
  readonly reading: QueueReading | null;
  /** The schedule's next run as last read; initially the start of the process. */
  readonly nextRunAt: number;
  readonly isUnreadable: boolean;
  readonly isRunning: boolean;
  /** Why the last reading failed. */
  readonly failure: unknown;
}

const UNKNOWN = { askedAt: null, reading: null, isUnreadable: false, isRunning: true, failure: undefined } as const;

/** The state of a queue for a person. Durations are in seconds. */
export interface QueueState {
  readonly queue: string;
  /** Jobs that wait, at the last reading; null = it was never read. */
  readonly waiting: number | null;
  readonly failed: number | null;
  /** How long its next job is late. */
  readonly overdueSeconds: number;
  /** Since when its backend has not answered. */
  readonly unreadSeconds: number;
}

type Change = 'unreadable' | 'readable' | 'stopped' | 'running';

const silent = (): never => {
  throw new Error(`the queue did not answer within ${ANSWERS_WITHIN_MS} ms`);
};

/**
 * Reads the state of each queue every few seconds. Keeps its schedule, restarts a stopped worker, and reports late jobs
 * by log, metrics and readiness. Metrics and readiness return the last reading, so an unavailable backend never delays
 * them.
 */
@Injectable()
export class QueueWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly known = new Map<Queue, Known>();
  private timer: NodeJS.Timeout | undefined;
  private isStopping = false;

  constructor(
    private readonly processors: Processors,
    private readonly schedules: Schedules,
    private readonly refusedWrites: RefusedWrites,
    readiness: Readiness,
    metrics: Metrics,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(QueueWatch.name);
    readiness.add('queues', async () => this.whatIsWrong());
    this.measure(metrics);
  }

  /** Sets the schedules. If the backend does not answer, the start goes on and they are set when it does. */
  async onApplicationBootstrap(): Promise<void> {
    const now = Date.now();
    for (const { queue } of this.processors.all()) this.known.set(queue, { ...UNKNOWN, readAt: now, nextRunAt: now });
    const late = (): never => {
      throw new Error(`the queues did not answer within ${SET_WITHIN_MS} ms`);
    };
    await withDeadline(SET_WITHIN_MS, this.setSchedules(), late).catch((err: unknown) =>
      this.logger.warn({ err }, 'schedules not set yet'),
    );
    this.timer = setInterval(() => void this.look(), LOOKS_EVERY_MS).unref();
  }

  beforeApplicationShutdown(): void {
    this.isStopping = true;
    clearInterval(this.timer);
  }

  /** Reads the state of every queue once. Never rejects. */
  async look(): Promise<void> {
    await Promise.all(this.processors.all().map((worked) => this.lookAt(worked)));
    if (!this.isStopping) this.report();
  }

  /** The last known state of each queue. */
  states(): QueueState[] {
    const now = Date.now();
    return this.processors.all().flatMap((worked) => {
      const known = this.known.get(worked.queue);
      if (!known) return [];
      const { waiting = null, failed = null } = known.reading?.depth ?? {};
      const overdueSeconds = this.overdue(worked, now) / 1_000;
      const unreadSeconds = Math.max(now - known.readAt, 0) / 1_000;
      return [{ queue: worked.queue.name, waiting, failed, overdueSeconds, unreadSeconds }];
    });
  }

  private async setSchedules(): Promise<void> {
    const setting = this.processors.all().map(async ({ queue, processor: { schedule } }) => {
      if (schedule !== null) await this.schedules.set(queue, schedule);
    });
    await Promise.all(setting);
  }

  private async lookAt(worked: WorkedQueue): Promise<void> {
    const { queue, processor, worker } = worked;
    const { askedAt, nextRunAt } = this.known.get(queue)!;
    const now = Date.now();
    if (worker !== null && !worker.isRunning() && !worker.isPaused() && !worker.closing) {
      this.logger.error({ queue: queue.name }, 'worker stopped, restarted');
      worker.run().catch((err: Error) => worker.emit('error', err));
    }
    if (askedAt !== null && now - askedAt < FORGOTTEN_AFTER_MS) return;
    this.update(queue, { askedAt: now });
    const reading = readQueue(queue, processor.schedule, now);
    const settled = () => this.known.get(queue)?.askedAt === now && this.update(queue, { askedAt: null });
    reading.then(settled, settled);
    try {
      const read = await withDeadline(ANSWERS_WITHIN_MS, reading, silent);
      this.update(queue, { reading: read, readAt: Date.now(), nextRunAt: read.nextRunAt ?? nextRunAt });
      await this.keepSchedule(worked, read);
    } catch (failure) {
      this.update(queue, { failure });
    }
  }

  private async keepSchedule({ queue, processor: { schedule } }: WorkedQueue, read: QueueReading): Promise<void> {
    if (schedule === null) return;
    try {
      await withDeadline(ANSWERS_WITHIN_MS, this.schedules.keep(queue, schedule, read), silent);
    } catch (err) {
      if (!this.isStopping) this.logger.warn({ queue: queue.name, err }, 'schedule not recreated');
    }
  }

  /** Logs which queues became unreadable or stopped running, and which recovered. */
  private report(): void {
    const now = Date.now();
    const changed = { unreadable: [], readable: [], stopped: [], running: [] } as Record<Change, string[]>;
    let err: unknown;
    for (const worked of this.processors.all()) {
      const { queue } = worked;
      const before = this.known.get(queue)!;
      const isUnreadable = now - before.readAt > UNREADABLE_AFTER_MS;
      const isRunning = this.overdue(worked, now) <= NOT_RUNNING_AFTER_MS;
      if (isUnreadable !== before.isUnreadable) changed[isUnreadable ? 'unreadable' : 'readable'].push(queue.name);
      if (isRunning !== before.isRunning) changed[isRunning ? 'running' : 'stopped'].push(queue.name);
      if (isUnreadable) err ??= before.failure;
      this.update(queue, { isUnreadable, isRunning });
    }
    const { unreadable, readable, stopped, running } = changed;
    if (unreadable.length > 0) this.logger.error({ queues: unreadable, err }, 'queues unreadable');
    if (readable.length > 0) this.logger.info({ queues: readable }, 'queues readable again');
    if (stopped.length > 0)
      this.logger.error({ queues: stopped, seconds: NOT_RUNNING_AFTER_MS / 1000 }, 'queues not running');
    if (running.length > 0) this.logger.info({ queues: running }, 'queues running again');
  }

  /**
   * How many milliseconds the queue's next job is late. While the backend cannot be read, the last reading counts. A
   * job that a worker holds may take until its deadline.
   */
  private overdue({ queue, processor: { schedule, deadlineMs } }: WorkedQueue, now: number): number {
    const { reading, nextRunAt } = this.known.get(queue)!;
    const { oldestWaitingSince = null, activeSince = null } = reading ?? {};
    if (activeSince !== null && now < activeSince + deadlineMs) return 0;
    const isScheduled = schedule !== null && !schedule.isOff;
    const due = Math.min(isScheduled ? nextRunAt : now, oldestWaitingSince ?? now);
    return Math.max(now - due, 0);
  }

  private whatIsWrong(): string | null {
    const worked = this.processors.all();
    if (worked.every(({ worker }) => worker === null)) return null;
    const names = (is: (one: Known) => boolean) =>
      worked.filter(({ queue }) => is(this.known.get(queue)!)).map(({ queue }) => queue.name);
    const unreadable = names((one) => one.isUnreadable);
    const stopped = names((one) => !one.isRunning);
    if (this.refusedWrites.within(REFUSED_MS)) return 'read-only: the Redis is not a primary';
    if (unreadable.length > 0) return `unreadable: ${unreadable.join(', ')}`;
    return stopped.length > 0 ? `not running: ${stopped.join(', ')}` : null;
  }

  private update(queue: Queue, change: Partial<Known>): void {
    const before = this.known.get(queue);
    if (before) this.known.set(queue, { ...before, ...change });
  }

  private measure({ registry }: Metrics): void {
    const each = (tell: (worked: WorkedQueue, known: Known) => void) =>
      this.processors.all().forEach((worked) => {
        const known = this.known.get(worked.queue);
        if (known) tell(worked, known);
      });
    new Gauge({
      name: 'maskline_queue_jobs',
      help: 'Jobs in a queue, by state, at the last reading',
      labelNames: ['queue', 'state'],
      registers: [registry],
      collect() {
        each(({ queue }, { reading }) => {
          for (const [state, jobs] of Object.entries(reading?.depth ?? {}))
            this.set({ queue: queue.name, state }, jobs);
        });
      },
    });
    const gauge = (name: string, help: string, read: (worked: WorkedQueue, known: Known, now: number) => number) =>
      new Gauge({
        name,
        help,
        labelNames: ['queue'],
        registers: [registry],
        collect() {
          const now = Date.now();
          each((worked, known) => this.set({ queue: worked.queue.name }, read(worked, known, now) / 1000));
        },
      });
    gauge('maskline_queue_oldest_waiting_seconds', 'How long the oldest waiting job has been due', (_, one, now) =>
      one.reading?.oldestWaitingSince ? Math.max(now - one.reading.oldestWaitingSince, 0) : 0,
    );
    gauge('maskline_queue_overdue_seconds', 'How long the next job of a queue is overdue', (worked, _, now) =>
      this.overdue(worked, now),
    );
    gauge('maskline_queue_unread_seconds', 'Time since the queue backend last answered', (_, one, now) =>
      Math.max(now - one.readAt, 0),
    );
  }
}
