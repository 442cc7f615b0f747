/** What bounds the age of a copied assignment from which a call is decided. */
export interface CopiedRow {
  /** How long its pair rests after the assignment ends; null if an earlier version made it. */
  readonly quarantineSeconds: number | null;
  /** The pool's policy. */
  readonly decideWithoutDatabaseSeconds: number;
}

/**
 * How much earlier a quarantine may be over than it should be: the clocks of the processes differ, and a transaction
 * reads the clock before it commits. Transactions that are idle for a minute are ended.
 */
const MARGIN_SECONDS = 60;

/**
 * Whether a call may be decided from a copy of an assignment, by the age of the copy. A copy may miss that the assignment
 * has ended. Then its pair rests for the quarantine before it leads to anybody else, so a copy that is younger leads to
 * somebody of the same order or to nobody: docs/decisions/0096-a-stale-copy-connects-no-strangers.md.
 *
 * @param ageMs null if there is no copy; negative if a clock was set back
 */
export function mayDecide(
  { quarantineSeconds, decideWithoutDatabaseSeconds }: CopiedRow,
  ageMs: number | null,
): boolean {
  if (ageMs === null || ageMs < 0 || quarantineSeconds === null) return false;
  return ageMs < 1_000 * Math.min(decideWithoutDatabaseSeconds, quarantineSeconds - MARGIN_SECONDS);
}
