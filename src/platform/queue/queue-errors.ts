import { WorkerHost } from '@nestjs/bullmq';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { Queue } from 'bullmq';
import { PinoLogger } from 'nestjs-pino';

/** While Redis is away, every queue and worker reports each of its attempts to get it back. */
const TOLD_EVERY_MS = 10_000;

interface Reporter {
  on(event: 'error', listener: (err: Error) => void): unknown;
}

/** Logs what queues and workers report. BullMQ itself prints it, stack and all, among the lines of the log. */
@Injectable()
export class QueueErrors implements OnApplicationBootstrap {
  private quietUntil = 0;
  private untold = 0;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(QueueErrors.name);
  }

  onApplicationBootstrap(): void {
    for (const { instance } of this.discovery.getProviders() as { instance: unknown }[]) {
      const reporter: Reporter | null = instance instanceof Queue ? instance : workerOf(instance);
      reporter?.on('error', (err: Error) => this.tell(err));
    }
  }

  private tell(err: Error): void {
    if (performance.now() < this.quietUntil) {
      this.untold += 1;
      return;
    }
    this.logger.error({ err, untold: this.untold }, 'queue failed');
    this.quietUntil = performance.now() + TOLD_EVERY_MS;
    this.untold = 0;
  }
}

/** Null where this process does not work jobs off. */
function workerOf(instance: unknown): Reporter | null {
  if (!(instance instanceof WorkerHost)) return null;
  try {
    return instance.worker;
  } catch {
    return null; // never registered
  }
}
