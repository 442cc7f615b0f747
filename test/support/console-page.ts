import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import type { Page } from 'playwright-core';

import { API_KEY, type TestApp } from './app.js';
import { startChromium, type Chromium } from './chromium.js';

/** A folder for pictures of every page: `SCREENSHOTS=/tmp/pictures npm test -- test/console`. */
const screenshots = process.env['SCREENSHOTS'];

const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 360, height: 740 };
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** The console in a browser, with somebody signed in. */
export class ConsolePage {
  /** Every address that was asked for, with its method. */
  readonly requests: string[] = [];

  private constructor(private readonly chromium: Chromium) {
    this.page.on('request', (request) => this.requests.push(`${request.method()} ${request.url()}`));
  }

  static async start(app: TestApp, key = API_KEY): Promise<ConsolePage> {
    const opened = new ConsolePage(await startChromium(app.url, WIDE));
    await opened.page.goto(`${app.url}/`);
    await opened.signIn(key);
    return opened;
  }

  get page(): Page {
    return this.chromium.page;
  }

  async signIn(key: string): Promise<void> {
    await this.page.getByLabel('API key', { exact: true }).fill(key);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
    await this.page.getByRole('navigation').waitFor();
  }

  /** Opens a page by the menu. */
  async open(name: string): Promise<void> {
    await this.page.getByRole('navigation').getByRole('link', { name }).click();
  }

  /** Fails for what axe-core finds in either colour scheme, and for a page that is wider than the screen. */
  async isAccessible(name: string): Promise<void> {
    const { page, chromium } = this;
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

  /** Fails if a phone is stored in the browser or was in a URL, or the key is stored. */
  async isDiscreet(phones: readonly string[]): Promise<void> {
    const stored = await this.page.evaluate<string>(
      `JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href, history.state])`,
    );
    for (const phone of phones) {
      expect(stored).not.toContain(phone.slice(1));
      expect(this.requests.filter((request) => request.includes(phone.slice(1)))).toEqual([]);
    }
    expect(stored).not.toContain(API_KEY);
  }

  /** To be called after each test: a picture of what a failed one saw. */
  async showFailure(task: { readonly id: string; readonly result?: { readonly state: string } }): Promise<void> {
    if (screenshots && task.result?.state === 'fail')
      await this.page.screenshot({ path: `${screenshots}/failed-${task.id}.png` });
  }

  async close(): Promise<void> {
    await this.chromium.close();
  }
}
