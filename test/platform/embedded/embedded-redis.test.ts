import { spawnSync } from 'node:child_process';
import { chmod, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Redis } from 'ioredis';

import { DataDirInUse } from '../../../src/platform/embedded/data-dir.js';
import { startEmbeddedRedis } from '../../../src/platform/embedded/embedded-redis.js';
import { aFolder, cleanUp, maskline } from './support.js';

const installed = ['redis-server', 'valkey-server'].some((program) => !spawnSync(program, ['--version']).error);
const whenInstalled = installed ? it : it.skip;
const PATH = process.env['PATH'];

describe('The embedded Redis', () => {
  afterEach(async () => {
    process.env['PATH'] = PATH;
    await cleanUp();
  });

  it('is none where no program is on the PATH', async () => {
    process.env['PATH'] = await aFolder();
    expect(await startEmbeddedRedis({ dataDir: await aFolder() })).toBeNull();
  });

  it('says what its program said when it does not start', async () => {
    const programs = await aFolder();
    await writeFile(join(programs, 'valkey-server'), '#!/bin/sh\necho the moon is in the way\nexit 3\n');
    await chmod(join(programs, 'valkey-server'), 0o755);
    process.env['PATH'] = programs;
    await expect(startEmbeddedRedis({ dataDir: await aFolder() })).rejects.toThrow(
      /valkey-server\) did not start: it ended with 3\s+the moon is in the way/,
    );
  });

  whenInstalled('keeps its data from one start to the next, and its password to itself', async () => {
    const dataDir = await aFolder();
    const first = await start(dataDir);
    await ask(first.url, (redis) => redis.set('kept', '42'));
    expect(await ask(first.url, (redis) => redis.config('GET', 'maxmemory-policy'))).toContain('noeviction');
    expect((await stat(join(dataDir, 'redis'))).mode & 0o077).toBe(0);
    await first.stop();
    await first.stop();

    const second = await start(dataDir);
    expect(await ask(second.url, (redis) => redis.get('kept'))).toBe('42');
    await expect(ask(second.url.replace(/:[^:@]+@/, ':wrong@'), (redis) => redis.get('kept'))).rejects.toThrow();
    await second.stop();
    await expect(ask(second.url, (redis) => redis.ping())).rejects.toThrow();
  });

  whenInstalled('serves one Maskline a folder', async () => {
    const dataDir = await aFolder();
    const first = await start(dataDir);
    await expect(start(dataDir)).rejects.toBeInstanceOf(DataDirInUse);
    expect(await ask(first.url, (redis) => redis.ping())).toBe('PONG');
    await first.stop();
  });

  whenInstalled('starts once when two start it at the same time', async () => {
    const dataDir = await aFolder();
    const both = await Promise.allSettled([start(dataDir), start(dataDir)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    for (const one of both) {
      if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(DataDirInUse);
      else await one.value.stop();
    }
  });

  whenInstalled('is taken over after a kill -9 of Node', async () => {
    const dataDir = await aFolder();
    const killed = maskline(dataDir);
    const { redis } = await killed.says();
    killed.child.kill('SIGKILL');
    await killed.ended;

    const next = await start(dataDir);
    expect(next.url).toBe(redis);
    await next.stop();
    await expect(stat(join(dataDir, 'redis', 'redis.pid'))).rejects.toThrow('ENOENT');
  });
});

async function start(dataDir: string) {
  const redis = await startEmbeddedRedis({ dataDir });
  if (!redis) throw new Error('no redis-server on the PATH');
  return redis;
}

async function ask<T>(url: string, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { lazyConnect: true, disconnectTimeout: 100, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await question(redis);
  } finally {
    redis.disconnect();
  }
}
