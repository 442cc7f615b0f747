import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { DataSource } from 'typeorm';

import { createDataSource } from '../../../src/platform/database/data-source.js';
import { recognise } from '../../../src/platform/restoration/recognition.js';
import { RestoreWatch } from '../../../src/platform/restoration/restore-watch.js';
import { aPhone, numbers, TestApp, type Body } from '../../support/app.js';
import { administer, drop, freshDatabase, type FreshDatabase } from '../../support/database.js';
import { itWithRedis, REDIS } from '../../support/with-redis.js';
import { eventually } from '../../support/eventually.js';

let database: FreshDatabase;
let dataSource: DataSource;
let folder: string;
let customer: string;
let number: string;
let agent: string;
let maskline: TestApp;

const start = () => TestApp.start({ database, replicaDir: folder });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maskline-witness-'));
  database = await freshDatabase({ lockTimeoutMs: 5_000 });
  dataSource = await createDataSource(database.url).initialize();
  maskline = await start();
  const pool = await maskline.pool({}, numbers(2));
  [customer, agent] = [aPhone(), aPhone()];
  number = (await maskline.order('order-1', customer, agent, { pool })).customer.dials;
});
afterAll(async () => {
  await maskline?.stop();
  await dataSource?.destroy();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

/** Gives the row another beat as the application does: the row stays original. */
async function setBeat(beat: string): Promise<void> {
  await dataSource.query(`
    UPDATE installation SET beat = ${beat}, written_by = pg_current_xact_id()::text::bigint, beat_at = now() + interval '1 hour'`);
}

async function lastSeen(): Promise<{ id: string; beat: number }> {
  return JSON.parse(await readFile(join(folder, 'last-heartbeat.json'), 'utf8'));
}

const state = async (app = maskline): Promise<Body> => (await app.api('GET', '/v1/restoration')).body;
const rings = async (app = maskline): Promise<string[]> => (await app.call(customer, number)).rings;
const restorations = async () => (await dataSource.query('SELECT recognised_by FROM restorations ORDER BY id')).length;

/** Ends the doubt, so that the next test begins with a database that works. */
async function trust(): Promise<void> {
  expect((await maskline.api('POST', '/v1/restoration/end', { nothingWasLost: true })).body.state).toBe('none');
  expect(await rings()).toEqual([agent]);
}

describe('no restore is seen in', () => {
  it('a database whose table was rewritten, or whose row was frozen', async () => {
    await dataSource.query('VACUUM (FULL, FREEZE) installation');
    await maskline.get(RestoreWatch).settle();
    expect((await state()).state).toBe('none');
  });

  it('a restart after a failover that lost less than a minute', async () => {
    await setBeat('1000');
    await maskline.get(RestoreWatch).settle();
    await eventually(async () => (await lastSeen()).beat >= 1000);
    await maskline.stop();
    await setBeat('990');
    maskline = await start();
    expect([(await state()).state, await rings()]).toEqual(['none', [agent]]);
  });

  it('an installation of which the witness has seen another one', () => {
    const row = { id: 'one', beat: 3, beatAt: new Date(), isOriginal: true, isDue: false };
    expect(recognise(row, { id: 'another', beat: 1_000 })).toBeNull();
    expect(recognise(row, null)).toBeNull();
    expect(recognise({ ...row, beat: 0 }, { id: 'another', beat: 1_000 })).toBe('older-version');
  });
});

describe('a database that was set back', () => {
  it('is recognised at the start, by several processes once', async () => {
    await maskline.stop();
    await setBeat('100');
    const known = await restorations();
    const [one, other] = await Promise.all([start(), start()]);
    maskline = one;
    expect(await state()).toMatchObject({ state: 'confirming', recognisedBy: 'set-back', unconfirmedOrders: 1 });
    expect([await rings(one), await rings(other), (await restorations()) - known]).toEqual([[], [], 1]);
    await other.stop();
    await trust();
  });

  itWithRedis('is recognised by what Redis remembers alone', async () => {
    await maskline.stop();
    maskline = await TestApp.start({ database, redisUrl: REDIS! });
    expect((await state()).state).toBe('none'); // an empty Redis proves nothing
    await maskline.stop();
    await setBeat('beat - 100');
    maskline = await TestApp.start({ database, redisUrl: REDIS! });
    expect(await state()).toMatchObject({ recognisedBy: 'set-back', unconfirmedOrders: 1 });
    await trust();
    await maskline.stop();
    maskline = await start();
  });

  it('is recognised under a running process', async () => {
    await setBeat('50');
    await eventually(async () => (await state()).state === 'confirming');
    expect(await rings()).toEqual([]);
    await trust();
  });
});

it('recognises a copy of the database, and refuses every kind of call until it is placed again', async () => {
  await maskline.stop();
  await dataSource.destroy();
  const name = `${new URL(database.url).pathname.slice(1)}_copy`;
  const copy = `CREATE DATABASE ${name} TEMPLATE ${new URL(database.url).pathname.slice(1)}`;
  await eventually(async () => {
    return administer(copy).then(
      () => true,
      () => false, // connections end a moment after their process has closed them
    );
  });
  const url = new URL(database.url);
  url.pathname = name;
  const original = database;
  database = { url: url.href, drop: async () => drop(name).then(original.drop) };
  dataSource = await createDataSource(database.url).initialize();
  maskline = await start();
  expect(await state()).toMatchObject({ recognisedBy: 'rewritten', unconfirmedOrders: 1, withheldNumbers: 2 });
  expect(await rings()).toEqual([]);
  const explained = await maskline.api('POST', '/v1/routing/explain', { from: customer, to: number });
  expect(explained.body).toMatchObject({ decision: 'refuse', reason: 'ORDER_UNCONFIRMED' });
  expect((await maskline.api('GET', '/v1/restoration/orders')).body).toEqual({ references: ['order-1'] });
  await trust();
});

it('believes an operator, and only one who says what ending means', async () => {
  const stated = await maskline.api('POST', '/v1/restoration', { contentUntil: '2026-11-22T03:00:00Z' });
  expect(stated.body).toMatchObject({ recognisedBy: 'stated', contentUntil: '2026-11-22T03:00:00.000Z' });
  expect(await rings()).toEqual([]);
  expect((await maskline.api('POST', '/v1/restoration/end', {})).status).toBe(400);
  await trust();
});
