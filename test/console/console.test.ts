import type { Page } from 'playwright-core';

import { aPhone, API_KEY, numbers, TestApp } from '../support/app.js';
import { withChromium } from '../support/chromium.js';
import { ConsolePage } from '../support/console-page.js';

const SEARCH = 'Order, phone, virtual number or call';
const CUSTOMER = '+919000000001';
const AGENT = '+919000000002';
const STRANGER = '+919000000099';
const CORRECTED = '+919000000003';

withChromium('the console', () => {
  let app: TestApp;
  let browser: ConsolePage;
  let page: Page;
  let dialled: string;

  beforeAll(async () => {
    app = await TestApp.start();
    await app.pool({ name: 'bought', lowWater: 3, target: 3 });
    await app.replenish('bought'); // numbers of the exchange, which can be called there
    browser = await ConsolePage.start(app);
    ({ page } = browser);
  });
  afterAll(async () => {
    await browser?.close();
    await app?.stop();
  });
  afterEach(({ task }) => browser.showFailure(task));

  const open = (name: string) => browser.open(name);
  const signIn = (key: string) => browser.signIn(key);
  const isAccessible = (name: string) => browser.isAccessible(name);
  const isDiscreet = () => browser.isDiscreet([CUSTOMER, AGENT, STRANGER, CORRECTED]);
  const content = () => page.locator('#content');

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
    expect(await agent.getByRole('button', { name: 'Show PIN' }).count()).toBe(0); // the pool asks for none
    await dialog.getByLabel('New phone').fill('12');
    await dialog.getByRole('button', { name: 'Correct the phone' }).click();
    await dialog.getByText('Is not a valid phone number').waitFor();
    expect(await dialog.getByLabel('New phone').getAttribute('aria-invalid')).toBe('true');
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
    const explanation = page.getByRole('region', { name: 'Why did a call not connect?' });
    expect(await explanation.innerText()).not.toMatch(/ UTC|Recorded on/); // times are the viewer's, and calls are listed once
    await explanation.locator('.timeline').getByText('An unknown caller called').waitFor();
    expect(await explanation.getByText('An unknown caller called').count()).toBe(1);
    expect(await explanation.locator('time').first().getAttribute('title')).toMatch(/ UTC$/);
    await isAccessible('support');
    await page.getByLabel(SEARCH).fill('+91 (90000) 00001');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByText('This search is in the audit log.').waitFor();
    await page.getByLabel(SEARCH).fill('9000000098');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByText('enter its country code, too').waitFor();
    await app.pool({ country: 'US', provider: 'twilio' }); // a national form is looked for in each country
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
    await open('Support');
    await page.getByLabel(SEARCH).fill('ORDER-1001');
    await page.keyboard.press('Enter');
    await page.getByText('No order is called “ORDER-1001”.').waitFor();
    await page.getByRole('link', { name: 'order-1001', exact: true }).waitFor();
    await isDiscreet();
  });

  it('marks the calls of unknown callers that may belong to the order', async () => {
    // The number serves two orders, so nobody knows to which one the stranger's call belongs.
    const pool = await app.pool({ capacity: 10 }, numbers(2));
    const { customer } = await app.order('order-3001', aPhone(), aPhone(), { pool });
    await app.order('order-3002', aPhone(), aPhone(), { pool });
    await app.call(STRANGER, customer.dials);
    await app.api('PATCH', `/v1/pools/${pool}`, { pin: 'unknown-callers' });
    await open('Support');
    await page.getByLabel(SEARCH).fill('order-3001');
    await page.keyboard.press('Enter');
    await page.getByText('Possibly theirs:').waitFor();
    await page.getByText(/An unknown caller called and was not connected/).waitFor();
    await page.getByRole('button', { name: 'Show PIN' }).first().waitFor();
    await isAccessible('possibly-theirs');
    await isDiscreet();
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
