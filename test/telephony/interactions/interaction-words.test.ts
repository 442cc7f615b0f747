import { ASK_REASONS, CONNECT_REASONS, REFUSE_REASONS } from '../../../src/telephony/decisions/call-reasons.js';
import { tellOf, wordsOf, type Told } from '../../../src/telephony/interactions/interaction-words.js';
import { DROP_REASONS, FORWARD_REASONS } from '../../../src/telephony/texts/text-reasons.js';

const CALL: Told = {
  kind: 'call',
  from: 'customer',
  to: 'agent',
  decision: 'connect',
  reason: 'CONNECTED',
  state: 'ended',
  outcome: 'completed',
  talkSeconds: 61,
  ringSeconds: 5,
  hungUpBy: 'caller',
  recorded: false,
  genuine: null,
};
const TEXT: Told = {
  ...CALL,
  kind: 'text',
  decision: 'forward',
  reason: 'FORWARDED',
  outcome: 'delivered',
  talkSeconds: null,
  ringSeconds: null,
  hungUpBy: null,
};

const SENTENCE = /^[A-Z].{20,}[^.]\.$/;

it.each<[Partial<Told>, string]>([
  [
    {},
    "The customer called the agent; the agent's phone rang for 5 s, they talked for 1 min 1 s and the customer hung up.",
  ],
  [
    { ringSeconds: null, hungUpBy: null, talkSeconds: 120, recorded: true },
    'The customer called the agent; they talked for 2 min; the call was recorded.',
  ],
  [
    { outcome: 'no-answer', ringSeconds: 30, talkSeconds: 0, hungUpBy: null },
    "The customer called the agent; the agent's phone rang for 30 s and nobody answered.",
  ],
  [
    { outcome: 'canceled', ringSeconds: 12, hungUpBy: 'caller' },
    'The customer called the agent; the customer hung up before the agent answered, after 12 s of ringing.',
  ],
  [
    { outcome: 'busy', ringSeconds: 0 },
    "The customer called the agent; the agent's phone was busy, or the call was rejected.",
  ],
  [{ outcome: 'failed', to: null }, "The customer called; the provider could not reach the other participant's phone."],
  [
    { reason: 'CONNECTED_IN_GRACE', outcome: null, state: 'answered' },
    "The customer called the agent in the order's grace; they are talking.",
  ],
  [
    { from: 'unknown', to: null, decision: 'refuse', reason: 'UNKNOWN_CALLER', outcome: 'refused' },
    "An unknown caller called and was not connected: the caller's phone is on no order that is active or has just ended.",
  ],
  [
    { from: 'unknown', to: null, decision: 'ask-pin', reason: 'PIN_REQUIRED', outcome: null },
    'An unknown caller called and was asked for a PIN: the caller must enter a PIN and entered none.',
  ],
  [
    { genuine: false, outcome: 'completed', ringSeconds: null, hungUpBy: null },
    'The customer called the agent; they talked for 1 min 1 s; the provider does not know this call, so somebody invented it.',
  ],
])('says of a call %j what happened', (but, words) => {
  expect(wordsOf({ ...CALL, ...but })).toBe(words);
});

it.each<[Partial<Told>, string]>([
  [{}, 'The customer wrote to the agent; the text was delivered.'],
  [
    { decision: 'drop', reason: 'OPTED_OUT', outcome: 'dropped' },
    'The customer wrote to the agent, and the text was not forwarded: it said STOP, so its sender gets no more texts of this order.',
  ],
  [
    { from: 'unknown', to: null, decision: 'drop', reason: 'UNKNOWN_CALLER', outcome: 'dropped' },
    "An unknown sender wrote, and the text was not forwarded: the sender's phone is on no order that is active or has just ended.",
  ],
])('says of a text %j what happened', (but, words) => {
  expect(wordsOf({ ...TEXT, ...but })).toBe(words);
});

it('has one sentence for whatever there is', () => {
  const outcomes = ['completed', 'busy', 'no-answer', 'failed', 'canceled', null];
  const states = ['decided', 'ringing', 'answered', 'ended'] as const;
  for (const outcome of outcomes)
    for (const state of states)
      for (const ringSeconds of [null, 0, 59, 3_600])
        for (const hungUpBy of [null, 'caller', 'callee'] as const)
          for (const to of [null, 'agent'])
            for (const reason of CONNECT_REASONS) {
              const words = wordsOf({ ...CALL, outcome, state, ringSeconds, hungUpBy, to, reason });
              expect(words).toMatch(SENTENCE);
              expect(words).not.toMatch(/undefined|null|NaN|[A-Z]{2}/);
            }
});

it.each([...REFUSE_REASONS.map((reason) => ['refuse', reason]), ...ASK_REASONS.map((reason) => ['ask-pin', reason])])(
  'says of a call that was answered with %s why, and what to tell the caller: %s',
  (decision, reason) => {
    const told = { ...CALL, decision: decision!, reason: reason!, outcome: null };
    expect(wordsOf(told)).toMatch(SENTENCE);
    expect(wordsOf(told)).not.toContain(reason);
    expect(tellOf(told)).toMatch(/^[A-Z].{10,}\.$/);
    expect(tellOf(told)).not.toMatch(/block/i);
  },
);

it.each([...FORWARD_REASONS, ...DROP_REASONS])('says of a text why it was, or was not forwarded: %s', (reason) => {
  const decision = reason.startsWith('FORWARDED') ? 'forward' : 'drop';
  const told = { ...TEXT, decision, reason };
  expect(wordsOf(told)).toMatch(SENTENCE);
  expect(wordsOf(told)).not.toContain(reason);
  expect(tellOf(told) ?? '').not.toMatch(/block/i);
  if (decision === 'forward') expect(tellOf(told)).toBeNull();
});

it('shows a reason of another version as it is', () => {
  expect(wordsOf({ ...CALL, decision: 'refuse', reason: 'OF_LATER' })).toContain('OF_LATER');
});
