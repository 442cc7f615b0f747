import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Job } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';
import { Counter, Histogram } from 'prom-client';

import { Metrics } from '../observability/metrics.js';
import { requestThatCaused } from './job-cause.js';
import { Processors } from './processors.js';

/** An outage can fail thousands of jobs for one reason. */
const SAME_FAILURE_LOGGED_EVERY_MS = 10_000;

/** Logs and counts how jobs end. No line contains a job's payload. */
@Injectable()
export class JobReports implements OnApplicationBootstrap {
  private readonly seconds: Histogram<'queue'>;
  private readonly failures: Counter<'queue'>;
  private readonly stalls: Counter<'queue'>;
  private readonly logged = new Map<string, { quietUntil: number; unlogged: number }>();

  constructor(
    metrics: Metrics,
    private readonly processors: Processors,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(JobReports.name);
    const about = { labelNames: ['queue'] as const, registers: [metrics.registry] };
    this.seconds = new Histogram({
      name: 'maskline_job_seconds',
      help: 'Duration of completed jobs',
      buckets: [0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 900],
      ...about,
    });
    this.failures = new Counter({
      name: 'maskline_jobs_failed_total',
      help: 'Attempts of jobs that failed or exceeded their deadline',
      ...about,
    });
    this.stalls = new Counter({
      name: 'maskline_jobs_stalled_total',
      help: 'Jobs whose worker died or was stuck, and which another worker took over',
      ...about,
    });
  }

  onApplicationBootstrap(): void {
    this.processors.eachWorker((worker, queue) => {
      this.failures.inc({ queue: queue.name }, 0);
      worker.on('completed', ({ finishedOn, processedOn }) => {
        if (finishedOn && processedOn) this.seconds.observe({ queue: queue.name }, (finishedOn - processedOn) / 1000);
      });
      worker.on('failed', (job, err) => this.failed(queue.name, job, err));
      worker.on('stalled', (jobId) => {
        this.stalls.inc({ queue: queue.name });
        this.logger.warn({ queue: queue.name, jobId }, 'job stalled');
      });
    });
  }

  private failed(queue: string, job: Job | undefined, err: Error): void {
    this.failures.inc({ queue });
    const unlogged = this.unloggedSince(`${queue} ${err.message}`);
    if (unlogged === null) return;
    const attempt = job?.attemptsMade ?? 0;
    const attemptsLeft = Math.max((job?.opts.attempts ?? 1) - attempt, 0);
    const requestId = job ? requestThatCaused(job) : null;
    const caused = requestId === null ? {} : { requestId };
    const about = { queue, jobId: job?.id, attempt, attemptsLeft, unlogged, ...caused, err };
    if (attemptsLeft > 0) this.logger.warn(about, 'job failed');
    else this.logger.error(about, 'job failed');
  }

  /** The number of these failures that were not logged since the last logged one; null = do not log this one either. */
  private unloggedSince(failure: string): number | null {
    const now = performance.now();
    const before = this.logged.get(failure);
    if (before && now < before.quietUntil) {
      before.unlogged += 1;
      return null;
    }
    for (const [old, { quietUntil }] of this.logged) if (quietUntil < now) this.logged.delete(old);
    this.logged.set(failure, { quietUntil: now + SAME_FAILURE_LOGGED_EVERY_MS, unlogged: 0 });
    return before?.unlogged ?? 0;
  }
}
