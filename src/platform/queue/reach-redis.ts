import { Redis } from 'ioredis';

import { patiently } from '../start/patience.js';

const ANSWERS_WITHIN_MS = 3_000;

/**
 * Asks the Redis of REDIS_URL. BullMQ itself would wait for it for ever and without a word.
 *
 * @throws Error whose message is one sentence that a person can act on
 */
export async function reachRedis(url: string): Promise<void> {
  await patiently(async () => ask(url), mayPass);
}

/** What Redis says to a wrong password does not pass; what the network says does. */
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
      throw why ?? failure; // ioredis rejects with "Connection is closed." and emits why
    });
    await client.ping();
  } catch (cause) {
    throw new Error(
      `REDIS_URL leads to no Redis that lets us in (${(cause as Error).message}): start it, or correct the URL.`,
      { cause },
    );
  } finally {
    client.disconnect();
  }
}
