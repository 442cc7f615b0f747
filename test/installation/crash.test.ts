import { vi } from 'vitest';

import { startExchange } from '../../exchange/exchange.js';
import { freePort } from '../../src/platform/embedded/free-port.js';
import { aDataFolder, query } from '../platform/embedded/support.js';
import { OwnRedis } from '../support/own-redis.js';
import { LONG_MS, cleanUpStarted, costOf, send, start, startWhole, until, type Owned } from './started.js';
import { itWithRedis } from '../support/with-redis.js';

vi.setConfig({ testTimeout: LONG_MS, hookTimeout: LONG_MS });

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
    const restarted = await start({ dataDir });
    await restarted.isReady();
    expect(await restarted.active('order-1')).toMatchObject({ agent: { dials: expect.stringMatching(/^\+91/) } });
    const { body } = await restarted.api('GET', 'numbers?pool=dry');
    expect(body.numbers).toHaveLength(2);
    const owned = await restarted.owned();
    expect(owned.spent).toEqual(costOf(owned));
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
      const restarted = await start({ env, dataDir });
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
      expect(await restarted.stop()).toBe(0);
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
