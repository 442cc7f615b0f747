/** The roles of an order's participants. */
export const ROLES = ['customer', 'agent'] as const;
export type Role = (typeof ROLES)[number];
