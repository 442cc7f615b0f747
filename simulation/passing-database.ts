import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client } from 'pg';

import { startEmbeddedPostgres } from '../src/platform/embedded/embedded-postgres.js';

/** The data need not survive a power failure, so nothing waits for the disk. */
const FLAGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '4GB',
  shared_buffers: '512MB',
  autovacuum_naptime: '5s',
};

/** A PostgreSQL for one run, deleted when it stops. */
export interface PassingDatabase {
  /** Creates an empty database of this name. @returns its URL */
  create(name: string): Promise<string>;
  stop(): Promise<void>;
}

export async function startPassingDatabase(): Promise<PassingDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'maskline-simulation-'));
  await chmod(folder, 0o755); // PostgreSQL may run as another user
  const server = await startEmbeddedPostgres({ dataDir: folder, flags: FLAGS }).catch(async (failure: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw failure;
  });
  return {
    async create(name) {
      const client = new Client({ connectionString: server.url });
      await client.connect();
      await client.query(`CREATE DATABASE ${name}`).finally(() => client.end());
      const url = new URL(server.url);
      url.pathname = name;
      return url.href;
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
