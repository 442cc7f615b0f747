/** What a participant is on an order: `customer`, `agent`, `sender`, `courier`, … Unique within the order. */
export type Role = string;

export const ROLE = /^[a-z][a-z0-9-]{0,31}$/;

export const ROLE_FORM = '1 to 32 lower-case letters, digits and hyphens, and begin with a letter';
