import type { DataSource } from 'typeorm';

import { createDataSource } from '../../src/platform/database/data-source.js';
import { freshDatabase, type FreshDatabase } from '../support/database.js';
import { aNumberRow, aPoolRow, insert } from '../support/rows.js';

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

const AT = new Date('2026-11-22T06:00:00.000Z');

// Statements of the version before migration 49, word for word. Its processes run beside the new ones during an update.
describe('a process of the previous version, beside the migrated schema', () => {
  it('remembers the numbers that a provider lists', async () => {
    const { number } = await insert(
      dataSource,
      'virtual_numbers',
      aNumberRow(await insert(dataSource, 'pools', aPoolRow())),
    );
    await dataSource.query(
      `INSERT INTO number_checks AS known (number, listed_at)
       SELECT listed.number, $1 FROM unnest($2::text[]) AS listed (number)
       ON CONFLICT (number) DO UPDATE SET unlisted_since = NULL WHERE known.unlisted_since IS NOT NULL`,
      [AT, [number]],
    );
    expect(await dataSource.query('SELECT listed_at FROM number_checks')).toEqual([{ listed_at: AT }]);
  });

  it('settles the events that it has stored', async () => {
    const event = {
      source: '/orders',
      event_id: '1',
      reference: 'order-1001',
      happened_at: AT,
      data: Buffer.alloc(40),
    };
    await insert(dataSource, 'incoming_events', { ...event, status: 'stored', received_at: AT, next_try_at: AT });
    await dataSource.query(
      `UPDATE incoming_events AS event
       SET status = 'applied', data = NULL, next_try_at = NULL, settled_at = $1
       WHERE event.status = 'stored'`,
      [AT],
    );
    expect(await dataSource.query('SELECT status FROM incoming_events')).toEqual([{ status: 'applied' }]);
  });
});
