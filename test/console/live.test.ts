import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Page } from 'playwright-core';
import { vi } from 'vitest';

import { createDataSource, migrate } from '../../src/platform/database/data-source.js';
import { startEmbeddedPostgres, type EmbeddedDatabase } from '../../src/platform/embedded/embedded-postgres.js';
import { InteractionEvents } from '../../src/telephony/announcements/interaction-events.service.js';
import { aDataFolder, cleanUp } from '../platform/embedded/support.js';
import { API_KEY, aPhone, TestApp } from '../support/app.js';
import { startChromium, withChromium, type Chromium } from '../support/chromium.js';
import { eventually } from '../support/eventually.js';

const WIDE = { width: 1280, height: 900 };
/** Far longer than anything takes, and shorter than the time after which pages read again although they are live. */
const LONG_MS = 30_000;
const FAST = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' };
const CITY = Array.from({ length: 5_000 }, (_, index) => `+9180480${String(index).padStart(5, '0')}`);
const CALLS = 300;
const SEARCH = 'Order, phone, virtual number or call';
const ORDERS = 100_000;

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

withChromium('the console while things change, and while they fail', () => {
  let dataDir: string;
  let server: EmbeddedDatabase;
  let app: TestApp;
  let chromium: Chromium;
  let page: Page;
  const inOther = aPhone();

  beforeAll(async () => {
    dataDir = await aDataFolder();
    server = await startEmbeddedPostgres({ dataDir, flags: FAST });
    const dataSource = await createDataSource(server.url).initialize();
    await migrate(dataSource).finally(() => dataSource.destroy());
    app = await TestApp.start({ database: { url: server.url, drop: async () => undefined } });
    await app.pool({ name: 'bought', lowWater: 3, target: 3, maxNumbers: 3 });
    await app.replenish('bought');
    await app.pool({ name: 'other', buying: 'off' });
    chromium = await startChromium(app.url, WIDE);
    ({ page } = chromium);
    page.setDefaultTimeout(LONG_MS);
    await page.goto(`${app.url}/console/`);
    await signIn(API_KEY);
  });
  afterAll(async () => {
    await chromium?.close();
    await app?.stop();
    await server?.stop();
    await cleanUp();
  });

  async function signIn(key: string): Promise<void> {
    await page.getByLabel('API key', { exact: true }).fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('navigation').waitFor();
  }

  async function signInAs(key: object): Promise<void> {
    const { body } = await app.api('POST', '/v1/keys', { name: 'of a test', ...key });
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out.').waitFor();
    await signIn(body.key);
  }

  const open = async (path: string) => page.goto(`${app.url}/console/${path}`);
  const says = async (words: string | RegExp, on = page) => on.getByText(words).first().waitFor();
  const isLive = async () => page.getByText('Live', { exact: true }).waitFor();

  async function openStreams(): Promise<number> {
    const { text } = await app.api('GET', '/metrics');
    return Number(/^maskline_streams_open (\d+)$/m.exec(text)![1]);
  }

  /** What Chromium says of a page that nobody looks at. */
  const hide = async (isHidden: boolean) =>
    page.evaluate(`
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${isHidden} });
      document.dispatchEvent(new Event('visibilitychange'));`);

  describe('live', () => {
    it('shows what happens to an order as it happens', async () => {
      const [customer, agent] = [aPhone(), aPhone()];
      await app.order('order-1', customer, undefined, { pool: 'bought' });
      await open('orders/order-1');
      await says('The order was placed.');
      await isLive();
      const order = (await app.api('PUT', '/v1/orders/order-1/agent', { phone: agent })).body;
      await page.getByRole('region', { name: 'agent' }).waitFor();
      await app.place({ from: customer, to: order.customer.dials });
      await app.get(InteractionEvents).announce();
      await says('The customer called the agent; ');
      await app.api('POST', '/v1/orders/order-1/complete');
      await says('Ended, still connects');
    });

    it('shows orders that wait, and the levels of pools, as they change', async () => {
      await open('overview');
      await says('None.');
      await isLive();
      await app.order('order-2', inOther, aPhone(), { pool: 'other' });
      await page.getByRole('link', { name: 'order-2' }).waitFor();
      const other = page.getByRole('region', { name: 'Pool other' });
      const [one, two] = ['+918048100001', '+918048100002'];
      await app.api('POST', '/v1/numbers/import', { pool: 'other', numbers: [{ number: one }, { number: two }] });
      await other.getByRole('img', { name: '2 numbers can be assigned' }).waitFor();
      await open('pools/other');
      await isLive();
      await app.api('POST', `/v1/numbers/${one}/drain`);
      await page.getByRole('row', { name: '+91 80481 00001' }).getByText('Draining').waitFor();
    });

    it('has one stream for the whole tab, and none while it is hidden', async () => {
      await isLive();
      await page.getByRole('link', { name: 'Overview' }).click();
      await eventually(async () => (await openStreams()) === 1, LONG_MS);
      await hide(true);
      await eventually(async () => (await openStreams()) === 0, LONG_MS);
      await app.order('order-3', aPhone(), aPhone(), { pool: 'bought', lifetimeSeconds: 600 });
      await hide(false);
      await eventually(async () => (await openStreams()) === 1, LONG_MS);
      await isLive();
    });

    it('reads again every few seconds while the stream is interrupted, and says so', async () => {
      await open('orders/order-3');
      await isLive();
      await page.route('**/v1/stream', async (route) => route.fulfill({ status: 503 }));
      await hide(true);
      await hide(false); // connects anew
      await says('Not live');
      await app.api('POST', '/v1/orders/order-3/cancel');
      await says('The order was cancelled.');
      await page.unroute('**/v1/stream');
      await isLive();
    });
  });

  describe('without the database', () => {
    /** Stops or continues every process of PostgreSQL. */
    async function signalAll(signal: NodeJS.Signals): Promise<void> {
      const postmaster = Number((await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8')).split('\n')[0]);
      const children = execFileSync('pgrep', ['-P', String(postmaster)], { encoding: 'utf8' })
        .trim()
        .split('\n');
      for (const pid of [postmaster, ...children.map(Number)]) process.kill(pid, signal);
    }

    const asksTheDatabase = async () => (await fetch(`${app.url}/health/ready`)).status === 200;

    /** Pages, and what they show when the database answers. */
    const PAGES = [
      ['orders/order-1', 'The order was placed.'],
      ['overview', 'What to do now'],
      ['pools', 'Can be assigned'],
      ['pools/bought', 'Import numbers'],
      ['keys', 'There are no keys besides those of API_KEY.'],
      ['audit', 'pools.open'],
    ] as const;

    it('shows what it knows; a page that is opened meanwhile says why it is empty, and fills itself afterwards', async () => {
      await open('orders/order-1');
      await says('The order was placed.');
      const others = await Promise.all(PAGES.slice(0, 4).map(async () => chromium.browser.newPage()));
      await signalAll('SIGSTOP');
      try {
        await eventually(async () => !(await asksTheDatabase()), LONG_MS);
        await says(/Something does not work \(.*database: does not answer/);
        await says('The order was placed.'); // as it was known
        for (const [at, other] of others.entries()) {
          await other.goto(`${app.url}/console/${PAGES[at]![0]}`);
          await says('This page tries again by itself.', other);
        }
        for (const [path] of PAGES.slice(4)) {
          await open(path);
          await says('This page tries again by itself.');
        }
      } finally {
        await signalAll('SIGCONT');
      }
      await eventually(asksTheDatabase, LONG_MS);
      await page.getByText('Something does not work').waitFor({ state: 'hidden' });
      for (const [at, other] of others.entries()) {
        await says(PAGES[at]![1], other);
        await other.close();
      }
      await says('pools.open');
    });
  });

  describe('for a key that may not do everything', () => {
    afterAll(async () => {
      await page.getByRole('button', { name: 'Sign out' }).click();
      await signIn(API_KEY);
    });

    it('says which pages need another scope, and shows the parts that need none', async () => {
      await signInAs({ scopes: ['support'] });
      for (const path of ['orders/order-1', 'overview', 'pools', 'pools/bought', 'keys', 'audit']) {
        await open(path);
        await says('Your API key does not allow this.');
      }
      await signInAs({ scopes: ['operate'] });
      await open('overview');
      await page.getByRole('region', { name: 'Pool bought' }).waitFor();
      expect(await page.getByRole('alert').count()).toBe(0);
    });

    it('shows a key of one pool this pool and its orders, and nothing of others', async () => {
      await app.order('order-4', aPhone(), aPhone(), { pool: 'bought' });
      await signInAs({
        scopes: ['orders:read', 'orders:write', 'support', 'operate', 'keys', 'audit'],
        pools: ['bought'],
      });
      await says('only pools bought');
      const menu = await page.getByRole('navigation').getByRole('link').allInnerTexts();
      expect(menu).not.toContain('Audit'); // it is about all pools
      await open('overview');
      await page.getByRole('region', { name: 'Pool bought' }).waitFor();
      await isLive();
      expect(await page.getByRole('region', { name: 'Pool other' }).count()).toBe(0);
      expect(await page.getByRole('link', { name: 'order-2' }).count()).toBe(0);
      expect(await page.getByRole('alert').count()).toBe(0);
      await open('pools/other');
      await says(/no pool has this name/i);
      await open('orders/order-2');
      await says('No order has this reference.');
      await open('orders/order-4');
      await isLive();
      await app.api('POST', '/v1/orders/order-4/cancel');
      await says('The order was cancelled.');
      await open('keys');
      await page.getByRole('button', { name: 'Create a key' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Name').fill('help desk');
      await dialog.getByLabel('support').check();
      await dialog.getByRole('button', { name: 'Create the key' }).click();
      await dialog.getByText('Copy the key now').waitFor();
      await dialog.getByRole('button', { name: 'I have stored it' }).click();
      await open('support');
      await page.getByLabel(SEARCH).fill(inOther);
      await page.keyboard.press('Enter');
      await says('No order has a participant with this phone');
      expect(chromium.complaints).toEqual([]);
    });

    it('asks to sign in again, although nobody touched the page, when the key is revoked', async () => {
      const { body: key } = await app.api('POST', '/v1/keys', { name: 'idle', scopes: ['support'] });
      await page.getByRole('button', { name: 'Sign out' }).click();
      await signIn(key.key);
      await page.getByLabel(SEARCH).waitFor();
      await isLive();
      await app.api('DELETE', `/v1/keys/${key.id}`);
      await says('Your session has ended.');
      await signIn(API_KEY);
    });
  });

  describe('with much of everything', () => {
    it('shows an order with hundreds of calls, whole and newest first', async () => {
      const customer = aPhone();
      const order = await app.order('order-5', customer, aPhone(), { pool: 'bought' });
      for (let count = 0; count < CALLS; count += 1) await app.call(customer, order.customer.dials);
      await open('orders/order-5');
      await eventually(async () => (await page.locator('ol.timeline > li').count()) === CALLS + 2, LONG_MS);
    });

    it('shows a pool of thousands of numbers page by page', async () => {
      await app.pool({ name: 'large', buying: 'off' });
      const csv = `number\n${CITY.join('\n')}\n`;
      const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'text/csv' };
      const { body } = await app.request('POST', '/v1/pools/large/numbers/import', headers, csv);
      expect(body.imported).toBe(CITY.length);
      await open('pools/large');
      const rows = page.getByRole('group', { name: 'Numbers' }).getByRole('row');
      await says('5000');
      await eventually(async () => (await rows.count()) === 51, LONG_MS);
      await page.getByRole('button', { name: 'Show more' }).click();
      await eventually(async () => (await rows.count()) === 101, LONG_MS);
    });

    it('finds an order among a hundred thousand, and counts those that wait', async () => {
      await app.dataSource.query(
        `INSERT INTO orders (reference, pool_id, status, lifetime_seconds, grace_seconds, cancel_grace_seconds,
                             quarantine_seconds, placed_at, due_at)
         SELECT 'waiting-' || lpad(one::text, 6, '0'), pools.id, 'awaiting-numbers', 86400, 1800, 0, 86400, now(), now() + interval '1 day'
         FROM pools, generate_series(1, $1::integer) AS one WHERE pools.name = 'other'`,
        [ORDERS],
      );
      await open('overview');
      await page
        .getByRole('link', { name: /^waiting-/ })
        .first()
        .waitFor();
      await says(/\d{6} orders wait for numbers of pool other, the first one for/);
      await open('support');
      await page.getByLabel(SEARCH).fill('waiting-050000');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Order waiting-050000' }).waitFor();
    });

    it('shows markup in a name as it is written', async () => {
      const name = '<img src=x onerror="document.title=1"><b>desk</b>';
      await app.api('POST', '/v1/keys', { name, scopes: ['support'] });
      await open('keys');
      await says(name);
      const reference = 'a:b@c';
      await app.order(reference, aPhone(), undefined, { pool: 'bought' });
      await open(`orders/${encodeURIComponent(reference)}`);
      await page.getByRole('heading', { name: `Order ${reference}` }).waitFor();
      expect(await page.locator('#content img').count()).toBe(0);
      expect(chromium.complaints).toEqual([]);
    });
  });

  describe('without others', () => {
    it('says what a pool lacks while its provider does not answer', async () => {
      await app.pool({ name: 'short', lowWater: 2, target: 2 });
      await app.exchange.close();
      await app.replenish('short').catch(() => undefined);
      await open('overview');
      await page.getByRole('region', { name: 'Pool short' }).waitFor();
      await says('Pool short is low: 0 of its numbers can be assigned');
    });

    it('says on each page, also a new one, that Maskline cannot be reached, and goes on when it can', async () => {
      await open('overview');
      await isLive();
      await page.waitForLoadState('networkidle').catch(() => undefined); // the other pages are loaded
      const port = Number(new URL(app.url).port);
      await app.app.close();
      await says('Maskline cannot be reached. What you see may be out of date.');
      await page.getByRole('region', { name: 'Pool bought' }).waitFor(); // as it was known
      await page.getByRole('link', { name: 'Keys' }).click();
      await says('Maskline cannot be reached. Check your connection, and try again.');
      await says('Not live');
      app = await TestApp.start({ database: app.database, clock: app.clock, exchangeUrl: app.exchange.url, port });
      await page.getByRole('table', { name: '' }).waitFor();
      await isLive();
    });
  });
});
