import { execFileSync, fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { DataSource } from 'typeorm';

import type { E164 } from '../../../src/phone-number/e164.js';
import { HostClock } from '../../../src/platform/clock/host-clock.js';
import { createDataSource, migrate } from '../../../src/platform/database/data-source.js';
import { startEmbeddedPostgres } from '../../../src/platform/embedded/embedded-postgres.js';
import { Replica } from '../../../src/virtual-numbers/replica/replica.js';
import { ReplicaStore, ReplicaTakenOver } from '../../../src/virtual-numbers/replica/replica-store.js';
import { administer, freshDatabase, type FreshDatabase } from '../../support/database.js';
import { DatabaseLine } from '../../support/database-line.js';
import { databasesFolder } from '../../support/databases-folder.js';
import { eventually } from '../../support/eventually.js';
import { aNumberRow, anAssignmentRow, anOrderRow, aPoolRow, insert } from '../../support/rows.js';
import { FedReplica } from './fed-replica.js';

let database: FreshDatabase;
let dataSource: DataSource;
beforeAll(async () => {
  database = await freshDatabase();
  dataSource = await createDataSource(database.url).initialize();
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function fedFrom(url: string, clock?: HostClock): Promise<FedReplica> {
  const fed = await FedReplica.open(url, clock);
  cleanUps.push(() => fed.close());
  fed.start();
  return fed;
}

interface Row {
  readonly number: E164;
  readonly key: Buffer;
}

/** An assignment whose `connects_until` counts its changes. */
async function aRow(of: DataSource = dataSource): Promise<Row> {
  const pool = await insert(of, 'pools', aPoolRow());
  const { number } = await insert(of, 'virtual_numbers', aNumberRow(pool));
  const order = await insert(of, 'orders', anOrderRow(pool));
  const key = randomBytes(32);
  await insert(
    of,
    'assignments',
    anAssignmentRow(order, { number }, { dialler_key: key, connects_until: new Date(0) }),
  );
  return { number, key };
}

async function change({ key }: Row, version: number, of: DataSource = dataSource): Promise<void> {
  await of.query('UPDATE assignments SET connects_until = $2 WHERE dialler_key = $1', [key, new Date(version)]);
}

const versionIn = (replica: Replica, { number, key }: Row): number | undefined =>
  replica.findAssignment(number, key)?.connectsUntil.getTime();

async function walsenders(): Promise<number[]> {
  const rows = await dataSource.query(
    `SELECT active_pid AS pid FROM pg_replication_slots WHERE database = current_database() AND active_pid IS NOT NULL`,
  );
  return rows.map(({ pid }: { pid: number }) => pid);
}

/** @returns false if the process has ended meanwhile */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch (failure) {
    if ((failure as { code?: string }).code === 'ESRCH') return false;
    throw failure;
  }
}

it('never claims to be younger than it is, while its walsender stutters and its feeder restarts', async () => {
  const row = await aRow();
  const fed = await fedFrom(database.url);
  await fed.caughtUp();

  const committed: { readonly version: number; readonly at: number }[] = [];
  let isOver = false;
  const writing = (async () => {
    for (let version = 1; !isOver; version += 1) {
      await change(row, version);
      committed.push({ version, at: Date.now() });
      await sleep(Math.random() * 3);
    }
  })();
  const stuttering = (async () => {
    for (let turn = 0; !isOver; turn += 1) {
      await sleep(300);
      if (turn % 4 === 3) {
        await fed.stop();
        fed.start();
      }
      for (const pid of await walsenders()) {
        if (!signal(pid, 'SIGSTOP')) continue;
        await sleep(Math.random() * 1_500);
        signal(pid, 'SIGCONT');
      }
    }
  })();
  let looks = 0;
  let oldestMs = 0;
  for (const end = performance.now() + 15_000; performance.now() < end; await sleep(5)) {
    const ageMs = fed.replica.ageMs()!;
    const asOf = Date.now() - ageMs;
    const version = versionIn(fed.replica, row)!;
    const promised = committed.findLast(({ at }) => at <= asOf)?.version ?? 0;
    expect(version).toBeGreaterThanOrEqual(promised);
    oldestMs = Math.max(oldestMs, ageMs);
    looks += 1;
  }
  isOver = true;
  await Promise.all([writing, stuttering]);
  await fed.caughtUp();
  expect(versionIn(fed.replica, row)).toBe(committed.at(-1)!.version);
  expect(looks).toBeGreaterThan(1_000);
  expect(oldestMs).toBeGreaterThan(1_000); // the stutter was noticed
});

it('ages while its walsender is frozen, and is young again afterwards', async () => {
  const row = await aRow();
  const fed = await fedFrom(database.url);
  await fed.caughtUp();
  const [pid] = await walsenders();
  process.kill(pid!, 'SIGSTOP');
  try {
    await change(row, 1);
    const before = fed.replica.ageMs()!;
    await sleep(3_000);
    expect(fed.replica.ageMs()).toBeGreaterThan(before + 2_900);
    expect(versionIn(fed.replica, row)).toBe(0);
  } finally {
    process.kill(pid!, 'SIGCONT');
  }
  await fed.caughtUp();
  expect(versionIn(fed.replica, row)).toBe(1);
  expect(fed.said('replica copied')).toBe(1);
});

it('stays young while nothing is written, also where the log ends at the edge of a page', async () => {
  const fed = await fedFrom(database.url);
  await fed.caughtUp();
  for (let turn = 0; turn < 3; turn += 1) {
    await administer('SELECT pg_switch_wal()');
    await fed.caughtUp(8_000);
  }
  expect(fed.said('replica copied')).toBe(1);
});

it('connects again and copies anew after its connection fell silent', async () => {
  const row = await aRow();
  const line = await DatabaseLine.to(database.url);
  cleanUps.push(() => line.close());
  const fed = await fedFrom(line.url);
  await fed.caughtUp();
  await change(row, 0);
  await fed.caughtUp(); // by the stream, which has begun
  // It asks for a position that is not reached, so that it also waits for a statement when the connection is given up.
  const [pid] = await walsenders();
  process.kill(pid!, 'SIGSTOP');
  try {
    await sleep(1_200);
    line.silenceOpen();
    await change(row, 1);
    await eventually(() => fed.said('replica feed lost') === 1, 12_800);
  } finally {
    process.kill(pid!, 'SIGCONT');
  }
  await fed.caughtUp();
  expect(versionIn(fed.replica, row)).toBe(1);
  expect(fed.said('replica copied')).toBe(2);
});

it('connects again when its connection falls silent before the stream begins', async () => {
  const row = await aRow();
  const line = await DatabaseLine.to(database.url);
  cleanUps.push(() => line.close());
  line.silentAt = 'START_REPLICATION';
  const fed = await fedFrom(line.url);
  await eventually(() => fed.said('replica feed lost') === 1, 30_000);
  line.silentAt = null;
  await change(row, 1);
  await fed.caughtUp(60_000);
  expect(versionIn(fed.replica, row)).toBe(1);
});

it('is written by one of two processes, and by the other one when that is killed', async () => {
  const row = await aRow();
  const { folder, start } = await aSharedFolder();
  const first = await start();
  await eventually(() => first.said.includes('replica copied'));
  const second = await start();
  const reader = await Replica.open(folder);
  cleanUps.push(() => reader.close());
  await change(row, 1);
  await eventually(() => versionIn(reader, row) === 1);
  await sleep(1_500);
  expect(second.said).toEqual([]);

  const gone = once(first.child, 'exit');
  first.child.kill('SIGKILL');
  await gone;
  await change(row, 2);
  await eventually(() => versionIn(reader, row) === 2);
  await eventually(() => second.said.includes('replica copied'));
  expect(second.said).toEqual(['replica copy started', 'replica copied']);
  await eventually(() => reader.ageMs()! < 1_500);
});

it('is not written by a process that was frozen and wakes after another one took over', async () => {
  const row = await aRow();
  const { folder, start } = await aSharedFolder();
  const first = await start();
  await eventually(() => first.said.includes('replica copied'));
  const second = await start();
  const reader = await Replica.open(folder);
  cleanUps.push(() => reader.close());

  first.child.kill('SIGSTOP');
  await change(row, 1);
  await sleep(500); // it waits in the socket of the frozen process
  for (const pid of await walsenders()) await dataSource.query('SELECT pg_terminate_backend($1)', [pid]);
  await eventually(() => second.said.includes('replica copied'), 30_000);
  await change(row, 2);
  await eventually(() => versionIn(reader, row) === 2);
  first.child.kill('SIGCONT');
  for (let looks = 0; looks < 200; looks += 1, await sleep(10)) expect(versionIn(reader, row)).toBe(2);
  await change(row, 3);
  await eventually(() => versionIn(reader, row) === 3);
  expect(first.said.filter((msg) => msg === 'replica copied')).toHaveLength(1);
});

it('is taken over from a process that stays frozen, although nothing ends its connection', async () => {
  const row = await aRow();
  const { folder, start } = await aSharedFolder();
  const first = await start();
  await eventually(() => first.said.includes('replica copied'));
  const second = await start();
  first.child.kill('SIGSTOP');
  await change(row, 1);
  await eventually(() => second.said.includes('replica copied'), 20_000);
  const reader = await Replica.open(folder);
  cleanUps.push(() => reader.close());
  expect(versionIn(reader, row)).toBe(1);
});

// Needs a mount, so the superuser; CI runs as one.
it.runIf(process.getuid?.() === 0)('goes on when its disk was full, and a full disk ends no process', async () => {
  const folder = await mkdtemp(join(databasesFolder(), 'maskline-small-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1500k', 'tmpfs', folder]);
  cleanUps.push(async () => void execFileSync('umount', [folder]));
  const store = await ReplicaStore.open(folder);
  cleanUps.push(() => store.close());
  const generation = await store.takeOver();
  const ballast = join(folder, 'ballast');
  await expect(writeFile(ballast, Buffer.alloc(2_000_000))).rejects.toMatchObject({ code: 'ENOSPC' });
  const asOf = new HostClock().now();
  for (let tries = 0; tries < 3; tries += 1) {
    const failed = await store.apply(generation, [], asOf).catch((failure: Error) => failure);
    expect(failed).toMatchObject({ message: expect.stringMatching(/^The replica was not written: No space left/) });
  }
  await sleep(100); // an unhandled rejection would fail the run
  expect(store.asOf()).toBeNull();
  await rm(ballast);
  await store.apply(generation, [], asOf);
  expect(store.asOf()).toEqual(asOf);
});

it('refuses writes of an earlier generation', async () => {
  const fed = await fedFrom(database.url);
  await fed.caughtUp();
  const store = fed.replica.writable!;
  await fed.stop();
  const earlier = await store.takeOver();
  const asOf = store.asOf();
  await store.takeOver();
  await expect(store.apply(earlier, [], new HostClock().now())).rejects.toThrow(ReplicaTakenOver);
  await expect(store.copy(earlier, 'pools', [])).rejects.toThrow(ReplicaTakenOver);
  expect(store.asOf()).toEqual(asOf);
});

it('has an age over a restart of the process, and none if a clock shows a time before its last news', async () => {
  let wallMs = 0;
  let bootId: string | null = 'one';
  const clock = new (class extends HostClock {
    override now() {
      return { wallMs: Date.now() + wallMs, bootMs: performance.now(), bootId };
    }
  })();
  const fed = await fedFrom(database.url, clock);
  await eventually(() => fed.replica.ageMs() !== null);
  await fed.stop();
  const restarted = await Replica.open(fed.folder, clock);
  await sleep(500);
  expect(restarted.ageMs()).toBeGreaterThanOrEqual(500);
  wallMs = -3_600_000; // set back by an hour
  expect(restarted.ageMs()).toBeGreaterThanOrEqual(500);
  bootId = 'another';
  expect(restarted.ageMs()).toBeNull();
  wallMs = 3_600_000;
  expect(restarted.ageMs()).toBeGreaterThanOrEqual(3_600_000);
});

describe('a database that allows no replica', () => {
  it('is told which publication to create, and which right to grant', async () => {
    const role = `feedless_${randomBytes(4).toString('hex')}`;
    await administer(`CREATE ROLE ${role} LOGIN PASSWORD 'word'`);
    cleanUps.push(() => administer(`DROP OWNED BY ${role}`, `DROP ROLE ${role}`).catch(() => undefined));
    const fresh = await freshDatabase();
    cleanUps.push(() => fresh.drop());
    const url = Object.assign(new URL(fresh.url), { username: role, password: 'word' }).href;

    const owner = await createDataSource(fresh.url).initialize();
    cleanUps.push(() => owner.destroy());
    await owner.query(`GRANT SELECT ON assignments, virtual_numbers, pools TO ${role}`);
    const fed = await fedFrom(url);
    await eventually(() => fed.said('replica not allowed') === 1);
    expect(fed.feeder.refusal).toMatch(/To do: as their owner, run CREATE PUBLICATION maskline_decisions FOR TABLE /);

    await owner.query('CREATE PUBLICATION maskline_decisions FOR TABLE assignments, virtual_numbers, pools');
    const second = await fedFrom(url);
    await eventually(() => second.said('replica not allowed') === 1);
    expect(second.feeder.refusal).toMatch(/To do: grant the right: ALTER ROLE … REPLICATION/);
    expect(second.replica.ageMs()).toBeNull();
    await owner.query(`DROP OWNED BY ${role}`);
  });

  it('is told to set wal_level; after a restart with it, the replica is fed', async () => {
    const dataDir = await mkdtemp(join(databasesFolder(), 'maskline-faults-'));
    cleanUps.push(() => rm(dataDir, { recursive: true, force: true }));
    await chmod(dataDir, 0o755);
    const withoutLogical = await startEmbeddedPostgres({ dataDir, flags: { fsync: 'off', wal_level: 'replica' } });
    const line = await DatabaseLine.to(withoutLogical.url);
    cleanUps.push(() => line.close());
    const before = await createDataSource(withoutLogical.url).initialize();
    await migrate(before);
    const row = await aRow(before);
    await before.destroy();
    const refused = await fedFrom(line.url);
    await eventually(() => refused.said('replica not allowed') === 1);
    expect(refused.feeder.refusal).toMatch(/wal_level.*To do: set wal_level = logical/);
    await refused.stop();
    await withoutLogical.stop();

    let server = await startEmbeddedPostgres({ dataDir, flags: { fsync: 'off' } });
    line.leadTo(server.url);
    const fed = await fedFrom(line.url);
    await fed.caughtUp();
    expect(versionIn(fed.replica, row)).toBe(0);

    // A restart of the server ends quickly although a replica is fed, and the replica goes on afterwards.
    const begun = performance.now();
    await server.stop();
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(versionIn(fed.replica, row)).toBe(0);
    server = await startEmbeddedPostgres({ dataDir, flags: { fsync: 'off' } });
    cleanUps.push(() => server.stop());
    line.leadTo(server.url);
    const after = await createDataSource(server.url).initialize();
    await change(row, 1, after);
    await after.destroy();
    await fed.caughtUp();
    expect(versionIn(fed.replica, row)).toBe(1);
    expect(fed.said('replica feed lost')).toBe(1);
    await fed.stop();
  });
});

interface Feeding {
  readonly child: ChildProcess;
  readonly said: string[];
}

/** A folder that several processes feed. */
async function aSharedFolder(): Promise<{ folder: string; start: () => Promise<Feeding> }> {
  const folder = await mkdtemp(join(databasesFolder(), 'maskline-replica-'));
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  return {
    folder,
    start: async () => {
      const program = 'dist/test/virtual-numbers/replica/feeding-process.js';
      const child = fork(program, [database.url, folder], { execArgv: [] });
      const said: string[] = [];
      child.on('message', (msg: string) => said.push(msg));
      await once(child, 'spawn');
      cleanUps.push(async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = once(child, 'exit');
        child.kill('SIGCONT');
        child.kill('SIGKILL');
        await gone;
      });
      return { child, said };
    },
  };
}
