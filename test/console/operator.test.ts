import { readFile } from 'node:fs/promises';

import type { Page } from 'playwright-core';

import { WebhookDeliveryService } from '../../src/orders/webhooks/webhook-delivery.service.js';
import { API_KEY, aPhone, numbers, TestApp, type Body } from '../support/app.js';
import { withChromium } from '../support/chromium.js';
import { ConsolePage } from '../support/console-page.js';
import { eventually } from '../support/eventually.js';
import { pastOrders } from '../support/past-orders.js';
import { ProviderAccount } from '../support/provider-account.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

const CUSTOMER = '+919000000001';
const AGENT = '+919000000002';
const PATIENCE_MS = 30_000;
const ATTEMPTS_EVERY_MS = 5_000;

withChromium('the console of an operator', () => {
  let app: TestApp;
  let receiver: WebhookReceiver;
  let browser: ConsolePage;
  let page: Page;

  beforeAll(async () => {
    [app, receiver] = await Promise.all([TestApp.start(), WebhookReceiver.start()]);
    browser = await ConsolePage.start(app, { before: async (page) => page.clock.install() });
    ({ page } = browser);
  });
  afterAll(async () => {
    await browser?.close();
    await app?.stop();
    await receiver?.stop();
  });
  afterEach(({ task }) => browser.showFailure(task));

  it('says what to do now, what is going on, and what each pool needs', async () => {
    await app.pool({ name: 'busy', capacity: 1 }, numbers(4));
    const order = await app.order('order-1001', CUSTOMER, AGENT, { pool: 'busy' });
    await app.call(CUSTOMER, order.customer.dials);
    await app.call(aPhone(), order.customer.dials);
    await app.pool({ name: 'scarce', lowWater: 5, target: 10, buying: 'off', maxSpendPerDay: 5000, currency: 'INR' });
    await app.order('order-2001', CUSTOMER, AGENT, { pool: 'scarce' });
    const { body: endpoint } = await app.api('POST', '/v1/webhook-endpoints', { url: receiver.url });
    await app.api('POST', '/v1/orders/order-1001/complete');
    app.clock.push({ minutes: 2 });
    const provider = new ProviderAccount(app);
    await provider.faults(
      { provider: 'exotel', api: 'buy', kind: 'status', status: 429, retryAfter: 60 },
      { provider: 'twilio', api: 'buy', kind: 'status', status: 401 },
    );
    await app.pool({ name: 'hurried', lowWater: 1, target: 1 });
    await app.pool({ name: 'locked-out', lowWater: 1, target: 1, country: 'US', provider: 'twilio' });
    for (const pool of ['hurried', 'locked-out']) await expect(app.replenish(pool)).rejects.toThrow();
    await provider.faults();
    await browser.open('Overview');
    await page.getByText(`The webhook ${receiver.url} is 2 min behind.`).waitFor();
    await page.getByText('1 order waits for numbers of pool scarce, the first one for 2 min.').waitFor();
    await page.getByText('Pool scarce needs more numbers, and its buying is off.').waitFor();
    await page.getByRole('link', { name: 'order-2001' }).waitFor();
    const scarce = page.getByRole('region', { name: 'Pool scarce' });
    await scarce.getByRole('img', { name: '0 numbers can be assigned' }).waitFor();
    await scarce.getByText('Spent today: 0 of 5000 INR').waitFor();
    const calls = page.getByRole('region', { name: 'Calls a minute' });
    await calls.getByRole('img', { name: '1 were connected, 1 refused' }).waitFor();
    await calls.getByText("1 call: the caller's phone is on no order").waitFor();
    await page.getByText(/^exotel is in trouble \(buying numbers\): .*429/).waitFor();
    await page.getByText(/^twilio is in trouble \(buying numbers\): .*TWILIO_AUTH_TOKEN is wrong/).waitFor();
    const exotel = page.getByRole('listitem').filter({ hasText: 'exotel, buying numbers' });
    await exotel.getByText('in trouble').waitFor();
    await exotel.getByText('It gets no requests until').waitFor();
    const inventory = page.getByRole('listitem').filter({ hasText: 'exotel, list and set-up of numbers' });
    await inventory.getByText('works').waitFor();
    await browser.isAccessible('overview');
    await app.api('DELETE', `/v1/webhook-endpoints/${endpoint.id}`);
    app.clock.push({ minutes: 2 }); // it may be asked again
  });

  it('checks a file of numbers before it imports them, and drains, resumes and retires one', async () => {
    await browser.open('Pools');
    await page.getByRole('table').waitFor();
    await browser.isAccessible('pools');
    await page.getByRole('link', { name: 'scarce' }).click();
    await page.getByText('There are no such numbers.').waitFor();
    const csv = Buffer.from('number\n+918047000101\n+918047000102\n12\n');
    await page.locator('input[type=file]').setInputFiles({ name: 'numbers.csv', mimeType: 'text/csv', buffer: csv });
    await page.getByRole('button', { name: 'Check the file' }).click();
    await page.getByText('Nothing is stored yet. 2 can be imported, 0 already there, 1 refused.').waitFor();
    await page.getByRole('row', { name: '+91 80470 00101' }).getByText('Can be imported').waitFor();
    expect((await app.api('GET', '/v1/numbers?pool=scarce')).body.numbers).toEqual([]);
    await page.getByRole('button', { name: 'Import 2 numbers' }).click();
    await page.getByText('2 imported, 0 already there, 1 refused.').waitFor();

    const row = page.getByRole('region', { name: 'Numbers', exact: true }).getByRole('row', { name: '00101' });
    const dialog = page.getByRole('dialog');
    await row.getByRole('button', { name: 'Drain' }).click();
    await dialog.getByRole('button', { name: 'Drain the number' }).click();
    await row.getByText('Draining').waitFor();
    await row.getByRole('button', { name: 'Resume' }).click();
    await dialog.getByRole('button', { name: 'Resume the number' }).click();
    await row.getByText('Available').waitFor();
    await row.getByRole('button', { name: 'Drain' }).click();
    await dialog.getByRole('button', { name: 'Drain the number' }).click();
    await row.getByRole('button', { name: 'Retire' }).click();
    await dialog.getByRole('button', { name: 'Retire the number' }).click();
    await row.getByText('Retired').waitFor();
  });

  it('says what a change of the policy does before it is saved', async () => {
    await browser.open('Pools');
    await page.getByRole('link', { name: 'busy' }).click();
    await page.getByLabel('Orders that a number serves at once').fill('100');
    await page.getByText('Now: 1 order.').waitFor();
    await page.getByText('After saving: 100 orders.').waitFor();
    await page
      .getByText('With 100 orders a number, the orders that hold numbers now need about 2 numbers instead of 3.')
      .waitFor();
    await page.getByText('With these changes, orders need about 2 numbers (3 without them)').waitFor();
    await page.getByRole('switch', { name: 'Quiet hours' }).check();
    await page.getByLabel('Until', { exact: true }).fill('06:30');
    await page.getByText('From 22:00 to 06:30').waitFor();
    await page.getByRole('switch', { name: 'Links of orders that name none' }).check();
    await page.getByText('Orders that name no links get these: customer and agent.').waitFor();
    await browser.isAccessible('policy');
    await page.getByRole('button', { name: 'Save 3 changes' }).click();
    await page.getByText('The policy is saved.').waitFor();
    expect((await app.api('GET', '/v1/pools/busy')).body).toMatchObject({
      capacity: 100,
      quietHours: { from: '22:00', until: '06:30' },
      links: [{ between: ['customer', 'agent'], onlyFrom: null }],
    });
    const policy = page.getByRole('region', { name: 'Policy' });
    expect(await policy.innerText()).not.toMatch(/\bnull\b|lowWater|Seconds|Low-water mark: Low-water/);
    const mark = page.getByLabel('Low-water mark (numbers)');
    await mark.fill('30');
    await policy.getByText('The low-water mark must not be greater than the target').waitFor();
    expect(await mark.getAttribute('aria-invalid')).toBe('true');
    expect(await page.getByText('That did not work').count()).toBe(0);
    await page.getByRole('button', { name: 'Discard' }).click();
  });

  it('shows what a pool will need and what was bought for it, and pauses buying', async () => {
    await app.pool({ name: 'bought', lowWater: 2, target: 2, region: 'MH' });
    await pastOrders(app, 'bought', { days: 2, each: 3 });
    await app.replenish('bought');
    await browser.open('Pools');
    await page.getByRole('link', { name: 'bought' }).click();
    await page.getByRole('img', { name: 'The forecast needs' }).waitFor();
    await page.getByText('As a table').click();
    await page.getByRole('group', { name: 'Needed numbers by quarter hour' }).getByRole('row').nth(1).waitFor();
    const purchases = page.getByRole('region', { name: 'Purchases' });
    await purchases.getByText('Available').first().waitFor();
    await page.getByRole('button', { name: 'Pause buying' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Pause buying' }).click();
    await page.getByText('Buying is paused for this pool.').waitFor();
    expect((await app.api('GET', '/v1/pools/bought')).body.buying).toBe('off');
    await browser.isAccessible('pool');
    await page.getByRole('button', { name: 'Resume buying' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Resume buying' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Pause buying' }).waitFor();
    await page.getByRole('button', { name: 'Compare and buy now' }).click();
    await page.getByText('A round has started').waitFor();
  });

  it('creates, rotates and revokes a key, which is shown once', async () => {
    await browser.open('Keys');
    await page.getByRole('button', { name: 'Create a key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Create the key' }).click();
    await dialog.getByText('Name who uses the key.').waitFor();
    await dialog.getByLabel('Name').fill('support desk');
    await dialog.getByLabel('orders:read').check();
    await dialog.getByLabel('support').check();
    await dialog.getByLabel('busy').check();
    await browser.isAccessible('create-key');
    await dialog.getByRole('button', { name: 'Create the key' }).click();
    await dialog.getByText('Copy the key now').waitFor();
    const key = await dialog.locator('.secret').innerText();
    const used = await app.request('GET', '/v1/orders', { authorization: `Bearer ${key}` });
    expect([used.status, used.body.orders.map(({ pool }: Body) => pool)]).toEqual([200, ['busy']]);
    await dialog.getByRole('button', { name: 'I have stored it' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await page.locator('body').innerText()).not.toContain(key);
    await browser.isAccessible('keys');

    await page.getByRole('button', { name: 'Rotate' }).click();
    await dialog.getByRole('button', { name: 'Rotate the key' }).click();
    await dialog.getByText('Copy the key now').waitFor();
    expect(await dialog.locator('.secret').innerText()).not.toBe(key);
    await dialog.getByRole('button', { name: 'I have stored it' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('the previous key is accepted until').waitFor();

    await page.getByRole('button', { name: 'Revoke' }).click();
    await dialog.getByRole('button', { name: 'Revoke the key' }).click();
    await page.getByText('Revoked', { exact: true }).waitFor();
    expect((await app.request('GET', '/v1/orders', { authorization: `Bearer ${key}` })).status).toBe(401);
  });

  it('filters the audit log, and exports what matches', async () => {
    await app.api('POST', '/v1/routing/explain', { from: aPhone(), to: '+918047000101' });
    await browser.open('Audit');
    await page.getByText('Asked why a call was decided').last().waitFor();
    await page.getByText('Created an API key').last().waitFor();
    await page.getByLabel('About').fill('+91 90000 00001');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByText('Phones and numbers cannot be searched for here').waitFor();
    await page.getByLabel('About').fill('busy');
    await page.getByLabel('What').selectOption({ label: 'Changed a pool' });
    await page.getByRole('button', { name: 'Show' }).click();
    await eventually(async () => (await page.getByRole('row').count()) === 2, PATIENCE_MS); // with the headings
    await page.getByRole('row', { name: 'Changed a pool' }).waitFor();
    await browser.isAccessible('audit');
    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export these as JSON lines' }).click();
    const lines = (await readFile(await (await downloading).path(), 'utf8')).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as Body).what)).toEqual(['pools.change']);
    await browser.isDiscreet([CUSTOMER, AGENT]);
  });

  it('adds a webhook endpoint, tests it, sees its attempts, and sends events again', async () => {
    const deliver = async () => {
      await app.get(WebhookDeliveryService).begin();
      await app.get(WebhookDeliveryService).settled();
    };
    const receives = (events: number) =>
      eventually(async () => {
        await deliver();
        return receiver.ids.length === events;
      }, PATIENCE_MS);
    /** The attempts, of which no stream tells. */
    const readAgain = async () => page.clock.fastForward(ATTEMPTS_EVERY_MS);
    await browser.open('Events');
    await page.getByText('There are no endpoints.').waitFor();
    await page.getByRole('button', { name: 'Add an endpoint' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Add the endpoint' }).click();
    await dialog.getByText('Enter a URL that begins with https://').waitFor();
    await dialog.getByLabel('URL').fill('http://10.1.2.3/hooks');
    await dialog.getByRole('button', { name: 'Add the endpoint' }).click();
    await dialog.getByText('set WEBHOOK_NETWORKS to its network').waitFor();
    expect(await dialog.getByLabel('URL').getAttribute('aria-invalid')).toBe('true');
    await dialog.getByLabel('URL').fill(receiver.url);
    await dialog.getByLabel('Description').fill('Order system');
    await dialog.getByRole('switch', { name: 'All events' }).uncheck();
    await dialog.getByLabel('order.placed').check();
    await browser.isAccessible('add-endpoint');
    await dialog.getByRole('button', { name: 'Add the endpoint' }).click();
    await dialog.getByText('Copy the secret now').waitFor();
    const secret = await dialog.locator('.secret').innerText();
    await dialog.getByRole('button', { name: 'I have stored it' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await page.locator('body').innerText()).not.toContain(secret);

    await page.getByRole('link', { name: receiver.url }).click();
    await page.getByText('Nothing was sent yet.').waitFor();
    receiver.answer = 500;
    receiver.body = 'no space left';
    await page.getByRole('button', { name: 'Send a test event' }).click();
    await page.getByText('The endpoint did not acknowledge the test event').waitFor();
    receiver.answer = 204;
    await page.getByRole('button', { name: 'Send a test event' }).click();
    await page.getByText('The endpoint acknowledged the test event with 204').waitFor();
    await app.order('order-3001', CUSTOMER, undefined, {});
    await receives(3);
    await readAgain();
    await page.getByRole('row', { name: 'order.placed' }).getByText('Answered 204').waitFor();
    await page.getByRole('row', { name: 'Answered 500' }).getByText('no space left').waitFor();
    expect(receiver.events(secret).map(({ type }) => type)).toEqual(['webhook.test', 'webhook.test', 'order.placed']);
    await browser.isAccessible('endpoint');

    await page.getByRole('button', { name: 'Replay' }).click();
    await dialog.getByLabel('Since').fill('2026-11-01T00:00'); // the clock of the application is in the past
    await dialog.getByRole('button', { name: 'Send the events' }).click();
    await dialog.waitFor({ state: 'detached' });
    await receives(6); // with the orders of the tests before
    expect(receiver.ids[5]).toBe(receiver.ids[2]);
    await readAgain();
    await eventually(async () => (await page.getByRole('row', { name: 'order.placed' }).count()) === 4, PATIENCE_MS);

    await page.getByRole('button', { name: 'Rotate secret' }).click();
    await dialog.getByRole('button', { name: 'Rotate the secret' }).click();
    await dialog.getByText('Copy the secret now').waitFor();
    const next = await dialog.locator('.secret').innerText();
    await dialog.getByRole('button', { name: 'I have stored it' }).click();
    await page.getByText('The previous secret signs, too, until').waitFor();
    await page.getByRole('button', { name: 'Send a test event' }).click();
    await eventually(() => receiver.ids.length === 7, PATIENCE_MS);
    receiver.received.splice(0, 6);
    for (const one of [secret, next]) expect(receiver.events(one)).toHaveLength(1);

    await page.getByRole('button', { name: 'Edit' }).click();
    await dialog.getByLabel('All of order.*').check();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('order.placed, order.*').waitFor();
    await page.getByRole('button', { name: 'Disable' }).click();
    await dialog.getByRole('button', { name: 'Disable the endpoint' }).click();
    await page.getByText('Somebody disabled it.').waitFor();
    await page.getByRole('button', { name: 'Enable' }).click();
    await dialog.getByRole('button', { name: 'Enable the endpoint' }).click();
    await page.getByText('Enabled', { exact: true }).waitFor();

    const batch = [{ specversion: '1.0', source: '/order-system', id: 'e-1', type: 'order.placed', data: {} }];
    const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/cloudevents-batch+json' };
    expect((await app.request('POST', '/v1/events', headers, JSON.stringify(batch))).status).toBe(202);
    await page.getByRole('link', { name: 'All endpoints' }).click();
    await page.getByText('data.reference is not').waitFor();
    await browser.isAccessible('events');
    await page.getByRole('link', { name: receiver.url }).click();
    await page.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByRole('button', { name: 'Delete the endpoint' }).click();
    await page.getByRole('heading', { name: 'Events', level: 1 }).waitFor();
    expect(await page.getByRole('link', { name: receiver.url }).count()).toBe(0); // not even for a moment
    await page.getByText('There are no endpoints.').waitFor();
  });
});
