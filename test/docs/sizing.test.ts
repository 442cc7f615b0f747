import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { DEFAULT_POLICY } from '../../src/virtual-numbers/pools/pool.entity.js';

const page = readFileSync(join(import.meta.dirname, '../../docs/sizing.md'), 'utf8');
const figure = (text: string) => Number(text.replaceAll(',', ''));

it('the example of docs/sizing.md follows from its formula', () => {
  const [, links] = /`L` = 4,000 × 1.25 h = ([\d,]+)/.exec(page)!;
  const [, delta] = /`Δ` = (\d+):/.exec(page)!;
  const rows = [...page.matchAll(/^\| (\d+) \| .*= ([\d,]+) \| (\d+) \| ([\d,]+) \|$/gm)];
  expect(figure(links!)).toBe(4_000 * 1.25);
  expect(rows.length).toBe(5);
  for (const [, capacity, forOrders, forDiallers, all] of rows) {
    const needed = Math.floor((2 * figure(links!)) / Number(capacity));
    expect([figure(forOrders!), forDiallers, figure(all!)]).toEqual([needed, delta, needed + Number(delta)]);
  }
});

it('docs/sizing.md names the defaults of a pool', () => {
  const { capacity, quarantineSeconds, lowWater, target, maxNumbers } = DEFAULT_POLICY;
  expect(capacity).toBe(1);
  for (const said of [
    `\`quarantineSeconds\` (default ${quarantineSeconds})`,
    `\`lowWater\` (default ${lowWater})`,
    `\`target\` (default ${target})`,
    `\`maxNumbers\` (default ${maxNumbers})`,
  ])
    expect(page).toContain(said);
});
