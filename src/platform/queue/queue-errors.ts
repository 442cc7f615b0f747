import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

import { Processors } from './processors.js';

/** While Redis is unavailable, every queue and worker reports each attempt to reconnect. */
const TOLD_EVERY_MS = 10_000;

/** Logs what queues and workers report. BullMQ would print it with its stack among the log lines. */
@Injectable()
export class QueueErrors implements OnApplicationBootstrap {
  private quietUntil = 0;
  private untold = 0;

  constructor(
    private readonly processors: Processors,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(QueueErrors.name);
  }

  onApplicationBootstrap(): void {
    for (const { queue, worker } of this.processors.all()) {
      queue.on('error', (err) => this.tell(err));
      worker?.on('error', (err) => this.tell(err));
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
