import { Cluster, type ClusterOptions, type RedisOptions } from 'ioredis';

import type { RedisUrl } from './redis-url.js';

/** Of a sentinel, which answers at once or is down. */
const SENTINEL_ANSWERS_WITHIN_MS = 2_000;
/** Of a node of a cluster that is asked which node has which keys. */
const SLOTS_WITHIN_MS = 3_000;

/** ioredis's options for logging in. */
export function loginAt({ username, password, db, tls }: RedisUrl): RedisOptions {
  return { ...(username ? { username } : {}), ...(password ? { password } : {}), ...(tls ? { tls } : {}), db };
}

/** ioredis's options for a primary that sentinels know. */
export function sentinelsAt(url: RedisUrl): RedisOptions {
  const { nodes, primary, sentinelUsername, sentinelPassword, tls } = url;
  return {
    sentinels: [...nodes],
    name: primary!,
    sentinelCommandTimeout: SENTINEL_ANSWERS_WITHIN_MS,
    ...(sentinelUsername ? { sentinelUsername } : {}),
    ...(sentinelPassword ? { sentinelPassword } : {}),
    ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: tls } : {}),
  };
}

/** A client of a cluster, which finds the other nodes by itself. */
export function clusterAt(
  url: RedisUrl,
  options: NonNullable<ClusterOptions['redisOptions']>,
  retryStrategy: () => number | null,
  { lazyConnect = false }: { readonly lazyConnect?: boolean } = {},
): Cluster {
  return new Cluster([...url.nodes], {
    redisOptions: options,
    lazyConnect,
    clusterRetryStrategy: retryStrategy,
    slotsRefreshTimeout: SLOTS_WITHIN_MS,
    // Certificates name what the cluster announces, which may be a host name.
    ...(url.tls ? { dnsLookup: (host, callback) => callback(null, host) } : {}),
  });
}
