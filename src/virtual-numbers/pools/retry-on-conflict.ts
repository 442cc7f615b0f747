import { setTimeout as sleep } from 'node:timers/promises';

import { QueryFailedError, type DataSource, type EntityManager } from 'typeorm';

import { NumbersBusy } from './virtual-numbers.problems.js';

/** All fitting numbers were locked by others: not the same as having none. */
export class FittingNumbersAreLocked extends Error {}

const PATIENCE_MS = 5_000;
const LONGEST_PAUSE_MS = 40;

/** PostgreSQL's words for a race lost fairly (Appendix A of its manual): run the transaction again. */
const DEADLOCK_DETECTED = '40P01';
const UNIQUE_VIOLATION = '23505';
const PAIR_IS_TAKEN = 'one_order_per_number_and_dialler';
const PIN_IS_TAKEN = 'a_pin_leads_to_one_order_behind_a_number';

/**
 * Runs `work` in a transaction, and again from its beginning while it loses a race for a number: the primary key refused
 * the pair, the PIN it drew leads elsewhere, or every fitting number was locked. Nothing is held while waiting, so waiters cannot block each other.
 *
 * @throws NumbersBusy when it has lost for `patienceMs`.
 */
export async function retryOnConflict<T>(
  dataSource: DataSource,
  work: (tx: EntityManager) => Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    try {
      return await dataSource.transaction(work);
    } catch (failure) {
      if (!lostRace(failure)) throw failure;
      if (performance.now() > giveUpAt) throw new NumbersBusy();
      await sleep(Math.random() * LONGEST_PAUSE_MS);
    }
  }
}

function lostRace(failure: unknown): boolean {
  if (failure instanceof FittingNumbersAreLocked) return true;
  // A prepared statement's error comes from pg as it is, an entity's wrapped by TypeORM.
  const error = (failure instanceof QueryFailedError ? failure.driverError : failure) as {
    code?: string;
    constraint?: string;
  };
  if (error.code === DEADLOCK_DETECTED) return true;
  return error.code === UNIQUE_VIOLATION && [PAIR_IS_TAKEN, PIN_IS_TAKEN].includes(error.constraint ?? '');
}
