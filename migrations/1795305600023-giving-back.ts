import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Numbers on their way back to the provider, and numbers that rest because calls to them fare badly. */
export class GivingBack1795305600023 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE virtual_numbers
        -- draining (takes no order, and rests) -> releasing (retired; the provider is being told) -> released
        ADD COLUMN giving_back       text,
        ADD COLUMN giving_back_since timestamptz, -- since when it drains
        ADD COLUMN rested_because    text,        -- in a sentence, for a person
        ADD COLUMN overruled_until   timestamptz, -- somebody says it is well: it is not put to rest before this

        ADD CONSTRAINT giving_back_has_known_steps CHECK (giving_back IN ('draining', 'releasing', 'released')),
        ADD CONSTRAINT giving_back_says_since_when CHECK ((giving_back IS NULL) = (giving_back_since IS NULL)),
        ADD CONSTRAINT only_a_retired_number_is_released
          CHECK (giving_back IS NULL OR giving_back = 'draining' OR status = 'retired'),
        ADD CONSTRAINT only_a_resting_number_says_why_it_rests CHECK (rested_because IS NULL OR status = 'resting')`);
    await runner.query(`
      CREATE INDEX virtual_numbers_giving_back ON virtual_numbers (pool_id) WHERE giving_back IN ('draining', 'releasing')`);

    // Whoever changes a status need not know of any of this: it ends with the status it belongs to, but a number of which
    // the provider is just being told stays retired, and one that somebody may dial, or be shown, is never retired.
    await runner.query(`
      CREATE FUNCTION a_status_is_left_properly() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.status = OLD.status THEN
          RETURN NEW;
        END IF;
        IF NEW.status = 'retired' AND EXISTS (
          SELECT FROM assignments AS pair WHERE pair.virtual_number = NEW.number OR pair.shown_number = NEW.number
        ) THEN
          RAISE EXCEPTION 'somebody may still dial number %, or be shown it', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_may_dial_a_retired_number';
        END IF;
        IF OLD.giving_back = 'releasing' THEN
          RAISE EXCEPTION 'number % is being released', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_number_being_released_stays_retired';
        END IF;
        IF NEW.giving_back IS NOT DISTINCT FROM OLD.giving_back THEN
          NEW.giving_back := NULL;
          NEW.giving_back_since := NULL;
        END IF;
        IF OLD.status = 'resting' THEN
          NEW.rested_because := NULL;
        END IF;
        RETURN NEW;
      END $$`);
    await runner.query(`
      CREATE TRIGGER a_status_is_left_properly BEFORE UPDATE OF status ON virtual_numbers
      FOR EACH ROW EXECUTE FUNCTION a_status_is_left_properly()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER a_status_is_left_properly ON virtual_numbers');
    await runner.query('DROP FUNCTION a_status_is_left_properly');
    await runner.query(`
      ALTER TABLE virtual_numbers
        DROP COLUMN giving_back, DROP COLUMN giving_back_since, DROP COLUMN rested_because, DROP COLUMN overruled_until`);
  }
}
