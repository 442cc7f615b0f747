import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Expand: webhook endpoints, what became of each attempt, and events that are not an order's own. Their places are of the
 * same feed as those of `order_events`. The previous version ignores all three.
 */
export class WebhookEndpoints1795305600105 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE webhook_endpoints (
        id               uuid        NOT NULL DEFAULT gen_random_uuid(),
        url              text        NOT NULL,
        types            text[]      NOT NULL, -- of events; a type, or all of a group as in order.*, or *
        description      text,
        secret           bytea       NOT NULL, -- sealed
        previous_secret  bytea,                -- sealed; signs too until the instant
        previous_until   timestamptz,
        created_at       timestamptz NOT NULL,
        disabled_because text,                 -- null = enabled
        disabled_at      timestamptz,
        delivered_to     bigint      NOT NULL, -- the place in the feed up to which everything is acknowledged
        attempts         integer     NOT NULL DEFAULT 0, -- failed, for the next event
        first_failed_at  timestamptz,          -- of these attempts
        next_attempt_at  timestamptz NOT NULL,
        claim            uuid,                 -- of the process that is sending; null = none
        claimed_until    timestamptz,

        CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (id),
        CONSTRAINT an_endpoint_is_disabled_for_a_reason CHECK (disabled_because IN ('requested', 'gone', 'failing')),
        CONSTRAINT a_previous_secret_signs_for_a_while CHECK ((previous_secret IS NULL) = (previous_until IS NULL))
      )`);
    await runner.query(`
      CREATE TABLE webhook_attempts (
        id          bigint      GENERATED ALWAYS AS IDENTITY,
        endpoint_id uuid        NOT NULL,
        webhook_id  text        NOT NULL,
        type        text        NOT NULL,
        at          timestamptz NOT NULL,
        status      integer,              -- null = no answer
        failure     text,                 -- null = acknowledged
        duration_ms integer     NOT NULL,
        response    text,                 -- its beginning

        CONSTRAINT webhook_attempts_pkey PRIMARY KEY (id)
      )`);
    await runner.query('CREATE INDEX webhook_attempts_by_endpoint ON webhook_attempts (endpoint_id, id)');
    await runner.query('CREATE INDEX webhook_attempts_by_time ON webhook_attempts (at)');
    await runner.query(`
      CREATE TABLE feed_events (
        placed_at timestamptz NOT NULL,
        position  bigint      NOT NULL, -- in the feed
        type      text        NOT NULL,
        subject   text        NOT NULL, -- an order's reference, or what else it is about
        at        timestamptz NOT NULL,
        data      jsonb       NOT NULL
      ) PARTITION BY RANGE (placed_at)`);
    await runner.query('CREATE INDEX ON feed_events (position)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE feed_events, webhook_attempts, webhook_endpoints');
  }
}
