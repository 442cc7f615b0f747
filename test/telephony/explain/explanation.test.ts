import { ORDER_EVENT_KINDS } from '../../../src/orders/order/order-event.entity.js';
import { ASK_REASONS, CONNECT_REASONS, REFUSE_REASONS } from '../../../src/telephony/decisions/call-reasons.js';
import {
  FORGOTTEN,
  inWords,
  WHY,
  type ExplainedReason,
  type Facts,
} from '../../../src/telephony/explain/explanation.js';
import type { E164 } from '../../../src/phone-number/e164.js';

const AT = new Date('2026-11-22T06:00:00.000Z');
const REASONS: ExplainedReason[] = [
  ...new Set<ExplainedReason>([...CONNECT_REASONS, ...REFUSE_REASONS, ...ASK_REASONS, FORGOTTEN]),
];

function facts(but: Partial<Facts> = {}): Facts {
  return {
    at: AT,
    asOf: 'now',
    number: '+918047000001' as E164,
    from: '+91••••••••01',
    decision: 'connect',
    reason: 'CONNECTED',
    shownNumber: '+918047000002' as E164,
    order: { reference: 'order-1001', events: [{ kind: 'order.placed', at: AT }] },
    caller: { role: 'customer', participantId: null, phone: '+91••••••••01' },
    callee: { role: 'agent', participantId: null, phone: '+91••••••••02' },
    pair: {
      assignedAt: AT,
      connectsUntil: new Date('2026-11-23T06:30:00.000Z'),
      quarantinedUntil: null,
      mayDial: null,
    },
    policy: {
      pool: 'default',
      since: AT,
      policy: { direction: 'both', pin: 'off', quietHours: null, maxCallsPerHour: null, maxCallSeconds: 3600 },
    },
    forgotten: [],
    calls: [],
    ...but,
  };
}

it('has words for every reason there is, no two alike', () => {
  const words = REASONS.map((reason) => WHY[reason](facts({ reason })));
  for (const sentence of words) expect(sentence).toMatch(/^[A-Z+].{30,}\.$/);
  expect(new Set(words).size).toBe(REASONS.length);
  expect(Object.keys(WHY).toSorted()).toEqual(REASONS.toSorted());
});

it.each(REASONS)('says %s without facts as well as with them, and never the word undefined', (reason) => {
  const bare = facts({ reason, order: null, caller: null, callee: null, shownNumber: null, pair: null, policy: null });
  for (const told of [bare, facts({ reason })]) {
    expect(inWords(told).join(' ')).not.toMatch(/undefined|null|NaN|\[object/);
  }
});

it.each(ORDER_EVENT_KINDS)('reads out the order event %s in words and not by its name', (kind) => {
  const order = { reference: 'order-1001', events: [{ kind, at: AT }] };
  expect(inWords(facts({ order })).join(' ')).not.toContain(kind);
});

it('reads out who called whom in which order, and since when the policy holds', () => {
  expect(inWords(facts())).toEqual([
    'Now, a call from +91••••••••01 to +918047000001 connects. The caller is the customer of order order-1001, which is active. The dialled number leads to its agent, whose phone rings and shows +918047000002.',
    'Order order-1001 was placed on 2026-11-22 06:00:00 UTC.',
    'The number was assigned to the caller on 2026-11-22 06:00:00 UTC.',
    'The policy of pool default, since 2026-11-22 06:00:00 UTC: calls are allowed both ways; the pool asks nobody for a PIN; there are no quiet hours; calls have no cap.',
    'No call to the number is recorded around that time.',
  ]);
});

it('names the callee by role, whichever that is', () => {
  const caller = { role: 'courier', participantId: null, phone: null };
  const callee = { role: 'recipient', participantId: null, phone: null };
  const pair = { ...facts().pair!, mayDial: false };
  const because = (reason: ExplainedReason) => WHY[reason](facts({ reason, caller, callee, pair }));
  expect(because('CONNECTED')).toContain('leads to its recipient');
  expect(because('NOT_CONNECTED_YET')).toContain('The number leads to its recipient, who is not known yet.');
  expect(because('DIRECTION_NOT_ALLOWED')).toContain('lets only the recipient call');
  expect(because('BLOCKED')).toContain('The recipient blocks calls from this caller.');
  expect(because('CAP_REACHED')).toContain('has called its recipient as often');
});

it('names the direction of the pool if the link has none of its own', () => {
  const policy = { ...facts().policy!.policy, direction: 'agent-to-customer' as const };
  const told = facts({ reason: 'DIRECTION_NOT_ALLOWED', policy: { ...facts().policy!, policy } });
  expect(inWords(told)[0]).toContain('The pool allows calls from agents to customers, not from customers to agents.');
});

it('reads out what happened in each recorded call, and in which order', () => {
  const call = { provider: 'exotel', providerCallId: 'a', at: AT, decision: 'connect', reason: 'CONNECTED' };
  const more = { from: 'courier', to: 'sender', outcome: null, words: 'The courier called the sender.' };
  const calls = [
    { ...call, ...more, reference: 'order-1001' },
    { ...call, ...more, reference: null },
  ];
  expect(inWords(facts({ calls })).slice(-2)).toEqual([
    'Recorded on 2026-11-22 06:00:00 UTC, of order order-1001: The courier called the sender.',
    'Recorded on 2026-11-22 06:00:00 UTC: The courier called the sender.',
  ]);
});

it('says so where the policy of the time is not on record', () => {
  const told = facts({ asOf: 'then', policy: { ...facts().policy!, since: null } });
  expect(inWords(told).join(' ')).toContain('now; the policy of that time is not stored');
});
