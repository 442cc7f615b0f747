/** What a key may do. A request needs one of the scopes that its route names. */
export const SCOPES = [
  'orders:write',
  'orders:read',
  'support',
  'operate',
  'events',
  'metrics',
  'audit',
  'keys',
] as const;

export type Scope = (typeof SCOPES)[number];
