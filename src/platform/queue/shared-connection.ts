import { WorkerHost } from '@nestjs/bullmq';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { DiscoveryService } from '@nestjs/core';
import { Queue } from 'bullmq';

/** Closes connections that all queues share, after the queues and workers have closed. */
export class SharedConnection implements OnApplicationShutdown {
  constructor(
    private readonly end: () => Promise<void>,
    private readonly discovery: DiscoveryService,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    const providers = this.discovery.getProviders().map(({ instance }: { instance: unknown }) => instance);
    await Promise.allSettled(providers.filter((one) => one instanceof WorkerHost).map(closeWorker));
    await Promise.allSettled(providers.filter((one) => one instanceof Queue).map(async (queue) => queue.close()));
    await this.end();
  }
}

/** In a process without workers, the hosts have no worker. */
async function closeWorker(host: WorkerHost): Promise<void> {
  await host.worker.close();
}
