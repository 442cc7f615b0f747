import type { EntityManager } from 'typeorm';

import { MissingKey } from '../request.problems.js';
import { KeyUnconfirmed } from './access.problems.js';
import { isSecretOf, type SecretsOfKey } from './key-text.js';
import type { KeyPrincipal } from './principal.js';
import { SessionEnded } from './session.problems.js';
import { lockSession } from './stored-sessions.js';

interface StateOfKey extends SecretsOfKey {
  readonly id: string;
  readonly revokedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly unconfirmed: boolean;
}

/**
 * Reads the requester's key again, and the session if there is one, and locks them until the transaction ends. Every
 * process remembers keys and sessions for 2 s, so they may be used for that long after they have ended. No access may
 * come of that which lasts longer: a key that was revoked may neither confirm itself nor create a successor, nor let a
 * webhook endpoint get the events. Keys of API_KEY are not stored, but their sessions are.
 *
 * @param others keys that are locked as well, all in the sequence of their ids, so that requests do not deadlock
 * @throws MissingKey, SessionEnded if the key or session is not accepted any more; KeyUnconfirmed
 */
export async function lockRequester(
  tx: EntityManager,
  by: KeyPrincipal,
  now: Date,
  others: readonly string[] = [],
): Promise<void> {
  const ids = [...new Set([by.id, ...others])];
  const rows = await tx.sql<StateOfKey[]>`
    SELECT key.id, key.revoked_at AS "revokedAt", key.expires_at AS "expiresAt", key.unconfirmed,
           key.secret_hash AS "secretHash", key.previous_hash AS "previousHash", key.previous_until AS "previousUntil"
    FROM api_keys AS key WHERE key.id = ANY(${ids}) ORDER BY key.id FOR UPDATE`;
  if (by.session && !(await lockSession(tx, by.session, now))) throw new SessionEnded();
  if (by.isOfEnvironment) return;
  const own = rows.find(({ id }) => id === by.id);
  if (!own || !isAccepted(own, by, now)) {
    throw new MissingKey('This key has just been revoked or rotated, or has expired. Use another one.');
  }
  if (own.unconfirmed) throw new KeyUnconfirmed();
}

function isAccepted(key: StateOfKey, { secretHash }: KeyPrincipal, now: Date): boolean {
  if (key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= now)) return false;
  return secretHash !== undefined && isSecretOf(key, secretHash, now);
}
