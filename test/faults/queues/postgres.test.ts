import { setTimeout as sleep } from 'node:timers/promises';

import { vi } from 'vitest';
import { Client } from 'pg';

import { freshDatabase, type FreshDatabase } from '../../support/database.js';
import { RedisLine } from '../../support/redis-line.js';
import { FaultyQueues, until } from './faulty-queues.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const faulty = new FaultyQueues();
beforeEach(() => faulty.forget());

describe('queues on PostgreSQL', () => {
  let database: FreshDatabase;
  let line: RedisLine;

  beforeAll(async () => {
    database = await freshDatabase({ lockTimeoutMs: 5_000 });
    line = await RedisLine.to(database.url);
    await faulty.start({ redisUrl: null, database: { ...database, url: line.url } });
  });
  afterAll(async () => {
    line?.mend();
    await faulty.stop();
    line?.close();
    await database?.drop();
  });

  it('need ten connections of the 31 that a process opens at most', async () => {
    const [opened] = await faulty.app.dataSource.query(
      `SELECT count(*)::integer AS all, (count(*) FILTER (WHERE query LIKE '%LISTEN%'))::integer AS listening
       FROM pg_stat_activity
       WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`,
    );
    expect(opened.listening).toBe(1);
    expect(opened.all).toBeGreaterThan(5);
    expect(opened.all).toBeLessThan(31);
    await faulty.queues.runAgain(Date.now());
  });

  // Others are opened at once: log and metric tell, and readiness stays well.
  it('run again within 15 s after the server ended all their connections; log and metric say so', async () => {
    const reference = await faulty.anActiveOrder();
    const before = await faulty.metric('maskline_queue_failures_total');
    const server = new Client({ connectionString: database.url });
    await server.connect();
    for (let times = 0; times < 3; times += 1) {
      await server.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                          WHERE datname = current_database() AND pid <> pg_backend_pid()`);
      await sleep(300);
    }
    await server.end();
    await until(async () => faulty.isLogged('queue failed', 'terminating connection'));
    expect(await faulty.metric('maskline_queue_failures_total')).toBeGreaterThan(before);
    await faulty.queues.runAgain(Date.now());
    await faulty.isDealtWith(reference);
    await until(() => faulty.isReady());
  });

  it('run again within 15 s after all their connections fell silent; meanwhile log, metrics and readiness say so', async () => {
    const reference = await faulty.anActiveOrder();
    line.cut();
    await faulty.isTold('unreadable: ');
    expect(faulty.isLogged('queues unreadable')).toBe(true);
    expect(await faulty.metric('maskline_queue_unread_seconds{queue="orders.due"}')).toBeGreaterThan(5);
    line.forget();
    await faulty.queues.runAgain(Date.now());
    await faulty.isDealtWith(reference);
    await faulty.isOver();
  });
});
