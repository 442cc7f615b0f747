import { randomBytes } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import fc from 'fast-check';
import type { DataSource } from 'typeorm';

import type { E164 } from '../../../src/phone-number/e164.js';
import { PhoneVault } from '../../../src/phone-number/phone-vault.js';
import { CallConnections } from '../../../src/platform/database/call-connections.js';
import { createDataSource } from '../../../src/platform/database/data-source.js';
import { DatabaseCallDirectory } from '../../../src/virtual-numbers/assignments/database-call-directory.js';
import { freshDatabase, type FreshDatabase } from '../../support/database.js';
import { aNumberRow, anAssignmentRow, anOrderRow, aPoolRow, insert, type Row } from '../../support/rows.js';
import { FedReplica } from './fed-replica.js';

const onLinux = process.platform === 'linux' ? it : it.skip;
/** More rows than a copy leaves in memory. */
const MANY = 21_000;

const vault = new PhoneVault([Buffer.alloc(32, 1)], Buffer.alloc(32, 2));

let database: FreshDatabase;
let dataSource: DataSource;
let connections: CallConnections;
let directory: DatabaseCallDirectory;
let fed: FedReplica;
beforeAll(async () => {
  database = await freshDatabase();
  dataSource = await createDataSource(database.url).initialize();
  connections = new CallConnections(database.url);
  directory = new DatabaseCallDirectory(connections, vault);
  fed = await FedReplica.open(database.url);
});
afterAll(async () => {
  await fed?.close();
  await connections?.onApplicationShutdown();
  await dataSource?.destroy();
  await database?.drop();
});

async function aNumber(pool: { id: string }, but: Row = {}): Promise<E164> {
  const { number } = await insert(dataSource, 'virtual_numbers', aNumberRow(pool, { capacity: 1_000, ...but }));
  await insert(dataSource, 'virtual_number_keys', { phone_key: vault.keyOf(number), number });
  return number;
}

interface World {
  readonly pools: readonly { readonly id: string }[];
  readonly numbers: readonly E164[];
  readonly orders: readonly { readonly id: string }[];
  readonly keys: readonly Buffer[];
}

async function aWorld(): Promise<World> {
  const pools = [await insert(dataSource, 'pools', aPoolRow()), await insert(dataSource, 'pools', aPoolRow())];
  const numbers: E164[] = [];
  for (const pool of [...pools, ...pools]) numbers.push(await aNumber(pool));
  const orders: { id: string }[] = [];
  for (const pool of pools) orders.push(await insert(dataSource, 'orders', anOrderRow(pool)));
  return { pools, numbers, orders, keys: Array.from({ length: 5 }, () => randomBytes(32)) };
}

/** A change of the tables, by numbers that choose what it changes. */
type Step = readonly [what: number, a: number, b: number];

const LATER = new Date('2026-12-01T06:00:00.000Z');

/** Changes that the application makes, and some that it does not make today. The database refuses some of them. */
const CHANGES: readonly ((world: World, a: number, b: number) => Promise<unknown>)[] = [
  async ({ orders, numbers, keys }, a, b) => {
    const row = anAssignmentRow(orders[a % 2]!, { number: numbers[a % 4]! }, { dialler_key: keys[b % 5] });
    const known = { ...row, may_dial: b % 3 === 0 ? null : b % 2 === 0, shown_number: numbers[b % 4] };
    const halfOpen = { ...known, callee_id: null, callee_phone: null, shown_number: null };
    const columns = b % 7 === 0 ? halfOpen : known;
    await insert(dataSource, 'assignments', { ...columns, quarantine_seconds: b % 5 === 0 ? null : b });
  },
  async ({ numbers }, a) =>
    dataSource.query('UPDATE assignments SET connects_until = $2, quarantined_until = $2 WHERE virtual_number = $1', [
      numbers[a % 4],
      LATER,
    ]),
  async ({ numbers }, a) =>
    dataSource.query(
      'UPDATE assignments SET released_at = $2 WHERE virtual_number = $1 AND quarantined_until IS NOT NULL',
      [numbers[a % 4], LATER],
    ),
  async ({ keys }, a, b) =>
    dataSource.query('UPDATE assignments SET blocked_at = $2 WHERE dialler_key = $1', [
      keys[a % 5],
      b % 2 === 0 ? LATER : null,
    ]),
  async ({ numbers, keys }, a, b) =>
    dataSource.query('DELETE FROM assignments WHERE virtual_number = $1 AND dialler_key = $2', [
      numbers[a % 4],
      keys[b % 5],
    ]),
  async ({ numbers, keys }, a, b) =>
    dataSource.query('UPDATE assignments SET virtual_number = $1 WHERE dialler_key = $2', [
      numbers[a % 4],
      keys[b % 5],
    ]),
  async ({ pools }, a, b) =>
    dataSource.query(
      `UPDATE pools SET max_call_seconds = $2, max_calls_per_hour = $3, quiet_hours = $4, pin = $5,
         decide_without_database_seconds = $2 WHERE id = $1`,
      [
        pools[a % 2]!.id,
        60 + b,
        b % 2 === 0 ? null : 1 + b,
        b % 3 === 0 ? null : JSON.stringify({ from: '22:00', until: '07:00', timeZone: 'Asia/Kolkata' }),
        b % 2 === 0 ? 'off' : 'always',
      ],
    ),
  async ({ numbers }, a, b) =>
    dataSource.query('UPDATE virtual_numbers SET status = $2, orders_held = 0 WHERE number = $1', [
      numbers[a % 4],
      b % 2 === 0 ? 'retired' : 'available',
    ]),
  async (_, a) => (a % 20 === 0 ? dataSource.query('TRUNCATE assignments') : undefined),
  async () => {
    await fed.stop();
    fed.start();
  },
];

/** Whatever the replica answers otherwise than the database. */
async function differences({ numbers, keys }: World): Promise<unknown[]> {
  const served = await Promise.all(
    numbers.map(async (number) => ({
      theirs: (await directory.describeUnjoined(number, null)).numberIsOurs,
      ours: fed.replica.servesNumber(number),
    })),
  );
  const found = await Promise.all(
    numbers.flatMap((number) =>
      keys.map(async (key) => {
        const theirs = await directory.findAssignment(number, key);
        const ours = fed.replica.findAssignment(number, key);
        const [facts] = await dataSource.query(
          `SELECT pool.id AS "poolId", pool.decide_without_database_seconds AS "decideWithoutDatabaseSeconds",
                  assignment.quarantine_seconds AS "quarantineSeconds"
           FROM assignments AS assignment JOIN virtual_numbers AS number ON number.number = assignment.virtual_number
           JOIN pools AS pool ON pool.id = number.pool_id
           WHERE assignment.virtual_number = $1 AND assignment.dialler_key = $2`,
          [number, key],
        );
        return { theirs: theirs && { ...theirs, ...facts, ageMs: ours?.ageMs }, ours };
      }),
    ),
  );
  return [...served, ...found].filter(({ theirs, ours }) => !isDeepEqual(theirs, ours));
}

const isDeepEqual = (one: unknown, other: unknown): boolean => {
  try {
    expect(one).toEqual(other);
    return true;
  } catch {
    return false;
  }
};

it('answers like the database after any changes, also when copies and changes are mixed', async () => {
  fed.start();
  const step = fc.tuple(fc.nat(CHANGES.length - 1), fc.nat(200), fc.nat(200));
  const steps = fc.array(step, { minLength: 20, maxLength: 60 });
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (all: readonly Step[]) => {
      const world = await aWorld();
      for (const [what, a, b] of all) await CHANGES[what]!(world, a, b).catch(() => undefined);
      await fed.caughtUp();
      expect(await differences(world)).toEqual([]);
      const [{ rows }] = await dataSource.query('SELECT count(*)::integer AS rows FROM assignments');
      compared += rows;
    }),
    { numRuns: 12, endOnFailure: true },
  );
  expect(compared).toBeGreaterThan(20);
  await fed.stop();
});

onLinux('gives back the memory of a large copy, and goes on', async () => {
  const { pools, numbers, orders } = await aWorld();
  const first = anAssignmentRow(orders[0]!, { number: numbers[0]! });
  await insert(dataSource, 'assignments', first);
  await dataSource.query(
    `INSERT INTO assignments
     SELECT (jsonb_populate_record(one, jsonb_build_object('dialler_key', sha256(n::text::bytea)))).*
     FROM assignments AS one, generate_series(1, ${MANY}) AS n WHERE one.dialler_key = $1`,
    [first['dialler_key']],
  );
  const own = await FedReplica.open(database.url);
  try {
    own.start();
    await own.caughtUp();
    const { mapped, size } = await fileOf(own.folder);
    expect(size).toBeGreaterThan(4_000);
    expect(mapped).toBeLessThan(size / 4);
    const find = () => own.replica.findAssignment(numbers[0]!, first['dialler_key']);
    expect(find()).toMatchObject({ orderId: orders[0]!.id, poolId: pools[0]!.id, blocked: false });
    await dataSource.query('UPDATE assignments SET blocked_at = now() WHERE dialler_key = $1', [first['dialler_key']]);
    await own.caughtUp();
    expect(find()).toMatchObject({ blocked: true });
  } finally {
    await own.close();
    await dataSource.query('DELETE FROM assignments WHERE virtual_number = $1', [numbers[0]]);
  }
});

/** How much of the replica's file is in this process's memory, and how large it is, in KiB. */
async function fileOf(folder: string): Promise<{ mapped: number; size: number }> {
  const mappings = (await readFile('/proc/self/smaps', 'utf8')).split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  const own = mappings.filter(
    (one) => one.split('\n')[0]!.includes(folder) && one.split('\n')[0]!.endsWith('data.mdb'),
  );
  const mapped = own.reduce((sum, one) => sum + Number(/^Rss: +(\d+)/m.exec(one)![1]), 0);
  const [name] = (await readdir(folder)).filter((one) => one.startsWith('rows-'));
  return { mapped, size: (await stat(join(folder, name!, 'data.mdb'))).size / 1_024 };
}

it('keeps phones only sealed, and its folder to its own user', async () => {
  fed.start();
  const pool = await insert(dataSource, 'pools', aPoolRow());
  const number = await aNumber(pool);
  const order = await insert(dataSource, 'orders', anOrderRow(pool));
  const phone = '+919000012345' as E164;
  const sealed = vault.sealText(phone, `assignments.callee_phone ${order.id}` as never);
  await insert(dataSource, 'assignments', anAssignmentRow(order, { number }, { callee_phone: sealed }));
  await fed.caughtUp();
  await fed.stop();
  const files = await readdir(fed.folder, { recursive: true, withFileTypes: true });
  const contents = files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name)));
  const bytes = Buffer.concat(await Promise.all(contents));
  expect(bytes.includes(sealed)).toBe(true);
  for (const digits of ['919000012345', '9000012345']) {
    expect(bytes.includes(digits)).toBe(false);
    expect(bytes.includes(Buffer.from(digits, 'utf16le'))).toBe(false);
  }
  expect((await stat(fed.folder)).mode & 0o777).toBe(0o700);
});
