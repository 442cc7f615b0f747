import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { asCloudEvent } from '../../src/orders/feed/order-event-cloud-event.js';
import { EVENT_TYPES } from '../../src/orders/feed/event-types.js';
import { ORDER_EVENT_KINDS } from '../../src/orders/order/order-event.entity.js';
import { eventsOf } from '../../src/telephony/announcements/interaction-events.js';
import type { InteractionNews } from '../../src/telephony/announcements/interaction-news.queries.js';

const page = readFileSync(join(import.meta.dirname, '../../docs/events.md'), 'utf8');
const [, orders = '', others = ''] = page.split(/^## (?:Orders|Calls, texts and webhooks)$/m);

const typesIn = (section: string) => [...section.matchAll(/^\| `([a-z-]+\.[a-z-]+)` \|/gm)].map(([, type]) => type!);

/** The fields of an event's data that its row names. */
const fieldsOf = (type: string) => {
  const [, cell = ''] = new RegExp(`^\\| \`${type}\` \\| [^|]+ \\| ([^|]+) \\|`, 'm').exec(others) ?? [];
  return [...cell.matchAll(/`(\w+)`/g)].map(([, field]) => field!);
};

it('docs/events.md lists every event that Maskline sends, and none that does not exist', () => {
  expect(typesIn(orders).toSorted()).toEqual(ORDER_EVENT_KINDS.toSorted());
  expect([...typesIn(orders), ...typesIn(others)].toSorted()).toEqual(EVENT_TYPES.toSorted());
});

it('docs/events.md names what the events of orders contain', () => {
  const at = new Date('2026-11-22T06:00:00.000Z');
  const { data } = asCloudEvent({ position: '1', reference: 'order-1001', kind: 'order.placed', at });
  expect(Object.keys(data)).toEqual(['reference']);
  expect(orders).toContain('`data` has `reference`, and nothing else');
});

const NEWS: InteractionNews = {
  what: 'decided',
  kind: 'call',
  provider: 'exotel',
  providerCallId: 'a',
  at: new Date('2026-11-22T06:00:00.000Z'),
  orderId: '6f1c2f5e-2f0a-4a57-9d6c-3f0f6a1f2b11',
  callerRole: 'customer',
  decision: 'connect',
  reason: 'CONNECTED',
  steps: { connect: { decision: 'connect', reason: 'CONNECTED', at: '2026-11-22T06:00:00.000Z', calleeRole: 'agent' } },
  outcome: null,
  talkSeconds: null,
};
const A_TEXT = { kind: 'text', decision: 'forward', reason: 'FORWARDED' } as const;
const CASES: readonly Partial<InteractionNews>[] = [
  {},
  { what: 'ended', outcome: 'completed', talkSeconds: 61 },
  { what: 'ended', outcome: 'no-answer' },
  { callerRole: null, orderId: null, decision: 'refuse', reason: 'UNKNOWN_CALLER' },
  A_TEXT,
  { ...A_TEXT, what: 'failed' },
  { ...A_TEXT, decision: 'drop', reason: 'BLOCKED' },
  { ...A_TEXT, decision: 'drop', reason: 'OPTED_OUT' },
  { ...A_TEXT, decision: 'drop', reason: 'OPTED_IN' },
];
const ALWAYS = new Set(['reference', 'provider', 'providerCallId', 'providerMessageId']);

it('docs/events.md names every field of the events of calls and texts', () => {
  const seen = new Set<string>();
  for (const but of CASES)
    for (const { type, data } of eventsOf({ ...NEWS, ...but }, but.orderId === null ? null : 'order-1001')) {
      seen.add(type);
      const own = Object.keys(data).filter((field) => !ALWAYS.has(field));
      expect([type, own.toSorted()]).toEqual([type, fieldsOf(type).toSorted()]);
      for (const field of Object.keys(data)) expect(others).toMatch(new RegExp(`^\\| [^|]*\`${field}\`[^|]* \\|`, 'm'));
    }
  expect([...seen, 'webhook.disabled'].toSorted()).toEqual(typesIn(others).toSorted());
});
