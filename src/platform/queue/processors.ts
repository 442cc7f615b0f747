import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { Queue, type Worker } from 'bullmq';

import { JobProcessor, WorkedQueueName } from './job-processor.js';

/** A queue with the processor of its jobs. */
export interface WorkedQueue {
  readonly queue: Queue;
  readonly processor: JobProcessor;
  /** Null = this process only announces jobs. */
  readonly worker: Worker | null;
}

/** Every queue of the application. Complete when all modules are initialized. */
@Injectable()
export class Processors {
  private found: readonly WorkedQueue[] | null = null;

  constructor(private readonly discovery: DiscoveryService) {}

  all(): readonly WorkedQueue[] {
    this.found ??= this.discover();
    return this.found;
  }

  private discover(): WorkedQueue[] {
    const providers = this.discovery.getProviders();
    const queues = new Map<unknown, Queue>();
    for (const { instance } of providers as { instance: unknown }[]) {
      if (instance instanceof Queue) queues.set(instance.name, instance);
    }
    return providers.flatMap((provider) => {
      const processor: unknown = provider.instance;
      if (!(processor instanceof JobProcessor)) return [];
      const name = this.discovery.getMetadataByDecorator(WorkedQueueName, provider);
      const queue = queues.get(name);
      if (!queue) throw new Error(`${processor.constructor.name} works ${name}, which is not a queue`);
      return { queue, processor, worker: workerOf(processor) };
    });
  }
}

function workerOf(processor: JobProcessor): Worker | null {
  try {
    return processor.worker;
  } catch {
    return null; // never registered
  }
}
