import { aboutInWords, inWords } from '../../platform/clock/duration-in-words.js';
import type { Link } from '../../virtual-numbers/link.js';
import type { Pool, QuietHours } from '../../virtual-numbers/pools/pool.entity.js';
import type { PolicyChange } from '../../virtual-numbers/pools/pools.service.js';

/** What a pool needs under a policy. */
export interface Outlook {
  /** Numbers for the expected orders, or for those of now while too little is measured. */
  readonly needed: number;
  /** The quarter hour that needs the most; null = now, because too little is measured. */
  readonly neededAt: Date | null;
  /** Numbers that are paid for. */
  readonly owned: number;
  readonly assignable: number;
  /** Numbers that Maskline would buy now, within the pool's limits but before its budget. */
  readonly toBuy: number;
  /** In one sentence. */
  readonly why: string;
}

/** A policy, and what follows from it. */
export interface Situation {
  readonly policy: Pool;
  readonly outlook: Outlook;
  /** Numbers that are not needed within `giveBackAfterSeconds`; null = nothing would be given back. */
  readonly surplus: number | null;
  readonly leadSeconds: number;
  readonly spent: { readonly today: number; readonly thisMonth: number };
}

/** What changing a field does, in one or two sentences. */
type Effect = (then: Situation, now: Situation) => string;

const NEW_ORDERS = 'Applies to orders placed from now on; running orders keep theirs.';
const NEXT_CALL = 'Applies from the next call on, also to running orders.';

const DIRECTIONS: Readonly<Record<Pool['direction'], string>> = {
  both: 'Customer and agent may call and text each other.',
  'customer-to-agent': 'Only the customer may call and text the agent. Calls of the agent are refused.',
  'agent-to-customer': 'Only the agent may call and text the customer. Calls of the customer are refused.',
};
const PINS: Readonly<Record<Pool['pin'], string>> = {
  off: 'Nobody is asked for a PIN. Calls from a phone that is not on an order are refused.',
  'unknown-callers': "Who calls from a phone that is not on an order may enter the order's PIN instead.",
  always: 'Everybody must enter a PIN before they are connected, also participants.',
};
const TEXTS: Readonly<Record<Pool['texts'], string>> = {
  off: 'Texts are not forwarded.',
  on: 'Texts are forwarded as they were written, with phone numbers and links in them.',
  redacted: 'Texts are forwarded without the phone numbers and links in them.',
};

/** Every field that can be changed. */
const EFFECTS: Readonly<Record<keyof PolicyChange, Effect>> = {
  capacity: (then, now) =>
    `${needs(then, now)} ${
      then.policy.capacity < now.policy.capacity
        ? 'A number that serves more orders keeps them until they end.'
        : 'Running orders keep their numbers.'
    }`,
  channelsPerNumber: (then, now) =>
    then.policy.channelsPerNumber === null
      ? `Simultaneous calls no longer count. ${needs(then, now)}`
      : `A number counts as full with ${counted(then.policy.channelsPerNumber, 'call', 'calls')} at once. ${needs(then, now)}`,
  leadTimeSeconds: (then, now) =>
    `The forecast looks ${aboutInWords(then.leadSeconds)} ahead instead of ${aboutInWords(now.leadSeconds)}. ${needs(then, now)}`,
  lowWater: ({ policy, outlook }, now) =>
    `Maskline buys when fewer than ${counted(policy.lowWater, 'number', 'numbers')} can be assigned; ${outlook.assignable} can be now. ${buys(outlook, now.outlook)}`,
  target: ({ policy, outlook }, now) =>
    `When Maskline buys, it buys until ${counted(policy.target, 'number', 'numbers')} can be assigned; ${outlook.assignable} can be now. ${buys(outlook, now.outlook)}`,
  maxNumbers: ({ policy: { maxNumbers }, outlook }, now) =>
    outlook.owned > maxNumbers
      ? `The pool owns ${outlook.owned} numbers and keeps them. It buys none until it owns fewer than ${maxNumbers}.`
      : `The pool owns ${counted(outlook.owned, 'number', 'numbers')} and may buy ${maxNumbers - outlook.owned} more. ${buys(outlook, now.outlook)}`,
  giveBackAfterSeconds: ({ policy: { giveBackAfterSeconds }, surplus }) => {
    if (giveBackAfterSeconds === null) return 'Numbers are never given back to the provider.';
    const idle = `Numbers that the forecast does not need within ${inWords(giveBackAfterSeconds)} are given back to the provider.`;
    return surplus === null
      ? `${idle} Nothing is given back before a whole week is measured.`
      : `${idle} Now that would be ${surplus}.`;
  },
  buying: ({ policy, outlook }, now) =>
    policy.buying === 'off'
      ? 'Nothing more is bought for this pool. Purchases that are under way are finished.'
      : `Maskline buys what the pool lacks. ${buys(outlook, now.outlook)}`,
  unknownNumbers: ({ policy }) =>
    policy.unknownNumbers === 'import'
      ? 'Numbers of the account that fit this pool and serve nothing are put into it.'
      : 'Numbers of the account that are in no pool are only reported as a supply event.',
  numberType: ({ policy }) =>
    policy.numberType === null
      ? 'Numbers of any type are bought. Numbers that the pool owns stay.'
      : `Only ${policy.numberType} numbers are bought. Numbers of other types that the pool owns stay.`,
  alternativeProvider: ({ policy }) =>
    policy.alternativeProvider === null
      ? `Only ${policy.provider} sells numbers to this pool. Numbers of other providers stay.`
      : `When ${policy.provider} cannot sell, ${policy.alternativeProvider} does. Both must be allowed to show the other's numbers as caller ID.`,
  maxSpendPerDay: ({ policy, spent }) => budget('day', policy.maxSpendPerDay, spent.today, policy.currency),
  maxSpendPerMonth: ({ policy, spent }) => budget('month', policy.maxSpendPerMonth, spent.thisMonth, policy.currency),
  maxRent: ({ policy: { maxRent, currency } }) =>
    maxRent === null
      ? 'Numbers of any rent are bought.'
      : `Numbers that cost more than ${inCurrency(maxRent, currency)} a month are not bought. A rent that the provider does not state counts as ${maxRent}.`,
  currency: ({ policy }) =>
    policy.currency === null
      ? 'Amounts have no currency.'
      : `Limits are in ${policy.currency}. A pool with a limit buys nothing from a provider that charges in another currency.`,
  graceSeconds: ({ policy: { graceSeconds } }, now) =>
    `Calls connect for ${inWords(graceSeconds)} after an order is completed or expires, instead of ${inWords(now.policy.graceSeconds)}. ${held(graceSeconds - now.policy.graceSeconds)} ${NEW_ORDERS}`,
  cancelGraceSeconds: ({ policy: { cancelGraceSeconds } }, now) =>
    `Calls connect for ${inWords(cancelGraceSeconds)} after an order is cancelled, instead of ${inWords(now.policy.cancelGraceSeconds)}. ${NEW_ORDERS}`,
  quarantineSeconds: ({ policy: { quarantineSeconds } }, now) =>
    `After grace, a number serves no other order of the same dialler for ${inWords(quarantineSeconds)}, instead of ${inWords(now.policy.quarantineSeconds)}. ${
      quarantineSeconds > now.policy.quarantineSeconds
        ? 'Busy diallers need more numbers.'
        : 'Busy diallers need fewer numbers; who calls late may reach another order of theirs sooner.'
    } ${NEW_ORDERS}`,
  lifetimeSeconds: ({ policy: { lifetimeSeconds } }, now) =>
    `Orders that nobody closes end after ${inWords(lifetimeSeconds)}, instead of ${inWords(now.policy.lifetimeSeconds)}. ${NEW_ORDERS}`,
  decideWithoutDatabaseSeconds: ({ policy: { decideWithoutDatabaseSeconds: seconds } }) =>
    seconds === 0
      ? 'Calls are refused as soon as the database does not answer.'
      : `While the database does not answer, calls are decided from a local copy for ${inWords(seconds)}, then refused. Meanwhile a participant who was replaced or blocked, or whose order ended, may still be connected within the same order.`,
  assignNumbers: ({ policy }) =>
    policy.assignNumbers === 'when-one-known'
      ? `A participant gets a number as soon as they are known; calls to it connect when the other one is known. Orders hold their numbers longer. ${NEW_ORDERS}`
      : `Participants get their numbers when both of a link are known. ${NEW_ORDERS}`,
  links: ({ policy: { links } }) =>
    links === null
      ? `Orders that name no links get the usual ones: an agent, courier or driver with everybody else. ${NEW_ORDERS}`
      : `Orders that name no links get these: ${links.map(linkInWords).join('; ')}. ${NEW_ORDERS}`,
  texts: ({ policy }) => `${TEXTS[policy.texts]} Applies from the next text on.`,
  textsKeptSeconds: ({ policy: { textsKeptSeconds } }) =>
    textsKeptSeconds === 0
      ? 'The words of texts are not stored.'
      : `The words of texts are stored, encrypted, for ${inWords(textsKeptSeconds)}. Texts of before keep their time.`,
  pin: ({ policy }) => `${PINS[policy.pin]} ${NEXT_CALL}`,
  claimByPin: ({ policy }) =>
    policy.claimByPin
      ? 'A phone from which a right PIN was entered belongs to the participant for the rest of the order, and needs no PIN again.'
      : 'Unknown phones must enter the PIN for each call. Phones that were added before stay.',
  direction: ({ policy }) => `${DIRECTIONS[policy.direction]} ${NEXT_CALL}`,
  maxCallSeconds: ({ policy }) =>
    `Calls end after ${inWords(policy.maxCallSeconds)}, or earlier if the provider's limit is lower. ${NEXT_CALL}`,
  maxRingSeconds: ({ policy }) =>
    `A phone rings for ${inWords(policy.maxRingSeconds)} at most, or less if the provider's limit is lower. ${NEXT_CALL}`,
  maxCallsPerHour: ({ policy: { maxCallsPerHour } }) =>
    maxCallsPerHour === null
      ? `There is no limit to how often somebody may call. ${NEXT_CALL}`
      : `After ${counted(maxCallsPerHour, 'call', 'calls')} to the same person within an hour, further ones are refused. ${NEXT_CALL}`,
  quietHours: ({ policy: { quietHours } }) =>
    quietHours === null ? `Calls and texts connect at any time. ${NEXT_CALL}` : `${quiet(quietHours)} ${NEXT_CALL}`,
  recordCalls: ({ policy }) =>
    policy.recordCalls
      ? `The provider records calls. Participants must consent as the law of both countries requires. ${NEXT_CALL}`
      : `Calls are not recorded. Recordings of before stay. ${NEXT_CALL}`,
  language: ({ policy }) =>
    `Callers hear messages in the language ${policy.language}; those that are missing in it are in English. ${NEXT_CALL}`,
};

/** What each of these fields does when the policy changes from one to the other. */
export function effectsOf(
  fields: readonly (keyof PolicyChange)[],
  then: Situation,
  now: Situation,
): { readonly field: string; readonly effect: string }[] {
  return fields.map((field) => ({ field, effect: EFFECTS[field](then, now) }));
}

/** The fields in which two policies differ, in the order of their names. */
export function changedBetween(before: Pool, after: Pool): (keyof PolicyChange)[] {
  const isSame = (field: keyof PolicyChange) => JSON.stringify(before[field]) === JSON.stringify(after[field]);
  return (Object.keys(EFFECTS) as (keyof PolicyChange)[]).filter((field) => !isSame(field)).toSorted();
}

function needs({ policy, outlook }: Situation, now: Situation): string {
  const orders = outlook.neededAt === null ? 'the orders that hold numbers now' : 'the expected orders';
  const each = policy.capacity === 1 ? 'With one order a number' : `With ${policy.capacity} orders a number`;
  const change = outlook.needed === now.outlook.needed ? ', as before' : ` instead of ${now.outlook.needed}`;
  return `${each}, ${orders} need about ${counted(outlook.needed, 'number', 'numbers')}${change}.`;
}

function buys({ toBuy }: Outlook, now: Outlook): string {
  if (toBuy === 0) return now.toBuy === 0 ? 'It buys nothing now.' : `It buys nothing now, instead of ${now.toBuy}.`;
  return `It buys ${toBuy} now${toBuy === now.toBuy ? ', as before' : `, instead of ${now.toBuy}`}.`;
}

function inCurrency(value: number, currency: string | null): string {
  return currency === null ? String(value) : `${value} ${currency}`;
}

function budget(period: string, limit: number | null, spent: number, currency: string | null): string {
  if (limit === null) return `There is no limit of spending in a ${period}.`;
  const rest = limit - spent;
  const left = rest > 0 ? `${inCurrency(rest, currency)} are left` : 'nothing more is bought until it is over';
  return `Rents of ${inCurrency(limit, currency)} may be bought in a UTC ${period}. ${spent} of them are spent: ${left}.`;
}

function held(seconds: number): string {
  return `Orders hold their numbers ${inWords(Math.abs(seconds))} ${seconds > 0 ? 'longer, so the pool needs more' : 'less, so the pool needs fewer'}.`;
}

function quiet({ from, until, timeZone }: QuietHours): string {
  return `From ${from} to ${until} (${timeZone}) nobody is called or texted.`;
}

function linkInWords({ roles: [one, other], onlyFrom }: Link): string {
  return onlyFrom === null ? `${one} and ${other}` : `only ${onlyFrom} to ${onlyFrom === one ? other : one}`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
