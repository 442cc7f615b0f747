import type { DataSource, EntityManager } from 'typeorm';

import type { NewAttempt } from './webhook-attempts.queries.js';
import type { ClaimedEndpoint, DisabledBecause, SealedSecrets, WebhookEndpoint } from './webhook-endpoint.js';

type Manager = DataSource | EntityManager;

const COLUMNS = `
  endpoint.id, endpoint.url, endpoint.types, endpoint.description, endpoint.created_at AS "createdAt",
  endpoint.disabled_because AS "disabledBecause", endpoint.disabled_at AS "disabledAt",
  endpoint.first_failed_at AS "firstFailedAt", endpoint.attempts, endpoint.next_attempt_at AS "nextAttemptAt",
  endpoint.previous_until AS "previousUntil"`;

const SECRETS = `endpoint.secret, endpoint.previous_secret AS "previousSecret"`;

/** Whoever sends to the endpoint notices it at the next event, and stops: the endpoint has changed. */
const WITHOUT_CLAIM = 'claim = NULL, claimed_until = NULL';

export interface NewEndpoint extends Pick<WebhookEndpoint, 'id' | 'url' | 'types' | 'description' | 'createdAt'> {
  readonly secret: Buffer;
  readonly deliveredTo: string;
}

/** @returns null, without a change, if there are `most` endpoints */
export async function addEndpoint(
  manager: Manager,
  { id, url, types, description, createdAt, secret, deliveredTo }: NewEndpoint,
  most: number,
): Promise<WebhookEndpoint | null> {
  const [endpoint] = await manager.query<WebhookEndpoint[]>(
    `INSERT INTO webhook_endpoints AS endpoint (id, url, types, description, created_at, secret, delivered_to,
                                                next_attempt_at)
     SELECT $1::uuid, $2, $3::text[], $4, $5::timestamptz, $6::bytea, $7::bigint, $5::timestamptz
     WHERE (SELECT count(*) FROM webhook_endpoints) < $8
     RETURNING ${COLUMNS}`,
    [id, url, types, description, createdAt, secret, deliveredTo, most],
  );
  return endpoint ?? null;
}

/** Oldest first. */
export async function findEndpoints(manager: Manager): Promise<WebhookEndpoint[]> {
  return manager.query<WebhookEndpoint[]>(
    `SELECT ${COLUMNS} FROM webhook_endpoints AS endpoint ORDER BY endpoint.created_at, endpoint.id`,
  );
}

/** @param options.forUpdate locks it until the end of the transaction */
export async function findEndpoint(
  manager: Manager,
  id: string,
  { forUpdate = false } = {},
): Promise<(WebhookEndpoint & SealedSecrets) | null> {
  const [endpoint] = await manager.query<(WebhookEndpoint & SealedSecrets)[]>(
    `SELECT ${COLUMNS}, ${SECRETS} FROM webhook_endpoints AS endpoint WHERE endpoint.id = $1
     ${forUpdate ? 'FOR UPDATE' : ''}`,
    [id],
  );
  return endpoint ?? null;
}

export interface EndpointChange {
  readonly url?: string;
  readonly types?: readonly string[];
  readonly description?: string | null;
  readonly enabled?: boolean;
}

/** An endpoint that is enabled goes on where it stopped, at once. @returns null if there is none */
export async function changeEndpoint(
  manager: Manager,
  id: string,
  { url, types, description, enabled }: EndpointChange,
  now: Date,
): Promise<WebhookEndpoint | null> {
  const [rows] = await manager.query<[WebhookEndpoint[], number]>(
    `UPDATE webhook_endpoints AS endpoint
     SET ${WITHOUT_CLAIM}, url = COALESCE($2, endpoint.url), types = COALESCE($3::text[], endpoint.types),
         description = CASE WHEN $4 THEN $5 ELSE endpoint.description END,
         disabled_because = CASE WHEN $6 THEN NULL WHEN NOT $6 THEN COALESCE(endpoint.disabled_because, 'requested')
                                 ELSE endpoint.disabled_because END,
         disabled_at = CASE WHEN $6 THEN NULL WHEN NOT $6 THEN COALESCE(endpoint.disabled_at, $7::timestamptz)
                            ELSE endpoint.disabled_at END,
         attempts = CASE WHEN $6 OR $2 IS NOT NULL THEN 0 ELSE endpoint.attempts END,
         first_failed_at = CASE WHEN $6 OR $2 IS NOT NULL THEN NULL ELSE endpoint.first_failed_at END,
         next_attempt_at = CASE WHEN $6 OR $2 IS NOT NULL THEN $7::timestamptz ELSE endpoint.next_attempt_at END
     WHERE endpoint.id = $1
     RETURNING ${COLUMNS}`,
    [id, url ?? null, types ?? null, description !== undefined, description ?? null, enabled ?? null, now],
  );
  return rows[0] ?? null;
}

export async function removeEndpoint(manager: Manager, id: string): Promise<void> {
  await manager.query('DELETE FROM webhook_endpoints WHERE id = $1', [id]);
}

/** The previous secret signs too until an instant; it gives way to a more recent one. @returns null if there is none */
export async function replaceSecret(
  manager: Manager,
  id: string,
  secret: Buffer,
  previousUntil: Date,
): Promise<WebhookEndpoint | null> {
  const [rows] = await manager.query<[WebhookEndpoint[], number]>(
    `UPDATE webhook_endpoints AS endpoint
     SET ${WITHOUT_CLAIM}, secret = $2, previous_secret = endpoint.secret, previous_until = $3
     WHERE endpoint.id = $1
     RETURNING ${COLUMNS}`,
    [id, secret, previousUntil],
  );
  return rows[0] ?? null;
}

/** The endpoint goes on behind a place of the feed, at once. @returns null if there is none */
export async function goOnBehind(
  manager: Manager,
  id: string,
  position: string,
  now: Date,
): Promise<WebhookEndpoint | null> {
  const [rows] = await manager.query<[WebhookEndpoint[], number]>(
    `UPDATE webhook_endpoints AS endpoint
     SET ${WITHOUT_CLAIM}, delivered_to = $2, attempts = 0, next_attempt_at = $3
     WHERE endpoint.id = $1
     RETURNING ${COLUMNS}`,
    [id, position, now],
  );
  return rows[0] ?? null;
}

/** Ends the wait for the next attempt, because the endpoint has just acknowledged a test. */
export async function endWait(manager: Manager, id: string, now: Date): Promise<void> {
  await manager.query(
    `UPDATE webhook_endpoints AS endpoint SET next_attempt_at = LEAST(endpoint.next_attempt_at, $2::timestamptz)
     WHERE endpoint.id = $1`,
    [id, now],
  );
}

/** Claims all endpoints that are due and behind the feed, until an instant. Skips those that another process has. */
export async function claimDueEndpoints(manager: Manager, now: Date, until: Date): Promise<ClaimedEndpoint[]> {
  const [rows] = await manager.query<[ClaimedEndpoint[], number]>(
    `UPDATE webhook_endpoints AS endpoint
     SET claim = gen_random_uuid(), claimed_until = $2
     FROM (SELECT due.id FROM webhook_endpoints AS due, order_event_feed AS feed
           WHERE due.disabled_because IS NULL AND due.next_attempt_at <= $1
             AND (due.claimed_until IS NULL OR due.claimed_until <= $1) AND due.delivered_to < feed.last_position
           FOR UPDATE OF due SKIP LOCKED) AS due
     WHERE endpoint.id = due.id
     RETURNING ${COLUMNS}, ${SECRETS}, endpoint.claim, endpoint.delivered_to::text AS "deliveredTo"`,
    [now, until],
  );
  return rows;
}

type Claim = Pick<ClaimedEndpoint, 'id' | 'claim'>;

/**
 * Records that an event was acknowledged, and its attempt, with one commit. The claim then lasts until an instant.
 *
 * @param to the event's place
 * @returns false if the claim is lost; then only the attempt is recorded
 */
export async function settleDelivered(
  manager: Manager,
  { id, claim }: Claim,
  to: string,
  until: Date,
  { webhookId, type, at, status, durationMs, response }: NewAttempt,
): Promise<boolean> {
  const [, settled] = await manager.query<[unknown[], number]>(
    `WITH attempt AS (
       INSERT INTO webhook_attempts (endpoint_id, webhook_id, type, at, status, duration_ms, response)
       VALUES ($1, $5, $6, $7, $8, $9, $10)
     )
     UPDATE webhook_endpoints
     SET delivered_to = $3, attempts = 0, first_failed_at = NULL, claimed_until = $4
     WHERE id = $1 AND claim = $2`,
    [id, claim, to, until, webhookId, type, at, status, durationMs, response],
  );
  return settled === 1;
}

/** Gives up the claim. @param to everything up to this place is acknowledged, or is of other types */
export async function release(manager: Manager, { id, claim }: Claim, to: string): Promise<void> {
  await manager.query(`UPDATE webhook_endpoints SET ${WITHOUT_CLAIM}, delivered_to = $3 WHERE id = $1 AND claim = $2`, [
    id,
    claim,
    to,
  ]);
}

/** Gives up the claim after a failed attempt. */
export async function settleFailed(
  manager: Manager,
  { id, claim }: Claim,
  { attempts, firstFailedAt, nextAttemptAt }: Pick<WebhookEndpoint, 'attempts' | 'firstFailedAt' | 'nextAttemptAt'>,
): Promise<void> {
  await manager.query(
    `UPDATE webhook_endpoints
     SET ${WITHOUT_CLAIM}, attempts = $3, first_failed_at = $4, next_attempt_at = $5
     WHERE id = $1 AND claim = $2`,
    [id, claim, attempts, firstFailedAt, nextAttemptAt],
  );
}

/** Disables an endpoint. @returns false if the claim is lost; nothing is changed */
export async function disable(
  manager: Manager,
  { id, claim }: Claim,
  because: DisabledBecause,
  { attempts, firstFailedAt }: Pick<WebhookEndpoint, 'attempts' | 'firstFailedAt'>,
  now: Date,
): Promise<boolean> {
  const [, disabled] = await manager.query<[unknown[], number]>(
    `UPDATE webhook_endpoints
     SET ${WITHOUT_CLAIM}, disabled_because = $3, disabled_at = $4, attempts = $5, first_failed_at = $6
     WHERE id = $1 AND claim = $2`,
    [id, claim, because, now, attempts, firstFailedAt],
  );
  return disabled === 1;
}

/** When the oldest event was written that an enabled endpoint has not acknowledged; null = none. */
export async function oldestUnacknowledged(manager: Manager): Promise<{ id: string; at: Date | null }[]> {
  return manager.query<{ id: string; at: Date | null }[]>(
    `SELECT endpoint.id, LEAST(
       (SELECT event.at FROM all_order_events AS event
        WHERE event.position > endpoint.delivered_to ORDER BY event.position LIMIT 1),
       (SELECT event.at FROM feed_events AS event
        WHERE event.position > endpoint.delivered_to ORDER BY event.position LIMIT 1)) AS at
     FROM webhook_endpoints AS endpoint WHERE endpoint.disabled_because IS NULL`,
  );
}

/** How many endpoints are enabled (null), or disabled for each reason. */
export async function countEndpoints(
  manager: Manager,
): Promise<{ disabledBecause: DisabledBecause | null; endpoints: number }[]> {
  return manager.query<{ disabledBecause: DisabledBecause | null; endpoints: number }[]>(
    `SELECT endpoint.disabled_because AS "disabledBecause", count(*)::integer AS endpoints
     FROM webhook_endpoints AS endpoint GROUP BY endpoint.disabled_because`,
  );
}
