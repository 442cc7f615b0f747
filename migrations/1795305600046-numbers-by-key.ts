import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A number of ours is nobody's own phone, and no person's number is asked about in clear. */
export class NumbersByKey1795305600046 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Whether a phone is a number of ours, until the transaction ends: who makes it one waits for that (see
    // virtual-numbers.service.ts). A function, because each statement of a volatile one sees what was committed by then,
    // so the look comes after the lock and still takes one round trip. One of 64 locks, so that few wait for each other.
    await runner.query(`
      CREATE FUNCTION is_number_of_ours(key bytea) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
      BEGIN
        PERFORM pg_advisory_xact_lock_shared(7263146, get_byte(key, 0) & 63);
        RETURN EXISTS (SELECT FROM virtual_number_keys AS known WHERE known.phone_key = key);
      END $$`);
    // Whether a number that is to be ours is somebody's own phone.
    await runner.query(`CREATE INDEX participants_by_phone ON participants (phone_key) WHERE phone_key IS NOT NULL`);
    await runner.query(`CREATE INDEX participant_phones_by_phone ON participant_phones (phone_key)`);
    // Questions that named a person's phone in the place of a number of ours.
    await runner.query(`
      UPDATE audit_log AS entry SET about = NULL
      WHERE entry.what = 'routing.explain' AND entry.about IS NOT NULL
        AND NOT EXISTS (SELECT FROM virtual_numbers AS number WHERE number.number = entry.about)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX participants_by_phone, participant_phones_by_phone');
    await runner.query('DROP FUNCTION is_number_of_ours');
  }
}
