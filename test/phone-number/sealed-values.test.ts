import { ResealService } from '../../src/phone-number/reseal.service.js';
import { SEALED_COLUMNS } from '../../src/phone-number/sealed-columns.js';
import { aPhone, numbers, TestApp, type Body } from '../support/app.js';
import { sealedOfOld } from '../support/sealed-of-old.js';

/** The key of the tests' installation. */
const KEY = Buffer.alloc(32, 1);

let maskline: TestApp;
const logged: string[] = [];
beforeAll(async () => {
  maskline = await TestApp.start({ exotelTexts: true, logTo: (line) => logged.push(line) });
});
afterAll(async () => {
  await maskline?.stop();
});

let placed = 0;
const anOrder = async (): Promise<Body> => {
  const [customer, agent] = [aPhone(), aPhone()];
  const pool = await maskline.pool(
    { pin: 'unknown-callers', recordCalls: true, texts: 'redacted', textsKeptSeconds: 3_600 },
    numbers(2),
  );
  const order = await maskline.order(`sealed-${(placed += 1)}`, customer, agent, { pool });
  return { ...order, customerPhone: customer, agentPhone: agent };
};
const sql = (text: string, ...values: unknown[]) => maskline.dataSource.query(text, values);
const answers = async (order: Body) => ({
  order: await maskline.api('GET', `/v1/orders/${order.reference}`),
  pin: await maskline.api('GET', `/v1/orders/${order.reference}/participants/customer/pin`),
});

describe('a sealed value in another place', () => {
  it('does not show a phone as a PIN', async () => {
    const order = await anOrder();
    await answers(order);
    await sql('UPDATE assignments SET pin = callee_phone WHERE pin IS NOT NULL');
    const { pin } = await answers(order);
    expect(pin.status).toBe(500);
    for (const phone of [order.customerPhone, order.agentPhone]) expect(pin.text).not.toContain(phone.slice(-8));
  });

  it('does not show the PIN of one order in another', async () => {
    const [one, other] = [await anOrder(), await anOrder()];
    const { pin } = await answers(one);
    await answers(other);
    await sql(
      `UPDATE assignments SET pin = (SELECT pin FROM assignments WHERE virtual_number = $1 AND pin IS NOT NULL)
       WHERE virtual_number = $2 AND pin IS NOT NULL`,
      one.customer.dials,
      other.customer.dials,
    );
    expect((await answers(other)).pin.status).toBe(500);
    expect((await answers(one)).pin.body).toEqual(pin.body);
  });

  it('rings nobody when the phones of two participants are exchanged', async () => {
    const order = await anOrder();
    await sql(`UPDATE assignments AS one SET callee_phone = other.callee_phone FROM assignments AS other
               WHERE one.order_id = other.order_id AND one.dialler_id <> other.dialler_id`);
    expect((await maskline.call(order.customerPhone, order.customer.dials)).rings).toEqual([]);
    await sql(`UPDATE participants AS one SET phone = other.phone FROM participants AS other
               WHERE one.order_id = other.order_id AND one.id <> other.id`);
    const { order: shown } = await answers(order);
    expect(shown.status).toBe(500);
    expect(shown.text).not.toContain('•'); // no masked phone either
  });
});

describe('values that an earlier version sealed', () => {
  it('open as they are, and are sealed anew with their place, whatever they are', async () => {
    await sql('DELETE FROM participant_phones');
    const order = await anOrder();
    const path = `/v1/orders/${order.reference}`;
    const other = aPhone();
    expect((await maskline.api('POST', `${path}/participants/customer/phones`, { phone: other })).status).toBe(200);
    const before = await answers(order);
    const { callSid, rings } = await maskline.call(order.customerPhone, order.customer.dials);
    expect(rings).toEqual([order.agentPhone]);
    await maskline.exotel('GET', 'sms', {
      From: order.customerPhone,
      To: order.customer.dials,
      SmsSid: 'a-text',
      Body: 'hello',
    });
    const event = { specversion: '1.0', source: 'of-old', id: '1', type: 'order.placed' };
    await maskline.api('POST', '/v1/events', [
      { ...event, data: { reference: 'sealed-by-event', customer: { phone: aPhone() } } },
    ]);
    await sql(
      `UPDATE interactions SET recording = $1 WHERE provider_call_id = $2`,
      sealedOfOld('https://recordings.example.net/1', KEY),
      callSid,
    );
    await sql(
      `CREATE TABLE ended_interactions_2026_11 PARTITION OF ended_interactions
       FOR VALUES FROM ('2026-11-01T00:00:00Z') TO ('2026-12-01T00:00:00Z')`,
    );
    await sql(
      `INSERT INTO ended_interactions
       SELECT at, ended.* FROM interactions AS ended WHERE ended.provider_call_id = $1`,
      callSid,
    );
    const filled = await ageEverything();
    expect(filled).toEqual(SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`).sort());

    expect((await answers(order)).pin.body).toEqual(before.pin.body);
    const { resealed, unreadable, left } = await maskline.get(ResealService).reseal();
    expect([resealed > filled.length, unreadable, left]).toEqual([true, 0, 0]);
    expect(await oldValues()).toBe(0);
    const after = await answers(order);
    expect([after.pin.body, after.order.body]).toEqual([before.pin.body, before.order.body]);
    expect((await maskline.call(other, order.customer.dials)).rings).toEqual([order.agentPhone]);
    const { texts } = (await maskline.api('GET', `${path}/texts`)).body;
    expect(texts.map(({ words }: Body) => words)).toEqual(['hello']);
    expect((await maskline.api('GET', '/metrics')).text).toContain(
      'maskline_values_to_reseal{column="participants.phone"} 0',
    );
    expect(await maskline.get(ResealService).reseal()).toEqual({ resealed: 0, unreadable: 0, left: 0 });
  });

  it('that no key opens are left as they are, told, and hold up none of the others', async () => {
    const [lost, sound] = [await anOrder(), await anOrder()];
    await sql(
      `UPDATE participants SET phone = $1 FROM orders WHERE orders.id = order_id AND reference = $2`,
      sealedOfOld(lost.customerPhone, Buffer.alloc(32, 9)),
      lost.reference,
    );
    await sql(
      `UPDATE participants SET phone = $1 FROM orders WHERE orders.id = order_id AND reference = $2 AND role = 'agent'`,
      sealedOfOld(sound.agentPhone, KEY),
      sound.reference,
    );
    expect(await maskline.get(ResealService).reseal()).toEqual({ resealed: 1, unreadable: 2, left: 2 });
    expect(logged.join('')).toContain('old value not opened');
    expect((await answers(sound)).order.status).toBe(200);
  });
});

/** Seals each value as earlier versions did. @returns the columns that hold any */
async function ageEverything(): Promise<string[]> {
  const filled = new Set<string>();
  for (const { table, column, key, also = [], place } of SEALED_COLUMNS) {
    const columns = [...Object.keys(key), ...also];
    for (const row of await sql(`SELECT ${columns.join(', ')}, ${column} FROM ${table} WHERE ${column} IS NOT NULL`)) {
      const text = await opened(row[column], place(row));
      if (text === null) continue;
      const is = Object.keys(key).map((one, at) => `${one} = $${at + 2}`);
      await sql(
        `UPDATE ${table} SET ${column} = $1 WHERE ${is.join(' AND ')}`,
        sealedOfOld(text, KEY),
        ...Object.keys(key).map((one) => row[one]),
      );
      filled.add(`${table}.${column}`);
    }
  }
  return [...filled].sort();
}

/** Null for what the tests before have put in a wrong place. */
async function opened(sealed: Buffer, place: Parameters<typeof maskline.vault.openText>[1]): Promise<string | null> {
  try {
    return maskline.vault.openText(sealed, place);
  } catch {
    return null;
  }
}

async function oldValues(): Promise<number> {
  const counts = SEALED_COLUMNS.map(
    ({ table, column }) => `(SELECT count(*) FROM ${table} WHERE substring(${column} FROM 1 FOR 4) <> 'MLK2'::bytea)`,
  );
  const [{ old }] = await sql(`SELECT (${counts.join(' + ')})::integer AS old`);
  return old;
}
