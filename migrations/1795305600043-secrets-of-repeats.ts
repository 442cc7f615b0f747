import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The proofs by which a repeated request is known are keyed with a secret of the call, which is deleted soon after. Older
 * proofs, made with the lookup key alone, could be guessed by whoever has that key; they are deleted here.
 */
export class SecretsOfRepeats1795305600043 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE interactions
        ADD COLUMN repeat_secret bytea, -- keys the proofs in the steps; null = the call is decided no more, its answer not repeated
        ADD CONSTRAINT a_repeat_secret_is_long CHECK (octet_length(repeat_secret) >= 16)`);
    // Secrets that are due to be deleted.
    await runner.query(`
      CREATE INDEX interactions_with_secret ON interactions (at) WHERE repeat_secret IS NOT NULL`);
    // A step is named for its place in the flow and, where a PIN was keyed, a proof of the digits, which becomes a number.
    await runner.query(`
      UPDATE interactions AS known
      SET steps = (
        SELECT jsonb_object_agg(CASE WHEN step.place = step.name THEN step.name
                                     ELSE step.place || ' ' || lpad(step.ordinal::text, 16, '0') END,
                                step.answer - 'proof')
        FROM (SELECT one.name, one.answer, named.place,
                     row_number() OVER (PARTITION BY named.place ORDER BY one.answer ->> 'at', one.name) AS ordinal
              FROM jsonb_each(known.steps) AS one (name, answer)
              CROSS JOIN LATERAL (SELECT regexp_replace(one.name, ' [A-Za-z0-9_-]{16}$', '') AS place) AS named) AS step)
      WHERE jsonb_path_exists(known.steps, '$.*.proof')`);
    // Phones that were asked about and that nobody on an order has any more.
    await runner.query(`
      UPDATE audit_log AS entry SET phone_key = NULL
      WHERE entry.phone_key IS NOT NULL
        AND NOT EXISTS (SELECT FROM assignments AS held WHERE held.dialler_key = entry.phone_key)
        AND NOT EXISTS (SELECT FROM participants AS person WHERE person.phone_key = entry.phone_key)`);
    // Events without an id of their own were named by a proof of all that they said.
    await runner.query(`
      UPDATE incoming_events AS event SET event_id = gen_random_uuid()::text
      WHERE event.source = '' AND event.event_id ~ '^[A-Za-z0-9_-]{16}$'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE interactions DROP COLUMN repeat_secret');
  }
}
