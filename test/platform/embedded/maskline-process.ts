import { Client } from 'pg';

import { startEmbeddedPostgres } from '../../../src/platform/embedded/embedded-postgres.js';

/**
 * The application as far as its embedded server goes: `<data folder> [leave]`. It says where it is, and runs until a
 * Ctrl-C, or, told to leave, until it has nothing to do.
 */
const [dataDir = '', leave] = process.argv.slice(2);
const say = (what: unknown) => process.stdout.write(`${JSON.stringify(what)}\n`);

try {
  const database = await startEmbeddedPostgres({ dataDir, flags: { fsync: 'off' } });
  if (leave === undefined) {
    const busy = setInterval(() => undefined, 60_000);
    process.once('SIGINT', async () => {
      const client = new Client({ connectionString: database.url });
      await client.connect();
      const { rows } = await client.query('SELECT 1 AS answers');
      await client.end();
      await database.stop();
      say(rows[0]);
      clearInterval(busy);
    });
  }
  say({ database: database.url });
} catch (error) {
  say({ error: (error as Error).message });
  process.exitCode = 1;
}
