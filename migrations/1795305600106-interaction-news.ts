import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Expand: what happened to calls and texts and has no place in the feed yet. The previous version writes nothing here, so
 * its calls have no events.
 */
export class InteractionNews1795305600106 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Rows live for a second or so. Vacuumed by their number, because the table is mostly empty.
    await runner.query(`
      CREATE TABLE interaction_news (
        id               bigint      GENERATED ALWAYS AS IDENTITY,
        what             text        NOT NULL, -- decided, ended, failed, opted-out
        kind             text        NOT NULL DEFAULT 'call',
        provider         text        NOT NULL,
        provider_call_id text        NOT NULL,
        at               timestamptz NOT NULL,
        order_id         uuid,
        caller_role      text, -- or of the sender, or of the participant who opted out
        decision         text,
        reason           text,
        steps            jsonb,
        outcome          text,
        talk_seconds     integer,

        CONSTRAINT interaction_news_pkey PRIMARY KEY (id)
      ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE interaction_news');
  }
}
