import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Texts beside calls: what was decided, in how many segments they went, whether they arrived. */
export class Texts1795305600012 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE interactions
        ADD COLUMN segments integer, -- of a text, as it was passed on; null = it was not
        ADD COLUMN delivery text,    -- of a text, as far as the provider has told
        DROP CONSTRAINT a_decision_is_connect_refuse_or_ask_pin,
        ADD CONSTRAINT a_decision_suits_a_call_or_a_text
          CHECK (CASE kind WHEN 'call' THEN decision IN ('connect', 'refuse', 'ask-pin')
                           ELSE decision IN ('forward', 'drop') END),
        ADD CONSTRAINT a_forwarded_text_belongs_to_an_order CHECK (decision <> 'forward' OR order_id IS NOT NULL),
        ADD CONSTRAINT only_a_forwarded_text_has_segments
          CHECK ((segments IS NOT NULL) = (decision IS NOT DISTINCT FROM 'forward') AND segments >= 1),
        ADD CONSTRAINT a_delivery_is_known CHECK (delivery IN ('sent', 'failed', 'delivered'))`);
    // Who wants no texts in an order. Ids only: it may outlive the phones.
    await runner.query(`
      CREATE TABLE text_opt_outs (
        order_id       uuid        NOT NULL,
        participant_id uuid        NOT NULL,
        at             timestamptz NOT NULL,

        CONSTRAINT a_participant_opts_out_once PRIMARY KEY (order_id, participant_id)
      )`);
    await runner.query(`
      CREATE TABLE kept_texts (
        provider            text        NOT NULL,
        provider_message_id text        NOT NULL,
        words               bytea       NOT NULL, -- sealed
        keep_until          timestamptz NOT NULL,

        CONSTRAINT a_text_is_kept_once PRIMARY KEY (provider, provider_message_id)
      )`);
    await runner.query(`CREATE INDEX kept_texts_to_forget ON kept_texts (keep_until)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE kept_texts, text_opt_outs');
    await runner.query(`DELETE FROM interactions WHERE kind = 'text'`);
    await runner.query(`
      ALTER TABLE interactions
        DROP COLUMN segments, DROP COLUMN delivery,
        DROP CONSTRAINT a_forwarded_text_belongs_to_an_order,
        DROP CONSTRAINT a_decision_suits_a_call_or_a_text,
        ADD CONSTRAINT a_decision_is_connect_refuse_or_ask_pin CHECK (decision IN ('connect', 'refuse', 'ask-pin'))`);
  }
}
