import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ORDER_NEWS_TYPES } from '../../src/orders/intake/cloud-event.js';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/integrate.md'), 'utf8');
const [, eventsIn = '', eventsOut = ''] = page.split(/^## (?:Send events instead|Learn what happened).*$/m);

function listedIn(section: string): string[] {
  return [...section.matchAll(/^\| `(order\.[a-z-]+)` \|/gm)].map(([, type]) => type!).toSorted();
}

it('docs/integrate.md lists every event that an order system can send', () => {
  expect(listedIn(eventsIn)).toEqual(ORDER_NEWS_TYPES.toSorted());
});

it('docs/integrate.md lists every event that an order system receives', () => {
  const code = readFileSync(join(root, 'src/orders/order/order-event.entity.ts'), 'utf8');
  const kinds = [...code.matchAll(/'(order\.[a-z-]+)'/g)].map(([, kind]) => kind!);
  expect(listedIn(eventsOut)).toEqual(kinds.toSorted());
});
