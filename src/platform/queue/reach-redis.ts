import { Redis } from 'ioredis';

import { patiently } from '../start/patience.js';

const ANSWERS_WITHIN_MS = 3_000;

/**
 * Sends a request to the Redis at REDIS_URL. BullMQ would wait for it forever without a message.
 *
 * @throws Error whose message says in one sentence what to do
 */
export async function reachRedis(url: string): Promise<void> {
  await patiently(async () => ask(url), mayPass);
}

/** Whether a failure is temporary. Errors that Redis reports, such as a wrong password, are not. */
function mayPass({ message }: Error): boolean {
  return !/WRONGPASS|NOAUTH|NOPERM|invalid password/.test(message);
}

async function ask(url: string): Promise<void> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: ANSWERS_WITHIN_MS,
    commandTimeout: ANSWERS_WITHIN_MS,
    disconnectTimeout: 100,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
  });
  let why: Error | undefined;
  client.on('error', (error) => (why = error));
  try {
    await client.connect().catch((failure: unknown) => {
      throw why ?? failure; // ioredis rejects with "Connection is closed." and emits the reason.
    });
    await client.ping();
  } catch (cause) {
    throw new Error(
      `The Redis at REDIS_URL cannot be used (${(cause as Error).message}): start it, or correct the URL.`,
      { cause },
    );
  } finally {
    client.disconnect();
  }
}
