import type { E164 } from '../../phone-number/e164.js';
import type { Role } from '../../virtual-numbers/role.js';
import type { OrderEventKind } from '../../orders/order/order-event.entity.js';
import type { Direction, PinPolicy, Pool } from '../../virtual-numbers/pools/pool.entity.js';
import type { AskReason, ConnectReason, RefuseReason } from '../calls/call-reasons.js';

/** Whether the caller was joined by an order then cannot be told any more: the phones of that time are forgotten. */
export const FORGOTTEN = 'FORGOTTEN';
export type ExplainedReason = ConnectReason | RefuseReason | AskReason | typeof FORGOTTEN;

/** A side of an order, as far as it may be shown. */
export interface ExplainedParticipant {
  readonly role: Role;
  readonly participantId: string | null;
  /** Masked; null = forgotten. */
  readonly phone: string | null;
}

/** What an explanation rests on: rows, times and policy, at the instant asked about. No phone is in it. */
export interface Facts {
  readonly at: Date;
  /** Whether the rows are as they are, or put together as they were. */
  readonly asOf: 'now' | 'then';
  /** Masked, where it is none of ours. */
  readonly number: string;
  /** Masked; null = withheld, or nothing that is a number. */
  readonly from: string | null;
  readonly decision: 'connect' | 'refuse' | 'ask-pin' | 'unknown';
  readonly reason: ExplainedReason;
  readonly order: OrderFacts | null;
  readonly caller: ExplainedParticipant | null;
  readonly callee: ExplainedParticipant | null;
  readonly shownNumber: E164 | null;
  readonly pair: AssignmentFacts | null;
  /** Null where no pool is concerned. */
  readonly policy: PolicyFacts | null;
  /** Whom the number served then whose phones are forgotten. */
  readonly forgotten: readonly ForgottenAssignment[];
  /** What was decided about calls to the number around then, as recorded. */
  readonly calls: readonly RecordedCall[];
}

export interface OrderFacts {
  readonly reference: string;
  /** What had happened to it by then. */
  readonly events: readonly { readonly kind: OrderEventKind; readonly at: Date }[];
}

export interface AssignmentFacts {
  readonly assignedAt: Date;
  readonly connectsUntil: Date;
  readonly quarantinedUntil: Date | null;
}

export interface PolicyFacts {
  readonly pool: string;
  /** From when on it held; null = the policy of the time is not on record, and this is the one of now. */
  readonly since: Date | null;
  readonly policy: Pick<Pool, 'direction' | 'pin' | 'quietHours' | 'maxCallsPerHour' | 'maxCallSeconds'>;
}

export interface ForgottenAssignment {
  readonly reference: string;
  readonly role: Role;
  readonly participantId: string;
  readonly assignedAt: Date;
  readonly connectsUntil: Date;
}

export interface RecordedCall {
  readonly provider: string;
  readonly providerCallId: string;
  readonly at: Date;
  readonly from: Role | 'unknown';
  readonly reference: string | null;
  readonly decision: string;
  readonly reason: string;
  readonly outcome: string | null;
}

/** The explanation in sentences that can be read out, the decisive one first. */
export function inWords(facts: Facts): string[] {
  return [
    `${opening(facts)} ${WHY[facts.reason](facts)}`,
    ...aboutOrder(facts),
    ...aboutPolicy(facts),
    ...aboutForgotten(facts),
    ...aboutCalls(facts),
  ];
}

const OPENINGS: Readonly<Record<Facts['decision'], string>> = {
  connect: 'connects',
  refuse: 'is refused',
  'ask-pin': 'is asked for a PIN',
  unknown: 'cannot be explained for certain any more',
};

function opening({ at, asOf, from, number, decision }: Facts): string {
  const caller = from ?? 'somebody without a usable number';
  const when = asOf === 'now' ? 'As things stand' : `As things stood on ${instant(at)}`;
  return `${when}, a call from ${caller} to ${number} ${OPENINGS[decision]}.`;
}

type Sentence = (facts: Facts) => string;

/** Each reason a decision may have, in words. */
export const WHY: Readonly<Record<ExplainedReason, Sentence>> = {
  CONNECTED: (facts) =>
    `The caller is the ${caller(facts)} of order ${order(facts)}, which is open, and dials the number that leads to its ${callee(facts)}, whose phone rings and shows ${shown(facts)}.`,
  CONNECTED_IN_GRACE: (facts) =>
    `Order ${order(facts)} is over, but in its grace, in which calls still connect until ${until(facts)}: the ${callee(facts)}'s phone rings and shows ${shown(facts)}.`,
  UNKNOWN_VN: ({ number }) =>
    `${number} is none of our numbers, or out of use, so there is nobody whom it could lead to.`,
  CLI_WITHHELD: () =>
    `The call came without a caller's number, or with something that is none, so we cannot know who is calling.`,
  UNKNOWN_CALLER: () =>
    `The caller's phone may dial none of our numbers: it is on no order that runs or has just ended. Usual causes: another phone than the one in the app, or an order that was over long ago.`,
  NO_SESSION: () =>
    `The caller's phone is on an order, but not on one that this number serves for it: it may dial other numbers of ours, shown in its app.`,
  ORDER_ENDED: (facts) =>
    `The caller is the ${caller(facts)} of order ${order(facts)}, whose calls connected until ${until(facts)} and not after it.`,
  SELF_CALL: (facts) =>
    `The number stands for the caller in order ${order(facts)}: it is what the other side dials to reach the ${caller(facts)}, so the call would lead the caller to themselves.`,
  LOOP: () => `The call came from one of our own numbers, so connecting it could go round in a circle.`,
  DIRECTION_NOT_ALLOWED: (facts) =>
    `The caller is the ${caller(facts)} of order ${order(facts)}, and its pool lets calls go ${direction(facts)}.`,
  BLOCKED: (facts) =>
    `The caller is the ${caller(facts)} of order ${order(facts)}, whose other side has asked not to be called by them.`,
  QUIET_HOURS: (facts) =>
    `The caller is the ${caller(facts)} of order ${order(facts)}, but nobody is called during the pool's quiet hours, ${quietHours(facts)}.`,
  CAP_REACHED: (facts) =>
    `The caller is the ${caller(facts)} of order ${order(facts)} and has called the same person as often within the hour as the pool allows.`,
  PIN_REQUIRED: (facts) =>
    `The pool asks ${PINS[facts.policy?.policy.pin ?? 'unknown-callers']} for the order's PIN before anybody is rung; which participant the caller is shows by the PIN.`,
  PIN_WRONG: () => `What the caller keyed is nobody's PIN behind this number, or nothing was keyed.`,
  PIN_LOCKED: () =>
    `Too many wrong PINs had been keyed, from this phone or on this number, so the last one was not even looked at; it works again after some hours.`,
  ALREADY_CONNECTED: () => `The call had been connected at an earlier step of its flow, and is answered once only.`,
  CALL_OVER: () =>
    `The call had been decided before, and its answer is repeated for a minute only, while the call goes on and would reach the same person.`,
  CALL_ID_REUSED: () =>
    `The provider's call id had been used before by another caller or for another number, as somebody does who makes requests up.`,
  TOO_MANY_MISSES: () => `The caller had dialled numbers that lead to nobody too often within a minute.`,
  NOT_CONFIRMED: () =>
    `Somebody was trying callers out at our callbacks, and the provider did not confirm in time that this call exists.`,
  STALE_STATE: () => `We could not look in time, because our database was slow or away; nobody is rung on a guess.`,
  FORGOTTEN: (facts) =>
    `The phones of the people whom the number served then are forgotten, as they are once an order's quarantine is over, so nobody can tell whether this phone was one of theirs. ${facts.forgotten.length} ${facts.forgotten.length === 1 ? 'person' : 'people'} could dial it then; who they were is told by order.`,
};

function aboutOrder({ order, pair }: Facts): string[] {
  if (!order) return [];
  const told = order.events.map(({ kind, at }) => `${EVENTS[kind] ?? kind} on ${instant(at)}`);
  const lent = pair ? [`The number was lent to the caller on ${instant(pair.assignedAt)}.`] : [];
  return [`Order ${order.reference} was ${told.join(', ')}.`, ...lent];
}

const EVENTS: Readonly<Record<OrderEventKind, string>> = {
  'order.placed': 'placed',
  'order.awaiting-numbers': 'left waiting for numbers',
  'order.agent-assigned': 'given an agent',
  'order.agent-replaced': 'given another agent',
  'order.phone-corrected': 'given a corrected phone',
  'order.phone-declared': 'given another phone of a participant',
  'order.phone-claimed': 'given a phone from which the right PIN was keyed',
  'order.phone-withdrawn': 'rid of another phone of a participant',
  'order.blocked': 'blocked for calls of one side',
  'order.unblocked': 'unblocked',
  'order.numbers-changed': 'given another number, as one of its numbers could not be dialled any more',
  'order.call-made-up': 'the target of a call that its provider knows nothing of',
  'order.reopened': 'reopened',
  'order.completed': 'completed',
  'order.cancelled': 'cancelled',
  'order.expired': 'expired, as nobody had closed it',
  'order.ended': 'past its grace',
};

function aboutPolicy({ policy, asOf }: Facts): string[] {
  if (!policy) return [];
  const { direction, pin, quietHours, maxCallsPerHour } = policy.policy;
  const rules = [
    `calls go ${DIRECTIONS[direction]}`,
    `a PIN is asked of ${PINS[pin]}`,
    quietHours
      ? `it is quiet from ${quietHours.from} to ${quietHours.until}, ${quietHours.timeZone}`
      : 'there are no quiet hours',
    maxCallsPerHour === null
      ? 'there is no cap on calls'
      : `${maxCallsPerHour} calls an hour are let through from one person to the other`,
  ];
  const since =
    policy.since !== null
      ? `since ${instant(policy.since)}`
      : asOf === 'now'
        ? 'now'
        : 'now; what held then is not on record';
  return [`The policy of pool ${policy.pool}, ${since}: ${rules.join('; ')}.`];
}

const DIRECTIONS: Readonly<Record<Direction, string>> = {
  both: 'both ways',
  'customer-to-agent': 'from customers to agents only',
  'agent-to-customer': 'from agents to customers only',
};
const PINS: Readonly<Record<PinPolicy, string>> = {
  off: 'nobody',
  'unknown-callers': 'callers whom we do not know',
  always: 'everybody',
};

function aboutForgotten({ forgotten }: Facts): string[] {
  return forgotten.map(
    ({ reference, role, participantId, assignedAt, connectsUntil }) =>
      `The ${role} of order ${reference} (participant ${participantId}) could dial it from ${instant(assignedAt)}, and reached somebody until ${instant(connectsUntil)}.`,
  );
}

function aboutCalls({ calls }: Facts): string[] {
  if (calls.length === 0) return ['No call to the number is on record around then.'];
  return calls.map(({ at, from, reference, decision, reason, outcome }) => {
    const who = from === 'unknown' ? 'somebody unknown' : `the ${from}`;
    const of = reference === null ? '' : ` of order ${reference}`;
    const end = outcome === null ? 'its end was not reported' : `it ended ${outcome}`;
    return `On record: on ${instant(at)} a call of ${who}${of} was answered with ${decision} (${reason}); ${end}.`;
  });
}

const direction = ({ policy }: Facts) => DIRECTIONS[policy?.policy.direction ?? 'both'];
const quietHours = ({ policy }: Facts) => {
  const quiet = policy?.policy.quietHours;
  return quiet ? `${quiet.from} to ${quiet.until}, ${quiet.timeZone}` : 'as they were then';
};
const order = ({ order }: Facts) => order?.reference ?? 'unknown';
const caller = ({ caller }: Facts) => caller?.role ?? 'participant';
const callee = ({ callee }: Facts) => callee?.role ?? 'other side';
const shown = ({ shownNumber }: Facts) => shownNumber ?? 'a number of ours';
const until = ({ pair }: Facts) => (pair ? instant(pair.connectsUntil) : 'its end');

function instant(at: Date): string {
  return at
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
}
