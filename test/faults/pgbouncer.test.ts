import { setTimeout as sleep } from 'node:timers/promises';

import { vi } from 'vitest';

import { CallConnections } from '../../src/platform/database/call-connections.js';
import { withAdvisoryLock } from '../../src/platform/database/advisory-lock.js';
import { startMaskline } from '../../src/installation/maskline.js';
import { readInstallationSettings } from '../../src/installation/settings.js';
import { freePort } from '../../src/platform/embedded/free-port.js';
import { API_KEY, aPhone, numbers, TestApp, type Body } from '../support/app.js';
import { CalmTime } from '../support/calm-time.js';
import { freshDatabase, type FreshDatabase } from '../support/database.js';
import { describeWithPgBouncer, OwnPgBouncer, supportsNamedStatements } from '../support/own-pgbouncer.js';
import { RunningQueues } from '../support/running-queues.js';
import { SteadyCalls } from './steady-calls.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const WORKS_AGAIN_WITHIN_MS = 15_000;
const LIFETIME_SECONDS = 600;

async function until(isSo: () => boolean | Promise<boolean>, withinMs = 15_000): Promise<void> {
  for (const waited = new CalmTime(); waited.ms < withinMs; await sleep(50)) if (await isSo()) return;
  throw new Error(`It did not come within ${withinMs / 1000} s.`);
}

describeWithPgBouncer.each([
  { mode: 'transaction', parameters: '' },
  { mode: 'session', parameters: '?pool_mode=session' },
] as const)('behind a PgBouncer in $mode mode, with DATABASE_URL=…$parameters', ({ mode, parameters }) => {
  let database: FreshDatabase;
  let bouncer: OwnPgBouncer;
  let app: TestApp;
  let order: Body;
  let customer: string;
  const lines: string[] = [];

  const start = async () =>
    TestApp.start({
      database: { url: bouncer.url + parameters, drop: async () => undefined },
      directDatabaseUrl: parameters === '' ? database.url : bouncer.url + parameters,
      works: true,
      logTo: (line) => lines.push(line),
    });

  beforeAll(async () => {
    database = await freshDatabase({ lockTimeoutMs: 5_000 });
    bouncer = await OwnPgBouncer.start(database.url, mode);
    app = await start();
    await app.pool({ name: 'city', lifetimeSeconds: LIFETIME_SECONDS, graceSeconds: 0 }, numbers(4));
    customer = aPhone();
    order = await app.order('order-1', customer, aPhone(), { pool: 'city' });
  });
  afterAll(async () => {
    await app?.stop({ closedWithinMs: 10_000 });
    await bouncer?.stop();
    await database?.drop();
  });

  const readiness = async () => (await app.request('GET', '/health/ready', {})).status;

  it('an order is placed and assigned, calls and texts are decided, and a round buys', async () => {
    expect(order.status).toBe('active');
    expect((await app.call(customer, order.customer.dials)).rings).toHaveLength(1);
    const stranger = await app.call(aPhone(), order.customer.dials);
    expect(stranger.rings).toEqual([]);
    const text = { SmsSid: 'text-1', From: customer.slice(3), To: order.customer.dials, Body: 'here', Date: '' };
    expect((await app.exotel('GET', 'sms', text)).status).toBe(200);
    const { interactions } = (await app.api('GET', '/v1/orders/order-1/interactions')).body;
    expect(interactions.map(({ kind }: Body) => kind)).toEqual(expect.arrayContaining(['call', 'text']));
    await app.pool({ name: 'bought', lowWater: 2, target: 2 });
    const available = async () => (await app.api('GET', '/v1/pools/bought')).body.level.numbers.available;
    await until(async () => (await available()) === 2);
    const explained = await app.api('POST', '/v1/routing/explain', { from: customer, to: order.customer.dials });
    expect(explained.status).toBe(200);
    expect(await readiness()).toBe(200);
  });

  it('every queue runs, and an order ends in time', async () => {
    await new RunningQueues(app).runAgain(Date.now());
    await app.order('order-short', aPhone(), aPhone(), { pool: 'city' });
    app.clock.push({ seconds: LIFETIME_SECONDS + 1 });
    await until(async () => (await app.api('GET', '/v1/orders/order-short')).body.status === 'ended');
  });

  it('a statement of a call is ended by the server after a second, and leaves its settings to nobody', async () => {
    const calls = app.get(CallConnections);
    const begun = new CalmTime();
    await expect(calls.query({ text: 'SELECT pg_sleep(30)' })).rejects.toMatchObject({ code: '57014' });
    expect(begun.ms).toBeLessThan(4_000);
    const running = `SELECT count(*)::integer AS count FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(30)%'
                     AND state = 'active' AND datname = current_database()`;
    expect(await app.dataSource.query(running)).toEqual([{ count: 0 }]);
    if (mode === 'session') return;
    for (let connection = 0; connection < 5; connection += 1) {
      const [shown] = await bouncer.query(`SELECT current_setting('statement_timeout') AS it`);
      expect(shown).toEqual({ it: '0' });
    }
  });

  it('a task is done by one process at a time', async () => {
    let inProgress = 0;
    const doing = Array.from({ length: 4 }, async () =>
      withAdvisoryLock(app.dataSource, 'one at a time', async () => {
        inProgress += 1;
        expect(inProgress).toBe(1);
        await sleep(200);
        inProgress -= 1;
      }),
    );
    const done = await Promise.allSettled(doing);
    expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await withAdvisoryLock(app.dataSource, 'one at a time', async () => undefined);
  });

  it('the log says whether named statements are used', async () => {
    if (parameters !== '') return;
    await until(() => lines.some((line) => line.includes('connection pooler detected')));
    const [told] = lines.filter((line) => line.includes('connection pooler detected'));
    expect(told).toContain(`"preparedStatements":${supportsNamedStatements()}`);
  });

  it.each([
    ['killed and started again', async () => bouncer.kill(), async () => bouncer.startAgain()],
    ['frozen for a while', async () => bouncer.freeze(), async () => bouncer.thaw()],
  ])('a PgBouncer that is %s under load costs no call placed seconds later', async (_, fail, repair) => {
    const again = await app.order(`order-${Math.random()}`, customer, aPhone(), { pool: 'city' });
    const national = (number: string) => number.replace('+91', '0');
    const calls = new SteadyCalls(app, national(customer), national(again.customer.dials));
    try {
      await until(() => calls.placed.length > 20);
      await fail();
      await until(async () => (await readiness()) === 503);
      await repair();
      const back = performance.now();
      await until(() => {
        const latest = calls.since(back).slice(-20);
        return latest.length === 20 && latest.every(({ connected }) => connected);
      }, WORKS_AGAIN_WITHIN_MS);
      await until(async () => (await readiness()) === 200, WORKS_AGAIN_WITHIN_MS);
      await new RunningQueues(app).runAgain(Date.now());
    } finally {
      await calls.stop();
    }
  });

  it('a restarted process finds everything as it was', async () => {
    const kept = (await app.api('GET', '/v1/orders/order-1')).body;
    await app.stop({ closedWithinMs: 10_000 });
    app = await start();
    expect((await app.api('GET', '/v1/orders/order-1')).body).toEqual(kept);
    await new RunningQueues(app).runAgain(Date.now());
  });
});

describeWithPgBouncer('a start behind a PgBouncer', () => {
  it.each(['session', 'transaction'] as const)(
    'in %s mode without DATABASE_DIRECT_URL is refused in one sentence',
    async (mode) => {
      const database = await freshDatabase();
      const bouncer = await OwnPgBouncer.start(database.url, mode);
      const key = Buffer.alloc(32, 3).toString('base64');
      const [PORT, EXCHANGE_PORT] = [String(await freePort('127.0.0.1')), String(await freePort('127.0.0.1'))];
      const secrets = { API_KEY, PHONE_ENCRYPTION_KEY: key, PHONE_LOOKUP_KEY: key };
      const settings = { DATABASE_URL: bouncer.url, REPLICA_DIR: 'off', PORT, EXCHANGE_PORT, ...secrets };
      try {
        await expect(startMaskline(readInstallationSettings(settings))).rejects.toThrow(
          /^DATABASE_URL leads to a connection pooler: set DATABASE_DIRECT_URL to the PostgreSQL behind it, or, [^.]*\.$/,
        );
      } finally {
        await bouncer.stop();
        await database.drop();
      }
    },
  );
});
