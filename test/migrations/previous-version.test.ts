import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { Client } from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';

import type { E164 } from '../../src/phone-number/e164.js';
import { createDataSource, migrate } from '../../src/platform/database/data-source.js';
import { aPhone, numbers, TestApp } from '../support/app.js';
import { expectConservedNumbers } from '../support/conserved-numbers.js';
import { administer, emptyDatabase, type FreshDatabase } from '../support/database.js';
import { migrateUpTo } from './migrate-up-to.js';
import { PreviousVersion, seedOrders, type OldOrder } from './previous-version.js';

const AT = new Date('2026-11-22T06:00:00.000Z');

/** How many active orders the installation has: `ORDERS=100000 npm test -- test/migrations/previous-version`. */
const ORDERS = Number(process.env['ORDERS'] ?? 2_000);
const BEFORE_LINKS = 1795305600082;
/** A call that waits for longer than this is noticed. */
const LONGEST_WAIT_MS = 1_000;

describe('an update of a running installation to orders with links', () => {
  const poolId = randomUUID();
  let installation: FreshDatabase;
  let old: PreviousVersion;
  let calling: PreviousVersion;
  /** Orders that the previous version assigned before the update, and while it ran. */
  const before: OldOrder[] = [];
  const during: OldOrder[] = [];
  let completed: OldOrder;

  beforeAll(async () => {
    installation = await emptyDatabase();
    await migrateUpTo(installation.url, BEFORE_LINKS);
    [old, calling] = [await PreviousVersion.connect(installation.url), await PreviousVersion.connect(installation.url)];
    await seedOrders(old, { poolId, orders: ORDERS, numbers: numbers(200) as E164[], now: AT });
    for (let one = 0; one < 10; one += 1) before.push(await assign(`before-${one}`));
    completed = before.pop()!;
    await old.complete(completed, AT);
    await old.archive(AT);
  }, 600_000);
  afterAll(async () => {
    await Promise.all([old?.end(), calling?.end()]);
    await installation?.drop();
  });

  const assign = async (reference: string): Promise<OldOrder> =>
    old.assign(poolId, reference, aPhone() as E164, aPhone() as E164, AT);

  /** What the previous version does all day, until `work` is over. */
  const goOnWhile = async (work: Promise<unknown>): Promise<void> => {
    let isOver = false;
    const end = () => void (isOver = true);
    work.then(end, end);
    const serveOrders = async () => {
      for (let seed = 1; !isOver; seed += 1) {
        const one = await assign(`during-${during.length}`);
        during.push(one);
        await old.complete(await assign(`short-${during.length}`), AT);
        await old.archive(AT);
      }
    };
    const serveCalls = async () => {
      while (!isOver) {
        const { customer, customerDials, agent, agentDials } = before[Math.floor(Math.random() * before.length)]!;
        expect(await calling.call(customer, customerDials)).toEqual({ rings: agent, role: 'customer' });
        expect(await calling.call(agent, agentDials)).toEqual({ rings: customer, role: 'agent' });
      }
    };
    await Promise.all([serveOrders(), serveCalls(), work]);
  };

  it('keeps a process of the previous version assigning, calling and releasing, even while a dump reads the tables', async () => {
    const migrating = await timedDataSource(installation.url);
    const dump = new Client({ connectionString: installation.url, application_name: 'pg_dump' });
    await dump.connect();
    await dump.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await dump.query('SELECT FROM assignments LIMIT 1');
    old.longestMs = calling.longestMs = 0;
    const dumped = sleep(1_500).then(() => dump.end());
    try {
      await goOnWhile(migrate(migrating.dataSource));
    } finally {
      await dumped;
      await migrating.dataSource.destroy();
    }
    say(migrating.seconds, old, calling);

    expect(Math.max(old.longestMs, calling.longestMs)).toBeLessThan(LONGEST_WAIT_MS);
    expect(
      await count(`callee_role IS DISTINCT FROM CASE dialler_role WHEN 'customer' THEN 'agent' ELSE 'customer' END`),
    ).toBe(0);
    expect(await count('true')).toBe(2 * (ORDERS + before.length + during.length));
  }, 600_000);

  it('names the link of what a process of the previous version assigns afterwards', async () => {
    const after = await assign('after');
    const { rows } = await old.client.query(
      'SELECT dialler_role, callee_role FROM assignments WHERE order_id = $1 ORDER BY dialler_role',
      [after.id],
    );
    expect(rows).toEqual([
      { dialler_role: 'agent', callee_role: 'customer' },
      { dialler_role: 'customer', callee_role: 'agent' },
    ]);
    expect(await old.call(after.customer, after.customerDials)).toEqual({ rings: after.agent, role: 'customer' });
    await old.complete(after, AT);
  });

  it('lets the new version call, replace and end the orders of the previous one, and read their history', async () => {
    const app = await TestApp.start({ database: { ...installation, drop: async () => undefined } });
    try {
      for (const order of [before[0]!, during[0]!]) {
        const { reference, customer, customerDials, agent, agentDials } = order;
        expect(await app.call(customer, customerDials)).toMatchObject({ rings: [agent], shows: agentDials });
        expect(await app.call(agent, agentDials)).toMatchObject({ rings: [customer], shows: customerDials });

        const next = aPhone();
        const replaced = await app.api('PUT', `/v1/orders/${reference}/agent`, { phone: next });
        expect(replaced.body).toMatchObject({ status: 'active', customer: { dials: customerDials } });
        expect(await app.call(customer, customerDials)).toMatchObject({ rings: [next] });
        expect(await app.call(next, replaced.body.agent.dials)).toMatchObject({ rings: [customer] });

        const { body } = await app.api('POST', `/v1/orders/${reference}/complete`);
        expect(body.status).toBe('ended');
      }
      const { rows } = await old.client.query(
        `SELECT virtual_number AS number FROM assignment_history WHERE order_id = $1 AND callee_role IS NULL`,
        [completed.id],
      );
      expect(rows).toHaveLength(2);
      await old.client.query(
        `UPDATE assignment_history SET connects_until = connects_until + interval '1 hour' WHERE order_id = $1`,
        [completed.id],
      );
      const served = await app.api('GET', `/v1/numbers/${completed.customerDials}/served?at=${AT.toISOString()}`);
      expect(served.body.served).toContainEqual(
        expect.objectContaining({ reference: completed.reference, dialler: 'customer', callee: 'agent' }),
      );
      await app.pass({});
      expect(await app.count('assignments', 'released_at IS NOT NULL')).toBe(0);
      await expectConservedNumbers(app.dataSource);
    } finally {
      await app.stop();
    }
  }, 600_000);

  it('can be taken back while orders have two people, and done again', async () => {
    const one = await assign('before-the-way-back');
    const dataSource = await createDataSource(installation.url).initialize();
    try {
      await dataSource.undoLastMigration();
      await dataSource.undoLastMigration();
      const other = await assign('on-the-way-back');
      expect(await old.call(one.customer, one.customerDials)).toEqual({ rings: one.agent, role: 'customer' });
      await migrate(dataSource);
      expect(await old.call(other.agent, other.agentDials)).toEqual({ rings: other.customer, role: 'agent' });
      expect(await count('callee_role IS NULL')).toBe(0);
    } finally {
      await dataSource.destroy();
    }
  });

  const count = async (where: string): Promise<number> => {
    const { rows } = await old.client.query(`SELECT count(*)::integer AS rows FROM assignments WHERE ${where}`);
    return rows[0].rows;
  };
});

describe('an update to orders with links that is killed', () => {
  let installation: FreshDatabase;
  let old: PreviousVersion;
  beforeAll(async () => {
    installation = await emptyDatabase();
    await migrateUpTo(installation.url, BEFORE_LINKS);
    old = await PreviousVersion.connect(installation.url);
    await seedOrders(old, { poolId: randomUUID(), orders: 20, numbers: numbers(10) as E164[], now: AT });
  });
  afterAll(async () => {
    await old?.end();
    await installation?.drop();
  });

  it.each([
    'LOCK TABLE orders',
    'CREATE TRIGGER',
    'WITH batch AS',
    'ADD CONSTRAINT every_assignment_has_a_link',
    'VALIDATE CONSTRAINT every_assignment_has_a_link',
    'ALTER COLUMN callee_role SET NOT NULL',
    'VALIDATE CONSTRAINT a_link_joins_two_roles',
  ])('before "%s" ends well when it is started again', async (statement) => {
    await expect(migrateKilledAt(installation.url, statement)).rejects.toThrow(/terminat|released|closed/);
  });

  it('and is then complete', async () => {
    const dataSource = await createDataSource(installation.url).initialize();
    await migrate(dataSource).finally(() => dataSource.destroy());
    const { rows } = await old.client.query(`
      SELECT (SELECT count(*)::integer FROM migrations WHERE timestamp IN (1795305600083, 1795305600084)) AS migrations,
             (SELECT count(*)::integer FROM assignments WHERE callee_role IS NOT NULL) AS assignments,
             (SELECT count(*)::integer FROM pg_constraint WHERE contype = 'c' AND NOT convalidated) AS unvalidated,
             (SELECT count(*)::integer FROM pg_constraint WHERE conname = 'every_assignment_has_a_link') AS left`);
    expect(rows).toEqual([{ migrations: 2, assignments: 40, unvalidated: 0, left: 0 }]);
  });
});

/** Watches the statements of a data source, before it runs them. */
function watch(
  dataSource: DataSource,
  before: (statement: string, query: QueryRunner['query']) => Promise<void>,
): void {
  const create = dataSource.createQueryRunner.bind(dataSource);
  dataSource.createQueryRunner = (mode) => {
    const runner = create(mode);
    const query = runner.query.bind(runner);
    runner.query = async (...statement: Parameters<QueryRunner['query']>) => {
      await before(statement[0], query);
      return query(...statement);
    };
    return runner;
  };
}

/** Migrates, and ends the server's process before a statement. */
async function migrateKilledAt(url: string, statement: string): Promise<void> {
  const dataSource = await createDataSource(url).initialize();
  watch(dataSource, async (next, query) => {
    if (!next.includes(statement)) return;
    const [{ pid }] = (await query('SELECT pg_backend_pid() AS pid')) as [{ pid: number }];
    await administer(`SELECT pg_terminate_backend(${pid})`);
  });
  await migrate(dataSource).finally(() => dataSource.destroy());
}

/** @returns a data source for migrations, and how many seconds each migration took */
async function timedDataSource(url: string): Promise<{ dataSource: DataSource; seconds: Map<string, number> }> {
  const dataSource = await createDataSource(url).initialize();
  const seconds = new Map<string, number>();
  let begun = performance.now();
  watch(dataSource, async (next) => {
    if (!next.includes('INSERT INTO "migrations"')) return;
    seconds.set(`migration ${seconds.size + 83}`, (performance.now() - begun) / 1000);
    begun = performance.now();
  });
  return { dataSource, seconds };
}

function say(seconds: ReadonlyMap<string, number>, old: PreviousVersion, calling: PreviousVersion): void {
  const rows = {
    orders: ORDERS,
    ...Object.fromEntries([...seconds].map(([name, took]) => [name, `${took.toFixed(1)} s`])),
    'statements of orders': `${old.statements}, longest ${Math.round(old.longestMs)} ms`,
    'statements of calls': `${calling.statements}, longest ${Math.round(calling.longestMs)} ms`,
  };
  const lines = Object.entries(rows).map(([name, value]) => `  ${name.padEnd(30)} ${value}`);
  process.stdout.write(`${lines.join('\n')}\n`);
}
