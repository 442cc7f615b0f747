import { Redis, type Cluster } from 'ioredis';

import { patiently } from '../start/patience.js';
import { clusterAt, loginAt, sentinelsAt } from './redis-options.js';
import { parseRedisUrl, type RedisUrl } from './redis-url.js';

const ANSWERS_WITHIN_MS = 3_000;

const OLDEST_VERSION = '6.2';

/** What is wrong with a Redis, and what to do, after "The Redis at REDIS_URL ". */
class Unusable extends Error {
  constructor(
    message: string,
    readonly mayPass: boolean,
  ) {
    super(message);
  }
}

/**
 * Asks the Redis at REDIS_URL who it is. BullMQ would wait for it forever without a message.
 *
 * @returns a sentence on what should be corrected although it works; null = nothing
 * @throws Error whose message says in one sentence what to do
 */
export async function reachRedis(url: string): Promise<string | null> {
  return patiently(async () => ask(parseRedisUrl(url)), mayPass);
}

/** Whether a failure is temporary. Errors that Redis reports, such as a wrong password, are not. */
function mayPass({ message, cause }: Error): boolean {
  if (cause instanceof Unusable) return cause.mayPass;
  return !/WRONGPASS|NOAUTH|NOPERM|invalid password|cluster support disabled|certificate/i.test(message);
}

async function ask(url: RedisUrl): Promise<string | null> {
  const client = open(url);
  let why: Error | undefined;
  client.on('error', (error: Error) => (why = error));
  client.on('sentinelError', (error: Error) => (why = error));
  try {
    await client.connect().catch((failure: unknown) => {
      throw why ?? failure; // ioredis rejects with "Connection is closed." and emits the reason.
    });
    const nodes = client instanceof Redis ? [client] : client.nodes('master');
    const doubts = await Promise.all(nodes.map(async (node) => examine(await node.info(), url)));
    return doubts.find((doubt) => doubt !== null) ?? null;
  } catch (cause) {
    if (cause instanceof Unusable) throw new Error(`The Redis at REDIS_URL ${cause.message}.`, { cause });
    throw new Error(`The Redis at REDIS_URL cannot be used (${reason(cause)}): start it, or correct the URL.`, {
      cause,
    });
  } finally {
    client.disconnect();
  }
}

function open(url: RedisUrl): Redis | Cluster {
  const options = {
    ...loginAt(url),
    lazyConnect: true,
    connectTimeout: ANSWERS_WITHIN_MS,
    commandTimeout: ANSWERS_WITHIN_MS,
    disconnectTimeout: 100,
    maxRetriesPerRequest: 0,
  };
  const never = () => null;
  switch (url.kind) {
    case 'server':
      return new Redis({ ...options, ...url.nodes[0], retryStrategy: never, enableReadyCheck: false });
    case 'sentinels':
      return new Redis({
        ...options,
        ...sentinelsAt(url),
        retryStrategy: never,
        sentinelRetryStrategy: never,
        enableReadyCheck: false,
      });
    case 'cluster':
      return clusterAt(url, options, never, { lazyConnect: true });
  }
}

/** @param info the answer to INFO @throws Unusable @returns what should be corrected */
function examine(info: string, { kind }: RedisUrl): string | null {
  const fields = new Map(info.split(/\r?\n/).map((line) => line.split(':', 2) as [string, string]));
  const version = fields.get('redis_version') ?? OLDEST_VERSION;
  if (isOlder(version, OLDEST_VERSION)) {
    throw new Unusable(`has version ${version}: Maskline needs ${OLDEST_VERSION} or newer`, false);
  }
  if (kind !== 'cluster' && fields.get('cluster_enabled') === '1') {
    throw new Unusable('is a node of a cluster: write redis+cluster:// in REDIS_URL', false);
  }
  if (fields.get('role') === 'slave') {
    const isFailingOver = kind !== 'server';
    throw new Unusable('is a read-only replica: set REDIS_URL to its primary, or to its sentinels', isFailingOver);
  }
  const policy = fields.get('maxmemory_policy') ?? 'noeviction';
  if (policy === 'noeviction') return null;
  return `The Redis at REDIS_URL may delete jobs when its memory is full (maxmemory-policy ${policy}): set noeviction.`;
}

function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = than.split('.').map(Number);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}

/** ioredis's cluster hides the reason in the last of its nodes' errors. */
function reason(failure: unknown): string {
  const { message, lastNodeError } = failure as { message: string; lastNodeError?: Error };
  return (lastNodeError?.message ?? message).replace(/[.:]$/, '');
}
