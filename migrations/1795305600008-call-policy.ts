import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a pool allows of calls and texts. */
export class CallPolicy1795305600008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE pools
        ADD COLUMN texts              text    NOT NULL DEFAULT 'off',
        ADD COLUMN pin                text    NOT NULL DEFAULT 'off', -- who is asked for the order's PIN
        ADD COLUMN direction          text    NOT NULL DEFAULT 'both',
        ADD COLUMN max_call_seconds   integer NOT NULL DEFAULT 3600,
        ADD COLUMN max_ring_seconds   integer NOT NULL DEFAULT 45,
        ADD COLUMN max_calls_per_hour integer,                        -- of one caller to one other person of an order
        ADD COLUMN quiet_hours        jsonb,                          -- {from, until, timeZone}
        ADD COLUMN claim_by_pin       boolean NOT NULL DEFAULT false,
        ADD COLUMN record_calls       boolean NOT NULL DEFAULT false,
        ADD COLUMN texts_kept_seconds integer NOT NULL DEFAULT 0,

        ADD CONSTRAINT texts_are_off_on_or_redacted CHECK (texts IN ('off', 'on', 'redacted')),
        ADD CONSTRAINT a_pin_is_asked_of_nobody_strangers_or_all CHECK (pin IN ('off', 'unknown-callers', 'always')),
        ADD CONSTRAINT calls_go_in_a_known_direction
          CHECK (direction IN ('both', 'customer-to-agent', 'agent-to-customer')),
        ADD CONSTRAINT a_call_is_cut_some_day CHECK (max_call_seconds BETWEEN 1 AND 14400),
        ADD CONSTRAINT a_phone_stops_ringing CHECK (max_ring_seconds BETWEEN 1 AND 600),
        ADD CONSTRAINT a_cap_lets_one_call_through CHECK (max_calls_per_hour >= 1),
        ADD CONSTRAINT quiet_hours_have_two_ends_and_a_zone
          CHECK (quiet_hours ?& ARRAY['from', 'until', 'timeZone']),
        ADD CONSTRAINT texts_are_kept_no_negative_time CHECK (texts_kept_seconds >= 0)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE pools
        DROP COLUMN texts, DROP COLUMN pin, DROP COLUMN direction, DROP COLUMN max_call_seconds,
        DROP COLUMN max_ring_seconds, DROP COLUMN max_calls_per_hour, DROP COLUMN quiet_hours,
        DROP COLUMN claim_by_pin, DROP COLUMN record_calls, DROP COLUMN texts_kept_seconds`);
  }
}
