import { randomUUID } from 'node:crypto';

import { Client } from 'pg';

import { createDataSource, migrate } from '../../src/platform/database/data-source.js';
import { makeMonths } from '../../src/platform/retention/monthly-partitions.js';
import { emptyDatabase } from '../support/database.js';
import { migrateUpTo } from './migrate-up-to.js';

const BEFORE = 1795305600099;
const AT = new Date('2026-11-22T06:00:00.000Z');

it('takes the months of before to matter until the update, and notes what the previous version archives', async () => {
  const installation = await emptyDatabase();
  const dataSource = createDataSource(installation.url);
  const old = new Client({ connectionString: installation.url });
  try {
    await migrateUpTo(installation.url, BEFORE);
    await dataSource.initialize();
    await makeMonths(dataSource.manager, ['assignment_history'], [AT, new Date('2026-12-01T00:00:00Z')]);
    await old.connect();
    await old.query(`SET TIME ZONE 'Asia/Kolkata'`);
    await archive(old, AT, new Date('2026-11-23T06:00:00Z'));
    await migrate(dataSource);
    const months = async () =>
      (await old.query('SELECT month, covers_until AS until FROM assignment_history_months ORDER BY month')).rows;
    const [november, december] = await months();
    expect(november.month).toEqual(new Date('2026-11-01T00:00:00Z'));
    expect(december.month).toEqual(new Date('2026-12-01T00:00:00Z'));
    expect(november.until.getTime()).toBeGreaterThan(Date.now());

    const later = new Date(Date.UTC(new Date().getUTCFullYear() + 2, 0, 1, 0, 30));
    await archive(old, AT, later);
    await archive(old, AT, new Date('2026-11-23T06:00:00Z')); // over long before
    expect(await months()).toEqual([{ ...november, until: new Date(later.getTime() + 30 * 60_000) }, december]);
  } finally {
    await old.end();
    await dataSource.destroy();
    await installation.drop();
  }
});

/** As every version archives: by the table of all months. */
async function archive(client: Client, assignedAt: Date, quarantinedUntil: Date): Promise<void> {
  await client.query(
    `INSERT INTO assignment_history (virtual_number, order_id, dialler_id, dialler_role, callee_role, assigned_at,
                                     connects_until, released_at, quarantined_until)
     VALUES ('+918047000001', $1, $2, 'customer', 'agent', $3, $3, $3, $4)`,
    [randomUUID(), randomUUID(), assignedAt, quarantinedUntil],
  );
}
