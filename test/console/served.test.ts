import { readdir, stat } from 'node:fs/promises';

import { TestApp } from '../support/app.js';

/** Compressed, of what the first page loads. */
const MOST_BYTES = 300_000;

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app?.stop());

it('leads visitors to the console, which is the same page at each of its paths', async () => {
  for (const path of ['/', '/console']) {
    const { status, headers } = await app.request('GET', path, {});
    expect([path, status, headers['location']]).toEqual([path, 302, 'console/']);
  }
  for (const [path, base] of [
    ['/console/', './'],
    ['/console/support?x=1', './'],
    ['/console/orders/order-1', '../'],
  ] as const) {
    const { status, headers, text } = await app.request('GET', path, {});
    expect([path, status, headers['content-type']]).toEqual([path, 200, 'text/html; charset=utf-8']);
    expect(headers['cache-control']).toBe('no-cache');
    expect(text).toContain(`<base href="${base}" />`);
    expect(text).not.toMatch(/<style|<script(?![^>]* src=)|style=|onload=/);
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toContain('unsafe');
  }
});

it('serves its files compressed, and caches them for ever; an unknown file is no page', async () => {
  const { text } = await app.request('GET', '/console/', {});
  const [script] = /assets\/index-[\w-]+\.js/.exec(text) ?? [];
  const { status, headers } = await app.request('GET', `/console/${script}`, { 'accept-encoding': 'gzip' });
  expect([status, headers['content-encoding']]).toEqual([200, 'gzip']);
  expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect((await app.request('GET', '/console/assets/none.js', {})).status).toBe(404);
  expect((await app.request('GET', '/console/assets/..%2f.built-of.json', {})).status).not.toBe(200);
});

it('loads little at first', async () => {
  const { text } = await app.request('GET', '/console/', {});
  const first = [...text.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, file]) => file!);
  expect(first.length).toBeGreaterThan(1);
  const compressed = await Promise.all(first.map(async (file) => (await stat(`dist/console/${file}.gz`)).size));
  expect(compressed.reduce((sum, size) => sum + size, 0)).toBeLessThan(MOST_BYTES);
  // Not at first, but each page by itself is small.
  for (const file of await readdir('dist/console/assets')) {
    if (file.endsWith('.gz')) expect((await stat(`dist/console/assets/${file}`)).size).toBeLessThan(MOST_BYTES);
  }
});
