import type { MigrationInterface, QueryRunner } from 'typeorm';

/** PINs and calls that are asked for one, blocks, and what was tried lately. */
export class LimitsOfCalls1795305600009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE interactions
        DROP CONSTRAINT a_decision_is_connect_or_refuse,
        ADD CONSTRAINT a_decision_is_connect_refuse_or_ask_pin CHECK (decision IN ('connect', 'refuse', 'ask-pin'))`);
    await runner.query(`
      ALTER TABLE assignments
        ADD COLUMN blocked_at timestamptz, -- since when the callee wants no calls of this dialler
        ADD COLUMN pin        bytea,       -- sealed; null until the order system asks for it
        ADD COLUMN pin_key    bytea,       -- keyed lookup of the number and the PIN
        ADD CONSTRAINT pin_and_lookup_go_together CHECK ((pin IS NULL) = (pin_key IS NULL))`);
    // Finds who is behind a number by the PIN, and counts the PINs of a number.
    await runner.query(`
      CREATE UNIQUE INDEX a_pin_leads_to_one_order_behind_a_number
        ON assignments (virtual_number, pin_key) WHERE pin_key IS NOT NULL`);
    // What somebody did in the last hour or day, where only so much of it is allowed. One row a subject, so that its
    // tries are counted one after the other, however many are made at once.
    await runner.query(`
      CREATE TABLE recent_tries (
        subject   text        NOT NULL, -- whose tries: a pair of participants, a number, a caller's keyed lookup, a call
        tries     jsonb       NOT NULL, -- the instant of each, in ms since 1970, by its id
        forget_at timestamptz NOT NULL, -- when none of them counts any more

        CONSTRAINT recent_tries_pkey PRIMARY KEY (subject)
      )`);
    await runner.query(`CREATE INDEX recent_tries_to_forget ON recent_tries (forget_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE recent_tries');
    await runner.query('ALTER TABLE assignments DROP COLUMN blocked_at, DROP COLUMN pin, DROP COLUMN pin_key');
    await runner.query(`DELETE FROM interactions WHERE decision = 'ask-pin'`);
    await runner.query(`
      ALTER TABLE interactions
        DROP CONSTRAINT a_decision_is_connect_refuse_or_ask_pin,
        ADD CONSTRAINT a_decision_is_connect_or_refuse CHECK (decision IN ('connect', 'refuse'))`);
  }
}
