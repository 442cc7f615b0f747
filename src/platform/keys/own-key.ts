import type { KeyPrincipal } from '../http/authentication/principal.js';
import { BeyondOwnKey } from './keys.problems.js';
import type { KeyRow } from './keys.queries.js';

/** A key manages only keys that have no more than itself. @throws BeyondOwnKey */
export function mayManage(by: KeyPrincipal, key: Pick<KeyRow, 'scopes' | 'pools'>): void {
  const lacking = key.scopes.filter((scope) => !by.scopes.includes(scope));
  if (lacking.length > 0) throw new BeyondOwnKey(`the scope ${lacking.join(', ')}`);
  if (!isOfPools(key, by)) throw new BeyondOwnKey('some of its pools');
}

/** Whether all pools of a key are pools of the requester. */
export function isOfPools({ pools }: Pick<KeyRow, 'pools'>, by: KeyPrincipal): boolean {
  return by.pools === null || (pools !== null && pools.every((pool) => by.pools!.includes(pool)));
}
