import type { EntityManager } from 'typeorm';

import { MissingScope } from '../http/authentication/access.problems.js';
import type { KeyPrincipal } from '../http/authentication/principal.js';
import { lockRequester } from '../http/authentication/requester.js';
import type { KeyRow } from './keys.queries.js';
import { mayManage } from './own-key.js';

/** Puts every key in doubt that may have been revoked or rotated since the backup. @returns how many */
export async function doubtKeys(tx: EntityManager): Promise<number> {
  const [, doubted] = await tx.sql<[unknown, number]>`
    UPDATE api_keys AS key SET unconfirmed = true WHERE key.revoked_at IS NULL`;
  return doubted;
}

/**
 * Ends every doubt.
 *
 * @throws MissingScope, BeyondOwnKey if the requester could not confirm each key by itself
 */
export async function trustKeys(tx: EntityManager, by: KeyPrincipal, now: Date): Promise<void> {
  await lockRequester(tx, by, now);
  const [trusted] = await tx.sql<[Pick<KeyRow, 'scopes' | 'pools'>[], number]>`
    UPDATE api_keys AS key SET unconfirmed = false WHERE key.unconfirmed RETURNING key.scopes, key.pools`;
  if (trusted.length > 0 && !by.scopes.includes('keys')) throw new MissingScope(['keys']);
  for (const key of trusted) mayManage(by, key);
}

/** How many keys wait to be confirmed or revoked. */
export async function countUnconfirmedKeys(manager: EntityManager, now: Date): Promise<number> {
  const [{ keys }] = await manager.sql<[{ keys: number }]>`
    SELECT count(*)::integer AS keys FROM api_keys AS key
    WHERE key.unconfirmed AND key.revoked_at IS NULL AND (key.expires_at IS NULL OR key.expires_at > ${now})`;
  return keys;
}
