import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A purchase is written down before each of its steps; what a person should hear of buying is kept. */
export class PurchasesStepByStep1795305600019 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE number_purchases
        DROP CONSTRAINT a_purchase_has_a_known_state,
        ADD COLUMN wanted_at timestamptz,
        ADD COLUMN unlisted  integer NOT NULL DEFAULT 0, -- lists of the provider that should have had it, and had not
        ALTER COLUMN ordered_at DROP NOT NULL`);
    await runner.query(`UPDATE number_purchases SET wanted_at = ordered_at`);
    await runner.query(`UPDATE number_purchases SET state = 'available' WHERE state = 'configured'`);
    await runner.query(`
      ALTER TABLE number_purchases
        ALTER COLUMN wanted_at SET NOT NULL,
        ADD CONSTRAINT a_purchase_has_a_known_state
          CHECK (state IN ('wanted', 'ordered', 'owned', 'configured', 'verified', 'available', 'failed')),
        ADD CONSTRAINT an_ordered_purchase_says_when CHECK (state IN ('wanted', 'failed') OR ordered_at IS NOT NULL)`);
    // Two pools that want the same number of a shelf: the second takes the next one.
    await runner.query(`DROP INDEX a_number_is_ordered_once`);
    await runner.query(`
      CREATE UNIQUE INDEX a_number_is_being_bought_once ON number_purchases (number) WHERE state IN ('wanted', 'ordered')`);
    // What was bought of a number that is being set up.
    await runner.query(`CREATE INDEX number_purchases_by_number ON number_purchases (number)`);

    await runner.query(`
      CREATE TABLE supply_events (
        id       bigint      GENERATED ALWAYS AS IDENTITY,
        pool_id  uuid,
        provider text,
        kind     text        NOT NULL,
        detail   text        NOT NULL, -- a sentence for a person
        told_as  text,                 -- what is to be told once has a name of its own
        at       timestamptz NOT NULL,

        CONSTRAINT supply_events_pkey PRIMARY KEY (id),
        CONSTRAINT a_supply_event_is_told_once UNIQUE (told_as),
        CONSTRAINT a_supply_event_is_of_a_pool_there_is FOREIGN KEY (pool_id) REFERENCES pools (id),
        CONSTRAINT a_supply_event_is_of_a_pool_or_a_provider CHECK (pool_id IS NOT NULL OR provider IS NOT NULL)
      )`);
    await runner.query(`CREATE INDEX supply_events_by_age ON supply_events (at, id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE supply_events`);
    await runner.query(`DROP INDEX number_purchases_by_number, a_number_is_being_bought_once`);
    await runner.query(`DELETE FROM number_purchases WHERE state = 'wanted' OR ordered_at IS NULL`);
    await runner.query(`
      ALTER TABLE number_purchases
        DROP CONSTRAINT a_purchase_has_a_known_state, DROP CONSTRAINT an_ordered_purchase_says_when,
        DROP COLUMN wanted_at, DROP COLUMN unlisted, ALTER COLUMN ordered_at SET NOT NULL`);
    await runner.query(`
      UPDATE number_purchases SET state = 'configured' WHERE state IN ('verified', 'available')`);
    await runner.query(`
      ALTER TABLE number_purchases ADD CONSTRAINT a_purchase_has_a_known_state
        CHECK (state IN ('ordered', 'owned', 'configured', 'failed'))`);
    await runner.query(`
      CREATE UNIQUE INDEX a_number_is_ordered_once ON number_purchases (number) WHERE state = 'ordered'`);
  }
}
