import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ORDER_NEWS_TYPES } from '../../src/orders/intake/cloud-event.js';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/integrate.md'), 'utf8');
const [, eventsIn = ''] = page.split(/^## (?:Send events instead|Learn what happened).*$/m);

function listedIn(section: string): string[] {
  return [...section.matchAll(/^\| `(order\.[a-z-]+)` \|/gm)].map(([, type]) => type!).toSorted();
}

it('docs/integrate.md lists every event that an order system can send', () => {
  expect(listedIn(eventsIn)).toEqual(ORDER_NEWS_TYPES.toSorted());
});
