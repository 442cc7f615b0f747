import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import type { Page } from 'playwright-core';

import { API_KEY, type TestApp } from './app.js';
import { startChromium, type Chromium } from './chromium.js';

/** A folder for pictures of every page: `SCREENSHOTS=/tmp/pictures npm test -- test/console`. */
const screenshots = process.env['SCREENSHOTS'];

const SIZES = { wide: { width: 1280, height: 900 }, narrow: { width: 360, height: 740 } };
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
/** The rules of axe-core whose result depends on colours. */
const ABOUT_COLOURS = ['color-contrast', 'link-in-text-block'];

interface Options {
  readonly key?: string;
  /** Default: 30 s. */
  readonly patienceMs?: number;
  /** Awaited before the first page is opened. */
  readonly before?: (page: Page) => Promise<unknown>;
}

/** The console in a browser, with somebody signed in. */
export class ConsolePage {
  /** Every address that was asked for, with its method. */
  readonly requests: string[] = [];

  private constructor(
    private readonly app: TestApp,
    readonly chromium: Chromium,
  ) {
    this.page.on('request', (request) => this.requests.push(`${request.method()} ${request.url()}`));
  }

  static async start(app: TestApp, { key = API_KEY, patienceMs, before }: Options = {}): Promise<ConsolePage> {
    const opened = new ConsolePage(app, await startChromium(app.url, SIZES.wide));
    if (patienceMs !== undefined) opened.page.setDefaultTimeout(patienceMs);
    await before?.(opened.page);
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

  async signOut(): Promise<void> {
    await this.page.getByRole('button', { name: 'Sign out' }).click();
    await this.page.getByText('You are signed out.').waitFor();
  }

  /** Signs in with a new key. @returns the key's id */
  async signInAs(key: object): Promise<string> {
    const { body } = await this.app.api('POST', '/v1/keys', { name: 'of a test', ...key });
    await this.signOut();
    await this.signIn(body.key);
    return body.id;
  }

  /** Opens a page by the menu. */
  async open(name: string): Promise<void> {
    await this.page.getByRole('navigation').getByRole('link', { name }).click();
  }

  /** Opens a page by its address. */
  async goTo(path: string, page = this.page): Promise<void> {
    await page.goto(`${this.app.url}/console/${path}`);
  }

  /**
   * Fails for what axe-core finds in either colour scheme, and for a page that is wider than the screen. A colour scheme
   * changes nothing but colours, so in the dark one only they are looked at.
   *
   * @param options.sizes the screens on which axe-core looks; default: the wide one
   */
  async isAccessible(
    name: string,
    { sizes = ['wide'] }: { sizes?: readonly (keyof typeof SIZES)[] } = {},
  ): Promise<void> {
    const { page, chromium } = this;
    for (const scheme of ['light', 'dark'] as const) {
      await page.evaluate(`document.documentElement.setAttribute('data-mantine-color-scheme', '${scheme}')`);
      for (const size of ['wide', 'narrow'] as const) {
        if (scheme === 'dark' && !sizes.includes(size) && !screenshots) continue;
        await page.setViewportSize(SIZES[size]);
        const found = sizes.includes(size) ? await this.violations(scheme === 'light' ? null : ABOUT_COLOURS) : [];
        expect([name, scheme, size, found]).toEqual([name, scheme, size, []]);
        const excess = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        expect([name, size, excess]).toEqual([name, size, 0]);
        if (screenshots)
          await page.screenshot({ path: `${screenshots}/${name}-${scheme}-${size}.png`, fullPage: true });
      }
    }
    await page.setViewportSize(SIZES.wide);
    await page.evaluate(`document.documentElement.setAttribute('data-mantine-color-scheme', 'light')`);
    expect(chromium.complaints).toEqual([]);
  }

  /** @param rules null = all */
  private async violations(rules: readonly string[] | null): Promise<{ id: string; nodes: string[] }[]> {
    if (!(await this.page.evaluate<boolean>('"axe" in window'))) await this.page.evaluate(await readFile(AXE, 'utf8'));
    const options = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) };
    return this.page.evaluate(
      `axe.run(${JSON.stringify(options)}).then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html, failureSummary }) => html.slice(0, 200) + failureSummary) })))`,
    );
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
