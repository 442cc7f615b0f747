import { createHash, randomBytes } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';

import { Clock } from '../../clock/clock.js';
import { BatchedStatement } from '../../database/batched-statement.js';
import { DatabaseCheck } from '../../database/database-check.js';
import { isDatabaseTrouble } from '../../database/connections/database-trouble.js';
import { sharedPool } from '../../database/statement.js';
import { DatabaseUnavailable } from '../request.problems.js';
import { EnvironmentKeys } from './environment-keys.js';
import type { KeyPrincipal, SessionOfKey } from './principal.js';
import { StoredKeys } from './stored-keys.js';

export const SESSION_SECONDS = 12 * 60 * 60;

/** A session that was signed out must be refused by every process within 5 s. */
const READ_AGAIN_AFTER_MS = 2_000;
const TOKEN_BYTES = 32;
/** Above this, those that have expired are forgotten. */
const MANY_KNOWN = 1_000;

interface StoredSession {
  readonly tokenHash: Buffer;
  readonly keyId: string;
  readonly keyHash: Buffer;
  readonly expiresAt: Date;
}

interface Known {
  readonly session: StoredSession;
  /** When it was asked for, by `performance.now()`. */
  readonly readAt: number;
}

/** A new session, with its token, which is not stored. */
export interface NewSession {
  readonly token: string;
  readonly expiresAt: Date;
}

/**
 * The sessions of the web console. A session stands for an API key, by the key's hash: with each request, it is asked
 * again whether that key is accepted. Each process remembers a session that exists as StoredKeys remembers keys.
 */
@Injectable()
export class StoredSessions {
  private readonly known = new Map<string, Known>();
  private readonly rows = new BatchedStatement<string, StoredSession | null>((hashes) => this.read(hashes));

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly check: DatabaseCheck,
    private readonly environment: EnvironmentKeys,
    private readonly stored: StoredKeys,
  ) {}

  /**
   * The principal of the session's key; null if the session or its key is not accepted any more.
   *
   * @throws DatabaseUnavailable if the session or key is not remembered and the database does not answer
   */
  async find(token: string): Promise<KeyPrincipal | null> {
    const known = await this.knownAs(hashOf(token).toString('hex'));
    if (known === null || known.session.expiresAt <= this.clock.now()) return null;
    const { tokenHash, keyId, keyHash, expiresAt } = known.session;
    const found = this.environment.findByHash(keyHash) ?? (await this.stored.findByHash(keyId, keyHash));
    return typeof found === 'object' ? { ...found, session: { tokenHash, until: expiresAt } } : null;
  }

  /** Begins a session of a key, and deletes some that have expired. */
  async begin({ id: keyId }: KeyPrincipal, keyHash: Buffer): Promise<NewSession> {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const now = this.clock.now();
    const expiresAt = new Date(now.getTime() + SESSION_SECONDS * 1_000);
    await this.dataSource.sql`
      WITH expired AS (
        DELETE FROM console_sessions AS session
        WHERE session.token_hash IN (SELECT old.token_hash FROM console_sessions AS old
                                     WHERE old.expires_at <= ${now} LIMIT 100 FOR UPDATE SKIP LOCKED)
      )
      INSERT INTO console_sessions (token_hash, key_id, key_hash, created_at, expires_at)
      VALUES (${hashOf(token)}, ${keyId}, ${keyHash}, ${now}, ${expiresAt})`;
    return { token, expiresAt };
  }

  /** Ends a session, in every process within 5 s. */
  async end(token: string): Promise<void> {
    const hash = hashOf(token);
    await this.dataSource.sql`DELETE FROM console_sessions AS session WHERE session.token_hash = ${hash}`;
    this.known.delete(hash.toString('hex'));
  }

  private async knownAs(hash: string): Promise<Known | null> {
    const known = this.known.get(hash);
    const readAt = performance.now();
    if (known && readAt - known.readAt < READ_AGAIN_AFTER_MS) return known;
    if (!this.check.passed) return remembered(known);
    try {
      const session = await this.rows.ask(hash);
      if (session === null) {
        this.known.delete(hash);
        return null;
      }
      if (this.known.size >= MANY_KNOWN) this.forgetExpired();
      const read = { session, readAt };
      this.known.set(hash, read);
      return read;
    } catch (failure) {
      if (!isDatabaseTrouble(failure)) throw failure;
      return remembered(known);
    }
  }

  private async read(hashes: readonly string[]): Promise<(StoredSession | null)[]> {
    const { rows } = await sharedPool(this.dataSource).query<StoredSession>({
      name: 'find-console-sessions',
      text: `
        SELECT session.token_hash AS "tokenHash", session.key_id AS "keyId", session.key_hash AS "keyHash",
               session.expires_at AS "expiresAt"
        FROM console_sessions AS session WHERE session.token_hash = ANY((SELECT $1::bytea[])::bytea[])`,
      values: [[...new Set(hashes)].map((hash) => Buffer.from(hash, 'hex'))],
    });
    const byHash = new Map(rows.map((row) => [row.tokenHash.toString('hex'), row]));
    return hashes.map((hash) => byHash.get(hash) ?? null);
  }

  private forgetExpired(): void {
    const now = this.clock.now();
    for (const [hash, { session }] of this.known) if (session.expiresAt <= now) this.known.delete(hash);
  }
}

/** Reads a session again, and keeps it from ending until the transaction does. @returns false if it has ended */
export async function lockSession(tx: EntityManager, { tokenHash }: SessionOfKey, now: Date): Promise<boolean> {
  const live = await tx.sql<unknown[]>`
    SELECT 1 FROM console_sessions AS session
    WHERE session.token_hash = ${tokenHash} AND session.expires_at > ${now} FOR SHARE`;
  return live.length === 1;
}

/** Ends every session: a restored database has sessions that were signed out since the backup. */
export async function endAllSessions(tx: EntityManager): Promise<void> {
  await tx.sql`DELETE FROM console_sessions`;
}

/** @throws DatabaseUnavailable: whether there is such a session is unknown */
function remembered(known: Known | undefined): Known {
  if (known === undefined) throw new DatabaseUnavailable();
  return known;
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
