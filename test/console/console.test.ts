import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import type { Page } from 'playwright-core';

import { aPhone, API_KEY, numbers, TestApp } from '../support/app.js';
import { chromiumPath, startChromium, type Chromium } from '../support/chromium.js';

const withChromium = chromiumPath ? describe : describe.skip;
/** A folder for pictures of every page: `SCREENSHOTS=/tmp/pictures npm test -- test/console/console`. */
const screenshots = process.env['SCREENSHOTS'];

const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 360, height: 740 };
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const SEARCH = 'Order, phone, virtual number or call';
const CUSTOMER = '+919000000001';
const AGENT = '+919000000002';
const STRANGER = '+919000000099';
const CORRECTED = '+919000000003';

withChromium('the console', () => {
  let app: TestApp;
  let chromium: Chromium;
  let page: Page;
  let dialled: string;
  /** Every address that was asked for, with its method. */
  const requests: string[] = [];

  beforeAll(async () => {
    app = await TestApp.start();
    await app.pool({ name: 'bought', lowWater: 3, target: 3 });
    await app.replenish('bought'); // numbers of the exchange, which can be called there
    chromium = await startChromium(app.url, WIDE);
    ({ page } = chromium);
    page.on('request', (request) => requests.push(`${request.method()} ${request.url()}`));
    await page.goto(`${app.url}/`);
    await signIn(API_KEY);
  });
  afterAll(async () => {
    await chromium?.close();
    await app?.stop();
  });

  async function signIn(key: string): Promise<void> {
    await page.getByLabel('API key', { exact: true }).fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('navigation').waitFor();
  }

  afterEach(async ({ task }) => {
    if (screenshots && task.result?.state === 'fail')
      await page.screenshot({ path: `${screenshots}/failed-${task.id}.png` });
  });

  const open = async (name: string) => page.getByRole('navigation').getByRole('link', { name }).click();

  const content = () => page.locator('#content');

  /** Fails for what axe-core finds in either colour scheme, and for a page that is wider than the screen. */
  async function isAccessible(name: string): Promise<void> {
    const axe = await readFile(AXE, 'utf8');
    for (const scheme of ['light', 'dark'] as const) {
      await page.evaluate(`document.documentElement.setAttribute('data-mantine-color-scheme', '${scheme}')`);
      await page.evaluate(axe);
      const found = await page.evaluate<{ id: string; nodes: string[] }[]>(
        `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html, failureSummary }) => html.slice(0, 200) + failureSummary) })))`,
      );
      expect([name, scheme, found]).toEqual([name, scheme, []]);
      for (const [size, viewport] of Object.entries({ wide: WIDE, narrow: NARROW })) {
        await page.setViewportSize(viewport);
        const excess = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        expect([name, size, excess]).toEqual([name, size, 0]);
        if (screenshots)
          await page.screenshot({ path: `${screenshots}/${name}-${scheme}-${size}.png`, fullPage: true });
      }
      await page.setViewportSize(WIDE);
    }
    await page.evaluate(`document.documentElement.setAttribute('data-mantine-color-scheme', 'light')`);
    expect(chromium.complaints).toEqual([]);
  }

  /** No phone is stored in the browser, or was in a URL. */
  async function isDiscreet(): Promise<void> {
    const stored = await page.evaluate<string>(
      `JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href, history.state])`,
    );
    for (const phone of [CUSTOMER, AGENT, STRANGER, CORRECTED]) {
      expect(stored).not.toContain(phone.slice(1));
      expect(requests.filter((request) => request.includes(phone.slice(1)))).toEqual([]);
    }
    expect(stored).not.toContain(API_KEY);
  }

  it('helps a customer on the line: finds the order, says what happened, and corrects a phone', async () => {
    const order = await app.order('order-1001', CUSTOMER, AGENT, { pool: 'bought' });
    dialled = order.customer.dials;
    expect(await app.place({ from: CUSTOMER, to: dialled })).toMatchObject({ connected: true });
    expect(await app.place({ from: STRANGER, to: dialled })).toMatchObject({ connected: false });

    const { body } = await app.api('GET', '/v1/orders/order-1001/interactions');
    await app.exotel('GET', 'passthru/answered', {
      CallSid: body.interactions[0].providerCallId,
      DialCallStatus: 'completed',
      'Legs[0][OnCallDuration]': '61',
      'Legs[0][Insights][RingingDuration]': '5',
      'Legs[0][DisconnectedBy]': 'Callee',
    });

    await open('Support');
    // Three interactions from the phone to the answer.
    await page.getByLabel(SEARCH).fill('+91 90000 00001');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('link', { name: 'order-1001', exact: true }).click();
    await page.getByRole('heading', { name: 'Order order-1001' }).waitFor();
    await page.getByText(/rang for 5 s, they talked for 1 min 1 s and the agent hung up\.$/).waitFor();
    await page.getByText('The order was placed.').waitFor();
    await page.getByText(/^An unknown caller called and was not connected: /).waitFor();
    await page.getByText('“Please call from the phone that is in the app.”').waitFor();
    await page.getByText('cannot be forwarded by the provider').waitFor();
    await isAccessible('order');

    const agent = page.getByRole('region', { name: 'agent' });
    const dialog = page.getByRole('dialog');
    expect(await agent.getByRole('button', { name: 'Remove block' }).count()).toBe(0);
    await agent.getByRole('button', { name: 'Block', exact: true }).click();
    await dialog.getByRole('button', { name: 'Block', exact: true }).click();
    await agent.getByText('blocks the customer').waitFor();
    expect(await agent.getByRole('button', { name: 'Block', exact: true }).count()).toBe(0);
    await agent.getByRole('button', { name: 'Remove block' }).click();
    await dialog.getByRole('button', { name: 'Remove the block' }).click();
    await agent.getByRole('button', { name: 'Block', exact: true }).waitFor();

    await agent.getByRole('button', { name: 'Correct phone' }).click();
    await dialog.getByLabel('New phone').fill('12');
    await dialog.getByRole('button', { name: 'Correct the phone' }).click();
    await dialog.getByRole('alert').waitFor(); // it is no phone
    await dialog.getByLabel('New phone').fill(CORRECTED);
    await page.keyboard.press('Enter');
    await page.getByText('A phone was corrected.').waitFor();
    await dialog.waitFor({ state: 'detached' });

    await page.getByRole('button', { name: 'Complete' }).click();
    await dialog.getByRole('button', { name: 'Complete the order' }).click();
    await page.getByText('Ended, still connects').waitFor();
    expect((await app.api('GET', '/v1/orders/order-1001')).body.status).toBe('closing');
    await isDiscreet();
  });

  it('explains a call that did not connect', async () => {
    await open('Support');
    await page.getByLabel('Phone that called').fill(STRANGER);
    await page.getByLabel('Number that was dialled').fill(dialled);
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByText('Tell the customer').first().waitFor();
    await isAccessible('support');
    await page.getByLabel(SEARCH).fill('+91 (90000) 00001');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByText('This search is in the audit log.').waitFor();
    await page.getByLabel(SEARCH).fill('9000000098');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByText('And no order has this phone.').waitFor();
    for (const national of ['9000000001', '090000 00001']) {
      await page.getByLabel(SEARCH).fill(national);
      await page.keyboard.press('Enter');
      await page.getByRole('link', { name: 'order-1001', exact: true }).waitFor();
    }
    await isDiscreet();
  });

  it('finds the orders of a virtual number, and the order of a call by its id', async () => {
    await open('Support');
    await page.getByLabel(SEARCH).fill(dialled);
    await page.keyboard.press('Enter');
    await page.getByRole('cell', { name: 'customer to agent' }).waitFor();
    await isAccessible('found-by-number');
    await page.getByRole('link', { name: 'order-1001', exact: true }).click();
    await page.getByRole('heading', { name: 'Order order-1001' }).waitFor();

    const { body } = await app.api('GET', '/v1/orders/order-1001/interactions');
    await open('Support');
    await page.getByLabel(SEARCH).fill(body.interactions[0].providerCallId);
    await page.keyboard.press('Enter');
    await page.getByText(/The customer called the agent; /).waitFor();
    await page.getByRole('link', { name: 'order-1001', exact: true }).waitFor();
    await isAccessible('found-by-call');
    await page.getByLabel(SEARCH).fill('order-1001');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Order order-1001' }).waitFor();
    await isDiscreet();
  });

  it('marks the calls of unknown callers that may belong to the order', async () => {
    // The number serves two orders, so nobody knows to which one the stranger's call belongs.
    const pool = await app.pool({ capacity: 10 }, numbers(2));
    const { customer } = await app.order('order-3001', aPhone(), aPhone(), { pool });
    await app.order('order-3002', aPhone(), aPhone(), { pool });
    await app.call(STRANGER, customer.dials);
    await open('Support');
    await page.getByLabel(SEARCH).fill('order-3001');
    await page.keyboard.press('Enter');
    await page.getByText('Possibly theirs:').waitFor();
    await page.getByText(/An unknown caller called and was not connected/).waitFor();
    await isAccessible('possibly-theirs');
    await isDiscreet();
  });

  it('says what to do now, and shows each pool with its need', async () => {
    await app.pool({ name: 'scarce', lowWater: 5, target: 10, buying: 'off' });
    await app.order('order-2001', CUSTOMER, AGENT, { pool: 'scarce' });
    await open('Overview');
    await page.getByText('1 order waits for numbers of pool scarce.').waitFor();
    await page.getByText('Pool scarce needs more numbers, and its buying is off.').waitFor();
    await page.getByRole('link', { name: 'order-2001' }).waitFor();
    const scarce = page.getByRole('region', { name: 'Pool scarce' });
    await scarce.getByRole('img', { name: '0 numbers can be assigned' }).waitFor();
    await isAccessible('overview');
  });

  it('imports numbers from a file, drains and resumes one, and changes the policy', async () => {
    await open('Pools');
    await page.getByRole('table').waitFor();
    await isAccessible('pools');
    await page.getByRole('link', { name: 'scarce' }).click();
    await page.getByText('There are no such numbers.').waitFor();
    const csv = Buffer.from('number\n+918047000101\n+918047000102\n12\n');
    await page.locator('input[type=file]').setInputFiles({ name: 'numbers.csv', mimeType: 'text/csv', buffer: csv });
    await page.getByRole('button', { name: 'Import' }).click();
    await page.getByText('2 imported, 0 already there, 1 refused.').waitFor();
    const row = page.getByRole('row', { name: '+91 80470 00101' });
    await row.getByRole('button', { name: 'Drain' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Drain the number' }).click();
    await row.getByText('Draining').waitFor();
    await row.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Resume the number' }).click();
    await row.getByText('Available').waitFor();

    await page.getByLabel('Low-water mark (numbers)').fill('2');
    await page.getByText('Now: 5.').waitFor();
    await page.getByRole('button', { name: 'Save 1 change' }).click();
    await page.getByText('The policy is saved.').waitFor();
    expect((await app.api('GET', '/v1/pools/scarce')).body.lowWater).toBe(2);
    await isAccessible('pool');
  });

  it('creates, rotates and revokes a key, which is shown once', async () => {
    await open('Keys');
    await page.getByRole('button', { name: 'Create a key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Create the key' }).click();
    await dialog.getByText('Name who uses the key.').waitFor();
    await dialog.getByLabel('Name').fill('support desk');
    await dialog.getByLabel('orders:read').check();
    await dialog.getByLabel('support').check();
    await isAccessible('create-key');
    await dialog.getByRole('button', { name: 'Create the key' }).click();
    await dialog.getByText('Copy the key now').waitFor();
    const key = await dialog.locator('.secret').innerText();
    expect((await app.request('GET', '/v1/orders', { authorization: `Bearer ${key}` })).status).toBe(200);
    await dialog.getByRole('button', { name: 'I have stored it' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await page.locator('body').innerText()).not.toContain(key);
    await isAccessible('keys');

    await page.getByRole('button', { name: 'Rotate' }).click();
    await dialog.getByRole('button', { name: 'Rotate the key' }).click();
    await dialog.getByText('Copy the key now').waitFor();
    expect(await dialog.locator('.secret').innerText()).not.toBe(key);
    await dialog.getByRole('button', { name: 'I have stored it' }).click();
    await dialog.waitFor({ state: 'detached' });

    await page.getByRole('button', { name: 'Revoke' }).click();
    await dialog.getByRole('button', { name: 'Revoke the key' }).click();
    await page.getByText('Revoked', { exact: true }).waitFor();
    expect((await app.request('GET', '/v1/orders', { authorization: `Bearer ${key}` })).status).toBe(401);
  });

  it('shows the audit log', async () => {
    await open('Audit');
    await page.getByText('Asked why a call was decided').first().waitFor();
    await isAccessible('audit');
  });

  it('shows what the key allows, and asks to sign in again when it is revoked, at the same address', async () => {
    const { body: key } = await app.api('POST', '/v1/keys', { name: 'reader', scopes: ['orders:read'] });
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out.').waitFor();
    await isAccessible('sign-in');
    await signIn(key.key);
    await open('Support');
    expect(await page.getByRole('navigation').getByRole('link').allInnerTexts()).toEqual(['Support']);
    await page.getByLabel(SEARCH).fill('order-1001');
    await page.keyboard.press('Enter');
    await page.getByText('Your API key can look at orders but not change them.').waitFor();
    expect(await content().getByRole('button', { name: 'Complete' }).count()).toBe(0);

    await app.api('DELETE', `/v1/keys/${key.id}`);
    await page.getByText('Your session has ended.').waitFor(); // the page asks again by itself
    const address = page.url();
    expect(address).toContain('/console/orders/order-1001');
    await signIn(API_KEY);
    await page.getByRole('heading', { name: 'Order order-1001' }).waitFor();
    expect(page.url()).toBe(address);
  });
});
