import { isSameLink, otherEnd, type AssignNumbers, type Link } from '../../virtual-numbers/link.js';
import type { Role } from '../../virtual-numbers/role.js';

/** The most people on an order, and so the most roles that its links name. */
export const MOST_PARTICIPANTS = 10;

/** Roles of people who bring something, and so talk to everybody else. */
const CARRIERS: readonly Role[] = ['agent', 'courier', 'driver'];

/** Who is expected on an order that names no links, has no carrier, and assigns numbers before both are known. */
const EXPECTED_CARRIER: Role = 'agent';

/**
 * The links of an order: those that are named, if any are. Otherwise each carrier with everybody else; without a
 * carrier, everybody with everybody.
 *
 * @param named by the order or by its pool's policy; null = none
 * @param roles of the present participants
 */
export function linksOf(
  named: readonly Link[] | null,
  roles: readonly Role[],
  assignNumbers: AssignNumbers,
): readonly Link[] {
  if (named) return named;
  const expectsCarrier = assignNumbers === 'when-one-known' && !roles.some(isCarrier);
  const all = expectsCarrier ? [...roles, EXPECTED_CARRIER] : roles;
  const hasCarrier = all.some(isCarrier);
  return all.flatMap((one, index) =>
    all
      .slice(index + 1)
      .filter((other) => !hasCarrier || isCarrier(one) || isCarrier(other))
      .map((other): Link => ({ roles: [one, other], onlyFrom: null })),
  );
}

/**
 * The role in whose place a role joins an order: numbers that were assigned early, for the carrier that the rule expects,
 * lead to the first carrier who comes, whatever their role. Null if nobody was expected in their place.
 */
export function expectedInPlaceOf(
  joining: Role,
  named: readonly Link[] | null,
  present: readonly { readonly role: Role }[],
): Role | null {
  const comesFirst = named === null && isOnlyCarrier(joining, present);
  return comesFirst && joining !== EXPECTED_CARRIER ? EXPECTED_CARRIER : null;
}

/** Whether a role that leaves was the last carrier of an order. */
export function isOnlyCarrier(leaving: Role, staying: readonly { readonly role: Role }[]): boolean {
  return isCarrier(leaving) && !staying.some(({ role }) => isCarrier(role));
}

function isCarrier(role: Role): boolean {
  return CARRIERS.includes(role);
}

/**
 * The links and every other that has numbers. If the links follow from the roles, a carrier who joins changes them, and
 * those that were opened before stay open.
 */
export function withNumbered(
  links: readonly Link[],
  sides: readonly { readonly diallerRole: Role; readonly calleeRole: Role }[],
): readonly Link[] {
  const all = [...links];
  for (const { diallerRole, calleeRole } of sides) {
    const roles = [diallerRole, calleeRole] as const;
    if (!all.some((link) => isSameLink(link, { roles }))) all.push({ roles, onlyFrom: null });
  }
  return all;
}

/** The links and one more, in place of an equal one. */
export function withLink(links: readonly Link[], link: Link): Link[] {
  return [...withoutLink(links, link.roles), link];
}

export function withoutLink(links: readonly Link[], roles: Link['roles']): Link[] {
  return links.filter((link) => !isSameLink(link, { roles }));
}

/** The only role that may dial on the link between two roles; null = as the pool's direction says. */
export function onlyFromOn(links: readonly Link[], one: Role, other: Role): Role | null {
  return links.find((link) => isSameLink(link, { roles: [one, other] }))?.onlyFrom ?? null;
}

/** One or two roles that a link names and nobody has, in words. @param place whose links do not name them either */
export function unknownRoles([one, other]: readonly Role[], place: string): string {
  return other === undefined
    ? `the role ${one}, which no participant has and no link of ${place} names`
    : `the roles ${one} and ${other}, which no participants have and no links of ${place} name`;
}

/** The roles that a role is linked to. */
export function linkedTo(links: readonly Link[], role: Role): Role[] {
  return links.map((link) => otherEnd(link, role)).filter((other) => other !== null);
}
