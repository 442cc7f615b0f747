import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ORDER_STATUSES } from '../../src/orders/order/order.entity.js';
import { NUMBER_STATUSES } from '../../src/virtual-numbers/number-status.js';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/glossary.md'), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| ') && line !== '| term | meaning |');
const terms = rows.map((row) => row.split(' | ')[0]!.slice(2));

it('docs/glossary.md has one line for each term, with one meaning', () => {
  expect(terms.length).toBeGreaterThan(100);
  expect(terms.filter((term, index) => terms.indexOf(term) !== index)).toEqual([]);
  for (const row of rows) expect(row).toMatch(/^\| [^|]+ \| [A-Z`][^|]+\. \|$/);
});

it('docs/glossary.md has every state of an order, of a virtual number and of a purchase', () => {
  const purchase = readFileSync(join(root, 'src/replenishment/purchases/number-purchase.entity.ts'), 'utf8');
  const [, states = ''] = /type PurchaseState =([^;]+);/.exec(purchase) ?? [];
  const named = [
    ...ORDER_STATUSES.map((status) => `\`${status}\` (order)`),
    ...NUMBER_STATUSES.map((status) => `\`${status}\` (number)`),
    ...[...states.matchAll(/'(\w+)'/g)].map(([, state]) => `\`${state}\` (purchase)`),
  ];
  expect(terms.filter((term) => /\((order|number|purchase)\)$/.test(term)).toSorted()).toEqual(named.toSorted());
});
