import type { Page } from 'playwright-core';
import { vi } from 'vitest';

import { InteractionEvents } from '../../src/telephony/announcements/interaction-events.service.js';
import { API_KEY, aPhone, TestApp } from '../support/app.js';
import { withChromium } from '../support/chromium.js';
import { ConsolePage } from '../support/console-page.js';
import { DatabaseLine } from '../support/database-line.js';
import { freshDatabase, type FreshDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';

/** Far longer than anything takes, and shorter than the time after which pages read again although they are live. */
const LONG_MS = 30_000;
/** Pages ask again within this time whether Maskline is ready, and read again while they are not live. */
const ASKED_AGAIN_MS = 15_000;
/** The first page loads the others after this time. */
const OTHERS_LOADED_MS = 2_000;
/** A stream that ends is said to be interrupted after this time. */
const INTERRUPTED_MS = 4_000;
const CITY = Array.from({ length: 5_000 }, (_, index) => `+9180480${String(index).padStart(5, '0')}`);
const CALLS = 300;
const CALLS_AT_ONCE = 10;
const SEARCH = 'Order, phone, virtual number or call';
const ORDERS = 100_000;

/** Counts the spinners that appear from now on. */
const COUNT_SPINNERS = `
  window.spinners = 0;
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const node of addedNodes) if (node.matches?.('.loading') || node.querySelector?.('.loading')) window.spinners += 1;
  }).observe(document.body, { childList: true, subtree: true });
`;

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

withChromium('the console while things change, and while they fail', () => {
  let database: FreshDatabase;
  let line: DatabaseLine;
  let app: TestApp;
  let browser: ConsolePage;
  let page: Page;
  const inOther = aPhone();

  beforeAll(async () => {
    database = await freshDatabase({ lockTimeoutMs: 5_000 });
    line = await DatabaseLine.to(database.url);
    app = await TestApp.start({ database: { url: line.url, drop: async () => undefined }, playground: true });
    await app.pool({ name: 'bought', lowWater: 3, target: 3, maxNumbers: 3 });
    await app.replenish('bought');
    await app.pool({ name: 'other', buying: 'off' });
    await app.pool({ name: 'playground', country: 'US', provider: 'twilio' }, ['+12025550171', '+12025550172']);
    await app.order('sample-1', '+12025550101', '+12025550102', { pool: 'playground' });
    browser = await ConsolePage.start(app, { before: async (page) => page.clock.install() });
    ({ page } = browser);
  });
  afterAll(async () => {
    await browser?.close();
    await app?.stop();
    line?.close();
    await database?.drop();
  });

  const open = async (path: string) => browser.goTo(path);
  const says = async (words: string | RegExp, on = page) => on.getByText(words).first().waitFor();
  const isLive = async () => page.getByText('Live', { exact: true }).waitFor();
  /** For the pages, as if the computer had slept: what is due by then happens now. */
  const pass = async (ms: number) => page.clock.fastForward(ms);

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
      const refused = page.waitForEvent('requestfinished', (request) => request.url().endsWith('/v1/stream'));
      await hide(true);
      await hide(false); // connects anew
      await refused;
      await pass(INTERRUPTED_MS);
      await says('Not live');
      await app.api('POST', '/v1/orders/order-3/cancel');
      await pass(ASKED_AGAIN_MS);
      await says('The order was cancelled.');
      await page.unroute('**/v1/stream');
      await pass(ASKED_AGAIN_MS);
      await isLive();
    });
  });

  describe('without the database', () => {
    const asksTheDatabase = async () => (await fetch(`${app.url}/health/ready`)).status === 200;

    /** Nothing comes from the server, as behind a firewall that has dropped its connections. */
    async function outage(during: () => Promise<void>): Promise<void> {
      line.silence();
      try {
        await eventually(async () => !(await asksTheDatabase()), LONG_MS);
        await pass(ASKED_AGAIN_MS);
        await during();
      } finally {
        await line.refuse(); // as when the server restarts
        line.mend();
        await line.accept();
      }
      await eventually(asksTheDatabase, LONG_MS);
      await pass(ASKED_AGAIN_MS);
    }

    /** Pages, their headings, and what they show when the database answers. */
    const PAGES = [
      ['playground', 'Playground', 'The numbers below connect these people'],
      ['orders/order-1', 'Order order-1', 'The order was placed.'],
      ['overview', 'Overview', 'What to do now'],
      ['pools', 'Pools', 'Can be assigned'],
      ['pools/bought', 'Pool bought', 'Bought or failed'],
      ['events', 'Events', 'There are no endpoints.'],
      ['keys', 'API keys', 'There are no keys besides those of API_KEY.'],
      ['audit', 'Audit log', 'pools.open'],
    ] as const;
    /** These read again and again what they show. */
    const OPENED_BEFORE = ['playground', 'pools/bought', 'events'];

    /** A tab that reads by itself, without a stream: a browser has six connections to a server. */
    async function anotherTab(): Promise<Page> {
      const tab = await browser.chromium.browser.newPage();
      tab.setDefaultTimeout(2 * LONG_MS); // all tabs load at the same time
      await tab.addInitScript(`Object.defineProperty(document, 'hidden', { get: () => true })`);
      return tab;
    }

    /** Says what does not work and what happens next, instead of showing a spinner forever. */
    async function explainsItself(tab: Page, heading: string): Promise<void> {
      await tab.getByRole('heading', { name: heading, level: 1 }).waitFor();
      const problem = tab.getByRole('alert').filter({ hasText: 'The database does not answer at the moment.' });
      await problem.filter({ hasText: 'This page tries again by itself.' }).first().waitFor();
      await tab.getByText('Loading …').first().waitFor({ state: 'hidden' });
    }

    it('shows what it knows; a page that is opened meanwhile says why it is empty, and fills itself afterwards', async () => {
      await open('orders/order-1');
      await says('The order was placed.');
      const tabs = await Promise.all(
        PAGES.map(async ([path, heading, shows]) => ({ path, heading, shows, tab: await anotherTab() })),
      );
      const before = tabs.filter(({ path }) => OPENED_BEFORE.includes(path));
      await Promise.all(
        before.map(async ({ path, shows, tab }) => {
          await browser.goTo(path, tab);
          await says(shows, tab);
        }),
      );
      await outage(async () => {
        await says(/Something does not work \(.*database: does not answer/);
        await says('The order was placed.'); // as it was known
        for (const { heading, shows, tab } of before) {
          await explainsItself(tab, heading);
          await says(shows, tab);
        }
        await Promise.all(
          tabs.map(async ({ path, heading, tab }) => {
            await browser.goTo(path, tab);
            await explainsItself(tab, heading);
          }),
        );
        // While it is tried again, too.
        for (const { tab } of tabs) await tab.evaluate(COUNT_SPINNERS);
        const again = tabs.map(async ({ tab }) =>
          tab.waitForEvent('response', (response) => response.status() === 503),
        );
        await pass(ASKED_AGAIN_MS);
        await Promise.all(again);
        for (const { path, heading, tab } of tabs) {
          await explainsItself(tab, heading);
          expect([path, await tab.evaluate('window.spinners')]).toEqual([path, 0]);
        }
      });
      await page.getByText('Something does not work').waitFor({ state: 'hidden' });
      for (const { shows, tab } of tabs) {
        await says(shows, tab);
        await tab.close();
      }
    });
  });

  describe('for a key that may not do everything', () => {
    afterAll(async () => {
      await browser.signOut();
      await browser.signIn(API_KEY);
    });

    it('says which pages need another scope, and shows the parts that need none', async () => {
      await browser.signInAs({ scopes: ['support'] });
      for (const path of ['orders/order-1', 'overview', 'pools', 'pools/bought', 'keys', 'audit']) {
        await open(path);
        await says('Your API key does not allow this.');
      }
      await browser.signInAs({ scopes: ['operate'] });
      await open('overview');
      await page.getByRole('region', { name: 'Pool bought' }).waitFor();
      expect(await page.getByRole('alert').count()).toBe(0);
    });

    it('shows a key of one pool this pool and its orders, and nothing of others', async () => {
      await app.order('order-4', aPhone(), aPhone(), { pool: 'bought' });
      await browser.signInAs({
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
      expect(browser.chromium.complaints).toEqual([]);
    });

    it('asks to sign in again, although nobody touched the page, when the key is revoked', async () => {
      const id = await browser.signInAs({ scopes: ['support'] });
      await page.getByLabel(SEARCH).waitFor();
      await isLive();
      await app.api('DELETE', `/v1/keys/${id}`);
      await says('Your session has ended.');
      await browser.signIn(API_KEY);
    });
  });

  describe('with much of everything', () => {
    it('shows an order with hundreds of calls, whole and newest first', async () => {
      const customer = aPhone();
      const order = await app.order('order-5', customer, aPhone(), { pool: 'bought' });
      for (let count = 0; count < CALLS; count += CALLS_AT_ONCE) {
        await Promise.all(Array.from({ length: CALLS_AT_ONCE }, async () => app.call(customer, order.customer.dials)));
      }
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
      expect(browser.chromium.complaints).toEqual([]);
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
      const keys = page.waitForResponse(/\/keys-\w+\.js$/);
      await open('overview');
      await isLive();
      await pass(OTHERS_LOADED_MS);
      await page.evaluate(`import('${(await keys).url()}').then(() => true)`);
      const port = Number(new URL(app.url).port);
      const closing = app.app.close();
      app.app.getHttpServer().closeAllConnections(); // one that the browser opened and never used would last for 10 s
      await closing;
      await pass(ASKED_AGAIN_MS);
      await says('Maskline cannot be reached. What you see may be out of date.');
      await page.getByRole('region', { name: 'Pool bought' }).waitFor(); // as it was known
      await page.getByRole('link', { name: 'Keys' }).click();
      await says('Maskline cannot be reached. Check your connection, and try again.');
      await says('Not live');
      app = await TestApp.start({ database: app.database, clock: app.clock, exchangeUrl: app.exchange.url, port });
      await pass(ASKED_AGAIN_MS);
      await page.getByRole('table', { name: '' }).waitFor();
      await isLive();
    });
  });
});
