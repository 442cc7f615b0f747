import { aPhone, numbers, TestApp } from '../../support/app.js';

let app: TestApp;
let pool: string;
beforeAll(async () => {
  app = await TestApp.start();
  pool = await app.pool({}, numbers(20));
});
afterAll(() => app.stop());

/** How many assignments of an order are in doubt, and how many are not. */
async function assignments(reference: string): Promise<{ doubted: number; trusted: number }> {
  const of = `order_id = (SELECT id FROM orders WHERE reference = '${reference}') AND released_at IS NULL`;
  const [doubted, trusted] = [
    await app.count('assignments', `${of} AND unconfirmed`),
    await app.count('assignments', `${of} AND NOT unconfirmed`),
  ];
  return { doubted, trusted };
}

const join = async (reference: string, role: string) =>
  app.api('PUT', `/v1/orders/${reference}/participants/${role}`, { phone: aPhone() });

describe('an order of which a participant is in doubt since a restore', () => {
  it('has assignments in doubt, however they come about, but only on the links of that participant', async () => {
    await app.order('waits', aPhone(), undefined, { pool });
    await app.order('has-an-agent', aPhone(), aPhone(), { pool });
    const people = ['sender', 'recipient'].map((role) => ({ role, phone: aPhone() }));
    await app.api('POST', '/v1/orders', { reference: 'parcel', pool, participants: people });
    await app.order('replaced', aPhone(), aPhone(), { pool });
    await app.api('POST', '/v1/restoration', { contentUntil: app.clock.now().toISOString() });
    // As if they were bought after the restore. Those that were there are withheld longer than these orders last.
    await app.dataSource.query('UPDATE virtual_numbers SET withheld_until = NULL');

    await join('waits', 'agent');
    expect(await assignments('waits')).toEqual({ doubted: 2, trusted: 0 });
    expect(await assignments('has-an-agent')).toEqual({ doubted: 2, trusted: 0 });
    await join('replaced', 'agent');
    expect(await assignments('replaced')).toEqual({ doubted: 2, trusted: 0 });

    // The sender is confirmed by their phone, and a courier joins: only the recipient's two links are in doubt.
    await app.api('PUT', '/v1/orders/parcel/participants/sender', { phone: people[0]!.phone });
    await join('parcel', 'courier');
    expect(await assignments('parcel')).toEqual({ doubted: 4, trusted: 2 });

    await app.order('placed-later', aPhone(), aPhone(), { pool });
    expect(await assignments('placed-later')).toEqual({ doubted: 0, trusted: 2 });
  });
});
