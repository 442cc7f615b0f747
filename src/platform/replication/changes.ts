import type { Pgoutput } from 'pg-logical-replication';

import type { Row } from './snapshot.js';

/** A committed change of one table. A value that was too large to be sent again, because it did not change, is undefined. */
export type Change =
  | { readonly kind: 'put'; readonly table: string; readonly row: Row; readonly oldKey: Row | null }
  | { readonly kind: 'remove'; readonly table: string; readonly key: Row }
  | { readonly kind: 'clear'; readonly table: string };

/** The changes in a message of pgoutput; none in messages about transactions and tables. */
export function changesIn(message: Pgoutput.Message): Change[] {
  if (message.tag === 'truncate') return message.relations.map(({ name }) => ({ kind: 'clear', table: name }));
  if (message.tag !== 'insert' && message.tag !== 'update' && message.tag !== 'delete') return [];
  const table = message.relation.name;
  if (message.tag === 'delete') return [{ kind: 'remove', table, key: (message.key ?? message.old)! }];
  const oldKey = message.tag === 'update' ? (message.key ?? message.old) : null;
  return [{ kind: 'put', table, row: message.new, oldKey }];
}
