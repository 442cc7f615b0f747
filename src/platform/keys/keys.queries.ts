import type { EntityManager } from 'typeorm';

import type { Place } from '../http/cursor-page.js';
import type { Scope } from '../http/authentication/scopes.js';

/** A stored key, without its secret. */
export interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly pools: readonly string[] | null;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly rotatedAt: Date | null;
  readonly previousUntil: Date | null;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
  /** Whether it may have been revoked or rotated since the backup from which the database was restored. */
  readonly unconfirmed: boolean;
}

export type NewKeyRow = Pick<KeyRow, 'id' | 'name' | 'scopes' | 'pools' | 'createdAt' | 'createdBy' | 'expiresAt'> & {
  readonly secretHash: Buffer;
};

const KEY = `
  key.id, key.name, key.scopes, key.pools, key.created_at AS "createdAt", key.created_by AS "createdBy",
  key.rotated_at AS "rotatedAt", key.previous_until AS "previousUntil", key.expires_at AS "expiresAt",
  key.last_used_at AS "lastUsedAt", key.revoked_at AS "revokedAt", key.unconfirmed`;

export async function insertKey(
  tx: EntityManager,
  { id, name, secretHash, scopes, pools, createdAt, createdBy, expiresAt }: NewKeyRow,
): Promise<KeyRow> {
  const [row] = await tx.sql<[KeyRow]>`
    INSERT INTO api_keys AS key (id, name, secret_hash, scopes, pools, created_at, created_by, expires_at)
    VALUES (${id}, ${name}, ${secretHash}, ${[...scopes]}::text[], ${pools && [...pools]}::text[], ${createdAt},
            ${createdBy}, ${expiresAt})
    RETURNING ${() => KEY}`;
  return row;
}

/** Locks the key until the transaction ends. */
export async function lockKey(tx: EntityManager, id: string): Promise<KeyRow | null> {
  const [row] = await tx.sql<KeyRow[]>`SELECT ${() => KEY} FROM api_keys AS key WHERE key.id = ${id} FOR UPDATE`;
  return row ?? null;
}

/** The key before becomes the previous one; the one before that ends. Only whoever gets the new one has it: no doubt. */
export async function replaceSecret(
  tx: EntityManager,
  id: string,
  { secretHash, at, previousUntil }: { secretHash: Buffer; at: Date; previousUntil: Date },
): Promise<KeyRow> {
  const [[row]] = await tx.sql<[[KeyRow], number]>`
    UPDATE api_keys AS key
    SET previous_hash = key.secret_hash, previous_until = ${previousUntil}, secret_hash = ${secretHash},
        rotated_at = ${at}, unconfirmed = false
    WHERE key.id = ${id} RETURNING ${() => KEY}`;
  return row;
}

export async function confirmKey(tx: EntityManager, id: string): Promise<KeyRow> {
  const [[row]] = await tx.sql<[[KeyRow], number]>`
    UPDATE api_keys AS key SET unconfirmed = false WHERE key.id = ${id} RETURNING ${() => KEY}`;
  return row;
}

/** A revoked key stays as it is. */
export async function revokeKey(tx: EntityManager, id: string, at: Date): Promise<KeyRow> {
  const [[row]] = await tx.sql<[[KeyRow], number]>`
    UPDATE api_keys AS key SET revoked_at = COALESCE(key.revoked_at, ${at})
    WHERE key.id = ${id} RETURNING ${() => KEY}`;
  return row;
}

/**
 * Keys before a place in the list, newest first.
 *
 * @param pools only keys that are limited to some of these pools; null = all keys
 */
export async function listKeys(
  tx: EntityManager,
  { before, limit, pools }: { before: Place | null; limit: number; pools: readonly string[] | null },
): Promise<KeyRow[]> {
  return tx.sql<KeyRow[]>`
    SELECT ${() => KEY} FROM api_keys AS key
    WHERE (${before?.at ?? null}::timestamptz IS NULL
           OR (key.created_at, key.id) < (${before?.at ?? null}::timestamptz, ${before?.id ?? null}::text))
      AND (${pools && [...pools]}::text[] IS NULL OR key.pools <@ ${pools && [...pools]}::text[])
    ORDER BY key.created_at DESC, key.id DESC LIMIT ${limit}`;
}
