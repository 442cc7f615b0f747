import { ROLE, ROLE_FORM, type Role } from './role.js';

/** Two roles of an order whose participants may reach each other. */
export interface Link {
  readonly roles: readonly [Role, Role];
  /** The only one of the two that may call and text the other; null = as the pool's direction says. */
  readonly onlyFrom: Role | null;
}

/** When a participant gets a number: once the other one of the link is known, or at once. */
export const ASSIGN_NUMBERS = ['when-both-known', 'when-one-known'] as const;
export type AssignNumbers = (typeof ASSIGN_NUMBERS)[number];

/** Links of ten people who may all reach each other. */
export const MOST_LINKS = 45;

/** A link cannot be read: which field of the request, and why not. */
export class UnusableLink extends Error {
  constructor(
    readonly field: string,
    readonly why: string,
  ) {
    super(`${field} ${why}`);
  }
}

/**
 * Reads links as clients write them: `["courier", "sender"]`, or `{"between": ["courier", "sender"], "onlyFrom":
 * "sender"}`.
 *
 * @param field the request's field, for the message
 * @returns null for null and an empty list, which name no links
 * @throws UnusableLink
 */
export function readLinks(value: unknown, field: string): Link[] | null {
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value) || value.length > MOST_LINKS) {
    throw new UnusableLink(field, `must be a list of at most ${MOST_LINKS} pairs of roles`);
  }
  const links: Link[] = [];
  for (const [index, one] of value.entries()) {
    const link = readLink(one, `${field}.${index}`);
    if (links.some((known) => isSameLink(known, link))) {
      throw new UnusableLink(`${field}.${index}`, 'names a link that is in the list already');
    }
    links.push(link);
  }
  return links.length > 0 ? links : null;
}

/** @throws UnusableLink */
export function readLink(value: unknown, field: string): Link {
  const fields = (Array.isArray(value) ? { between: value } : Object(value)) as Record<string, unknown>;
  const { between, onlyFrom = null, ...others } = fields;
  if (Object.values(others).some((other) => other !== undefined))
    throw new UnusableLink(field, 'has a field besides between and onlyFrom');
  if (!Array.isArray(between) || between.length !== 2 || !between.every((role) => isRole(role))) {
    throw new UnusableLink(field, `must have two roles, as in ["courier", "sender"]; a role must be ${ROLE_FORM}`);
  }
  const [one, other] = between as [Role, Role];
  if (one === other) throw new UnusableLink(field, 'names the same role twice');
  if (onlyFrom !== null && onlyFrom !== one && onlyFrom !== other) {
    throw new UnusableLink(`${field}.onlyFrom`, "must be one of the link's two roles, or null");
  }
  return { roles: [one, other], onlyFrom: onlyFrom as Role | null };
}

export function isRole(value: unknown): value is Role {
  return typeof value === 'string' && ROLE.test(value);
}

export function isSameLink(one: Link, { roles }: Pick<Link, 'roles'>): boolean {
  return roles.every((role) => one.roles.includes(role));
}

/** The role at the other end of a link; null if the role is at neither. */
export function otherEnd({ roles: [one, other] }: Pick<Link, 'roles'>, role: Role): Role | null {
  if (role === one) return other;
  return role === other ? one : null;
}
