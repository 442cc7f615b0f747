import { Client } from 'pg';

import { numbers, aNumber, aPhone, TestApp, type Body } from '../../support/app.js';

/** Input that claims to name a number of ours, and names a person's phone. */
let maskline: TestApp;
beforeAll(async () => {
  maskline = await TestApp.start();
});
afterAll(() => maskline?.stop());

let placed = 0;
const anOrder = async (customer: string, agent?: string): Promise<Body> => {
  const pool = await maskline.pool({}, numbers(2));
  return maskline.order(`claimed-${(placed += 1)}`, customer, agent, { pool });
};
const importing = (pool: string, number: string) =>
  maskline.api('POST', '/v1/numbers/import', { pool, numbers: [{ number }] });

describe("a person's own phone", () => {
  it.each([
    ['a customer who waits for an agent', async (phone: string) => void (await anOrder(phone))],
    ['a customer', async (phone: string) => void (await anOrder(phone, aPhone()))],
    ['an agent', async (phone: string) => void (await anOrder(aPhone(), phone))],
    [
      'a participant who declared it',
      async (phone: string) => {
        const { reference } = await anOrder(aPhone(), aPhone());
        await maskline.api('POST', `/v1/orders/${reference}/participants/customer/phones`, { phone });
      },
    ],
  ])('is no virtual number, be it of %s', async (_, join) => {
    const phone = aPhone();
    await join(phone);
    const pool = await maskline.pool();
    const json = await importing(pool, phone);
    expect([json.status, json.body.type]).toEqual([422, '/problems/unusable-virtual-numbers']);
    expect(json.body.detail).toContain("is a participant's own phone");
    const other = aNumber();
    const csv = await maskline.request(
      'POST',
      `/v1/pools/${pool}/numbers/import`,
      { authorization: 'Bearer mk_the_key_of_the_tests', 'content-type': 'text/csv' },
      `number\n${phone}\n${other}\n`,
    );
    expect(csv.body).toMatchObject({ imported: 1, refused: 1, rows: [{ number: null }, { number: other }] });
    for (const answer of [json, csv]) expect(answer.text).not.toContain(phone.slice(3));
    expect(await maskline.count('virtual_numbers', `number = '${phone}'`)).toBe(0);
    expect(await maskline.count('virtual_number_keys', `number = '${phone}'`)).toBe(0);
  });

  it('and a number of ours are never the same, whichever comes first when both come at once', async () => {
    const pool = await maskline.pool({}, numbers(2));
    for (let round = 0; round < 15; round += 1) {
      const phone = aPhone();
      const [order, imported] = await Promise.all([
        maskline.api('POST', '/v1/orders', { reference: `race-${round}`, customer: { phone }, pool }),
        importing(pool, phone),
      ]);
      expect([
        [201, 422],
        [422, 201],
      ]).toContainEqual([order.status, imported.status]);
    }
  });

  it('waits for an import that has looked already and has not ended', async () => {
    const phone = aPhone();
    const pool = await maskline.pool({}, numbers(2));
    const { vault } = maskline;
    const bucket = vault.keyOf(phone as never).readUInt8(0) & 63;
    const importer = new Client({ connectionString: maskline.database.url });
    await importer.connect();
    try {
      await importer.query('BEGIN');
      await importer.query('SELECT pg_advisory_xact_lock(7263146, $1)', [bucket]);
      const placing = maskline.api('POST', '/v1/orders', { reference: 'waits', customer: { phone }, pool });
      await new Promise((resolve) => setTimeout(resolve, 300));
      await importer.query(
        `INSERT INTO virtual_numbers (number, pool_id, provider, status, capacity, created_at)
         SELECT $1, id, 'exotel', 'available', 1, now() FROM pools WHERE name = $2`,
        [phone, pool],
      );
      await importer.query('INSERT INTO virtual_number_keys VALUES ($1, $2)', [vault.keyOf(phone as never), phone]);
      await importer.query('COMMIT');
      expect((await placing).status).toBe(422);
    } finally {
      await importer.end();
    }
  });
});

describe('a phone in the place of a number of ours', () => {
  const phone = aPhone();
  const paths = ['served?at=2026-11-22T06:00:00Z', 'health'].map((path) => ['GET', path] as const);
  const actions = ['drain', 'resume', 'retire'].map((path) => ['POST', path] as const);

  it.each([...paths, ...actions])('is not found: %s %s', async (method, path) => {
    const answer = await maskline.api(method, `/v1/numbers/${encodeURIComponent(phone)}/${path}`);
    expect([answer.status, answer.body.type]).toEqual([404, '/problems/number-not-found']);
    expect(answer.text).not.toContain(phone.slice(3));
  });

  it('is not written down by an explanation, and not repeated', async () => {
    const order = await anOrder(phone, aPhone());
    const { dials } = order.customer;
    const swapped = await maskline.api('POST', '/v1/routing/explain', { from: dials, to: phone });
    expect(swapped.body).toMatchObject({ reason: 'UNKNOWN_VN', to: expect.stringMatching(/^\+91•+\d\d$/) });
    expect(swapped.text).not.toContain(phone.slice(3));
    const past = { from: dials, to: phone, at: '2026-11-22T05:00:00Z' };
    expect((await maskline.api('POST', '/v1/routing/explain', past)).body.reason).toBe('UNKNOWN_VN');
    const entries = await maskline.dataSource.query('SELECT about FROM audit_log ORDER BY id DESC LIMIT 2');
    expect(entries).toEqual([{ about: null }, { about: null }]);
    await maskline.api('POST', '/v1/routing/explain', { from: phone, to: dials });
    const [entry] = await maskline.dataSource.query('SELECT about FROM audit_log ORDER BY id DESC LIMIT 1');
    expect(entry).toEqual({ about: dials });
  });

  it('reaches the database in no statement, whoever names it', async () => {
    const seen: unknown[] = [];
    const query = Client.prototype.query;
    const asked = (...given: unknown[]) => void seen.push(...given);
    // oxlint-disable-next-line typescript/no-explicit-any -- a call of any of its forms is passed on as it is
    Client.prototype.query = function (this: Client, ...given: any[]) {
      asked(...given);
      return (query as (...given: unknown[]) => unknown).apply(this, given);
    } as typeof query;
    const mistaken = aPhone();
    try {
      await maskline.call(aPhone(), mistaken);
      await maskline.call('anonymous', mistaken);
      await maskline.twilio('voice', { CallSid: `CA${'1'.repeat(32)}`, From: aPhone(), To: mistaken });
      await maskline.exotel('GET', 'sms', { SmsSid: 'mistaken', From: aPhone(), To: mistaken, Body: 'hello' });
      await maskline.api('POST', '/v1/routing/explain', { from: aPhone(), to: mistaken });
      await maskline.api('POST', '/v1/routing/explain', { from: aPhone(), to: mistaken, at: '2026-11-22T05:00:00Z' });
      await maskline.api('GET', `/v1/numbers?cursor=${encodeURIComponent(mistaken)}`);
      await maskline.api('GET', `/v1/numbers/${encodeURIComponent(mistaken)}/health`);
    } finally {
      Client.prototype.query = query;
    }
    expect(seen.length).toBeGreaterThan(10);
    expect(seen.filter((one) => JSON.stringify(one)?.includes(mistaken.slice(3)))).toEqual([]);
  });
});
