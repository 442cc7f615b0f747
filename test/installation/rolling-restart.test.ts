import { vi } from 'vitest';

import { freePort } from '../../src/platform/embedded/free-port.js';
import { aFolder } from '../platform/embedded/support.js';
import { CalmTime } from '../support/calm-time.js';
import { freshDatabase, type FreshDatabase } from '../support/database.js';
import { connectCall } from '../support/exotel-connect.js';
import { describeWithNginx, Nginx } from '../support/nginx.js';
import { Steadily } from '../support/steadily.js';
import { StreamReader } from '../support/stream-reader.js';
import { aCallId, anyOf, apiSettings, hooksAt, somePeople, type Person } from './api-processes.js';
import { cleanUpStarted, LONG_MS, send, start, until, type Started } from './started.js';

const ALL = process.env['FAULTS'] === 'all';
const CALLS_A_SECOND = ALL ? 200 : 25;
const ORDERS_A_SECOND = 2;
/** nginx keeps an idle connection for 5 s. */
const DRAIN_SECONDS = '6';

vi.setConfig({ testTimeout: LONG_MS, hookTimeout: LONG_MS });

describeWithNginx('two api processes behind nginx that are restarted one after the other', () => {
  let database: FreshDatabase;
  let nginx: Nginx;
  let apis: Started[];
  let people: Person[];

  beforeAll(async () => {
    database = await freshDatabase({ lockTimeoutMs: 5_000 });
    const env = apiSettings(database.url, { DRAIN_SECONDS, TRUSTED_PROXIES: '127.0.0.1' });
    const first = await start({ env, dataDir: await aFolder() });
    await first.isReady();
    people = await somePeople(first, 20);
    const second = await start({ env, dataDir: await aFolder() });
    await second.isReady();
    apis = [first, second];
    nginx = await Nginx.start(
      await freePort('127.0.0.1'),
      apis.map(({ env }) => env.PORT),
    );
  });
  afterAll(async () => {
    await nginx?.stop();
    await cleanUpStarted();
    await database?.drop();
  });

  it('fail no call and no request', async () => {
    const headers = await apis[0]!.key();
    const path = '/v1/stream?types=order.placed';
    const reader = await StreamReader.open([nginx.url], { headers, path, reconnects: true });
    const calls = new Steadily(CALLS_A_SECOND, callSomebody);
    const orders = new Steadily(ORDERS_A_SECOND, placeOrder);
    try {
      await until(async () => calls.done.length > CALLS_A_SECOND || null);
      for (const [index, old] of apis.entries()) {
        expect(await old.stop('SIGTERM')).toBe(0);
        const decidedAlone = await decisions(apis[1 - index]!);
        apis[index] = await start({ env: old.env as Record<string, string>, dataDir: old.env.DATA_DIR });
        await apis[index].isReady();
        expect(await decisions(apis[1 - index]!)).toBeGreaterThan(decidedAlone);
        await until(async () => (await decisions(apis[index]!)) > CALLS_A_SECOND || null);
      }
      await Promise.all([calls.stop(), orders.stop()]);
      await until(async () => reader.messages.length >= orders.done.length || null);
    } finally {
      await Promise.all([calls.stop(), orders.stop()]);
      reader.close();
    }
    expect(calls.done.filter((failure) => failure !== null)).toEqual([]);
    expect(orders.done.filter((failure) => failure !== null)).toEqual([]);
    // Whoever watches is led to the other process, and told of each order once.
    expect(reader.connections).toBeGreaterThan(1);
    expect(new Set(reader.messages.map(({ subject }) => subject)).size).toBe(orders.done.length);
    expect(reader.messages.map(({ type }) => type)).toEqual(orders.done.map(() => 'order.placed'));
    process.stdout.write(`\nrolling restart: ${calls.done.length} calls, ${orders.done.length} orders\n`);
  });

  /** @returns what went wrong; null = nothing */
  async function callSomebody(): Promise<string | null> {
    const { phone: from, dials: to, reaches } = anyOf(people);
    const waited = new CalmTime();
    const id = aCallId();
    const { status, rang } = await connectCall(hooksAt(nginx.url), { id, from, to }).catch((failure: Error) => ({
      status: `no answer (${String(failure.cause ?? failure)})`,
      rang: null,
    }));
    return rang === reaches ? null : `call ${id}: ${status}, rang ${rang} after ${Math.round(waited.ms)} ms`;
  }

  async function placeOrder(): Promise<string | null> {
    const reference = `order-${aCallId()}`;
    const order = { reference, pool: 'calls', customer: { phone: '+919000099999' } };
    const { status, text } = await send(`${nginx.url}/v1/orders`, 'POST', order, await apis[0]!.key()).catch(
      (failure: Error) => ({ status: 0, text: `no answer (${String(failure.cause ?? failure)})` }),
    );
    return status === 201 ? null : `order: ${status} ${text}`;
  }
});

async function decisions(api: Started): Promise<number> {
  return (await api.metric('maskline_call_decisions_total')) ?? 0;
}
