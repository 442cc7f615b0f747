import type { PoolLevel } from '../../virtual-numbers/pools/pool-level.queries.js';

/** The number of a pool's numbers that are paid for. */
export function inUse({ numbers }: PoolLevel): number {
  return numbers.provisioning + numbers.available + numbers.draining + numbers.resting + numbers.suspended;
}
