import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';

import { transactionOfRequest } from '../http/idempotency/keyed-request.js';
import { AuditService } from '../audit/audit.service.js';
import { Clock } from '../clock/clock.js';
import { hashOfKey, newKeyId, newKeyText } from '../http/authentication/key-text.js';
import { nameOfPrincipal, type KeyPrincipal } from '../http/authentication/principal.js';
import { lockRequester } from '../http/authentication/requester.js';
import type { Scope } from '../http/authentication/scopes.js';
import { StoredKeys } from '../http/authentication/stored-keys.js';
import { pageOf, placeCursor, readPlace } from '../http/cursor-page.js';
import { InvalidRequest } from '../http/request.problems.js';
import { KeyEnded, KeyNotFound } from './keys.problems.js';
import { confirmKey, insertKey, listKeys, lockKey, replaceSecret, revokeKey, type KeyRow } from './keys.queries.js';
import { isOfPools, mayManage } from './own-key.js';

/** What a new key may do. */
export interface KeyToCreate {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Names; null = all pools. */
  readonly pools: readonly string[] | null;
  /** Null = never. */
  readonly expiresAt: Date | null;
}

/** A key with its text, which is not stored and cannot be shown again. */
export interface ShownKey {
  readonly row: KeyRow;
  readonly text: string;
}

export interface KeyPage {
  readonly keys: readonly KeyRow[];
  readonly nextCursor: string | null;
}

/** Creates, rotates and revokes API keys. A key manages only keys that have no more scopes and pools than itself. */
@Injectable()
export class KeysService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly stored: StoredKeys,
    private readonly audit: AuditService,
  ) {}

  /**
   * @throws BeyondOwnKey; MissingKey, SessionEnded and KeyUnconfirmed as `lockRequester` does; InvalidRequest if it would
   *   be expired at once
   */
  async create(by: KeyPrincipal, key: KeyToCreate): Promise<ShownKey> {
    mayManage(by, key);
    const now = this.clock.now();
    if (key.expiresAt !== null && key.expiresAt <= now) {
      throw new InvalidRequest(
        ['expiresAt must be in the future; leave it out for a key that does not expire'],
        'expiresAt',
      );
    }
    const id = newKeyId();
    const text = newKeyText(id);
    return transactionOfRequest(this.dataSource, async (tx) => {
      await lockRequester(tx, by, now);
      await this.audit.recordIn(tx, by, { what: 'keys.create', about: `key ${id}`, details: { after: key } });
      const createdBy = nameOfPrincipal(by);
      const row = await insertKey(tx, { id, secretHash: hashOfKey(text), ...key, createdAt: now, createdBy });
      return { row, text };
    });
  }

  /**
   * Gives a key another secret. The one before is accepted for the overlap, the one before that no longer. Of a key in
   * doubt, none before is.
   *
   * @throws KeyNotFound, KeyEnded, BeyondOwnKey
   */
  async rotate(by: KeyPrincipal, id: string, overlapSeconds: number): Promise<ShownKey> {
    const text = newKeyText(id);
    const shown = await transactionOfRequest(this.dataSource, async (tx) => {
      const key = await this.lock(tx, by, id);
      const now = this.clock.now();
      if (hasEnded(key, now)) throw new KeyEnded();
      const previousUntil = new Date(now.getTime() + (key.unconfirmed ? 0 : overlapSeconds) * 1_000);
      const deed = { what: 'keys.rotate', about: `key ${id}`, details: { after: { previousUntil } } };
      await this.audit.recordIn(tx, by, deed);
      return { row: await replaceSecret(tx, id, { secretHash: hashOfKey(text), at: now, previousUntil }), text };
    });
    this.stored.forget(id);
    return shown;
  }

  /**
   * Says that a key in doubt was neither revoked nor rotated since the backup. Every process accepts it within 5 s.
   *
   * @throws KeyNotFound, KeyEnded, BeyondOwnKey
   */
  async confirm(by: KeyPrincipal, id: string): Promise<KeyRow> {
    const row = await transactionOfRequest(this.dataSource, async (tx) => {
      const key = await this.lock(tx, by, id);
      if (hasEnded(key, this.clock.now())) throw new KeyEnded();
      if (key.unconfirmed) await this.audit.recordIn(tx, by, { what: 'keys.confirm', about: `key ${id}` });
      return confirmKey(tx, id);
    });
    this.stored.forget(id);
    return row;
  }

  /** Every process refuses the key within 5 s. A revoked key stays revoked. @throws KeyNotFound, BeyondOwnKey */
  async revoke(by: KeyPrincipal, id: string): Promise<KeyRow> {
    const row = await this.dataSource.transaction(async (tx) => {
      const { revokedAt } = await this.lock(tx, by, id);
      if (revokedAt === null) await this.audit.recordIn(tx, by, { what: 'keys.revoke', about: `key ${id}` });
      return revokeKey(tx, id, this.clock.now());
    });
    this.stored.forget(id);
    return row;
  }

  /** Newest first. A key that is limited to pools sees only keys of these pools. @throws InvalidRequest */
  async list({ pools }: KeyPrincipal, limit: number, cursor?: string): Promise<KeyPage> {
    const before = readPlace(cursor, 'letters');
    const rows = await listKeys(this.dataSource.manager, { before, limit: limit + 1, pools });
    const { page, nextCursor } = pageOf(rows, limit, ({ createdAt: at, id }) => placeCursor({ at, id }));
    return { keys: page, nextCursor };
  }

  private async lock(tx: EntityManager, by: KeyPrincipal, id: string): Promise<KeyRow> {
    await lockRequester(tx, by, this.clock.now(), [id]);
    const key = await lockKey(tx, id);
    if (key === null || !isOfPools(key, by)) throw new KeyNotFound();
    mayManage(by, key);
    return key;
  }
}

export type KeyStatus = 'active' | 'unconfirmed' | 'expired' | 'revoked';

export function statusOf({ revokedAt, expiresAt, unconfirmed }: KeyRow, now: Date): KeyStatus {
  if (revokedAt !== null) return 'revoked';
  if (expiresAt !== null && expiresAt <= now) return 'expired';
  return unconfirmed ? 'unconfirmed' : 'active';
}

function hasEnded(key: KeyRow, now: Date): boolean {
  return ['revoked', 'expired'].includes(statusOf(key, now));
}
