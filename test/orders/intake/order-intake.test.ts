import { randomUUID } from 'node:crypto';

import { phoneOf } from '../../../src/phone-number/sealed-place.js';
import { claimEvents } from '../../../src/orders/intake/order-intake.queries.js';
import { OrderIntakeService } from '../../../src/orders/intake/order-intake.service.js';
import { API_KEY, aPhone, numbers, TestApp, type Answer } from '../../support/app.js';
import { eventually } from '../../support/eventually.js';

let maskline: TestApp;
let pool: string;
beforeAll(async () => {
  maskline = await TestApp.start();
  pool = await maskline.pool({ graceSeconds: 60 }, numbers(200));
});
afterAll(() => maskline.stop());

const BATCH = 'application/cloudevents-batch+json';
const send = (batch: unknown, type = BATCH): Promise<Answer> =>
  maskline.request(
    'POST',
    '/v1/events',
    { authorization: `Bearer ${API_KEY}`, 'content-type': type },
    typeof batch === 'string' ? batch : JSON.stringify(batch),
  );
const apply = () => maskline.get(OrderIntakeService).applyStored();
const order = async (reference: string) => (await maskline.api('GET', `/v1/orders/${reference}`)).body;

const event = (type: string, reference: string, data: object = {}, more: object = {}) => ({
  specversion: '1.0',
  type,
  source: '/order-system',
  id: randomUUID(),
  datacontenttype: 'application/json',
  time: maskline.clock.now().toISOString(),
  data: { reference, ...data },
  ...more,
});
const placed = (reference: string, phone = aPhone(), more: object = {}) =>
  event('order.placed', reference, { customer: { phone }, pool }, more);
const assigned = (reference: string, phone = aPhone(), more: object = {}) =>
  event('order.agent-assigned', reference, { agent: { phone } }, more);

/** The metric of rejected events. */
async function rejectedSoFar(): Promise<number> {
  const { text } = await maskline.api('GET', '/metrics');
  return Number(/^maskline_incoming_events_rejected_total (\d+)$/m.exec(text)?.[1]);
}

describe('a batch of events', () => {
  it('is stored before it is answered, and applied to orders afterwards', async () => {
    const [customer, agent] = [aPhone(), aPhone()];
    const answer = await send([placed('batch-1', customer), assigned('batch-1', agent)]);
    expect(answer).toMatchObject({ status: 202, body: { received: 2, repeated: 0 } });
    expect((await order('batch-1')).status).toBe(404);
    expect(await apply()).toEqual({ applied: 2, rejected: 0, putOff: 0 });
    const { status, customer: side } = await order('batch-1');
    expect(status).toBe('active');
    expect((await maskline.call(customer, side.dials)).rings).toEqual([agent]);
  });

  it('carries an order through its whole life', async () => {
    const agent = aPhone();
    await send([placed('life-1'), assigned('life-1', agent), event('order.completed', 'life-1')]);
    await apply();
    expect((await order('life-1')).status).toBe('closing');
    await send([placed('life-2'), event('order.cancelled', 'life-2')]);
    await apply();
    expect((await order('life-2')).status).toBe('ended');
  });

  it('is applied once, however often it is sent', async () => {
    const batch = [placed('twice'), assigned('twice')];
    await send(batch);
    await apply();
    const before = await order('twice');
    expect((await send(batch)).body).toEqual({ received: 2, repeated: 2, rejected: [] });
    expect((await send([batch[0], batch[0], placed('twice-too')])).body).toEqual({
      received: 3,
      repeated: 2,
      rejected: [],
    });
    await apply();
    expect(await order('twice')).toEqual(before);
    expect(
      await maskline.count(
        'order_events',
        `kind = 'order.placed' AND order_id = (SELECT id FROM orders WHERE reference = 'twice')`,
      ),
    ).toBe(1);
  });

  it('may hold 1,000 events, and not one more', async () => {
    const many = (count: number) => Array.from({ length: count }, () => event('order.completed', 'nobody-knows'));
    const tooMany = await send(many(1_001));
    expect(tooMany).toMatchObject({ status: 400, body: { type: expect.stringContaining('invalid-request') } });
    expect(tooMany.body.detail).toContain('at most 1000 events');
    expect(await maskline.count('incoming_events', `reference = 'nobody-knows'`)).toBe(0);
    expect((await send(many(1_000))).body).toEqual({ received: 1_000, repeated: 0, rejected: [] });
    await maskline.dataSource.query(`DELETE FROM incoming_events WHERE reference = 'nobody-knows'`);
  });

  it.each([
    ['an object', { specversion: '1.0' }, BATCH, 400],
    ['no JSON', '[{', BATCH, 400],
    ['another type', '[]', 'application/xml', 415],
  ])('that is %s is refused whole', async (_, body, type, status) => {
    expect((await send(body, type)).status).toBe(status);
  });

  it('needs the key', async () => {
    expect((await maskline.request('POST', '/v1/events', { 'content-type': BATCH }, '[]')).status).toBe(401);
    expect((await maskline.request('GET', '/v1/events/rejected', {})).status).toBe(401);
    for (const scope of ['orders:read', 'events']) {
      const { key } = (await maskline.api('POST', '/v1/keys', { name: scope, scopes: [scope] })).body;
      const allowed = await maskline.request('GET', '/v1/events/rejected', { authorization: `Bearer ${key}` });
      expect([scope, allowed.status]).toEqual([scope, 200]);
    }
  });
});

describe('events out of order', () => {
  it('wait for the order to be placed', async () => {
    const agent = aPhone();
    await send([assigned('early', agent)]);
    expect(await apply()).toMatchObject({ applied: 0, putOff: 1 });
    await send([placed('early')]);
    expect(await apply()).toMatchObject({ applied: 2 });
    expect((await order('early')).status).toBe('active');
  });

  it('are applied in the order in which they happened where one batch holds them', async () => {
    const reference = 'mixed-up';
    const at = (minute: number) => ({
      time: new Date(maskline.clock.now().getTime() - (10 - minute) * 60_000).toISOString(),
    });
    const [first, second] = [aPhone(), aPhone()];
    await send([
      event('order.completed', reference, {}, at(9)),
      assigned(reference, second, at(5)),
      placed(reference, aPhone(), at(0)),
      assigned(reference, first, at(2)),
    ]);
    expect(await apply()).toMatchObject({ applied: 4 });
    const { body } = await maskline.api('GET', `/v1/orders/${reference}/events`);
    expect(body.events.map(({ kind }: { kind: string }) => kind)).toEqual([
      'order.placed',
      'order.agent-assigned',
      'order.agent-replaced',
      'order.completed',
    ]);
  });

  it('leave the later of two agents on the order, whichever is told first', async () => {
    const [first, second, third] = [aPhone(), aPhone(), aPhone()];
    const before = (minutes: number) => ({
      time: new Date(maskline.clock.now().getTime() - minutes * 60_000).toISOString(),
    });
    const reaches = async () => {
      const { customer } = await order('two-agents');
      const [row] = await maskline.dataSource.query(
        `SELECT callee_id, callee_phone FROM assignments WHERE virtual_number = $1 AND released_at IS NULL`,
        [customer.dials],
      );
      return maskline.vault.open(row.callee_phone, phoneOf(row.callee_id));
    };
    await send([placed('two-agents', aPhone(), before(10)), assigned('two-agents', second, before(5))]);
    await apply();
    await send([assigned('two-agents', first, before(8))]);
    await apply();
    expect(await reaches()).toBe(second);
    await send([assigned('two-agents', second, before(1))]);
    await apply();
    await send([assigned('two-agents', third, before(3))]);
    await apply();
    expect(await reaches()).toBe(second);
    await send([assigned('two-agents', third, { time: '2099-01-01T00:00:00Z' })]);
    await apply();
    maskline.clock.push({ seconds: 1 });
    await send([assigned('two-agents', first)]); // now: later than what claimed to be of the future
    await apply();
    expect(await reaches()).toBe(first);
  });

  it('that end an order before its agent is told leave it ended', async () => {
    await send([placed('ended-early'), event('order.cancelled', 'ended-early')]);
    await apply();
    await send([assigned('ended-early')]);
    expect(await apply()).toMatchObject({ applied: 1, rejected: 0 });
    expect((await order('ended-early')).status).toBe('ended');
  });

  it('are set aside when the order has not been placed after a quarter of an hour', async () => {
    await send([assigned('never-placed')]);
    await apply();
    maskline.clock.push({ minutes: 16 });
    expect(await apply()).toMatchObject({ rejected: 1 });
    const { body } = await maskline.api('GET', '/v1/events/rejected?limit=1');
    expect(body.events).toMatchObject([
      {
        reference: 'never-placed',
        type: 'order.agent-assigned',
        reason: expect.stringContaining('No order has this reference'),
      },
    ]);
  });
});

describe('a poison event', () => {
  const phone = aPhone();
  it.each<[string, unknown, string]>([
    [
      'of another version',
      { specversion: '0.3', type: 'order.placed', source: 's', id: randomUUID(), data: {} },
      'specversion',
    ],
    [
      'of an unknown type',
      { specversion: '1.0', type: 'order.eaten', source: 's', id: randomUUID(), data: {} },
      'type is none of',
    ],
    ['without data', { specversion: '1.0', type: 'order.placed', source: 's', id: randomUUID() }, 'data is no object'],
    ['without an id', { specversion: '1.0', type: 'order.placed', source: 's', data: { reference: 'x' } }, 'id is not'],
    [
      'with a NUL in its id',
      { specversion: '1.0', type: 'order.placed', source: 's', id: 'a\0b', data: {} },
      'id is not',
    ],
    ['that is a number', 7, 'no object'],
    ['that is nothing', null, 'no object'],
    ['with a reference of spaces', event0('order.completed', '   '), 'data.reference'],
    ['with a time of no zone', { ...event0('order.completed', 'r'), time: '2026-11-22 06:00' }, 'with its zone'],
    [
      'that places an order of nobody',
      { ...event0('order.placed', 'r'), data: { reference: 'r' } },
      'neither customer nor participants',
    ],
    [
      'that names people in both ways',
      {
        ...event0('order.placed', 'r'),
        data: { reference: 'r', customer: { phone }, participants: [{ role: 'sender', phone }] },
      },
      'name the customer among the participants',
    ],
    [
      'whose phone is none',
      { ...event0('order.placed', 'r'), data: { reference: 'r', customer: { phone: 7 } } },
      'phone is no phone',
    ],
    [
      'whose lifetime is no number',
      { ...event0('order.placed', 'r'), data: { reference: 'r', customer: { phone }, lifetimeSeconds: '1' } },
      'lifetimeSeconds',
    ],
  ])('%s is set aside with its reason, once, and holds up nobody', async (_, poison, why) => {
    const reference = `beside-${randomUUID()}`;
    const before = await rejectedSoFar();
    const answer = await send([placed(reference), poison]);
    expect(answer).toMatchObject({ status: 202, body: { rejected: [{ index: 1 }] } });
    const [{ field, reason }] = answer.body.rejected;
    expect(reason).toContain(why);
    expect(reason.startsWith(field ?? 'the event')).toBe(true);
    await send([poison]);
    expect(await rejectedSoFar()).toBe(before + 1);
    await apply();
    expect((await order(reference)).status).toBe('placed');
    const { body, text } = await maskline.api('GET', '/v1/events/rejected?limit=1000');
    expect(body.events.filter(({ reason }: { reason: string }) => reason.includes(why)).length).toBeGreaterThan(0);
    expect(text).not.toContain(phone.slice(3));
  });

  it('that the order refuses is set aside with the words of the problem and without the phone', async () => {
    const own = numbers(1);
    await maskline.pool({}, own);
    await send([
      placed('good-one'),
      placed('bad-phone', '+91123'),
      placed('ours', own[0]),
      event('order.placed', 'no-pool', { customer: { phone }, pool: 'nowhere' }),
    ]);
    const before = await rejectedSoFar();
    expect(await apply()).toEqual({ applied: 1, rejected: 3, putOff: 0 });
    expect(await rejectedSoFar()).toBe(before + 3);
    const { body, text } = await maskline.api('GET', '/v1/events/rejected?limit=3');
    expect(body.events.map(({ reference }: { reference: string }) => reference).sort()).toEqual([
      'bad-phone',
      'no-pool',
      'ours',
    ]);
    for (const digits of [phone.slice(3), own[0]!.slice(3), '91123']) expect(text).not.toContain(digits);
    expect(body.nextCursor).toEqual(expect.any(String));
    const next = await maskline.api('GET', `/v1/events/rejected?limit=3&cursor=${body.nextCursor}`);
    expect(next.body.events[0].id).not.toBe(body.events[2].id);
    expect((await maskline.api('GET', '/v1/events/rejected?cursor=x')).status).toBe(400);
  });

  it('twice the same, without any id, is one', async () => {
    const before = await maskline.count('incoming_events');
    await send([{ strange: true }, { strange: true }]);
    await send([{ strange: true }]);
    expect(await maskline.count('incoming_events')).toBe(before + 1);
  });
});

function event0(type: string, reference: string): object {
  return { specversion: '1.0', type, source: '/order-system', id: randomUUID(), data: { reference } };
}

describe('what is stored', () => {
  it('holds no phone in clear, and forgets it once it is settled', async () => {
    const customer = aPhone();
    await send([placed('sealed', customer), placed('sealed-and-bad', '+91123')]);
    const rows = await maskline.dataSource.query(
      `SELECT incoming_events::text AS row, data FROM incoming_events WHERE reference LIKE 'sealed%'`,
    );
    expect(rows).toHaveLength(2);
    for (const { row, data } of rows) {
      expect(row).not.toContain(customer.slice(3));
      expect(data.toString('latin1')).not.toContain(customer.slice(3));
    }
    await apply();
    expect(await maskline.count('incoming_events', `reference LIKE 'sealed%' AND data IS NOT NULL`)).toBe(0);
  });

  it('is applied by another when the one who took it died over it', async () => {
    await send([placed('taken-over')]);
    await maskline.dataSource.query(
      `UPDATE incoming_events SET claimed_until = $1::timestamptz + interval '60 s', tries = 1 WHERE reference = 'taken-over'`,
      [maskline.clock.now()],
    );
    expect(await apply()).toMatchObject({ applied: 0 });
    maskline.clock.push({ seconds: 61 });
    expect(await apply()).toMatchObject({ applied: 1 });
  });

  it('is applied once by several at a time', async () => {
    const references = Array.from({ length: 60 }, (_, index) => `many-${index}`);
    await send(
      references.flatMap((reference) => [placed(reference), assigned(reference), event('order.completed', reference)]),
    );
    const totals = await Promise.all([apply(), apply(), apply()]);
    expect(totals.reduce((sum, { applied }) => sum + applied, 0)).toBe(180);
    expect(await maskline.count('orders', `reference LIKE 'many-%' AND status = 'closing'`)).toBe(60);
  });

  it('is claimed without reading the whole queue for each event, also while PostgreSQL takes the queue for empty', async () => {
    const { dataSource } = maskline;
    await apply();
    await dataSource.query('ALTER TABLE incoming_events SET (autovacuum_enabled = false)');
    await dataSource.query(
      `INSERT INTO incoming_events (source, event_id, type, reference, happened_at, status, received_at)
       SELECT 'past', number, 'order.placed', 'past-' || number, $1, 'applied', $1 FROM generate_series(1, 20000) AS number`,
      [maskline.clock.now()],
    );
    await dataSource.query('VACUUM ANALYZE incoming_events');
    const queued = 3_000;
    await dataSource.query(
      `INSERT INTO incoming_events (source, event_id, type, reference, happened_at, data, status, received_at, next_try_at)
       SELECT 'burst', number, 'order.placed', 'burst-' || number % 1000, $1, '\\x00', 'stored', $1, $1
       FROM generate_series(1, $2::integer) AS number`,
      [maskline.clock.now(), queued],
    );
    const read = async (): Promise<number> => {
      const [{ rows }] = (await dataSource.query(
        `SELECT sum(idx_tup_read)::integer AS rows FROM pg_stat_user_indexes WHERE relname = 'incoming_events'`,
      )) as [{ rows: number }];
      return rows;
    };
    const until = new Date(maskline.clock.now().getTime() + 60_000);
    const before = await read();
    const first = await claimEvents(dataSource, maskline.clock.now(), until, 200);
    const second = await claimEvents(dataSource, maskline.clock.now(), until, 200);
    expect([first.length, second.length]).toEqual([200, 200]);
    const claimed = new Set(first.map(({ reference }) => reference));
    expect(second.filter(({ reference }) => claimed.has(reference))).toEqual([]);
    await eventually(async () => (await read()) > before + queued); // counted when a connection has nothing else to do
    expect((await read()) - before).toBeLessThan(20 * queued);
    await dataSource.query(`DELETE FROM incoming_events WHERE source IN ('past', 'burst')`);
  });
});
