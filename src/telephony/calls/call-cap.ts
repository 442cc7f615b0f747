import type { Connect } from '../decisions/verdict.js';
import type { Allowance } from '../tries/recent-tries.js';

/** The period of a pool's call cap. */
export const CAP_SECONDS = 60 * 60;

/** How often one participant may be connected to another, which is one direction of a link. */
export function capOf({ callerId, calleeId }: Pick<Connect, 'callerId' | 'calleeId'>, most: number): Allowance {
  return { subject: `calls of ${callerId} to ${calleeId}`, most, withinSeconds: CAP_SECONDS };
}
