import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { Clock } from '../../clock/clock.js';
import { BatchedStatement } from '../../database/batched-statement.js';
import { DatabaseCheck } from '../../database/database-check.js';
import { isDatabaseTrouble } from '../../database/connections/database-trouble.js';
import { sharedPool } from '../../database/statement.js';
import { DatabaseUnavailable } from '../request.problems.js';
import { hashOfKey, isSecretOf, keyIdIn, type SecretsOfKey } from './key-text.js';
import type { KeyPrincipal } from './principal.js';
import type { Scope } from './scopes.js';

/** A revoked key must be refused by every process within 5 s. */
const READ_AGAIN_AFTER_MS = 2_000;
const USE_IS_NOTED_EVERY_MS = 60_000;

interface StoredKey extends SecretsOfKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly pools: readonly string[] | null;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly unconfirmed: boolean;
  readonly lastUsedAt: Date | null;
}

interface Known {
  readonly key: StoredKey;
  /** When it was asked for, by `performance.now()`. */
  readonly readAt: number;
  /** When its use was last noted, by the clock. */
  usedAt: number;
}

/**
 * Why a key is refused. wrong: there is no such key; unconfirmed: the database was restored, so the key may have been
 * revoked since the backup.
 */
export type KeyRefusal = 'wrong' | 'expired' | 'revoked' | 'unconfirmed';

/**
 * The keys in the database. Each process remembers a key that exists for two seconds, and for as long as the database
 * does not answer. Keys that do not exist are not remembered: a new key works at once, and strangers fill no memory.
 */
@Injectable()
export class StoredKeys {
  private readonly known = new Map<string, Known>();
  /** Requests that arrive together share a statement, so strangers keep one connection busy at most. */
  private readonly rows = new BatchedStatement<string, StoredKey | null>((ids) => this.read(ids));

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly check: DatabaseCheck,
  ) {}

  /**
   * The principal of the key with this text, or why it is refused. Asks the database only for a text that may be a key.
   *
   * @throws DatabaseUnavailable if the key is not remembered and the database does not answer
   */
  async find(text: string): Promise<KeyPrincipal | KeyRefusal> {
    const id = keyIdIn(text);
    return id === null ? 'wrong' : this.findByHash(id, hashOfKey(text));
  }

  /** The same, by the id and the SHA-256 of the text. */
  async findByHash(id: string, hash: Buffer): Promise<KeyPrincipal | KeyRefusal> {
    const known = await this.knownAs(id);
    if (known === null) return 'wrong';
    const { key } = known;
    const now = this.clock.now();
    if (!isSecretOf(key, hash, now)) return 'wrong';
    if (key.revokedAt !== null) return 'revoked';
    if (key.expiresAt !== null && key.expiresAt <= now) return 'expired';
    if (key.unconfirmed) return 'unconfirmed';
    this.noteUse(known, now);
    return { kind: 'key', id, name: key.name, scopes: key.scopes, pools: key.pools, address: null, secretHash: hash };
  }

  /** To be called when a key was changed, so that at least this process uses it as it is now. */
  forget(id: string): void {
    this.known.delete(id);
  }

  private async knownAs(id: string): Promise<Known | null> {
    const known = this.known.get(id) ?? null;
    const readAt = performance.now();
    if (known !== null && readAt - known.readAt < READ_AGAIN_AFTER_MS) return known;
    if (!this.check.passed) return remembered(known);
    try {
      const key = await this.rows.ask(id);
      if (key === null) {
        this.known.delete(id);
        return null;
      }
      const usedAt = Math.max(known?.usedAt ?? 0, key.lastUsedAt?.getTime() ?? 0);
      const read = { key, readAt, usedAt };
      this.known.set(id, read);
      return read;
    } catch (failure) {
      if (!isDatabaseTrouble(failure)) throw failure;
      return remembered(known);
    }
  }

  private async read(ids: readonly string[]): Promise<(StoredKey | null)[]> {
    const { rows } = await sharedPool(this.dataSource).query<StoredKey>({
      name: 'find-api-keys',
      text: `
        SELECT key.id, key.name, key.secret_hash AS "secretHash", key.previous_hash AS "previousHash",
               key.previous_until AS "previousUntil", key.scopes, key.pools, key.expires_at AS "expiresAt",
               key.revoked_at AS "revokedAt", key.unconfirmed, key.last_used_at AS "lastUsedAt"
        FROM api_keys AS key WHERE key.id = ANY((SELECT $1::text[])::text[])`,
      values: [[...new Set(ids)]],
    });
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  /** At most once a minute. The request does not wait for it, and does not fail with it. */
  private noteUse(known: Known, now: Date): void {
    if (now.getTime() - known.usedAt < USE_IS_NOTED_EVERY_MS || !this.check.passed) return;
    known.usedAt = now.getTime();
    const unlessNoted = new Date(now.getTime() - USE_IS_NOTED_EVERY_MS);
    void sharedPool(this.dataSource)
      .query({
        name: 'note-use-of-api-key',
        text: `
          UPDATE api_keys AS key SET last_used_at = $2
          WHERE key.id = $1 AND (key.last_used_at IS NULL OR key.last_used_at <= $3)`,
        values: [known.key.id, now, unlessNoted],
      })
      .catch(() => undefined); // the next minute's use is noted
  }
}

/** @throws DatabaseUnavailable: whether there is such a key is unknown */
function remembered(known: Known | null): Known {
  if (known === null) throw new DatabaseUnavailable();
  return known;
}
