import { API_KEY, TestApp } from './support/app.js';
import { startChromium, withChromium, type Chromium } from './support/chromium.js';

/** Where to put a picture of the page: `SCREENSHOT=docs/swagger-ui.png npm test -- swagger-ui`. */
const screenshot = process.env['SCREENSHOT'];

withChromium('Swagger UI', () => {
  let app: TestApp;
  let chromium: Chromium;
  let page: Chromium['page'];

  beforeAll(async () => {
    app = await TestApp.start();
    chromium = await startChromium(app.url, { width: 1000, height: 1400 });
    ({ page } = chromium);
    page.setDefaultTimeout(60_000);
  }, 90_000);
  afterAll(async () => {
    await chromium?.close();
    await app?.stop();
  }, 30_000);

  it('places an order by hand', async () => {
    await page.goto(`${app.url}/docs`);
    await page.locator('.auth-wrapper .authorize').click();
    const dialog = page.locator('.dialog-ux');
    await dialog.locator('input').fill(API_KEY);
    await dialog.locator('button.authorize').click();
    await dialog.locator('button.btn-done').click();

    const placing = page.locator('.opblock', { hasText: 'Place an order' });
    await placing.locator('.opblock-summary-control').click();
    await placing.getByRole('button', { name: 'Try it out' }).click();
    await placing.getByRole('button', { name: 'Execute' }).click();
    const answer = placing.locator('.live-responses-table .response');
    await answer.waitFor();

    expect(await answer.locator('.response-col_status').innerText()).toContain('201');
    const shown = await answer.locator('.highlight-code').first().innerText();
    expect(shown).toContain('"reference": "order-1001"');
    expect(shown).toContain('+91••••••••01');
    expect(await app.count('orders', `reference = 'order-1001'`)).toBe(1);
    expect(await page.locator('body').innerText()).not.toContain('[object Object]');
    if (screenshot) await picture(screenshot);
    const stored = `JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])`;
    expect(await page.evaluate(stored)).not.toContain(API_KEY);
    expect(chromium.complaints).toEqual([]);
  }, 60_000);

  it('shows what the first call of each part takes and answers', async () => {
    await page.goto(`${app.url}/docs`);
    // Not all of them: opening one takes Swagger UI a second of a busy processor.
    const parts = page.locator('.opblock-tag-section');
    await parts.last().waitFor();
    const count = await parts.count();
    for (let part = 0; part < count; part += 1) {
      await parts.nth(part).locator('.opblock-summary-control').first().click();
      await parts.nth(part).locator('.opblock .responses-wrapper').waitFor();
    }
    const text = await page.locator('body').innerText();
    expect(text).not.toMatch(/\[object Object\]|undefined|Could not resolve|Unknown Type/);
    expect(chromium.complaints).toEqual([]);
  }, 120_000);

  /** All of the page, without what repeats the answer or documents what did not come. */
  async function picture(path: string): Promise<void> {
    const headers = '.live-responses-table .response-col_description > div ~ div';
    await page.addStyleTag({
      content: `.curl-command, .request-url, .models, .responses-inner > .responses-table, ${headers} { display: none !important }
                .opblock-body textarea { min-height: 0 !important; height: 160px !important }`,
    });
    await page.mouse.move(0, 0);
    await page.screenshot({ path, fullPage: true });
  }
});
