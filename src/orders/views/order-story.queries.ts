import type { Connections, Statement } from '../../platform/database/statement.js';
import type { OrderEvent } from '../order/order-event.entity.js';

/** Somebody who was ever on an order. */
export interface ToldParticipant {
  readonly id: string;
  /** Sealed; null once it is deleted. */
  readonly phone: Buffer | null;
}

export type ToldEvent = Pick<OrderEvent, 'kind' | 'at' | 'about'>;

/** What happened to an order, and to whom. */
export interface ToldOrder {
  readonly reference: string;
  /** Oldest first. */
  readonly events: readonly ToldEvent[];
  readonly participants: readonly ToldParticipant[];
}

/** Orders about which something is told. */
export interface StoryAsked {
  /** The order whose story is told; null = none. */
  readonly orderId: string | null;
  /** The orders of which only the reference is told. */
  readonly others: readonly string[];
}

export interface StoryTold {
  readonly story: ToldOrder | null;
  /** By the orders' ids. */
  readonly references: ReadonlyMap<string, string>;
}

/**
 * The stories of some orders and the references of others. Most are live, so the ended ones are searched afterwards only,
 * as `findOrder` does.
 */
export async function storiesAndReferences(
  connections: Connections,
  asked: readonly StoryAsked[],
): Promise<StoryTold[]> {
  const told = [...new Set(asked.map(({ orderId }) => orderId).filter((id) => id !== null))];
  const ids = [...new Set([...told, ...asked.flatMap(({ others }) => others)])];
  const rows = await storiesIn(connections, readLive, ids, told);
  const found = new Set(rows.map(({ id }) => id));
  const ended = ids.filter((id) => !found.has(id));
  rows.push(...(await storiesIn(connections, readEnded, ended, told)));
  const references = new Map(rows.map(({ id, reference }) => [id, reference]));
  const stories = new Map(rows.filter(({ events }) => events !== null).map((row) => [row.id, storyIn(row)]));
  return asked.map(({ orderId }) => ({ story: orderId === null ? null : (stories.get(orderId) ?? null), references }));
}

async function storiesIn(
  connections: Connections,
  statement: Statement,
  ids: readonly string[],
  told: readonly string[],
): Promise<Row[]> {
  if (ids.length === 0) return [];
  return (await connections.query<Row>({ ...statement, values: [ids, told] })).rows;
}

function storyIn({ reference, events, participants }: Row): ToldOrder {
  return {
    reference,
    events: events!.map((event) => ({ ...event, at: new Date(event.at) })),
    participants: participants!.map(({ id, phone }) => ({
      id,
      phone: phone === null ? null : Buffer.from(phone, 'hex'),
    })),
  };
}

interface Row {
  readonly id: string;
  readonly reference: string;
  /** Null for orders of which only the reference is read. So are the participants. */
  readonly events: readonly (Omit<ToldEvent, 'at'> & { readonly at: string })[] | null;
  readonly participants: readonly { readonly id: string; readonly phone: string | null }[] | null;
}

/** The list is in a subquery, because PostgreSQL would plan the statement anew for each length of a list that it sees. */
const readStories = (prefix: '' | 'ended_', inItsMonth: (row: string) => string) => `
    SELECT orders.id, orders.reference,
           CASE WHEN orders.id = ANY($2::uuid[]) THEN COALESCE(
             (SELECT json_agg(json_build_object('kind', event.kind, 'at', event.at, 'about', event.about) ORDER BY event.id)
              FROM ${prefix}order_events AS event
              WHERE event.order_id = orders.id ${inItsMonth('event')}), '[]') END AS events,
           CASE WHEN orders.id = ANY($2::uuid[]) THEN COALESCE(
             (SELECT json_agg(json_build_object('id', participant.id, 'phone', encode(participant.phone, 'hex')))
              FROM ${prefix}participants AS participant
              WHERE participant.order_id = orders.id ${inItsMonth('participant')}), '[]') END AS participants
    FROM ${prefix}orders AS orders WHERE orders.id = ANY((SELECT $1::uuid[])::uuid[])`;

const readLive: Statement = { name: 'story-and-references', text: readStories('', () => '') };
const readEnded: Statement = {
  name: 'story-and-references-of-ended',
  plan: 'once',
  text: readStories('ended_', (row) => `AND ${row}.over_at = orders.over_at`),
};
