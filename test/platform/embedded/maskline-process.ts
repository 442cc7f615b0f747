import { Client } from 'pg';

import { startEmbeddedPostgres } from '../../../src/platform/embedded/embedded-postgres.js';
import { startEmbeddedRedis } from '../../../src/platform/embedded/embedded-redis.js';

/**
 * The application as far as its embedded servers go: `<data folder> [leave]`. It says where they are, and runs until a
 * Ctrl-C, or, told to leave, until it has nothing to do.
 */
const [dataDir = '', leave] = process.argv.slice(2);
const say = (what: unknown) => process.stdout.write(`${JSON.stringify(what)}\n`);

try {
  const database = await startEmbeddedPostgres({ dataDir, flags: { fsync: 'off' } });
  const redis = await startEmbeddedRedis({ dataDir });
  if (leave === undefined) {
    const busy = setInterval(() => undefined, 60_000);
    process.once('SIGINT', async () => {
      const client = new Client({ connectionString: database.url });
      await client.connect();
      const { rows } = await client.query('SELECT 1 AS answers');
      await client.end();
      await Promise.all([database.stop(), redis?.stop()]);
      say(rows[0]);
      clearInterval(busy);
    });
  }
  say({ database: database.url, redis: redis?.url ?? null });
} catch (error) {
  say({ error: (error as Error).message });
  process.exitCode = 1;
}
