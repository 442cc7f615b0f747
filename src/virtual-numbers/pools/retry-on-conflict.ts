import { setTimeout as sleep } from 'node:timers/promises';

import { QueryFailedError, type DataSource, type EntityManager } from 'typeorm';

import { transactionOfRequest } from '../../platform/http/idempotency/keyed-request.js';
import { NumbersBusy } from './virtual-numbers.problems.js';

/** Other transactions have locked all fitting numbers. This does not mean that the pool has none. */
export class FittingNumbersAreLocked extends Error {}

const PATIENCE_MS = 5_000;
const LONGEST_PAUSE_MS = 40;

/** PostgreSQL's error codes of conflicts (Appendix A of its manual) after which a transaction must be run again. */
const DEADLOCK_DETECTED = '40P01';
const UNIQUE_VIOLATION = '23505';
const PAIR_IS_TAKEN = 'one_order_per_number_and_dialler';
const PIN_IS_TAKEN = 'a_pin_leads_to_one_order_behind_a_number';

/**
 * Runs `work` in a transaction, and repeats it while it loses a race for a number: the primary key refused the
 * assignment, the drawn PIN leads elsewhere, or every fitting number was locked. It holds nothing while it waits, so
 * waiters cannot block each other.
 *
 * @throws NumbersBusy after losing for `patienceMs`
 */
export async function retryOnConflict<T>(
  dataSource: DataSource,
  work: (tx: EntityManager) => Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    try {
      return await transactionOfRequest(dataSource, work);
    } catch (failure) {
      if (!lostRace(failure)) throw failure;
      if (performance.now() > giveUpAt) throw new NumbersBusy();
      await sleep(Math.random() * LONGEST_PAUSE_MS);
    }
  }
}

function lostRace(failure: unknown): boolean {
  if (failure instanceof FittingNumbersAreLocked) return true;
  // pg's errors come directly from prepared statements, and wrapped by TypeORM from entities.
  const error = (failure instanceof QueryFailedError ? failure.driverError : failure) as {
    code?: string;
    constraint?: string;
  };
  if (error.code === DEADLOCK_DETECTED) return true;
  return error.code === UNIQUE_VIOLATION && [PAIR_IS_TAKEN, PIN_IS_TAKEN].includes(error.constraint ?? '');
}
