/** What a participant is on an order: `customer`, `agent`, `sender`, `courier`, … Unique within the order. */
export type Role = string;

/** Few digits, because errors and logs may quote a role, and nobody's number. */
export const ROLE = /^(?!(?:.*\d){5})[a-z][a-z0-9-]{0,31}$/;

export const ROLE_FORM = '1 to 32 lower-case letters, hyphens and at most four digits, and begin with a letter';
