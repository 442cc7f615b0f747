import type { MigrationInterface, QueryRunner } from 'typeorm';

import { changeTables } from '../src/platform/database/table-changes.js';

/**
 * Expand: an erasure knows the incoming events that name the phone and are not applied yet, and keeps the keyed phone
 * until they are, so that it follows them to their orders. The previous version overlooks the events, and may call such
 * an erasure done; this one continues it all the same.
 */
export class ErasuresFollowEvents1795305600113 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await changeTables(runner, ['erasures'], async () => {
      await runner.query(`
        ALTER TABLE erasures
          ADD COLUMN event_ids bigint[] NOT NULL DEFAULT '{}', -- of incoming events that are not applied yet
          ADD COLUMN phone_key bytea,                          -- keyed lookup, until they are; null = there are none
          ADD CONSTRAINT an_erasure_keeps_the_phone_for_events_alone
            CHECK ((phone_key IS NULL) = (cardinality(event_ids) = 0))`);
      // Those that wait for events.
      await runner.query('CREATE INDEX erasures_that_follow_events ON erasures (asked_at) WHERE phone_key IS NOT NULL');
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX erasures_that_follow_events');
    await runner.query('ALTER TABLE erasures DROP COLUMN event_ids, DROP COLUMN phone_key');
  }
}
