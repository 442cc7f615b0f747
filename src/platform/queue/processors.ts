import { BullRegistrar } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { Queue, type Worker } from 'bullmq';
import { Subject } from 'rxjs';

import { JobProcessor, WorkedQueueName } from './job-processor.js';

/** A queue with the processor of its jobs. */
export interface WorkedQueue {
  readonly queue: Queue;
  readonly processor: JobProcessor;
  /** Null = this process only announces jobs, or its workers have not started yet. */
  readonly worker: Worker | null;
}

/** Every queue of the application. Complete when all modules are initialized. */
@Injectable()
export class Processors {
  private found: readonly WorkedQueue[] | null = null;
  private readonly started = new Subject<void>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly registrar: BullRegistrar,
  ) {}

  all(): readonly WorkedQueue[] {
    this.found ??= this.discover();
    return this.found;
  }

  /** Starts the workers of a process that began without them. Does nothing if they have started. */
  startWorkers(): void {
    if (this.all().some(({ worker }) => worker !== null)) return;
    this.registrar.register();
    this.found = null;
    this.started.next();
  }

  /** Tells of each worker, at once or when it starts. */
  eachWorker(tell: (worker: Worker, queue: Queue) => void): void {
    const tellAll = () => this.all().forEach(({ worker, queue }) => worker && tell(worker, queue));
    tellAll();
    this.started.subscribe(tellAll);
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
