import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One row a call: every decision taken for it, and how it ended. No phone is in it. */
export class Interactions1795305600004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE interactions (
        provider         text        NOT NULL,
        provider_call_id text        NOT NULL,
        kind             text        NOT NULL DEFAULT 'call',
        at               timestamptz NOT NULL, -- when we first heard of it
        order_id         uuid,
        caller_role      text,                 -- null = a caller we do not know
        virtual_number   text,                 -- dialled; null = none of ours
        steps            jsonb       NOT NULL DEFAULT '{}', -- by flow step: what was answered, so that a repeat hears the same
        decision         text,                 -- the newest step's; null = only its end was reported so far
        reason           text,
        outcome          text,
        talk_seconds     integer,
        ended_at         timestamptz,

        CONSTRAINT one_interaction_per_call PRIMARY KEY (provider, provider_call_id),
        CONSTRAINT an_interaction_is_a_call_or_a_text CHECK (kind IN ('call', 'text')),
        CONSTRAINT a_decision_is_connect_or_refuse CHECK (decision IN ('connect', 'refuse')),
        CONSTRAINT a_decision_has_a_reason CHECK ((decision IS NULL) = (reason IS NULL)),
        CONSTRAINT a_connected_call_belongs_to_an_order CHECK (decision <> 'connect' OR order_id IS NOT NULL),
        CONSTRAINT an_outcome_is_known
          CHECK (outcome IN ('not-dialled', 'failed', 'canceled', 'no-answer', 'busy', 'completed')),
        CONSTRAINT talk_lasts_no_negative_time CHECK (talk_seconds >= 0)
      )`);
    await runner.query(`CREATE INDEX interactions_by_order ON interactions (order_id, at) WHERE order_id IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE interactions');
  }
}
