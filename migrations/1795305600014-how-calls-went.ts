import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far a call got, beside how it ended; and when the provider is to be asked for an end that it never reported. */
export class HowCallsWent1795305600014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE interactions
        ADD COLUMN ordinal      bigint GENERATED ALWAYS AS IDENTITY, -- tells calls of one instant apart, in lists
        ADD COLUMN progress     text,        -- nothing -> ringing -> answered, by the provider's reports; its end is the outcome
        ADD COLUMN sequence     integer,     -- the provider's own number of the report that the outcome is from
        ADD COLUMN ring_seconds integer,
        ADD COLUMN hung_up_by   text,
        ADD COLUMN recording    bytea,       -- the provider's link to the recording, sealed: whoever has it can listen
        -- While its end is not known: when to ask the provider for it, and how often that was done in vain.
        ADD COLUMN ask_at       timestamptz,
        ADD COLUMN times_asked  integer NOT NULL DEFAULT 0,
        ADD COLUMN is_genuine   boolean,     -- false = the provider knows no such call, so somebody made it up; null = not asked

        ADD CONSTRAINT a_call_rings_before_it_is_answered CHECK (progress IN ('ringing', 'answered')),
        ADD CONSTRAINT ringing_lasts_no_negative_time CHECK (ring_seconds >= 0),
        ADD CONSTRAINT caller_or_callee_hangs_up CHECK (hung_up_by IN ('caller', 'callee')),
        ADD CONSTRAINT nothing_is_asked_a_negative_number_of_times CHECK (times_asked >= 0)`);
    // Calls whose end the provider is to be asked for, longest waiting first.
    await runner.query(`CREATE INDEX interactions_to_ask ON interactions (ask_at) WHERE ask_at IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE interactions
        DROP COLUMN ordinal, DROP COLUMN progress, DROP COLUMN sequence, DROP COLUMN ring_seconds, DROP COLUMN hung_up_by,
        DROP COLUMN recording, DROP COLUMN ask_at, DROP COLUMN times_asked, DROP COLUMN is_genuine`);
  }
}
