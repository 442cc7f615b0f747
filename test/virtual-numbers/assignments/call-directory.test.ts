import { randomBytes } from 'node:crypto';

import type { DataSource } from 'typeorm';

import type { E164 } from '../../../src/phone-number/e164.js';
import { PhoneVault } from '../../../src/phone-number/phone-vault.js';
import { CallConnections } from '../../../src/platform/database/call-connections.js';
import { createDataSource } from '../../../src/platform/database/data-source.js';
import type { CallDirectory } from '../../../src/virtual-numbers/assignments/call-directory.js';
import { DatabaseCallDirectory } from '../../../src/virtual-numbers/assignments/database-call-directory.js';
import { freshDatabase, type FreshDatabase } from '../../support/database.js';
import { aNumberRow, anAssignmentRow, anOrderRow, aPoolRow, insert, type Row } from '../../support/rows.js';

const AT = new Date('2026-11-22T06:00:00.000Z');
const vault = new PhoneVault([Buffer.alloc(32, 1)], Buffer.alloc(32, 2));

let database: FreshDatabase;
let dataSource: DataSource;
let connections: CallConnections;
beforeAll(async () => {
  database = await freshDatabase();
  dataSource = await createDataSource(database.url).initialize();
  connections = new CallConnections(database.url);
});
afterAll(async () => {
  await connections?.onApplicationShutdown();
  await dataSource?.destroy();
  await database?.drop();
});

const aKey = () => randomBytes(32);

async function aNumber(but: Row = {}, pool: Row = {}): Promise<E164> {
  const poolRow = await insert(dataSource, 'pools', aPoolRow(pool));
  const row = await insert(dataSource, 'virtual_numbers', aNumberRow(poolRow, { capacity: 10, ...but }));
  await insert(dataSource, 'virtual_number_keys', { phone_key: vault.keyOf(row.number), number: row.number });
  return row.number;
}

/** Lets somebody dial a number in an order of its own. */
async function anAssignment(number: E164, but: Row = {}) {
  const [pool] = await dataSource.query('SELECT pool_id AS id FROM virtual_numbers WHERE number = $1', [number]);
  const order = await insert(dataSource, 'orders', anOrderRow(pool));
  const row = await insert(dataSource, 'assignments', anAssignmentRow(order, { number }, but));
  await dataSource.query('UPDATE virtual_numbers SET orders_held = orders_held + 1 WHERE number = $1', [number]);
  return { ...row, orderId: order.id };
}

/** What every implementation of the port answers. Each has its line here. */
const DIRECTORIES: readonly (readonly [name: string, open: () => CallDirectory])[] = [
  ['the database', () => new DatabaseCallDirectory(connections, vault)],
];

describe.each(DIRECTORIES)('the directory of calls in %s', (_, open) => {
  let directory: CallDirectory;
  beforeAll(() => (directory = open()));

  it('finds whom a dialler reaches behind a number, with the policy of its pool', async () => {
    const number = await aNumber({}, { direction: 'customer-to-agent', max_call_seconds: 600 });
    const row = await anAssignment(number);
    expect(await directory.findAssignment(number, row.dialler_key)).toEqual({
      orderId: row.orderId,
      diallerId: row.dialler_id,
      diallerRole: 'customer',
      calleeRole: 'agent',
      calleeId: row.callee_id,
      mayDial: null,
      calleePhone: row.callee_phone,
      shownNumber: number,
      connectsUntil: AT,
      closed: false,
      endedEarly: false,
      blocked: false,
      unconfirmed: false,
      pin: 'off',
      direction: 'customer-to-agent',
      maxCallSeconds: 600,
      maxRingSeconds: 45,
      maxCallsPerHour: null,
      quietHours: null,
      claimByPin: false,
      recordCalls: false,
    });
  });

  it('finds an assignment that is over or blocked, and says so', async () => {
    const number = await aNumber();
    const row = await anAssignment(number, { quarantined_until: AT, blocked_at: AT });
    expect(await directory.findAssignment(number, row.dialler_key)).toMatchObject({ closed: true, blocked: true });
  });

  it('finds nobody for another dialler, behind another number, or behind a number of nobody', async () => {
    const [number, other] = [await aNumber(), await aNumber()];
    const row = await anAssignment(number);
    expect(await directory.findAssignment(number, aKey())).toBeNull();
    expect(await directory.findAssignment(other, row.dialler_key)).toBeNull();
    expect(await directory.findAssignment('+919000012345' as E164, row.dialler_key)).toBeNull();
  });

  describe('of a number and a caller whom no assignment joins', () => {
    const nothing = {
      numberIsOurs: false,
      callerIsOurs: false,
      callerIsKnown: false,
      standsForCallerIn: null,
      callerRole: null,
      onlyOrder: null,
      servesOrders: false,
      pin: 'off',
    };

    it('knows nothing of a number that is not ours, or is retired', async () => {
      expect(await directory.describeUnjoined('+919000012345' as E164, aKey())).toEqual(nothing);
      expect(await directory.describeUnjoined(await aNumber({ status: 'retired' }), aKey())).toEqual(nothing);
    });

    it('tells a caller who may dial another number, and one whose phone is a number of ours', async () => {
      const [number, other] = [await aNumber(), await aNumber()];
      const row = await anAssignment(other);
      const ours = { ...nothing, numberIsOurs: true };
      expect(await directory.describeUnjoined(number, row.dialler_key)).toEqual({ ...ours, callerIsKnown: true });
      expect(await directory.describeUnjoined(number, vault.keyOf(other))).toEqual({ ...ours, callerIsOurs: true });
      expect(await directory.describeUnjoined(number, null)).toEqual(ours);
    });

    it('tells the order that a number serves alone, its pool’s PIN policy, and whom it stands for', async () => {
      const [number, dialled] = [await aNumber({}, { pin: 'unknown-callers' }), await aNumber()];
      const { orderId } = await anAssignment(number);
      const serving = { numberIsOurs: true, servesOrders: true, pin: 'unknown-callers' };
      expect(await directory.describeUnjoined(number, aKey())).toMatchObject({ ...serving, onlyOrder: orderId });
      const shown = await anAssignment(dialled, { shown_number: number, dialler_role: 'agent' });
      expect(await directory.describeUnjoined(number, shown.dialler_key)).toMatchObject({
        standsForCallerIn: shown.orderId,
        callerRole: 'agent',
      });
      await anAssignment(number);
      expect(await directory.describeUnjoined(number, aKey())).toMatchObject({ ...serving, onlyOrder: null });
    });
  });
});

describe('the statements of the directory in the database', () => {
  let fresh: FreshDatabase;
  let calm: CallConnections;
  beforeAll(async () => {
    fresh = await freshDatabase();
    calm = new CallConnections(fresh.url);
  });
  afterAll(async () => {
    await calm.onApplicationShutdown();
    await fresh.drop();
  });

  /** How PostgreSQL executes a statement on the connection that prepared it. */
  async function planOf(statement: string, asks: number): Promise<string> {
    const keys = Array.from({ length: asks }, () => aKey().toString('hex'));
    const array = asks === 1 ? `'\\x${keys[0]}'` : `'{${keys.map((key) => `"\\\\x${key}"`).join()}}'`;
    const { rows } = await calm.query<{ 'QUERY PLAN': string }>({
      text: `EXPLAIN EXECUTE "${statement}" (${array}, ${array})`,
    });
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  }

  it('look up keys in indexes, in empty and in large tables, and with a plan that was made while they were empty', async () => {
    const directory = new DatabaseCallDirectory(calm, vault);
    const ask = async () => {
      const find = () => directory.findAssignment('+919000012345' as E164, aKey());
      await Promise.all([find(), find()]);
      await find();
      await directory.describeUnjoined('+919000012345' as E164, aKey());
    };
    const expectLookups = async () => {
      for (const [statement, asks] of [
        ['find-assignment', 1],
        ['find-assignments', 100],
        ['describe-unjoined', 100],
      ] as const) {
        const plan = await planOf(statement, asks);
        expect(plan).not.toMatch(/Seq Scan|Hash|Merge|Materialize|Bitmap/);
        expect(plan.match(/Index Cond: /g)).toHaveLength(plan.match(/ Scan using /g)!.length);
      }
    };
    await ask();
    await expectLookups();
    const loading = await createDataSource(fresh.url).initialize();
    await loading.query(LARGE_TABLES);
    await expectLookups();
    await loading.query('ANALYZE');
    await loading.destroy();
    await ask();
    await expectLookups();
  });
});

/** 20,000 assignments. Constraints between tables are not checked. */
const LARGE_TABLES = `
  SET session_replication_role = replica;
  INSERT INTO assignments (virtual_number, dialler_key, order_id, dialler_id, dialler_role, callee_id, callee_phone,
                           shown_number, callee_role, assigned_at, connects_until, unconfirmed)
  SELECT '+91' || 8000000000 + one / 10, sha256(one::text::bytea), gen_random_uuid(), gen_random_uuid(), 'customer',
         gen_random_uuid(), sha256('phone'), '+918000000000', 'agent', now(), now(), false
  FROM generate_series(1, 20000) AS one;
  INSERT INTO virtual_number_keys (phone_key, number)
  SELECT sha256(('number' || one)::bytea), '+91' || 8000000000 + one FROM generate_series(1, 2000) AS one`;
