import type { Connections, Statement } from '../../platform/database/statement.js';
import type { OrderEvent } from './order-event.entity.js';

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

/**
 * The story of one order and the references of others, in one statement.
 *
 * @param orderId null = no story
 */
export async function storyAndReferences(
  connections: Connections,
  orderId: string | null,
  others: readonly string[],
): Promise<{ readonly story: ToldOrder | null; readonly references: ReadonlyMap<string, string> }> {
  const ids = [...new Set([...others, ...(orderId === null ? [] : [orderId])])];
  if (ids.length === 0) return { story: null, references: new Map() };
  const { rows } = await connections.query<Row>({ ...readStory, values: [ids, orderId] });
  const told = rows.find(({ id }) => id === orderId);
  return {
    story: told
      ? {
          reference: told.reference,
          events: told.events!.map((event) => ({ ...event, at: new Date(event.at) })),
          participants: told.participants!.map(({ id, phone }) => ({
            id,
            phone: phone === null ? null : Buffer.from(phone, 'hex'),
          })),
        }
      : null,
    references: new Map(rows.map(({ id, reference }) => [id, reference])),
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
const readStory: Statement = {
  name: 'story-and-references',
  text: `
    SELECT orders.id, orders.reference,
           CASE WHEN orders.id = $2 THEN COALESCE(
             (SELECT json_agg(json_build_object('kind', event.kind, 'at', event.at, 'about', event.about) ORDER BY event.id)
              FROM order_events AS event WHERE event.order_id = orders.id), '[]') END AS events,
           CASE WHEN orders.id = $2 THEN COALESCE(
             (SELECT json_agg(json_build_object('id', participant.id, 'phone', encode(participant.phone, 'hex')))
              FROM participants AS participant WHERE participant.order_id = orders.id), '[]') END AS participants
    FROM orders WHERE orders.id = ANY((SELECT $1::uuid[])::uuid[])`,
};
