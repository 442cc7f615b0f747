import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { chromium, type BrowserContext, type Page } from 'playwright-core';

const chromiumPath = process.env['TEST_CHROMIUM'];

/** Tests in Chromium, which are skipped on a machine without one. `.ci/run` installs it. */
export const withChromium = chromiumPath ? describe : describe.skip;

const QUIET = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'];

/** A Chromium with one page, which complains about every error and every request to another address. */
export interface Chromium {
  readonly browser: BrowserContext;
  readonly page: Page;
  readonly complaints: string[];
  close(): Promise<void>;
}

export async function startChromium(url: string, viewport: { width: number; height: number }): Promise<Chromium> {
  const profile = await mkdtemp(join(tmpdir(), 'maskline-chromium-'));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath,
    args: QUIET,
    headless: true,
    timeout: 60_000,
    viewport,
  });
  const page = await browser.newPage();
  page.setDefaultTimeout(30_000);
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    // Refused requests of the API are a part of life; those for files are complained about below.
    const isOfRequest = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isOfRequest) complaints.push(message.text());
  });
  page.on('response', (response) => {
    const isFile = !/^\/(v1|health|exchange)\//.test(new URL(response.url()).pathname);
    if (isFile && response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url())) complaints.push(request.url());
  });
  const close = async () => {
    await browser.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  return { browser, page, complaints, close };
}
