import { createServer, type AddressInfo } from 'node:net';

import { vi } from 'vitest';

import { reachRedis } from '../../../src/platform/queue/reach-redis.js';
import { certify } from '../../support/certificates.js';
import { OwnRedis } from '../../support/own-redis.js';
import { OwnSentinel } from '../../support/own-sentinel.js';
import { describeWithRedis } from '../../support/with-redis.js';
import { FaultyQueues } from './faulty-queues.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const PASSWORD = 'p@ss#word';
const ENCODED = encodeURIComponent(PASSWORD);
/** What the queues need: no other keys, and no administration but INFO. */
const RIGHTS = ['on', `>${PASSWORD}`, '~maskline-*', '+@all', '-@admin', '-@dangerous', '+info'];

let faulty: FaultyQueues;
const servers: { stop(): Promise<void> }[] = [];
beforeEach(() => {
  faulty = new FaultyQueues();
});
afterEach(async () => {
  await faulty.stop();
  await Promise.all(servers.splice(0).map(async (server) => server.stop()));
});

function kept<Server extends { stop(): Promise<void> }>(server: Server): Server {
  servers.push(server);
  return server;
}

/** The queues run, and an order ends in time. */
async function expectAllWorks(): Promise<void> {
  const reference = await faulty.anActiveOrder();
  await faulty.queues.runAgain(Date.now());
  await faulty.isDealtWith(reference);
  expect(await faulty.isReady()).toBe(true);
}

describeWithRedis('queues', () => {
  it('behind a sentinel go on within 15 s after the primary has died under work', async () => {
    const [primary, replica] = [kept(await OwnRedis.start()), kept(await OwnRedis.start())];
    await replica.replicate(primary);
    const { address } = kept(await OwnSentinel.start(primary, 'mymaster', PASSWORD));
    const url = `redis+sentinel://127.0.0.1:1,${address}/mymaster/0?sentinel_password=${ENCODED}`;
    expect(await reachRedis(url)).toBeNull();
    await faulty.start({ redisUrl: url });
    const reference = await faulty.anActiveOrder();
    await primary.stop();
    await faulty.queues.runAgain(Date.now());
    await faulty.isDealtWith(reference);
    await expectAllWorks();
  });

  it('run on a cluster of three nodes', async () => {
    const nodes = await OwnRedis.startCluster(3);
    nodes.forEach(kept);
    const url = `redis+cluster://127.0.0.1:1,${nodes[0]!.address}`;
    expect(await reachRedis(url)).toBeNull();
    await expect(reachRedis(nodes[1]!.url)).rejects.toThrow(
      'The Redis at REDIS_URL is a node of a cluster: write redis+cluster:// in REDIS_URL.',
    );
    await faulty.start({ redisUrl: url });
    await expectAllWorks();
  });

  it('run over TLS, by a user who may use no other keys', async () => {
    const certificates = await certify('IP:127.0.0.1');
    const redis = kept(await OwnRedis.start({}, certificates));
    await redis.command('ACL', 'SETUSER', 'maskline', ...RIGHTS);
    await redis.command('ACL', 'SETUSER', 'default', 'off');
    const url = `rediss://maskline:${ENCODED}@${redis.address}/0`;
    await expect(reachRedis(url)).rejects.toThrow(/cannot be used \(.*certificate.*\): start it, or correct the URL/);
    const withCa = `${url}?ssl_ca_certs=${certificates.ca}`;
    expect(await reachRedis(withCa)).toBeNull();
    await faulty.start({ redisUrl: withCa });
    await expectAllWorks();
  });
});

describeWithRedis('a start says in one sentence what is wrong with a Redis:', () => {
  it('it may delete jobs', async () => {
    const redis = kept(await OwnRedis.start({ maxmemory: '100mb', 'maxmemory-policy': 'allkeys-lru' }));
    expect(await reachRedis(redis.url)).toBe(
      'The Redis at REDIS_URL may delete jobs when its memory is full (maxmemory-policy allkeys-lru): set noeviction.',
    );
  });

  it('it is a replica', async () => {
    const [primary, replica] = [kept(await OwnRedis.start()), kept(await OwnRedis.start())];
    await replica.replicate(primary);
    await expect(reachRedis(replica.url)).rejects.toThrow(
      'The Redis at REDIS_URL is a read-only replica: set REDIS_URL to its primary, or to its sentinels.',
    );
  });

  it('it is too old', async () => {
    const info = '# Server\r\nredis_version:5.0.14\r\n';
    const old = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        const commands = bytes.toString().match(/\*\d+\r\n/g) ?? [];
        for (let command = 0; command < commands.length; command += 1) socket.write(`$${info.length}\r\n${info}\r\n`);
      });
    });
    await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
    const { port } = old.address() as AddressInfo;
    await expect(reachRedis(`redis://127.0.0.1:${port}`)).rejects.toThrow(
      'The Redis at REDIS_URL has version 5.0.14: Maskline needs 6.2 or newer.',
    );
    old.close();
  });
});
