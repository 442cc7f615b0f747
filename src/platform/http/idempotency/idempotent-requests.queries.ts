import type { EntityManager, DataSource } from 'typeorm';

/** One try to answer a request. If another try takes the request over, this one stores nothing any more. */
export interface Claim {
  /** Keyed hash of the principal and the Idempotency-Key. */
  readonly id: Buffer;
  /** Keyed hash of the method, the path, the type and the body. */
  readonly fingerprint: Buffer;
  /** The try's own UUID. */
  readonly claim: string;
  readonly claimedUntil: Date;
  readonly expiresAt: Date;
}

/** What is stored of a request. */
export interface IdempotentRequest {
  readonly fingerprint: Buffer;
  readonly claim: string;
  readonly claimedUntil: Date;
  /** Sealed; null = not answered yet. */
  readonly answer: Buffer | null;
  readonly expiresAt: Date;
}

/** @returns whether the request is the first with its key. Waits for no other transaction that is answering it. */
export async function insertClaim(dataSource: DataSource, of: Claim): Promise<boolean> {
  const inserted = await dataSource.sql<unknown[]>`
    INSERT INTO idempotent_requests (id, fingerprint, claim, claimed_until, expires_at)
    VALUES (${of.id}, ${of.fingerprint}, ${of.claim}, ${of.claimedUntil}, ${of.expiresAt})
    ON CONFLICT (id) DO NOTHING
    RETURNING 1`;
  return inserted.length === 1;
}

export async function findRequest(dataSource: DataSource, id: Buffer): Promise<IdempotentRequest | null> {
  const [known] = await dataSource.sql<IdempotentRequest[]>`
    SELECT request.fingerprint, request.claim, request.claimed_until AS "claimedUntil", request.answer,
           request.expires_at AS "expiresAt"
    FROM idempotent_requests AS request WHERE request.id = ${id}`;
  return known ?? null;
}

/**
 * Takes over a request whose time is over: its answer has expired, or it was claimed by a process that died. Waits for a
 * transaction that is answering it. @returns false if it was answered or taken over meanwhile
 */
export async function takeOver(dataSource: DataSource, of: Claim, from: IdempotentRequest): Promise<boolean> {
  const [, taken] = await dataSource.sql<[unknown, number]>`
    UPDATE idempotent_requests AS request
    SET fingerprint = ${of.fingerprint}, claim = ${of.claim}, claimed_until = ${of.claimedUntil},
        expires_at = ${of.expiresAt}, answer = NULL
    WHERE request.id = ${of.id} AND request.claim = ${from.claim}
      AND (request.answer IS NULL) = ${from.answer === null}`;
  return taken === 1;
}

/** Keeps a claim for longer, as its request is still worked on. */
export async function renew(dataSource: DataSource, { id, claim }: Claim, claimedUntil: Date): Promise<void> {
  await dataSource.sql`
    UPDATE idempotent_requests AS request SET claimed_until = ${claimedUntil}
    WHERE request.id = ${id} AND request.claim = ${claim} AND request.answer IS NULL`;
}

/** @returns false if another try has taken the request over: then its work must not be done by this one */
export async function storeAnswer(
  manager: Pick<EntityManager, 'sql'>,
  { id, claim }: Claim,
  answer: Buffer,
): Promise<boolean> {
  const [, stored] = await manager.sql<[unknown, number]>`
    UPDATE idempotent_requests AS request SET answer = ${answer}
    WHERE request.id = ${id} AND request.claim = ${claim}`;
  return stored === 1;
}

/** Makes the next request with this key the first one, unless this one was answered. */
export async function release(dataSource: DataSource, { id, claim }: Claim): Promise<void> {
  await dataSource.sql`
    DELETE FROM idempotent_requests AS request
    WHERE request.id = ${id} AND request.claim = ${claim} AND request.answer IS NULL`;
}
