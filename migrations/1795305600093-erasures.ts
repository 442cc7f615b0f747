import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Expand: persons who asked to be erased, and the orders whose end their erasure waits for. The previous version does not
 * use the table. A row contains no phone, in no form.
 */
export class Erasures1795305600093 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE erasures (
        id              uuid        NOT NULL DEFAULT gen_random_uuid(),
        asked_at        timestamptz NOT NULL,
        order_ids       uuid[]      NOT NULL, -- by place: the order of each participant
        participant_ids uuid[]      NOT NULL,
        done_at         timestamptz, -- null = some of it is still needed

        CONSTRAINT erasures_pkey PRIMARY KEY (id),
        CONSTRAINT each_participant_to_erase_is_on_an_order
          CHECK (cardinality(order_ids) = cardinality(participant_ids))
      )`);
    // Those that are not done.
    await runner.query('CREATE INDEX erasures_to_finish ON erasures (asked_at) WHERE done_at IS NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE erasures');
  }
}
