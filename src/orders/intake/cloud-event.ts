import { readInstant } from '../../platform/http/instant.js';
import { isRole, readLink, readLinks, UnusableLink, type Link } from '../../virtual-numbers/link.js';
import { ROLE_FORM, type Role } from '../../virtual-numbers/role.js';
import { ORDER_REFERENCE, REFERENCE_FORM } from '../order/order-reference.js';

/**
 * The relevant part of a CloudEvent 1.0.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */
export interface OrderNews {
  readonly source: string;
  readonly id: string;
  readonly happenedAt: Date | null;
  readonly reference: string;
  readonly change: OrderChange;
}

export type OrderChange =
  | OrderPlaced
  | { readonly type: 'order.agent-assigned'; readonly agentPhone: string }
  | { readonly type: 'order.participant-assigned'; readonly role: Role; readonly phone: string }
  | { readonly type: 'order.participant-removed'; readonly role: Role }
  | { readonly type: 'order.link-opened'; readonly link: Link }
  | { readonly type: 'order.link-closed'; readonly link: Link }
  | { readonly type: 'order.completed' }
  | { readonly type: 'order.cancelled' };

/** It names either the customer or the participants. */
export interface OrderPlaced {
  readonly type: 'order.placed';
  readonly customerPhone?: string;
  readonly participants?: readonly { readonly role: Role; readonly phone: string }[];
  readonly links?: readonly Link[] | null;
  readonly pool?: string;
  readonly lifetimeSeconds?: number;
}

export const ORDER_NEWS_TYPES = [
  'order.placed',
  'order.agent-assigned',
  'order.participant-assigned',
  'order.participant-removed',
  'order.link-opened',
  'order.link-closed',
  'order.completed',
  'order.cancelled',
] as const;

export type OrderNewsType = (typeof ORDER_NEWS_TYPES)[number];

/** The event cannot be applied. The message says why, and quotes no phone. */
export class UnusableEvent extends Error {
  /** @param field of the event; null = the event itself */
  constructor(
    readonly field: string | null,
    why: string,
  ) {
    super(`${field ?? 'the event'} ${why}`);
  }
}

type Fields = Readonly<Record<string, unknown>>;

const LONGEST_NAME = 256;
const YEAR_SECONDS = 366 * 24 * 60 * 60;

/** @throws UnusableEvent */
export function parseOrderNews(event: unknown): OrderNews {
  const fields = objectIn(event, null);
  if (fields['specversion'] !== '1.0') throw new UnusableEvent('specversion', 'is not "1.0"');
  const [source, id] = [nameIn(fields, 'source'), nameIn(fields, 'id')];
  const type = ORDER_NEWS_TYPES.find((known) => known === fields['type']);
  if (type === undefined) throw new UnusableEvent('type', `is none of ${ORDER_NEWS_TYPES.join(', ')}`);
  if (fields['data_base64'] !== undefined) {
    throw new UnusableEvent('data_base64', 'is not read: send the data as JSON, in data');
  }
  const data = objectIn(fields['data'], 'data');
  const reference = data['reference'];
  if (typeof reference !== 'string' || !ORDER_REFERENCE.test(reference)) {
    throw new UnusableEvent('data.reference', `is not ${REFERENCE_FORM}`);
  }
  return { source, id, happenedAt: timeIn(fields), reference, change: changeIn(type, data) };
}

/** The event's source and id, if it has them: enough to store even an unusable event only once. */
export function identityOf(event: unknown): { source: string; id: string } | null {
  const { source, id } = Object(event) as Fields;
  return isName(source) && isName(id) ? { source, id } : null;
}

/** The phones that a change names, as they are written in the event, and for which roles. */
export function phonesIn(change: OrderChange): readonly { readonly role: Role; readonly phone: string }[] {
  switch (change.type) {
    case 'order.placed':
      return change.participants ?? [{ role: 'customer', phone: change.customerPhone! }];
    case 'order.agent-assigned':
      return [{ role: 'agent', phone: change.agentPhone }];
    case 'order.participant-assigned':
      return [{ role: change.role, phone: change.phone }];
    case 'order.participant-removed':
    case 'order.link-opened':
    case 'order.link-closed':
    case 'order.completed':
    case 'order.cancelled':
      return [];
  }
}

function changeIn(type: OrderNewsType, data: Fields): OrderChange {
  switch (type) {
    case 'order.placed': {
      const { pool, lifetimeSeconds } = data;
      if (pool !== undefined && typeof pool !== 'string')
        throw new UnusableEvent('data.pool', 'is not the name of a pool');
      if (lifetimeSeconds !== undefined && !isLifetime(lifetimeSeconds)) {
        throw new UnusableEvent('data.lifetimeSeconds', `is not a whole number from 1 to ${YEAR_SECONDS}`);
      }
      const { customer = null, participants = null, links } = data;
      if (customer === null && participants === null)
        throw new UnusableEvent('data', 'has neither customer nor participants: one of them must be given');
      if (customer !== null && participants !== null)
        throw new UnusableEvent('data', 'has customer and participants: name the customer among the participants');
      return {
        type,
        pool,
        lifetimeSeconds,
        links: usable(() => readLinks(links, 'data.links')),
        ...(participants === null
          ? { customerPhone: phoneIn(objectIn(customer, 'data.customer'), 'data.customer') }
          : { participants: participantsIn(participants) }),
      };
    }
    case 'order.agent-assigned':
      return { type, agentPhone: phoneIn(objectIn(data['agent'], 'data.agent'), 'data.agent') };
    case 'order.participant-assigned':
      return { type, role: roleIn(data, 'data'), phone: phoneIn(data, 'data') };
    case 'order.participant-removed':
      return { type, role: roleIn(data, 'data') };
    case 'order.link-opened':
    case 'order.link-closed':
      return { type, link: usable(() => readLink({ ...data, reference: undefined }, 'data.between')) };
    case 'order.completed':
    case 'order.cancelled':
      return { type };
  }
}

function objectIn(value: unknown, name: string | null): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UnusableEvent(name, 'is no object');
  return value as Fields;
}

function nameIn(fields: Fields, name: string): string {
  const value = fields[name];
  if (!isName(value)) throw new UnusableEvent(name, `is not a text of 1 to ${LONGEST_NAME} characters`);
  return value;
}

function isName(value: unknown): value is string {
  // NUL is the only character that PostgreSQL's text cannot contain.
  return typeof value === 'string' && value.length > 0 && value.length <= LONGEST_NAME && !value.includes('\0');
}

/** @param name of the object, for the message */
function phoneIn({ phone }: Fields, name: string): string {
  if (typeof phone !== 'string' || phone.length > 40) throw new UnusableEvent(`${name}.phone`, 'is no phone');
  return phone;
}

function roleIn({ role }: Fields, name: string): Role {
  if (!isRole(role)) throw new UnusableEvent(`${name}.role`, `is not ${ROLE_FORM}`);
  return role;
}

function participantsIn(value: unknown): { role: Role; phone: string }[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new UnusableEvent('data.participants', 'is no list of objects with a role and a phone');
  }
  return value.map((one, index) => {
    const name = `data.participants.${index}`;
    const fields = objectIn(one, name);
    return { role: roleIn(fields, name), phone: phoneIn(fields, name) };
  });
}

/** @throws UnusableEvent in place of UnusableLink */
function usable<T>(read: () => T): T {
  try {
    return read();
  } catch (failure) {
    throw failure instanceof UnusableLink ? new UnusableEvent(failure.field, failure.why) : failure;
  }
}

/** RFC 3339 with a time zone. */
function timeIn({ time }: Fields): Date | null {
  if (time === undefined || time === null) return null;
  const instant = typeof time === 'string' ? readInstant(time) : null;
  if (instant === null) throw new UnusableEvent('time', 'is not an instant with its zone, as in 2026-11-22T06:00:00Z');
  return instant;
}

function isLifetime(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= YEAR_SECONDS;
}
