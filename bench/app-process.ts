import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';

import { startApplication, type AppEnvironment } from './application.js';
import { serveParent } from './child.js';

export interface AppReady {
  readonly port: number;
}

export interface Memory {
  readonly rssMb: number;
  /** The part of it that the kernel can give up: programs, libraries and the replica, which are files. */
  readonly rssOfFilesMb: number;
  readonly heapUsedMb: number;
}

/** The application, listening. Answers any message with its memory use. */
await serveParent<AppEnvironment, object>(async (environment) => {
  const app = await startApplication(environment);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return {
    ready: { port } satisfies AppReady,
    answer: async () => {
      const { rss, heapUsed } = process.memoryUsage();
      const rssOfFilesMb = (await kilobytesOfFiles()) / 2 ** 10;
      return { rssMb: rss / 2 ** 20, rssOfFilesMb, heapUsedMb: heapUsed / 2 ** 20 } satisfies Memory;
    },
    close: () => app.close(),
  };
});

async function kilobytesOfFiles(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8');
  return Number(/^RssFile:\s+(\d+) kB$/m.exec(status)?.[1]);
}
