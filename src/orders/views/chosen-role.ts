import type { Role } from '../../virtual-numbers/role.js';
import { LinkNotFound, SeveralLinks } from '../order/orders.problems.js';

/**
 * The other end of the link that a request means.
 *
 * @param others the roles to which the participant is linked; at least one
 * @param to as the request names it; null if it names none
 * @throws LinkNotFound; SeveralLinks if the request names none of several
 */
export function chosenRole(reference: string, role: Role, others: readonly Role[], to: Role | null): Role {
  if (to !== null && !others.includes(to)) throw new LinkNotFound(reference, role, to);
  if (to === null && others.length > 1) throw new SeveralLinks(reference, role, others);
  return to ?? others[0]!;
}
