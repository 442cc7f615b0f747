import type { DataSource, EntityManager } from 'typeorm';

import type { WebhookAttempt } from '../../platform/webhooks/webhook-sender.js';

/** An attempt to tell an endpoint of an event. */
export interface RecordedAttempt extends Omit<WebhookAttempt, 'retryAfterSeconds'> {
  readonly id: string;
  readonly webhookId: string;
  readonly type: string;
  readonly at: Date;
}

export type NewAttempt = Omit<RecordedAttempt, 'id'>;

export async function recordAttempt(
  manager: DataSource | EntityManager,
  endpointId: string,
  { webhookId, type, at, status, failure, durationMs, response }: NewAttempt,
): Promise<void> {
  await manager.sql`
    INSERT INTO webhook_attempts (endpoint_id, webhook_id, type, at, status, failure, duration_ms, response)
    VALUES (${endpointId}, ${webhookId}, ${type}, ${at}, ${status}, ${failure}, ${durationMs}, ${response})`;
}

/** Newest first, before the one that ended the last page. */
export async function findAttempts(
  dataSource: DataSource,
  endpointId: string,
  before: string | null,
  limit: number,
): Promise<RecordedAttempt[]> {
  return dataSource.sql<RecordedAttempt[]>`
    SELECT attempt.id::text AS id, attempt.webhook_id AS "webhookId", attempt.type, attempt.at, attempt.status,
           attempt.failure, attempt.duration_ms AS "durationMs", attempt.response
    FROM webhook_attempts AS attempt
    WHERE attempt.endpoint_id = ${endpointId} AND (${before}::bigint IS NULL OR attempt.id < ${before}::bigint)
    ORDER BY attempt.id DESC LIMIT ${limit}`;
}

/** Deletes attempts from before an instant, at most `limit` at once. @returns how many */
export async function deleteAttempts(dataSource: DataSource, before: Date, limit: number): Promise<number> {
  const [, deleted] = await dataSource.sql<[unknown[], number]>`
    DELETE FROM webhook_attempts AS attempt
    WHERE attempt.id IN (SELECT old.id FROM webhook_attempts AS old
                         WHERE old.at < ${before} ORDER BY old.at LIMIT ${limit} FOR UPDATE SKIP LOCKED)`;
  return deleted;
}
