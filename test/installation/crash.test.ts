import { Client } from 'pg';
import { vi } from 'vitest';

import { startExchange } from '../../exchange/exchange.js';
import { freePort } from '../../src/platform/embedded/free-port.js';
import { aDataFolder, query } from '../platform/embedded/support.js';
import { OwnRedis } from '../support/own-redis.js';
import { LONG_MS, cleanUpStarted, costOf, send, start, startHere, startWhole, until, type Owned } from './started.js';
import { itWithRedis } from '../support/with-redis.js';

vi.setConfig({ testTimeout: LONG_MS, hookTimeout: LONG_MS });

const KEYED = { 'idempotency-key': '"4711"' };

afterEach(cleanUpStarted);

describe('a kill', () => {
  itWithRedis('between a commit and its announcement loses nothing', async () => {
    const redis = await OwnRedis.start();
    const killed = await startWhole({ env: { REDIS_URL: redis.url } });
    const { DATA_DIR: dataDir } = killed.env;
    const dry = { name: 'dry', country: 'IN', region: 'MH', lowWater: 0, target: 0, maxNumbers: 0 };
    expect((await killed.api('POST', 'pools', dry)).status).toBe(201);
    const order = { reference: 'order-1', pool: 'dry', customer: { phone: '+919000000001' } };
    expect((await killed.api('POST', 'orders', order)).status).toBe(201);

    // Redis takes no job any more; the order is committed, and its announcement hangs.
    redis.freeze();
    const assigning = killed.api('PUT', 'orders/order-1/agent', { phone: '+919000000002' }).catch(() => 'cut off');
    const database = await killed.databaseUrl();
    await until(async () => (await statusOf(database)) === 'awaiting-numbers' || null);
    await killed.stop('SIGKILL');
    expect(await assigning).toBe('cut off');
    await redis.stop(); // or it would hear the announcement after all

    await query(database, `UPDATE pools SET max_numbers = 10 WHERE name = 'dry'`);
    const restarted = await startHere({ dataDir });
    await restarted.isReady();
    expect(await restarted.active('order-1')).toMatchObject({ agent: { dials: expect.stringMatching(/^\+91/) } });
    const { body } = await restarted.api('GET', 'numbers?pool=dry');
    expect(body.numbers).toHaveLength(2);
    const owned = await restarted.owned();
    expect(owned.spent).toEqual(costOf(owned));
  });

  itWithRedis('between a commit and its answer loses no answer to an Idempotency-Key', async () => {
    const redis = await OwnRedis.start();
    const killed = await start({ env: { REDIS_URL: redis.url, BUYING: 'off' } });
    await killed.isReady();
    const { DATA_DIR: dataDir } = killed.env;
    const order = { reference: 'order-1', customer: { phone: '+919000000001' } };
    redis.freeze(); // the order is committed, and the answer waits for its announcement
    const placing = killed.api('POST', 'orders', order, KEYED).catch(() => 'cut off');
    const database = await killed.databaseUrl();
    await until(async () => (await statusOf(database)) === 'placed' || null);
    await killed.stop('SIGKILL');
    expect(await placing).toBe('cut off');
    await redis.stop();

    const restarted = await startHere({ dataDir });
    await restarted.isReady();
    await restarted.api('POST', 'orders/order-1/cancel');
    // 201 and not 200, and as it was: the first answer, which nobody has got.
    const again = await restarted.api('POST', 'orders', order, KEYED);
    expect(again).toMatchObject({ status: 201, body: { reference: 'order-1', status: 'placed' } });
    const placed = await query(database, `SELECT FROM order_events WHERE kind = 'order.placed'`);
    expect(placed).toHaveLength(1);
  });

  it('in the middle of the work of a request with an Idempotency-Key leaves it to be done once', async () => {
    const killed = await start({ env: { BUYING: 'off' } });
    await killed.isReady();
    const { DATA_DIR: dataDir } = killed.env;
    const database = await killed.databaseUrl();
    const key = { name: 'once', scopes: ['orders:read'] };
    const blocker = new Client({ connectionString: database });
    await blocker.connect();
    await blocker.query('BEGIN; LOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE');
    const creating = killed.api('POST', 'keys', key, KEYED).catch(() => 'cut off');
    const blocked = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ILIKE '%INTO api_keys%'`;
    await until(async () => (await query(database, blocked)).length > 0 || null);
    await killed.stop('SIGKILL');
    expect(await creating).toBe('cut off');
    await blocker.end();

    const restarted = await startHere({ dataDir });
    await restarted.isReady();
    const database2 = await restarted.databaseUrl();
    const tooEarly = await restarted.api('POST', 'keys', key, KEYED);
    expect(tooEarly).toMatchObject({ status: 409, body: { type: '/problems/idempotency-key-in-use' } });
    await query(database2, `UPDATE idempotent_requests SET claimed_until = now()`); // half a minute has passed
    const created = await restarted.api('POST', 'keys', key, KEYED);
    expect(created.status).toBe(201);
    expect(await restarted.api('POST', 'keys', key, KEYED)).toMatchObject({ status: 201, text: created.text });
    expect(await query(database2, `SELECT FROM api_keys WHERE name = 'once'`)).toHaveLength(1);
  });

  it('between a sale and its answer neither loses the number nor buys it twice', async () => {
    const port = await freePort('127.0.0.1');
    const account = { sid: 'acme1', apiKey: 'key', apiToken: 'token' };
    const secret = 'the_secret_path_of_the_tests';
    const base = `http://127.0.0.1:${port}`;
    const flow = { id: '700001', hooks: `${base}/hooks/exotel/${secret}` };
    const exchange = await startExchange({ port: 0, account, flow });
    const env = {
      PORT: String(port),
      PUBLIC_BASE_URL: base,
      EXOTEL_ACCOUNT_SID: account.sid,
      EXOTEL_API_KEY: account.apiKey,
      EXOTEL_API_TOKEN: account.apiToken,
      EXOTEL_API_BASE: exchange.url,
      EXOTEL_FLOW_URL: `${exchange.url}/${account.sid}/exoml/start_voice/${flow.id}`,
      EXOTEL_HOOK_SECRET: secret,
    };
    const faults = (list: object[]) => send(`${exchange.url}/exchange/faults`, 'PUT', list);
    const owned = async () => (await send<Owned>(`${exchange.url}/exchange/numbers`)).body;
    try {
      await faults([{ api: 'buy', kind: 'hang-after-doing', ms: 60_000 }]);
      const dataDir = await aDataFolder();
      const killed = await start({ env, dataDir });
      await killed.isReady();
      const sold = await until(async () => (await owned()).numbers[0] ?? null);
      // From here on, a number that was forgotten would be bought a second time, and one that was not would be all.
      const one = { lowWater: 1, target: 1, maxNumbers: 1 };
      expect((await killed.api('PATCH', 'pools/default', one)).status).toBe(200);
      await killed.stop('SIGKILL');

      await faults([]);
      const restarted = await startHere({ env, dataDir });
      await restarted.isReady();
      const numbers = await until(async () => {
        const { body } = await restarted.api('GET', 'numbers?status=available');
        return body.numbers.length > 0 ? (body.numbers as { number: string }[]) : null;
      });
      expect(numbers).toEqual([expect.objectContaining({ number: sold.phone_number })]);
      const after = await owned();
      expect(after.numbers.map((number) => number.phone_number)).toEqual([sold.phone_number]);
      expect(after.spent).toEqual(costOf(after));
      const purchases = await query(await restarted.databaseUrl(), 'SELECT number, state FROM number_purchases');
      expect(purchases).toEqual([{ number: sold.phone_number, state: 'available' }]);
      await restarted.stop();
    } finally {
      await exchange.close();
    }
  });
});

async function statusOf(database: string): Promise<unknown> {
  const [row] = (await query(database, `SELECT status FROM orders WHERE reference = 'order-1'`)) as {
    status: string;
  }[];
  return row?.status;
}
