import type { E164 } from '../../phone-number/e164.js';
import type { Role } from '../role.js';

/** One side of a link, with its present callee. */
export interface SideOfLink {
  readonly virtualNumber: E164;
  readonly orderId: string;
  readonly diallerId: string;
  readonly diallerRole: Role;
  /** With `diallerRole`, the link. */
  readonly calleeRole: Role;
  readonly calleeId: string | null;
  readonly shownNumber: E164 | null;
  readonly assignedAt: Date;
  readonly connectsUntil: Date;
}

/**
 * Whom one side of a link reached at an instant, and the number that the callee saw; null if the link was half-open. The
 * row names its last callee only. Each callee had the other side of the link for as long as calls reached them.
 *
 * @param sides contain the other sides of the link, longest assigned first
 */
export function calleeOfLink(
  side: SideOfLink,
  sides: readonly SideOfLink[],
  at: Date,
): Pick<SideOfLink, 'calleeId' | 'shownNumber'> {
  const { orderId, diallerRole, calleeRole, calleeId, shownNumber, connectsUntil } = side;
  const other = sides.find(
    (one) =>
      one.orderId === orderId &&
      one.diallerRole === calleeRole &&
      one.calleeRole === diallerRole &&
      one.assignedAt <= at &&
      at < one.connectsUntil,
  );
  if (other) return { calleeId: other.diallerId, shownNumber: other.virtualNumber };
  // Whoever joined later was not the callee yet. After its end, an assignment does not change.
  return at < connectsUntil ? { calleeId: null, shownNumber: null } : { calleeId, shownNumber };
}
