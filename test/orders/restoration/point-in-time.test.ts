import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createDataSource, migrate } from '../../../src/platform/database/data-source.js';
import { aPhone, numbers, TestApp } from '../../support/app.js';
import { DebianPostgres } from '../../support/debian-postgres.js';
import { eventually } from '../../support/eventually.js';

const DATABASE = 'maskline';

let server: DebianPostgres;
let folder: string;
let maskline: TestApp;

const start = () =>
  TestApp.start({ database: { url: server.url(DATABASE), drop: async () => undefined }, replicaDir: folder });

beforeAll(async () => {
  server = await DebianPostgres.start();
  folder = await mkdtemp(join(tmpdir(), 'maskline-point-in-time-'));
  await server.administer(`CREATE DATABASE ${DATABASE}`);
  const dataSource = await createDataSource(server.url(DATABASE)).initialize();
  await migrate(dataSource).finally(() => dataSource.destroy());
  maskline = await start();
});
afterAll(async () => {
  await maskline?.stop();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const rings = async (phone: string, number: string) => (await maskline.call(phone, number)).rings;
const restoration = async () => (await maskline.api('GET', '/v1/restoration')).body;

/** A minute of heartbeats; each leaves the row as an original. */
async function aMinutePasses(): Promise<void> {
  await maskline.dataSource.query(
    'UPDATE installation SET beat = beat + 20, written_by = pg_current_xact_id()::text::bigint, beat_at = clock_timestamp()',
  );
  const [{ beat }] = await maskline.dataSource.query('SELECT beat::integer AS beat FROM installation');
  await eventually(async () => {
    const seen = JSON.parse(await readFile(join(folder, 'last-heartbeat.json'), 'utf8')) as { beat: number };
    return seen.beat >= beat;
  });
}

it('recognises that its database was recovered to a point in time from a base backup and the archived log', async () => {
  const pool = await maskline.pool({}, numbers(6));
  const [customer, agent, successor] = [aPhone(), aPhone(), aPhone()];
  const replaced = await maskline.order('replaced', customer, agent, { pool });
  const backup = await server.baseBackup();
  const late = await maskline.order('placed-after-the-backup', aPhone(), aPhone(), { pool });
  expect(late.status).toBe('active');
  const until = (await server.ask('SELECT clock_timestamp() AS value')) as Date;

  // What comes behind the point in time, and is lost.
  await maskline.order('lost', aPhone(), aPhone(), { pool });
  await maskline.api('PUT', '/v1/orders/replaced/agent', { phone: successor });
  await aMinutePasses();
  await server.administer('SELECT pg_switch_wal()');
  await maskline.app.close();
  await server.recover(backup, until);
  maskline = await start();

  expect(await restoration()).toMatchObject({ state: 'confirming', recognisedBy: 'set-back', unconfirmedOrders: 2 });
  expect((await maskline.api('GET', '/v1/orders/lost')).status).toBe(404);
  expect((await maskline.api('GET', '/v1/orders/placed-after-the-backup')).body.status).toBe('active');
  expect([await rings(customer, replaced.customer.dials), await rings(agent, replaced.agent.dials)]).toEqual([[], []]);
  await maskline.api('POST', '/v1/orders', { reference: 'replaced', pool, customer: { phone: customer } });
  const { body } = await maskline.api('PUT', '/v1/orders/replaced/agent', { phone: successor });
  // The numbers are withheld from the successor, who is new to the restored database.
  expect([body.unconfirmed, body.status]).toEqual([false, 'awaiting-numbers']);
  expect(await rings(agent, replaced.agent.dials)).toEqual([]);
});
