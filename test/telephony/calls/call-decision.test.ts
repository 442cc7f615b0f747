import { decideJoined } from '../../../src/telephony/calls/call-decision.js';
import { DEFAULT_POLICY } from '../../../src/virtual-numbers/pools/pool.entity.js';
import { aCallAssignment, AT, HALF_OPEN } from '../call-assignment.js';

const AN_HOUR_LATER = new Date('2026-11-22T07:00:00Z');

describe('a call of a link', () => {
  it('connects its caller to its callee, by their roles', () => {
    const row = aCallAssignment({ diallerRole: 'courier', calleeRole: 'sender' });
    expect(decideJoined(row, AT, false)).toMatchObject({
      decision: 'connect',
      reason: 'CONNECTED',
      callerRole: 'courier',
      calleeRole: 'sender',
      calleeId: row.calleeId,
      calleePhone: row.calleePhone,
      shownNumber: row.shownNumber,
    });
  });

  it('is refused while its link is half-open, and says who is not known yet', () => {
    expect(decideJoined(aCallAssignment({ ...HALF_OPEN, calleeRole: 'recipient' }), AT, false)).toEqual({
      decision: 'refuse',
      reason: 'NOT_CONNECTED_YET',
      orderId: 'order',
      callerRole: 'courier',
      calleeRole: 'recipient',
    });
  });

  it.each([false, true])('is refused while its order is unconfirmed after a restore, with a PIN: %s', (provenByPin) => {
    expect(decideJoined(aCallAssignment({ unconfirmed: true }), AT, provenByPin)).toMatchObject({
      decision: 'refuse',
      reason: 'ORDER_UNCONFIRMED',
    });
  });

  it.each(['calleeId', 'calleePhone', 'shownNumber'] as const)('rings nobody without a %s', (missing) => {
    expect(decideJoined(aCallAssignment({ [missing]: null }), AT, true)).toMatchObject({
      decision: 'refuse',
      reason: 'NOT_CONNECTED_YET',
    });
  });

  it('of an order that is over is refused as such, although its link is half-open', () => {
    expect(decideJoined(aCallAssignment(HALF_OPEN), AN_HOUR_LATER, false).reason).toBe('ORDER_ENDED');
  });

  it.each([
    ['a link against its direction', { mayDial: false }],
    ['a caller who is blocked', { blocked: true }],
    ['a pool that asks everybody for a PIN', { pin: 'always' }],
    ['quiet hours', { quietHours: { from: '00:00', until: '23:59', timeZone: 'UTC' } }],
  ] as const)('says first that its link is half-open, in %s', (_, but) => {
    expect(decideJoined(aCallAssignment({ ...HALF_OPEN, ...but }), AT, false).reason).toBe('NOT_CONNECTED_YET');
  });
});

describe('the direction', () => {
  const reasonFor = (
    direction: (typeof DEFAULT_POLICY)['direction'] | 'customer-to-agent' | 'agent-to-customer',
    [diallerRole, calleeRole]: readonly [string, string],
    mayDial: boolean | null = null,
  ) => decideJoined(aCallAssignment({ direction, diallerRole, calleeRole, mayDial }), AT, false).reason;

  it.each([
    ['both', ['customer', 'agent'], 'CONNECTED'],
    ['both', ['agent', 'customer'], 'CONNECTED'],
    ['customer-to-agent', ['customer', 'agent'], 'CONNECTED'],
    ['customer-to-agent', ['agent', 'customer'], 'DIRECTION_NOT_ALLOWED'],
    ['agent-to-customer', ['customer', 'agent'], 'DIRECTION_NOT_ALLOWED'],
    ['agent-to-customer', ['agent', 'customer'], 'CONNECTED'],
  ] as const)('of a pool, %s, holds between customer and agent: %s is %s', (direction, roles, reason) => {
    expect(reasonFor(direction, roles)).toBe(reason);
  });

  it.each([
    ['customer', 'shop'],
    ['shop', 'customer'],
    ['agent', 'shop'],
    ['shop', 'agent'],
    ['sender', 'courier'],
  ] as const)('of a pool concerns no other link: %s may call %s', (...roles) => {
    for (const direction of ['customer-to-agent', 'agent-to-customer'] as const) {
      expect(reasonFor(direction, roles)).toBe('CONNECTED');
    }
  });

  it('of a link takes the place of the pool’s, between any two roles', () => {
    expect(reasonFor('agent-to-customer', ['customer', 'agent'], true)).toBe('CONNECTED');
    expect(reasonFor('both', ['customer', 'agent'], false)).toBe('DIRECTION_NOT_ALLOWED');
    expect(reasonFor('both', ['sender', 'courier'], false)).toBe('DIRECTION_NOT_ALLOWED');
  });
});

it('a question for a PIN names the link of a known caller', () => {
  expect(decideJoined(aCallAssignment({ pin: 'always' }), AT, false)).toEqual({
    decision: 'ask-pin',
    reason: 'PIN_REQUIRED',
    orderId: 'order',
    callerRole: 'courier',
    calleeRole: 'sender',
  });
});
