/** A table whose rows belong to orders, by `order_id`. */
export interface TableOfOrders {
  readonly table: string;
  /** The rows that still need something done, or are still needed. An order with such a row is not moved. */
  readonly pending?: string;
  /** moved = with its order, into the table `ended_…`; deleted = nobody needs it after the order */
  readonly goes?: 'moved' | 'deleted';
  /** The instant that decides a row's month, in SQL. Default: the end of its order's grace. */
  readonly overAt?: string;
}

/** Every table whose rows belong to orders, also those of other modules. Those that are moved last come last. */
export const TABLES_OF_ORDERS: readonly TableOfOrders[] = [
  { table: 'assignments', pending: 'true' }, // until they are archived
  { table: 'participant_phones', pending: 'true' }, // until they are deleted
  { table: 'text_opt_outs', goes: 'deleted' },
  { table: 'unconfirmed_participants', goes: 'deleted' },
  { table: 'participants', pending: 'row.phone_key IS NOT NULL', goes: 'moved' },
  { table: 'order_events', pending: 'row.position IS NULL', goes: 'moved' },
  { table: 'outgoing_calls', pending: 'row.look_at IS NOT NULL', goes: 'moved' },
  {
    table: 'interactions',
    pending: 'row.ask_at IS NOT NULL OR row.repeat_secret IS NOT NULL',
    goes: 'moved',
    overAt: 'GREATEST(ended.over_at, moved.at)', // in quarantine, callers hear that the order has ended
  },
];
