import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { Replica } from '../../../src/virtual-numbers/replica/replica.js';
import { aPhone, numbers, TestApp } from '../../support/app.js';
import { databasesFolder } from '../../support/databases-folder.js';
import { eventually } from '../../support/eventually.js';

let app: TestApp;
let replicaDir: string;

beforeAll(async () => {
  replicaDir = await mkdtemp(join(databasesFolder(), 'maskline-replica-'));
  app = await TestApp.start({ replicaDir });
});
afterAll(async () => {
  await app?.stop();
  await rm(replicaDir, { recursive: true, force: true });
});

it('a right PIN connects at once although somebody keeps the order whose phone it claims', async () => {
  const pool = await app.pool({ pin: 'unknown-callers', claimByPin: true }, numbers(2));
  const [customer, agent, unknown] = [aPhone(), aPhone(), aPhone()];
  const { customer: side } = await app.order('claimed-slowly', customer, agent, { pool });
  const { pin } = (await app.api('GET', '/v1/orders/claimed-slowly/participants/customer/pin')).body;
  await eventually(() => app.app.get(Replica, { strict: false }).isFilled, 20_000);
  const query = { CallSid: 'c'.repeat(32), CallFrom: unknown, From: unknown, CallTo: side.dials, To: side.dials };
  const call = { ...query, Direction: 'incoming', CallType: 'call-attempt' };
  await app.exotel('GET', 'connect', call);
  await app.dataSource.transaction(async (tx) => {
    await tx.query(`SELECT FROM orders WHERE reference = 'claimed-slowly' FOR UPDATE`);
    const { body } = await app.exotel('GET', 'connect-pin', { ...call, digits: `"${pin}"` });
    expect(body.destination.numbers).toEqual([agent]);
  });
  expect(await app.count('interactions', `reason = 'CONNECTED'`)).toBe(1);
});
