import { ORDER_EVENT_KINDS } from '../order/order-event.entity.js';

/** What can happen beside the events of orders. docs/events.md explains each. */
const OTHER_EVENT_TYPES = [
  'call.decided',
  'call.ended',
  'call.missed',
  'call.unattributed',
  'text.forwarded',
  'text.failed',
  'text.opted-out',
  'text.opted-in',
  'webhook.disabled',
] as const;

export const EVENT_TYPES = [...ORDER_EVENT_KINDS, ...OTHER_EVENT_TYPES] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** All types that begin with the same word, as in `order.*`. */
const GROUPS = [...new Set(EVENT_TYPES.map((type) => `${type.split('.')[0]!}.*`))];
export const EVERY_TYPE = '*';
export const ORDER_EVENTS = 'order.*';

/** What a client can choose events by: a type, all types of a group, or all. */
export const TYPE_CHOICES: readonly string[] = [EVERY_TYPE, ...GROUPS, ...EVENT_TYPES];

/** The types that were chosen; null = all, also those of later versions. */
export function typesIn(choices: readonly string[]): readonly EventType[] | null {
  if (choices.includes(EVERY_TYPE)) return null;
  const isChosen = (type: string) => choices.includes(type) || choices.includes(`${type.split('.')[0]!}.*`);
  return EVENT_TYPES.filter(isChosen);
}
