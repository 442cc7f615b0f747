import { decideText, type TextFacts } from '../../../src/telephony/texts/text-decision.js';
import { aCallAssignment, AT, HALF_OPEN } from '../call-assignment.js';

const FORWARDABLE: TextFacts = {
  texts: 'on',
  says: null,
  senderOptedOut: false,
  recipientOptedOut: false,
  isEmpty: false,
};

describe('a text of a link', () => {
  it('goes to the participant at the other end, by their roles', () => {
    const row = aCallAssignment({ diallerRole: 'sender', calleeRole: 'courier' });
    expect(decideText(row, FORWARDABLE, AT)).toMatchObject({
      decision: 'forward',
      senderRole: 'sender',
      recipientRole: 'courier',
      recipientId: row.calleeId,
      recipientPhone: row.calleePhone,
      shownNumber: row.shownNumber,
    });
  });

  it('is dropped while its link is half-open', () => {
    expect(decideText(aCallAssignment(HALF_OPEN), FORWARDABLE, AT)).toEqual({
      decision: 'drop',
      reason: 'NOT_CONNECTED_YET',
      orderId: 'order',
      senderRole: 'courier',
      recipientRole: 'sender',
    });
  });

  it('is dropped while its order is unconfirmed after a restore, but STOP is obeyed', () => {
    const row = aCallAssignment({ unconfirmed: true });
    expect(decideText(row, FORWARDABLE, AT).reason).toBe('ORDER_UNCONFIRMED');
    expect(decideText(row, { ...FORWARDABLE, says: 'stop' }, AT).reason).toBe('OPTED_OUT');
  });

  it('that says STOP is obeyed although its link is half-open', () => {
    expect(decideText(aCallAssignment(HALF_OPEN), { ...FORWARDABLE, says: 'stop' }, AT).reason).toBe('OPTED_OUT');
  });

  it('is dropped against the link’s direction, whatever the pool’s', () => {
    expect(decideText(aCallAssignment({ mayDial: false }), FORWARDABLE, AT).reason).toBe('DIRECTION_NOT_ALLOWED');
    const allowed = { direction: 'agent-to-customer', diallerRole: 'customer', calleeRole: 'agent', mayDial: true };
    expect(decideText(aCallAssignment(allowed as object), FORWARDABLE, AT).reason).toBe('FORWARDED');
  });
});
