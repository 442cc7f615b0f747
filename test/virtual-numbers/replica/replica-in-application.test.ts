import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { Replica } from '../../../src/virtual-numbers/replica/replica.js';
import { API_KEY, aPhone, numbers, TestApp } from '../../support/app.js';
import { administer, freshDatabase } from '../../support/database.js';
import { databasesFolder } from '../../support/databases-folder.js';
import { eventually } from '../../support/eventually.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(databasesFolder(), 'maskline-replica-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const lagIn = (metrics: string): number =>
  Number(/^maskline_replica_lag_seconds (.+)$/m.exec(metrics)?.[1] ?? Number.NaN);

async function metricsOf(app: TestApp): Promise<string> {
  return (await app.request('GET', '/metrics', { authorization: `Bearer ${API_KEY}` })).text;
}

it('has the assignments of an application’s orders, tells its lag, and leaves no slot behind', async () => {
  const database = await freshDatabase({ lockTimeoutMs: 5_000 });
  const maskline = await TestApp.start({ database, replicaDir: folder });
  try {
    const pool = await maskline.pool({}, numbers(4));
    const [customer, agent] = [aPhone(), aPhone()];
    const { customer: side } = await maskline.order('order-1', customer, agent, { pool });
    const key = maskline.vault.keyOf(customer as never);
    const replica = maskline.app.get(Replica, { strict: false });
    await eventually(() => replica.findAssignment(side.dials, key) !== null);
    expect(replica.findAssignment(side.dials, key)).toMatchObject({ diallerRole: 'customer', calleeRole: 'agent' });
    expect(replica.servesNumber(side.dials)).toBe(true);
    expect(replica.servesNumber(customer as never)).toBe(false);
    await eventually(async () => lagIn(await metricsOf(maskline)) < 1.5);
  } finally {
    await maskline.stop();
  }
  const name = new URL(database.url).pathname.slice(1);
  await eventually(async () => !(await hasSlot(name)));

  // The next process finds what this one has left, and knows how old it is.
  const restarted = await TestApp.start({ database, replicaDir: folder });
  try {
    await eventually(async () => lagIn(await metricsOf(restarted)) < 1.5);
  } finally {
    await restarted.stop();
    await database.drop();
  }
});

it.each([
  ['none is wanted', undefined, []],
  ['its folder cannot be used', '/dev/null/replica', ['replica not opened']],
])('is missing where %s, and the application works', async (_, replicaDir, said) => {
  const lines: string[] = [];
  const maskline = await TestApp.start({ replicaDir, logTo: (line) => lines.push(line) });
  try {
    const pool = await maskline.pool({}, numbers(4));
    const [customer, agent] = [aPhone(), aPhone()];
    const { customer: side } = await maskline.order('order-1', customer, agent, { pool });
    expect((await maskline.call(customer, side.dials)).rings).toEqual([agent]);
    expect(maskline.app.get(Replica, { strict: false }).ageMs()).toBeNull();
    expect(lagIn(await metricsOf(maskline))).toBeNaN();
    const messages = lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(messages.filter((msg) => msg?.startsWith('replica'))).toEqual(said);
  } finally {
    await maskline.stop();
  }
});

async function hasSlot(database: string): Promise<boolean> {
  // `administer` returns nothing, so the answer is in whether it fails.
  const fails = `DO $$ BEGIN IF EXISTS (SELECT FROM pg_replication_slots WHERE database = '${database}') THEN RAISE 'slot'; END IF; END $$`;
  return administer(fails).then(
    () => false,
    () => true,
  );
}
