import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { Queue } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';
import { Counter } from 'prom-client';

import { Metrics } from '../observability/metrics.js';
import { RefusedWrites } from './backends.js';
import { Processors } from './processors.js';

/** While Redis is unavailable, every queue and worker reports each attempt to reconnect. */
const TOLD_EVERY_MS = 10_000;

/** Logs and counts what queues and workers report. BullMQ would print it with its stack among the log lines. */
@Injectable()
export class QueueErrors implements OnApplicationBootstrap {
  private quietUntil = 0;
  private untold = 0;
  private readonly failures: Counter;

  constructor(
    metrics: Metrics,
    private readonly discovery: DiscoveryService,
    private readonly processors: Processors,
    private readonly refusedWrites: RefusedWrites,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(QueueErrors.name);
    this.failures = new Counter({
      name: 'maskline_queue_failures_total',
      help: 'Connections of queues and workers that ended or could not be opened, and writes that the backend refused',
      registers: [metrics.registry],
    });
  }

  onApplicationBootstrap(): void {
    const providers = this.discovery.getProviders().map(({ instance }: { instance: unknown }) => instance);
    const queues = new Set(providers.filter((one) => one instanceof Queue)); // also those without a processor
    for (const queue of queues) queue.on('error', (err) => this.failed(err));
    this.processors.eachWorker((worker) => worker.on('error', (err) => this.failed(err)));
    this.refusedWrites.whenNoted((err) => this.failed(err));
  }

  private failed(err: Error): void {
    this.failures.inc();
    if (performance.now() < this.quietUntil) {
      this.untold += 1;
      return;
    }
    this.logger.error({ err, untold: this.untold }, 'queue failed');
    this.quietUntil = performance.now() + TOLD_EVERY_MS;
    this.untold = 0;
  }
}
