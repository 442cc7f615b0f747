import type { Connections } from '../../platform/database/statement.js';

interface EndOfFeed {
  /** The last place that was given. */
  readonly last: string;
  /** Whether events wait for their places. */
  readonly isWaiting: boolean;
}

/** Looks for news, several times a second. Reads one row, and the index of events without a place, which is empty mostly. */
export async function endOfFeed(connections: Connections): Promise<EndOfFeed> {
  const { rows } = await connections.query<EndOfFeed>({
    name: 'end-of-feed',
    text: `
      SELECT feed.last_position::text AS last,
             EXISTS (SELECT FROM order_events AS event WHERE event.position IS NULL) AS "isWaiting"
      FROM order_event_feed AS feed`,
  });
  return rows[0]!;
}

/** The ids of the pools of orders, by reference. Ended orders are searched only for those that are not live. */
export async function poolIdsOf(
  connections: Connections,
  references: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (references.length === 0) return new Map();
  const { rows } = await connections.query<{ reference: string; poolId: string | null }>({
    name: 'pool-ids-of-orders',
    text: `
      SELECT one.reference,
             COALESCE((SELECT live.pool_id FROM orders AS live WHERE live.reference = one.reference),
                      (SELECT ended.pool_id FROM ended_orders AS ended WHERE ended.reference = one.reference LIMIT 1))
               AS "poolId"
      FROM unnest($1::text[]) AS one (reference)`,
    values: [references],
  });
  return new Map(rows.flatMap(({ reference, poolId }) => (poolId === null ? [] : [[reference, poolId] as const])));
}
