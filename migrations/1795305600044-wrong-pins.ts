import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How many wrong PINs were keyed in a pool, by the hour: what a pool allows is counted in thousands. */
export class WrongPins1795305600044 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE wrong_pins (
        pool_id     uuid        NOT NULL,
        is_withheld boolean     NOT NULL, -- whether the callers withheld their numbers
        hour        timestamptz NOT NULL, -- its first instant
        count       integer     NOT NULL,

        CONSTRAINT wrong_pins_of_an_hour_are_counted_once PRIMARY KEY (pool_id, is_withheld, hour),
        CONSTRAINT wrong_pins_are_of_a_pool FOREIGN KEY (pool_id) REFERENCES pools (id),
        CONSTRAINT wrong_pins_are_counted_from_one CHECK (count >= 1)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE wrong_pins');
  }
}
