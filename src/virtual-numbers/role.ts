/** What a participant of an order is to it. */
export const ROLES = ['customer', 'agent'] as const;
export type Role = (typeof ROLES)[number];
