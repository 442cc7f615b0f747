import type { E164 } from '../../phone-number/e164.js';
import type { Role } from '../../virtual-numbers/role.js';
import type { EventSubject, OrderEventKind } from '../../orders/order/order-event.entity.js';
import type { Direction, PinPolicy, Pool } from '../../virtual-numbers/pools/pool.entity.js';
import type { AskReason, ConnectReason, RefuseReason } from '../decisions/call-reasons.js';
import { asSentence } from '../interactions/interaction-words.js';
import { CALL_WORDS } from '../interactions/reason-words.js';

/** It is unknown whether an order joined the caller then, because the phones of that time are deleted. */
export const FORGOTTEN = 'FORGOTTEN';
export type ExplainedReason = ConnectReason | RefuseReason | AskReason | typeof FORGOTTEN;

/** A participant of an order, as far as it may be shown. */
export interface ExplainedParticipant {
  readonly role: Role;
  readonly participantId: string | null;
  /** Masked; null = deleted. */
  readonly phone: string | null;
}

/** The facts behind an explanation: rows, times and policy at the given instant. Contains no phone. */
export interface Facts {
  readonly at: Date;
  /** Whether the rows are the current ones, or reconstructed for that time. */
  readonly asOf: 'now' | 'then';
  /** Masked if it is not ours. */
  readonly number: string;
  /** Masked; null = withheld, or not a number. */
  readonly from: string | null;
  readonly decision: 'connect' | 'refuse' | 'ask-pin' | 'unknown';
  readonly reason: ExplainedReason;
  readonly order: OrderFacts | null;
  readonly caller: ExplainedParticipant | null;
  /** Whom the call reaches, or would reach if it were not refused; null if no link is known. */
  readonly callee: ExplainedParticipant | null;
  readonly shownNumber: E164 | null;
  readonly pair: AssignmentFacts | null;
  /** Null if no pool is concerned. */
  readonly policy: PolicyFacts | null;
  /** Participants whom the number served then and whose phones are deleted. */
  readonly forgotten: readonly ForgottenAssignment[];
  /** Recorded decisions about calls to the number around that time. */
  readonly calls: readonly RecordedCall[];
}

export interface OrderFacts {
  readonly reference: string;
  /** Events of the order until then. */
  readonly events: readonly EventFacts[];
}

export interface EventFacts {
  readonly kind: OrderEventKind;
  readonly at: Date;
  /** Which participant or link it is about; null if that is not stored. */
  readonly about?: EventSubject | null;
}

export interface AssignmentFacts {
  readonly assignedAt: Date;
  readonly connectsUntil: Date;
  readonly quarantinedUntil: Date | null;
  /** Whether the link's direction lets the caller call; null = as the pool's direction does. */
  readonly mayDial: boolean | null;
}

export interface PolicyFacts {
  readonly pool: string;
  /** Since when the policy applied; null = the policy of that time is not stored, and this is the current one. */
  readonly since: Date | null;
  readonly policy: Pick<Pool, 'direction' | 'pin' | 'quietHours' | 'maxCallsPerHour' | 'maxCallSeconds'>;
}

export interface ForgottenAssignment {
  readonly reference: string;
  readonly role: Role;
  /** The role of the participant whom the number led to. */
  readonly calleeRole: Role;
  readonly participantId: string;
  readonly assignedAt: Date;
  readonly connectsUntil: Date;
}

export interface RecordedCall {
  readonly provider: string;
  readonly providerCallId: string;
  readonly at: Date;
  readonly from: Role | 'unknown';
  readonly to: Role | null;
  readonly reference: string | null;
  readonly decision: string;
  readonly reason: string;
  readonly outcome: string | null;
  /** What happened, in one sentence. */
  readonly words: string;
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
  unknown: 'cannot be explained with certainty',
};

function opening({ at, asOf, from, number, decision }: Facts): string {
  const caller = from ?? 'a caller without a usable number';
  const when = asOf === 'now' ? 'Now' : `On ${instant(at)}`;
  return `${when}, a call from ${caller} to ${number} ${OPENINGS[decision]}.`;
}

type Sentence = (facts: Facts) => string;

/** Why, where nothing of the facts is part of it. */
const because = (reason: keyof typeof CALL_WORDS) => asSentence(CALL_WORDS[reason].because);

/** The explanation of each reason. */
export const WHY: Readonly<Record<ExplainedReason, Sentence>> = {
  CONNECTED: (facts) =>
    `The caller is the ${caller(facts)} of order ${order(facts)}, which is active. The dialled number leads to its ${callee(facts)}, whose phone rings and shows ${shown(facts)}.`,
  CONNECTED_IN_GRACE: (facts) =>
    `Order ${order(facts)} is over. It is in its grace, and calls still connect until ${until(facts)}: the ${callee(facts)}'s phone rings and shows ${shown(facts)}.`,
  UNKNOWN_VN: ({ number }) => `${number} does not belong to Maskline, or is out of use.`,
  CLI_WITHHELD: () => because('CLI_WITHHELD'),
  UNKNOWN_CALLER: () =>
    `${because('UNKNOWN_CALLER')} Usually it is another phone than the one in the app, or the order was over long ago.`,
  NO_SESSION: () => `${because('NO_SESSION')} The app shows the right number.`,
  ORDER_ENDED: (facts) =>
    `The caller is the ${caller(facts)} of order ${order(facts)}. Their call to its ${callee(facts)} could connect until ${until(facts)}: then ${whatEndedIt(facts) ?? "the order's grace ended, one of the two left, or their link was closed"}.`,
  LINK_CLOSED: (facts) =>
    `The caller is the ${caller(facts)} of order ${order(facts)}. With this number they could call its ${callee(facts)} until ${until(facts)}: then ${whatEndedIt(facts) ?? 'their link was closed, one of the two left, or the number was replaced, while the order went on'}.`,
  ORDER_UNCONFIRMED: (facts) =>
    `The caller is the ${caller(facts)} of order ${order(facts)}. The database was restored from a backup, so it is not known whether the order and its people still are as stored. The order system has to place the order again.`,
  NOT_CONNECTED_YET: (facts) =>
    `The caller is the ${caller(facts)} of order ${order(facts)}. The number leads to its ${callee(facts)}, who is not known yet.`,
  SELF_CALL: (facts) =>
    `The number stands for the caller in order ${order(facts)}: another participant dials it to reach the ${caller(facts)}. The call would lead back to the caller.`,
  LOOP: () => because('LOOP'),
  DIRECTION_NOT_ALLOWED: (facts) =>
    facts.pair?.mayDial === false
      ? `The caller is the ${caller(facts)} of order ${order(facts)}. Its link with the ${callee(facts)} lets only the ${callee(facts)} call.`
      : `The caller is the ${caller(facts)} of order ${order(facts)}. The pool allows calls ${direction(facts)}.`,
  BLOCKED: (facts) =>
    `The caller is the ${caller(facts)} of order ${order(facts)}. The ${callee(facts)} blocks calls from this caller.`,
  QUIET_HOURS: (facts) =>
    `The caller is the ${caller(facts)} of order ${order(facts)}. Nobody is called during the pool's quiet hours, ${quietHours(facts)}.`,
  CAP_REACHED: (facts) =>
    `The caller is the ${caller(facts)} of order ${order(facts)}, and has called its ${callee(facts)} as often within an hour as the pool allows.`,
  PIN_REQUIRED: (facts) =>
    `The pool asks ${PINS[facts.policy?.policy.pin ?? 'unknown-callers']} for the order's PIN before anybody is rung. The PIN shows which participant the caller is.`,
  PIN_WRONG: () => because('PIN_WRONG'),
  PIN_LOCKED: () => because('PIN_LOCKED'),
  ALREADY_CONNECTED: () => because('ALREADY_CONNECTED'),
  CALL_OVER: () => because('CALL_OVER'),
  CALL_ID_REUSED: () => because('CALL_ID_REUSED'),
  TOO_MANY_MISSES: () => because('TOO_MANY_MISSES'),
  NOT_CONFIRMED: () => because('NOT_CONFIRMED'),
  TRY_LATER: () => because('TRY_LATER'),
  STALE_STATE: () => because('STALE_STATE'),
  FORGOTTEN: (facts) =>
    `The phones of the people whom the number served then are deleted, because the quarantine is over. It is unknown whether this phone was one of theirs. ${facts.forgotten.length} ${facts.forgotten.length === 1 ? 'person' : 'people'} could dial the number then; their orders are listed.`,
};

/** The assignments that a change of an order ends have its time, but for the moments that the change took. */
const A_CHANGE_TAKES_MS = 10_000;

/** What ended a pair of caller and number; null if no event names it: the order's end, or that of a phone. */
function whatEndedIt({ order, pair, caller, callee }: Facts): string | null {
  const link = [caller?.role, callee?.role];
  const change = order?.events.findLast(
    ({ kind, at, about }) =>
      kind in ENDS && isAt(at, pair?.connectsUntil) && about?.roles.every((role) => link.includes(role)),
  );
  return change ? ENDS[change.kind]!(change.about!) : null;
}

const ENDS: Readonly<Partial<Record<OrderEventKind, (about: EventSubject) => string>>> = {
  'order.link-closed': () => 'their link was closed, although the order went on',
  'order.participant-removed': ({ roles: [role] }) => `the ${role} left the order`,
  'order.participant-replaced': ({ roles: [role] }) => `another ${role} took over`,
  'order.agent-replaced': ({ roles: [role] }) => `another ${role} took over`,
};

function isAt(at: Date, end: Date | undefined): boolean {
  return end !== undefined && Math.abs(at.getTime() - end.getTime()) <= A_CHANGE_TAKES_MS;
}

function aboutOrder({ order, pair }: Facts): string[] {
  if (!order) return [];
  const told = order.events.map((event) => `${eventInWords(event)} on ${instant(event.at)}`);
  const lent = pair ? [`The number was assigned to the caller on ${instant(pair.assignedAt)}.`] : [];
  return [`Order ${order.reference} was ${told.join(', ')}.`, ...lent];
}

function eventInWords({ kind, about }: EventFacts): string {
  return (about && NAMED[kind]?.(about)) ?? EVENTS[kind] ?? kind;
}

/** Events that name a participant or a link. */
const NAMED: Readonly<Partial<Record<OrderEventKind, (about: EventSubject) => string>>> = {
  'order.participant-joined': ({ roles: [role] }) => `joined by the ${role}`,
  'order.participant-replaced': ({ roles: [role] }) => `taken over by another ${role}`,
  'order.participant-removed': ({ roles: [role] }) => `left by the ${role}`,
  'order.link-opened': (about) =>
    about.onlyFromBefore === undefined
      ? `changed: ${theLink(about)} was opened${about.onlyFrom ? ` and lets only the ${about.onlyFrom} call` : ''}`
      : `changed: ${theLink(about)} ${about.onlyFrom ? `lets only the ${about.onlyFrom} call` : 'has no direction of its own any more'}`,
  'order.link-closed': (about) => `changed: ${theLink(about)} was closed`,
};

const theLink = ({ roles: [one, other] }: EventSubject) => `the link between the ${one} and the ${other}`;

const EVENTS: Readonly<Record<OrderEventKind, string>> = {
  'order.placed': 'placed',
  'order.awaiting-numbers': 'set to wait for numbers',
  'order.agent-assigned': 'assigned to an agent',
  'order.agent-replaced': 'assigned to another agent',
  'order.numbers-assigned': 'given its numbers',
  'order.participant-joined': 'joined by a participant',
  'order.participant-replaced': 'taken over by another participant in a role',
  'order.participant-removed': 'left by a participant',
  'order.link-opened': 'changed: a link was opened',
  'order.link-closed': 'changed: a link was closed',
  'order.phone-corrected': 'changed: a phone was corrected',
  'order.phone-declared': 'changed: a participant got an alternate phone',
  'order.phone-claimed': 'changed: a participant claimed a phone with the PIN',
  'order.phone-withdrawn': 'changed: an alternate phone was removed',
  'order.blocked': 'changed: a participant blocked another',
  'order.unblocked': 'unblocked',
  'order.numbers-changed': 'given another number, because one of its numbers was lost',
  'order.unconfirmed': 'put in doubt, because the database was restored from a backup',
  'order.confirmed': 'confirmed again',
  'order.call-made-up': 'the target of a call that the provider does not know',
  'order.reopened': 'reopened',
  'order.completed': 'completed',
  'order.cancelled': 'cancelled',
  'order.expired': 'expired, because nobody closed it',
  'order.ended': 'ended after its grace',
};

function aboutPolicy({ policy, asOf }: Facts): string[] {
  if (!policy) return [];
  const { direction, pin, quietHours, maxCallsPerHour } = policy.policy;
  const rules = [
    `calls are allowed ${DIRECTIONS[direction]}`,
    `the pool asks ${PINS[pin]} for a PIN`,
    quietHours
      ? `quiet hours are from ${quietHours.from} to ${quietHours.until}, ${quietHours.timeZone}`
      : 'there are no quiet hours',
    maxCallsPerHour === null ? 'calls have no cap' : `one person may call another ${maxCallsPerHour} times an hour`,
  ];
  const since =
    policy.since !== null
      ? `since ${instant(policy.since)}`
      : asOf === 'now'
        ? 'now'
        : 'now; the policy of that time is not stored';
  return [`The policy of pool ${policy.pool}, ${since}: ${rules.join('; ')}.`];
}

const DIRECTIONS: Readonly<Record<Direction, string>> = {
  both: 'both ways',
  'customer-to-agent': 'from customers to agents, not from agents to customers',
  'agent-to-customer': 'from agents to customers, not from customers to agents',
};
const PINS: Readonly<Record<PinPolicy, string>> = {
  off: 'nobody',
  'unknown-callers': 'unknown callers',
  always: 'everybody',
};

function aboutForgotten({ forgotten }: Facts): string[] {
  return forgotten.map(
    ({ reference, role, calleeRole, participantId, assignedAt, connectsUntil }) =>
      `The ${role} of order ${reference} (participant ${participantId}) could dial it from ${instant(assignedAt)}, and reached the ${calleeRole} until ${instant(connectsUntil)}.`,
  );
}

function aboutCalls({ calls }: Facts): string[] {
  if (calls.length === 0) return ['No call to the number is recorded around that time.'];
  return calls.map(({ at, reference, words }) => {
    const of = reference === null ? '' : `, of order ${reference}`;
    return `Recorded on ${instant(at)}${of}: ${words}`;
  });
}

const direction = ({ policy }: Facts) => DIRECTIONS[policy?.policy.direction ?? 'both'];
const quietHours = ({ policy }: Facts) => {
  const quiet = policy?.policy.quietHours;
  return quiet ? `${quiet.from} to ${quiet.until}, ${quiet.timeZone}` : 'as they were then';
};
const order = ({ order }: Facts) => order?.reference ?? 'unknown';
const caller = ({ caller }: Facts) => caller?.role ?? 'participant';
const callee = ({ callee }: Facts) => callee?.role ?? 'other participant';
const shown = ({ shownNumber }: Facts) => shownNumber ?? 'a number of ours';
const until = ({ pair }: Facts) => (pair ? instant(pair.connectsUntil) : 'its end');

/** To the second, as it is read out. */
export function instant(at: Date): string {
  return at
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
}
