import type { InstallationRow } from './installation-row.queries.js';

/**
 * How a restore was recognised. rewritten: the row was not written where and by whom it says, as after a restore from a
 * dump, or in a copy. set-back: a witness outside the database has seen a later heartbeat, as after a point-in-time
 * recovery or the return to a snapshot of the disk. older-version: the database has no heartbeat, but a witness has seen
 * one. stated: an operator said so.
 */
export type RecognisedBy = 'rewritten' | 'set-back' | 'older-version' | 'stated';

/** The last heartbeat that was seen outside the database. */
export interface Seen {
  readonly id: string;
  readonly beat: number;
}

/**
 * A failover to an asynchronous standby may lose the last seconds, which is no restore: nobody has got a pair of number
 * and caller again so soon. 12 heartbeats are a minute.
 */
const LOST_BY_A_FAILOVER = 12;

/** How a restore is recognised; null = there was none, as far as is known. */
export function recognise(row: InstallationRow, seen: Seen | null): Exclude<RecognisedBy, 'stated'> | null {
  if (!row.isOriginal) return 'rewritten';
  if (seen === null) return null;
  if (seen.id !== row.id) return row.beat === 0 ? 'older-version' : null;
  return row.beat < lowestUnsuspicious(seen) ? 'set-back' : null;
}

export function lowestUnsuspicious({ beat }: Seen): number {
  return beat - LOST_BY_A_FAILOVER;
}
