/** How one kind of rows is deleted when they are older than its setting allows. */
export interface KeptKind {
  /** Tables with a partition for each month. Months are dropped whole. */
  readonly byMonth?: readonly string[];
  /** Tables of few rows, which are deleted in batches. */
  readonly rows?: readonly OldRows[];
}

export interface OldRows {
  readonly table: string;
  /** Which rows are old, in SQL; $1 is the first instant that is kept, or now if the rows name their own end. */
  readonly old: string;
}

/** Every kind of rows that has a setting. Pools, numbers and what the forecast counts are not deleted. */
export const KEPT_KINDS = {
  orders: { byMonth: ['ended_orders', 'ended_participants', 'ended_outgoing_calls'] },
  orderEvents: {
    byMonth: ['ended_order_events'],
    // Of webhooks that are no longer used.
    rows: [{ table: 'order_event_deliveries', old: 'row.next_attempt_at < $1' }],
  },
  callEvents: {
    byMonth: ['feed_events'],
    // That could not be announced.
    rows: [{ table: 'interaction_news', old: 'row.at < $1' }],
  },
  interactions: {
    byMonth: ['ended_interactions'],
    // That were recorded when their order had been moved.
    rows: [
      {
        table: 'interactions',
        old: `row.at < $1 AND NOT EXISTS (SELECT FROM orders WHERE orders.id = row.order_id)`,
      },
    ],
  },
  history: {
    byMonth: ['assignment_history'],
    // The last change before the first instant still tells the policy at that instant.
    rows: [
      {
        table: 'pool_policy_changes',
        old: `EXISTS (SELECT FROM pool_policy_changes AS later
                      WHERE later.pool_id = row.pool_id AND later.at < $1 AND (later.at, later.id) > (row.at, row.id))`,
      },
    ],
  },
  incomingEvents: { byMonth: ['ended_incoming_events'] },
  audit: {
    rows: [
      { table: 'audit_log', old: 'row.at < $1' },
      { table: 'erasures', old: 'row.done_at < $1' },
    ],
  },
  purchases: {
    rows: [
      {
        table: 'number_purchases',
        old: `row.wanted_at < $1 AND row.state IN ('available', 'failed')`,
      },
    ],
  },
  supplyEvents: { rows: [{ table: 'supply_events', old: 'row.at < $1' }] },
  numberChecks: {
    rows: [
      {
        table: 'number_checks',
        old: `COALESCE(GREATEST(row.checked_at, row.lost_at, row.unlisted_since), '-infinity') < $1
              AND EXISTS (SELECT FROM virtual_numbers AS ours
                          WHERE ours.number = row.number AND ours.status = 'retired'
                            AND GREATEST(ours.created_at, ours.last_assigned_at, ours.giving_back_since) < $1)`,
      },
    ],
  },
} as const satisfies Readonly<Record<string, KeptKind>>;

/** Rows that name their own end, whatever the settings are. */
export const EXPIRING_ROWS: readonly OldRows[] = [{ table: 'idempotent_requests', old: 'row.expires_at <= $1' }];

export type KindName = keyof typeof KEPT_KINDS;

/** Whole months to keep before the current one, by kind; null = forever. */
export type KeptMonths = Readonly<Record<KindName, number | null>>;

/** Nothing is deleted. */
export const EVERYTHING = Object.fromEntries(Object.keys(KEPT_KINDS).map((kind) => [kind, null])) as KeptMonths;
