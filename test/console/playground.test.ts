import type { Locator, Page } from 'playwright-core';
import { vi } from 'vitest';

import { startExchange } from '../../exchange/exchange.js';
import { API_KEY, TestApp, TWILIO, type Body } from '../support/app.js';
import { withChromium } from '../support/chromium.js';
import { ConsolePage } from '../support/console-page.js';
import { LiveClock } from '../support/live-clock.js';

const PATIENTLY = { timeout: 60_000, interval: 50 };
const PHONES = ['+12025550101', '+12025550102', '+12025550103', '+12025550199', '+919000000001'];

/** What a person would hear: how many tones sounded, and what was spoken. */
const LISTEN = `
  window.sounded = 0; window.spoken = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) { window.sounded += 1; return start.apply(this, when); };
  speechSynthesis.speak = ({ text }) => window.spoken.push(text);
`;

withChromium('the playground', () => {
  let app: TestApp;
  let browser: ConsolePage;
  let page: Page;
  const warnings: string[] = [];

  beforeAll(async () => {
    app = await TestApp.start({ works: true, clock: new LiveClock(), playground: true });
    const before = async (page: Page) => {
      page.on('console', (message) => message.type() === 'warning' && warnings.push(message.text()));
      await page.addInitScript(LISTEN);
    };
    browser = await ConsolePage.start(app, { patienceMs: 60_000, before });
    ({ page } = browser);
  });
  afterAll(async () => {
    await browser?.close();
    await app?.stop();
  });
  afterEach(({ task }) => browser.showFailure(task));

  const isAccessible = (name: string) => browser.isAccessible(name, { sizes: ['wide', 'narrow'] });
  const phone = (label: string): Locator => page.getByRole('region', { name: label });
  const press = async (where: Locator, name: string) => where.getByRole('button', { name, exact: true }).click();
  const wire = () => page.getByRole('region', { name: 'What the provider asked' });
  const orderShown = async () =>
    (await page.getByRole('heading', { name: /^Order sample-/ }).innerText()).replace('Order ', '');
  /** Creates a sample order, and waits until its phones show numbers. */
  async function create(kind: string, ...labels: string[]): Promise<void> {
    await press(page.locator('#content'), kind);
    for (const label of labels)
      await phone(label)
        .getByRole('button', { name: /^Call the / })
        .first()
        .waitFor();
  }

  it('is the first page, and creates an order with its phones at one click', async () => {
    await page.getByRole('heading', { name: 'Playground', level: 1 }).waitFor();
    await isAccessible('playground-start');
    await create('Create a delivery, two phones', 'Dana, customer', 'Luis, agent');
    await phone('Sam, stranger').waitFor();
    const { body } = await app.api('GET', `/v1/orders/${await orderShown()}`);
    expect(body).toMatchObject({ status: 'active', pool: 'playground', texts: 'redacted' });
  });

  it('connects two phones by hand: one rings audibly and shows a virtual number, and is answered', async () => {
    const { body: order } = await app.api('GET', `/v1/orders/${await orderShown()}`);
    const [dana, luis] = [phone('Dana, customer'), phone('Luis, agent')];
    await press(dana, 'Call the agent');
    await luis.getByText('Rings, and shows +1').waitFor();
    expect((await luis.getByRole('status').innerText()).replace(/[^\d+]/g, '')).toBe(order.agent.dials);
    await vi.waitFor(async () => expect(await page.evaluate('window.sounded')).toBeGreaterThan(0), PATIENTLY);
    await isAccessible('playground-ringing');
    await press(luis, 'Answer');
    await dana.getByText('Talks with').waitFor();
    await luis.getByText('Talks with').waitFor();
    await press(luis, 'Hang up');
    await dana.getByText('The call is over').waitFor();
    await page.getByText('✓ Done: Call Luis from Dana’s phone').waitFor();

    await wire().getByText('The marked number is Luis’s own phone.').waitFor();
    await wire().getByText('Twilio asks what to do with the call').waitFor();
    await wire().getByText('Twilio reports: the phone was answered').waitFor();
    await wire().getByText('The call is over. They talked for').waitFor();
    expect(await wire().locator('pre mark').allInnerTexts()).toEqual(['+12025550102']);
    await vi.waitFor(async () => {
      const { body } = await app.api('GET', `/v1/orders/${order.reference}/interactions`);
      expect(body.interactions).toMatchObject([{ from: 'customer', decision: 'connect', outcome: 'completed' }]);
    }, PATIENTLY);
  });

  it('lets a phone call back what it showed, by keyboard, and decline', async () => {
    const [dana, luis] = [phone('Dana, customer'), phone('Luis, agent')];
    await luis.getByRole('button', { name: /^Call back/ }).focus();
    await page.keyboard.press('Enter');
    await dana.getByText('Rings, and shows').waitFor();
    await dana.getByRole('button', { name: 'Decline' }).focus();
    await page.keyboard.press('Enter');
    await luis.getByText('The call was declined.').waitFor();
    await dana.getByText('You declined the call.').waitFor();
  });

  it('tells a stranger in words and aloud that the call is refused, also by keypad', async () => {
    const { body: order } = await app.api('GET', `/v1/orders/${await orderShown()}`);
    const sam = phone('Sam, stranger');
    await press(page.locator('#content'), 'Mute');
    await sam.getByText('Keypad').click();
    await sam.getByLabel('Any number').fill(order.customer.dials);
    await press(sam, 'Dial');
    await sam.getByText('This number cannot connect your call.').waitFor();
    await wire().getByText('The call is over. No phone was rung.').waitFor();
    expect(await page.evaluate('window.spoken')).toEqual([]);
    await press(page.locator('#content'), 'Unmute');
    await sam
      .getByRole('button', { name: /^Call \+1/ })
      .first()
      .click();
    const words = expect.stringContaining('This number cannot connect your call.');
    await vi.waitFor(async () => expect(await page.evaluate('window.spoken')).toEqual([words]), PATIENTLY);

    await sam.getByLabel('Any number').fill('12');
    await press(sam, 'Dial');
    await sam.getByText('This is no phone number.').waitFor();
    await sam.getByLabel('Any number').fill('+1 202 555 0101');
    await press(sam, 'Dial');
    await sam.getByText('This is none of Maskline’s numbers.').waitFor();
  });

  it('forwards texts both ways, without the phone number in them', async () => {
    const [dana, luis] = [phone('Dana, customer'), phone('Luis, agent')];
    for (const [from, to] of [
      [dana, luis],
      [luis, dana],
    ] as const) {
      if (!(await from.getByRole('button', { name: 'Send' }).isVisible()))
        await from.getByText('Texts', { exact: true }).click();
      await press(from, 'Send');
      await to.getByText('I am at the gate. My number is [number removed].').waitFor();
      await from.getByText('I am at the gate. My number is +1 202 555').waitFor();
    }
    const marked = async () => expect(await wire().locator('pre mark').allInnerTexts()).toEqual(['+12025550101']);
    await vi.waitFor(marked, PATIENTLY);
    await isAccessible('playground-texts');
  });

  it('rings both phones, one after the other, when a call is ordered here or by support', async () => {
    const [dana, luis] = [phone('Dana, customer'), phone('Luis, agent')];
    await press(dana, 'Call both: this phone first, then the agent');
    for (const one of [dana, luis]) {
      await one.getByText('Rings, and shows').waitFor();
      await press(one, 'Answer');
    }
    await dana.getByText('Talks with').waitFor();
    await press(dana, 'Hang up');
    await luis.getByText('The call is over').waitFor();
    await page.getByText('✓ Done: Let Maskline ring both phones').waitFor();

    const reference = await orderShown();
    const support = await browser.chromium.browser.newPage();
    await support.goto(`${app.url}/console/orders/${reference}`);
    await support.getByRole('region', { name: 'agent' }).getByRole('button', { name: 'Call both' }).click();
    await support.getByRole('dialog').getByRole('button', { name: 'Call both' }).click();
    await luis.getByText('Rings, and shows').waitFor();
    await press(luis, 'Answer');
    await dana.getByText('Rings, and shows').waitFor();
    await press(dana, 'Decline');
    await luis.getByText('The call was declined.').waitFor();
    await support.close();
    await vi.waitFor(async () => {
      const { body } = await app.api('GET', `/v1/orders/${reference}/interactions`);
      const ended = body.interactions.map(({ from, outcome }: Body) => [from, outcome]);
      expect(ended).toEqual(
        expect.arrayContaining([
          ['customer', 'completed'],
          ['agent', 'busy'],
        ]),
      );
    }, PATIENTLY);
  });

  it('connects a phone that a participant has borrowed, when their PIN is keyed during the call', async () => {
    const [dana, luis, sam] = [phone('Dana, customer'), phone('Luis, agent'), phone('Sam, stranger')];
    const { body: order } = await app.api('GET', `/v1/orders/${await orderShown()}`);
    await page.getByRole('switch', { name: 'Ask unknown phones for a PIN' }).check();
    await dana.getByText('PIN from another phone').waitFor();
    const { body } = await app.api('GET', `/v1/orders/${order.reference}/participants/customer/pin`);
    await dana.getByText(body.pin).waitFor();

    await sam.getByLabel('Any number').fill(order.customer.dials);
    await press(sam, 'Dial');
    await sam.getByText('Please enter the PIN that the app shows').waitFor();
    const keys = sam.getByRole('group', { name: 'Keys during the call' });
    await keys.getByRole('button', { name: 'Key 1', exact: true }).focus();
    await page.keyboard.type(body.pin === '0000000000' ? '1111111111' : '0000000000');
    await sam.getByText('Please enter the PIN again').waitFor();
    for (const key of `${body.pin}#`) await press(keys, `Key ${key}`);
    await luis.getByText('Rings, and shows').waitFor();
    await press(luis, 'Answer');
    await sam.getByText('Talks with').waitFor();
    expect(await keys.getByRole('status').innerText()).toBe(body.pin);
    await isAccessible('playground-keys');
    await press(sam, 'Hang up');
    await luis.getByText('The call is over').waitFor();
    await page.getByText('✓ Done: From Sam’s phone').waitFor();
    await page.getByRole('switch', { name: 'Ask unknown phones for a PIN' }).uncheck();
    await dana.getByText('PIN from another phone').waitFor({ state: 'detached' });
  });

  it('says that the order ended elsewhere, and what callers hear afterwards', async () => {
    await page.getByText('Live', { exact: true }).waitFor();
    await app.api('POST', `/v1/orders/${await orderShown()}/cancel`);
    // Sooner than the page would ask by itself.
    await page.getByText('The order was ended outside of this page.').waitFor({ timeout: 30_000 });
    await page.getByText(/^Quarantine: /).waitFor();
    await press(phone('Dana, customer'), 'Call the agent');
    await phone('Dana, customer').getByText('This order has ended.').waitFor();
  });

  it('connects the three people of a parcel, each by a number of their own', async () => {
    await create('Create a parcel, three phones', 'Dana, sender', 'Luis, courier', 'Mona, recipient');
    const luis = phone('Luis, courier');
    for (const [role, label] of [
      ['sender', 'Dana, sender'],
      ['recipient', 'Mona, recipient'],
    ] as const) {
      await press(luis, `Call the ${role}`);
      await phone(label).getByText('Rings, and shows').waitFor();
      await press(phone(label), 'Answer');
      await luis.getByText('Talks with').waitFor();
      await press(luis, 'Hang up');
      await phone(label).getByText('The call is over').waitFor();
    }
    await isAccessible('playground-parcel');
    await press(page.locator('#content'), 'Cancel the order');
    await page.getByText(/^Quarantine: /).waitFor();
    expect(await page.getByText('The order was ended outside of this page.').count()).toBe(0);
  });

  it('plays Exotel, too, and says that its numbers take no texts', async () => {
    await page.getByLabel('Numbers from').selectOption('exotel');
    await create('Create a delivery, two phones', 'Asha, customer', 'Ravi, agent');
    const ravi = phone('Ravi, agent');
    await ravi.getByText('These numbers take no texts').waitFor();
    await press(phone('Asha, customer'), 'Call the agent');
    await press(ravi, 'Answer');
    await press(phone('Asha, customer'), 'Hang up');
    await ravi.getByText('The call is over').waitFor();
    expect(await wire().locator('pre mark').allInnerTexts()).toEqual(['+919000000002']);
  });

  it('finds its order again when it is reloaded, and keeps no phone in the browser', async () => {
    const reference = await orderShown();
    await press(phone('Asha, customer'), 'Call the agent');
    await phone('Ravi, agent').getByText('Rings, and shows').waitFor();
    await page.reload();
    await page.getByRole('heading', { name: `Order ${reference}` }).waitFor();
    await phone('Ravi, agent').getByText('Rings, and shows').waitFor();
    expect(warnings.filter((warning) => warning.includes('AudioContext'))).toEqual([]); // nobody has clicked yet
    await press(phone('Ravi, agent'), 'Decline');
    await browser.isDiscreet(PHONES);
  });

  it('asks to sign in when the session has ended, and goes on at the same place', async () => {
    const id = await browser.signInAs({ scopes: ['operate', 'orders:read', 'orders:write'] });
    await phone('Asha, customer').waitFor();
    await app.api('DELETE', `/v1/keys/${id}`);
    await page.getByText('Your session has ended.').waitFor();
    await browser.signIn(API_KEY);
    await phone('Asha, customer').waitFor();
    expect(page.url()).toBe(`${app.url}/console/playground`);
  });

  it('is not shown to a key that may not operate', async () => {
    await browser.signInAs({ scopes: ['orders:read'] });
    await page.getByRole('link', { name: 'Support' }).waitFor();
    expect(await page.getByRole('link', { name: 'Playground' }).count()).toBe(0);
    await browser.signOut();
    await browser.signIn(API_KEY);
  });

  it('says that the exchange is down, and goes on by itself when it is back', async () => {
    await page.getByRole('link', { name: 'Playground' }).click();
    await phone('Asha, customer').waitFor();
    await app.exchange.close();
    await page.getByText('The simulated provider does not answer, so no phone can call.').waitFor();
    await isAccessible('playground-down');
    const port = Number(new URL(app.exchange.url).port);
    const account = { sid: 'acme1', apiKey: 'key', apiToken: 'token' };
    const again = await startExchange({ port, account, twilio: TWILIO, flow: { id: '1', hooks: `${app.url}/hooks` } });
    await page.getByText('The simulated provider does not answer').waitFor({ state: 'detached' });
    await again.close();
  });
});
