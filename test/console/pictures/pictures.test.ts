import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { CDPSession, Locator, Page } from 'playwright-core';

import { TestApp } from '../../support/app.js';
import { startChromium, type Chromium } from '../../support/chromium.js';
import { pathsOfTheConsole, pictureOf, WIDTHS } from '../../support/console-pictures.js';
import { eventually } from '../../support/eventually.js';
import { WebhookReceiver } from '../../support/webhook-receiver.js';
import { busyDay, CUSTOMER, DAY_MINUTES, ORDER, STRANGER, type BusyDay } from './busy-day.js';
import { CatchingUpClock } from './catching-up-clock.js';

/** The folder of the pictures: `npm run screenshots` makes those of docs/console.md. */
const folder = process.env['PICTURES']!;
/** A folder for the whole pages as PNGs, in slices that can be looked at. */
const folderOfPngs = process.env['SCREENSHOTS'];

const QUALITY = 55;
/** Of a longer page, the picture shows the beginning. */
const TALLEST = { 1280: 1_150, 360: 1_500 };
const HEIGHT = 900;
const SLICE = 1_300;
const PATIENCE_MS = 60_000;
const PORTS = { orderSystem: 4101, warehouse: 4102 };

type Width = (typeof WIDTHS)[number];
type Scheme = 'light' | 'dark';

describe('pictures of the console', () => {
  let app: TestApp;
  let receivers: WebhookReceiver[] = [];
  let chromium: Chromium;
  let page: Page;
  let devTools: CDPSession;
  let day: BusyDay;

  beforeAll(async () => {
    await mkdir(folder, { recursive: true });
    const clock = new CatchingUpClock({ behindMinutes: DAY_MINUTES });
    app = await TestApp.start({ works: true, clock, playground: true });
    receivers = [await WebhookReceiver.start(PORTS.orderSystem), await WebhookReceiver.start(PORTS.warehouse)];
    day = await busyDay({ app, clock, orderSystem: receivers[0]!, warehouse: receivers[1]! });
    chromium = await startChromium(app.url, { width: 1280, height: HEIGHT });
    ({ page } = chromium);
    devTools = await chromium.browser.newCDPSession(page);
    await devTools.send('Emulation.setTimezoneOverride', { timezoneId: 'Asia/Kolkata' });
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.goto(`${app.url}/console/`);
  }, 600_000);
  afterAll(async () => {
    await chromium?.close();
    await app?.stop();
    for (const receiver of receivers) await receiver.stop();
  });

  const open = async (path: string) => page.goto(`${app.url}/console${path}`);
  const says = async (words: string | RegExp) => page.getByText(words).first().waitFor();
  const scheme = async (wanted: Scheme) =>
    page.evaluate(`document.documentElement.setAttribute('data-mantine-color-scheme', '${wanted}')`);

  /** Takes the page as it is at one width, as high as it needs to be. */
  async function take(name: string, width: Width): Promise<void> {
    await page.setViewportSize({ width, height: HEIGHT });
    await page.mouse.move(0, 0);
    const isStill = `!document.querySelector('.loading') && document.getAnimations().length === 0`;
    await eventually(() => page.evaluate<boolean>(isStill), PATIENCE_MS);
    const whole = await page.evaluate<number>('document.documentElement.scrollHeight');
    const height = Math.min(Math.max(whole, HEIGHT / 2), TALLEST[width]);
    // A bar that sticks to the end of the window then has its place in the page.
    await page.setViewportSize({ width, height });
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
    await takeWindow(`${name}-${width}`);
    if (folderOfPngs) {
      await page.setViewportSize({ width, height: whole });
      for (let y = 0; y < whole; y += SLICE) {
        const slice = { x: 0, y, width, height: Math.min(SLICE, whole - y) };
        await page.screenshot({ path: join(folderOfPngs, `${name}-${width}-${y}.png`), clip: slice });
      }
    }
  }

  async function takeWindow(name: string): Promise<void> {
    const { data } = await devTools.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
    await writeFile(join(folder, `${name}.webp`), Buffer.from(data, 'base64'));
  }

  async function takeBoth(name: string): Promise<void> {
    for (const width of WIDTHS) await take(name, width);
    await page.setViewportSize({ width: 1280, height: HEIGHT });
  }

  async function takeInTheDark(name: string): Promise<void> {
    await scheme('dark');
    await take(`${name}-dark`, 1280);
    await scheme('light');
  }

  const phone = (label: string) => page.getByRole('region', { name: label });

  /** What leads to what is shown of a page, and whether there is a picture in the dark. */
  const PAGES: Readonly<Record<string, { readonly show: () => Promise<void>; readonly inTheDark?: true }>> = {
    '/playground': {
      inTheDark: true,
      show: async () => {
        await open('/playground');
        const [dana, luis] = [phone('Dana, customer'), phone('Luis, agent')];
        const numberOf = async (of: Locator) => of.locator('.contacts .number').innerText();
        // One number may serve both; in the picture there are two.
        for (
          let tries = 0;
          tries === 0 || (tries < 10 && (await numberOf(dana)) === (await numberOf(luis)));
          tries += 1
        ) {
          await page.getByRole('button', { name: 'Create a delivery, two phones' }).click();
          await page.getByRole('button', { name: 'Create a delivery, two phones', disabled: false }).waitFor();
          await dana.getByRole('button', { name: 'Call the agent' }).waitFor();
          await luis.getByRole('button', { name: 'Call the customer' }).waitFor();
        }
        await dana.getByRole('button', { name: 'Call the agent' }).click();
        await luis.getByRole('button', { name: 'Answer' }).click();
        await dana.getByRole('button', { name: 'Hang up' }).click();
        await dana.getByText('The call is over').waitFor();
        await luis.getByRole('button', { name: 'Call the customer' }).click();
        await dana.getByText('Rings, and shows').waitFor();
      },
    },
    '/support': {
      show: async () => {
        await open('/support');
        await page.getByLabel('Order, phone, virtual number or call').fill(CUSTOMER);
        await page.getByRole('button', { name: 'Search' }).click();
        await page.getByLabel('Phone that called').fill(STRANGER);
        await page.getByLabel('Number that was dialled').fill(day.dialled);
        await page.getByRole('button', { name: 'Explain' }).click();
        await says('Tell the customer');
      },
    },
    '/orders/$reference': {
      inTheDark: true,
      show: async () => {
        await open(`/orders/${ORDER}`);
        await says('The order was placed.');
      },
    },
    '/overview': {
      inTheDark: true,
      show: async () => {
        await open('/overview');
        await page.getByRole('region', { name: 'Pool mumbai' }).waitFor();
        await page.getByRole('link', { name: /^BOM-/ }).first().waitFor();
      },
    },
    '/pools': {
      show: async () => {
        await open('/pools');
        await page.getByRole('link', { name: 'bengaluru' }).waitFor();
      },
    },
    '/pools/$name': {
      show: async () => {
        await open('/pools/bengaluru');
        await page.getByRole('img', { name: /needs/ }).waitFor();
      },
    },
    '/events': {
      show: async () => {
        await open('/events');
        await says('CHN-20461');
      },
    },
    '/events/$id': {
      show: async () => {
        await open(`/events/${day.endpoint}`);
        await says('Answered 204');
      },
    },
    '/keys': {
      show: async () => {
        await open('/keys');
        await says('Help desk, Bengaluru');
      },
    },
    '/audit': {
      show: async () => {
        await open('/audit');
        await page.getByRole('row', { name: 'Asked why a call was decided' }).first().waitFor();
      },
    },
  };

  it('signing in', async () => {
    await page.getByLabel('API key', { exact: true }).waitFor();
    await takeBoth('sign-in');
    await page.getByLabel('API key', { exact: true }).fill(day.key);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('navigation').waitFor();
  });

  it.each(pathsOfTheConsole())('%s', async (path) => {
    await PAGES[path]!.show();
    await takeBoth(pictureOf(path));
    if (PAGES[path]!.inTheDark) await takeInTheDark(pictureOf(path));
    expect(chromium.complaints).toEqual([]);
  });

  it('a change of a policy, and what it would do', async () => {
    await open('/pools/bengaluru');
    await page.getByLabel('Orders that a number serves at once').fill('100');
    await says('With 100 orders a number');
    await page.setViewportSize({ width: 1280, height: HEIGHT });
    await page.getByRole('heading', { name: 'Policy' }).evaluate((element) => element.scrollIntoView());
    await takeWindow('policy-1280');
  });
});
