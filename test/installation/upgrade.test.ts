import { execFileSync } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Client } from 'pg';
import type { QueryRunner } from 'typeorm';
import { vi } from 'vitest';

import { createDataSource } from '../../src/platform/database/data-source.js';
import { changeTables, createIndex } from '../../src/platform/database/table-changes.js';
import { freePort } from '../../src/platform/embedded/free-port.js';
import { aFolder, PROJECT } from '../platform/embedded/support.js';
import { emptyDatabase, freshDatabase, type FreshDatabase } from '../support/database.js';
import { connectCall } from '../support/exotel-connect.js';
import { endedInLiveTables } from '../support/ended-in-live-tables.js';
import { describeWithNginx, Nginx } from '../support/nginx.js';
import { Steadily } from '../support/steadily.js';
import { aCallId, anyOf, apiSettings, hooksAt, somePeople, type Person } from './api-processes.js';
import { migrateByCommand } from './migrate-by-command.js';
import { cleanUpStarted, LONG_MS, send, start, until, type Started } from './started.js';

const ALL = process.env['FAULTS'] === 'all';
const CALLS_A_SECOND = ALL ? 200 : 25;
const ORDERS_A_SECOND = 2;
/** A revision of Git, from which an upgrade is made. A checkout of CI may have no history, so it is made only if asked for. */
const PREVIOUS = process.env['PREVIOUS_RELEASE'] ?? '';
/** How many ended orders the previous release has in its live tables. It must be of migration 86 to 89. */
const ENDED_ORDERS = Number(process.env['ENDED_ORDERS'] ?? 0);
/** Another server for it, with the durability of a real one. */
const SERVER = process.env['UPGRADE_SERVER'] ?? '';
if (SERVER !== '') process.env['TEST_DATABASE_URL'] = SERVER;
/** A caller who waits for longer notices it. */
const LONGEST_WAIT_MS = 1_000;
/** Limits are counted in the database, so its calls cannot be decided without it. */
const POLICY = { maxCallsPerHour: 1_000 };

vi.setConfig({ testTimeout: LONG_MS, hookTimeout: LONG_MS });

/** What calls and orders read and write. */
const TABLES = ['pools', 'virtual_numbers', 'assignments', 'orders', 'participants', 'order_events', 'interactions'];

/** What the migrations of a release do, of every kind. Each is a transaction of its own, or none. */
const MIGRATIONS: readonly ((runner: QueryRunner) => Promise<void>)[] = [
  // Expand
  async (runner) =>
    changeTables(runner, TABLES, async () => {
      for (const table of TABLES) {
        await runner.query(`
          ALTER TABLE ${table}
            ADD COLUMN later text NOT NULL DEFAULT 'not yet',
            ADD COLUMN once text,
            ADD CONSTRAINT ${table}_come_later CHECK (later <> '') NOT VALID`);
      }
      await runner.query(`
        CREATE FUNCTION remember_once() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          NEW.once := COALESCE(NEW.once, 'new');
          RETURN NEW;
        END $$`);
      for (const table of ['assignments', 'interactions']) {
        await runner.query(`
          CREATE TRIGGER ${table}_remember BEFORE INSERT OR UPDATE ON ${table}
          FOR EACH ROW EXECUTE FUNCTION remember_once()`);
      }
    }),
  async (runner) => {
    for (const table of TABLES) await runner.query(`ALTER TABLE ${table} VALIDATE CONSTRAINT ${table}_come_later`);
  },
  async (runner) => createIndex(runner, 'assignments_later', 'ON assignments (later, order_id)'),
  async (runner) => createIndex(runner, 'interactions_later', 'ON interactions (later, at)'),
  // Backfill
  async (runner) => {
    for (const table of TABLES) await runner.query(`UPDATE ${table} SET once = 'old' WHERE once IS NULL`);
  },
  // Contract
  async (runner) =>
    changeTables(runner, TABLES, async () => {
      for (const table of ['assignments', 'interactions']) {
        await runner.query(`DROP TRIGGER ${table}_remember ON ${table}`);
      }
      await runner.query('DROP FUNCTION remember_once');
      for (const table of TABLES) await runner.query(`ALTER TABLE ${table} DROP COLUMN later, DROP COLUMN once`);
    }),
];

let database: FreshDatabase;
let people: Person[];
afterEach(async () => {
  await cleanUpStarted();
  await database?.drop();
});

it('the migrations of a next release fail no call and no request of this one, even while a dump reads the tables', async () => {
  database = await freshDatabase({ lockTimeoutMs: 5_000 });
  const env = apiSettings(database.url);
  const first = await start({ env, dataDir: await aFolder() });
  await first.isReady();
  people = await somePeople(first, 20, POLICY);
  const second = await start({ env: { ...env, REPLICA_DIR: 'off' }, dataDir: await aFolder() });
  await second.isReady();
  const urls = [first.url, second.url];
  const calls = new Steadily(CALLS_A_SECOND, async () => callSomebody(anyOf(urls)));
  const orders = new Steadily(ORDERS_A_SECOND, async () => serveOrder(() => anyOf(urls), first));
  const dump = new Client({ connectionString: database.url, application_name: 'pg_dump' });
  const next = await createDataSource(database.url).initialize();
  const runner = next.createQueryRunner();
  try {
    await someMore(calls);
    await dump.connect();
    await dump.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    for (const table of TABLES) await dump.query(`SELECT FROM ${table} LIMIT 1`);
    const dumped = sleep(1_500).then(() => dump.query('COMMIT'));
    for (const migration of MIGRATIONS) await migration(runner);
    await dumped;
    await someMore(calls);
  } finally {
    await Promise.all([calls.stop(), orders.stop()]);
    await dump.end();
    await runner.release();
    await next.destroy();
  }
  expect(calls.done.filter((failure) => failure !== null)).toEqual([]);
  expect(orders.done.filter((failure) => failure !== null)).toEqual([]);
});

(PREVIOUS === '' ? describe.skip : describeWithNginx)(`an upgrade from ${PREVIOUS}`, () => {
  it('fails no call', { timeout: LONG_MS + ENDED_ORDERS }, async () => {
    database = await emptyDatabase();
    const project = await buildOf(PREVIOUS);
    const env = apiSettings(database.url, { DRAIN_SECONDS: '6', TRUSTED_PROXIES: '127.0.0.1' });
    const first = await start({ env, dataDir: await aFolder(), project });
    await first.isReady();
    people = await somePeople(first, 50, POLICY);
    const second = await start({ env, dataDir: await aFolder(), project });
    await second.isReady();
    const apis = [first, second];
    const nginx = await Nginx.start(
      await freePort('127.0.0.1'),
      apis.map(({ env }) => env.PORT),
    );
    await endedInLiveTables(database.url, 'calls', ENDED_ORDERS);
    let phase = 'before';
    const longestMs: Record<string, number> = {};
    const calls = new Steadily(CALLS_A_SECOND, async () => {
      const [begun, began] = [performance.now(), phase];
      const failure = await callSomebody(nginx.url);
      longestMs[began] = Math.max(longestMs[began] ?? 0, Math.round(performance.now() - begun));
      return failure;
    });
    const begun = performance.now();
    let migratedMs: number;
    try {
      await someMore(calls);
      phase = 'migrating';
      const migratingSince = performance.now();
      expect(await migrateByCommand({ DATABASE_URL: database.url })).toMatchObject({ code: 0 });
      migratedMs = performance.now() - migratingSince;
      phase = 'restarting';
      await someMore(calls);
      for (const [index, old] of apis.entries()) {
        expect(await old.stop('SIGTERM')).toBe(0);
        const more = { ...(old.env as Record<string, string>), MIGRATE_AT_START: 'off' };
        apis[index] = await start({ env: more, dataDir: old.env.DATA_DIR });
        await apis[index].isReady();
        await someMore(calls);
      }
    } finally {
      await calls.stop();
      await nginx.stop();
    }
    const seconds = [migratedMs, performance.now() - begun].map((ms) => Math.round(ms / 1_000));
    process.stdout.write(
      `\nupgrade from ${PREVIOUS} with ${ENDED_ORDERS} ended orders: ${calls.done.length} calls in ${seconds[1]} s; ` +
        `migrated in ${seconds[0]} s; the longest call, in ms: ${JSON.stringify(longestMs)}\n`,
    );
    if (ENDED_ORDERS > 0) expect(longestMs['migrating']).toBeLessThan(LONGEST_WAIT_MS);
    expect(calls.done.filter((failure) => failure !== null)).toEqual([]);
  });
});

/** The compiled files of a revision, with the packages of this one. */
async function buildOf(revision: string): Promise<string> {
  const project = join(await aFolder(), 'previous');
  await mkdir(project);
  const archive = execFileSync('git', ['archive', revision], { cwd: PROJECT, maxBuffer: 1024 ** 3 });
  execFileSync('tar', ['-x', '-C', project], { input: archive });
  await symlink(join(PROJECT, 'node_modules'), join(project, 'node_modules'));
  execFileSync(process.execPath, ['build.mjs'], { cwd: project });
  return project;
}

async function someMore(calls: Steadily<unknown>): Promise<void> {
  const before = calls.done.length;
  await until(async () => calls.done.length > before + 2 * CALLS_A_SECOND || null);
}

/** @returns what went wrong; null = nothing */
async function callSomebody(url: string): Promise<string | null> {
  const { phone: from, dials: to, reaches } = anyOf(people);
  const [id, begun] = [aCallId(), performance.now()];
  const { status, rang } = await connectCall(hooksAt(url), { id, from, to }).catch((failure: Error) => ({
    status: `no answer (${String(failure.cause ?? failure)})`,
    rang: null,
  }));
  return rang === reaches ? null : `${status}, rang ${rang} after ${Math.round(performance.now() - begun)} ms`;
}

async function serveOrder(url: () => string, api: Started): Promise<string | null> {
  const reference = `order-${aCallId()}`;
  const order = { reference, pool: 'calls', customer: { phone: '+919000099999' } };
  const requests = [
    ['POST', 'orders', order],
    ['PUT', `orders/${reference}/agent`, { phone: '+919000099998' }],
    ['POST', `orders/${reference}/complete`, {}],
    ['GET', `orders/${reference}`, undefined],
  ] as const;
  const headers = await api.key();
  for (const [method, path, body] of requests) {
    const { status, text } = await send(`${url()}/v1/${path}`, method, body, headers);
    if (status >= 300) return `${method} ${path}: ${status} ${text}`;
  }
  return null;
}
