import type { Connections } from '../../platform/database/statement.js';
import type { Place } from '../../platform/http/cursor-page.js';
import { LIVE, orderOf } from '../order/known-orders.queries.js';
import type { Order } from '../order/order.entity.js';

/** In a subquery, because PostgreSQL would plan the statement anew for each list that it sees. */
const KEYS = '(SELECT $1::bytea[])::bytea[]';

/**
 * The orders that contain one of some phones (keyed lookups), newest first. Only live ones do: a phone is deleted before its order is
 * moved to its month. The orders are found by the phone first, however few they are: without `OFFSET` PostgreSQL might
 * read all orders from the newest on instead, and look for the phone in each.
 */
export async function ordersOfPhone(
  connections: Connections,
  asked: {
    readonly phoneKeys: readonly Buffer[];
    /** Null = of all pools. */
    readonly poolIds: readonly string[] | null;
    readonly before: Place | null;
    readonly limit: number;
  },
): Promise<Order[]> {
  const { phoneKeys, poolIds, before, limit } = asked;
  const values: unknown[] = [phoneKeys];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const conditions = [
    'true',
    ...(before ? [`(orders.placed_at, orders.id) < (${parameter(before.at)}, ${parameter(before.id)})`] : []),
    ...(poolIds === null ? [] : [`orders.pool_id = ANY(${parameter(poolIds)}::uuid[])`]),
  ];
  const { rows } = await connections.query<Order>({
    name: `orders-of-phones-${before ? 'before' : 'newest'}-${poolIds ? 'of-pools-' : ''}${limit}`,
    text: `
      SELECT ${LIVE}
      FROM (SELECT participant.order_id FROM participants AS participant WHERE participant.phone_key = ANY(${KEYS})
            UNION
            SELECT participant.order_id
            FROM participant_phones AS other JOIN participants AS participant ON participant.id = other.participant_id
            WHERE other.phone_key = ANY(${KEYS})
            OFFSET 0) AS own
      JOIN orders ON orders.id = own.order_id
      WHERE ${conditions.join(' AND ')}
      ORDER BY orders.placed_at DESC, orders.id DESC LIMIT ${limit}`,
    values,
  });
  return rows.map(orderOf);
}
