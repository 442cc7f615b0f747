import type { KeyPrincipal } from '../../platform/http/authentication/principal.js';
import type { Scope } from '../../platform/http/authentication/scopes.js';

/** A change of an order, a call or a text: an event of the feed, as a message of the stream. */
export interface Change {
  /** Its place in the feed. */
  readonly position: string;
  readonly type: string;
  /** The name of its order's pool; null = no order is known. */
  readonly pool: string | null;
  /** The message, ready to be written. */
  readonly message: string;
}

/** Says that a pool's policy or level has changed. It is not in the feed. */
export const POOL_CHANGED = 'pool.changed';
/** Says that changes are missing before it. */
export const STREAM_RESET = 'stream.reset';

/** Which scopes of a key let it see changes, by the first word of their type. Any one is enough. */
const SCOPES_THAT_SEE: Readonly<Record<string, readonly Scope[]>> = {
  order: ['orders:read', 'events'],
  call: ['orders:read', 'support', 'events'],
  text: ['orders:read', 'support', 'events'],
  pool: ['operate'],
};
const SEE_THE_REST: readonly Scope[] = ['events'];

/** What may open a stream: with any of these scopes there is something to see. */
export const SEES_CHANGES = ['orders:read', 'support', 'operate', 'events'] as const satisfies readonly Scope[];

/** Whether a key may see changes of this type in this pool; null = in no pool, which only keys of all pools see. */
export function maySeeChange({ scopes, pools }: KeyPrincipal, type: string, pool: string | null): boolean {
  const allowed = SCOPES_THAT_SEE[type.split('.')[0]!] ?? SEE_THE_REST;
  if (!allowed.some((scope) => scopes.includes(scope))) return false;
  return pools === null || (pool !== null && pools.includes(pool));
}
