import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a pool's forecast is made of: its demand by quarter hour, rolled up from orders, and its policy. */
export class Forecast1795305600022 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE pools
        ADD COLUMN lead_time_seconds   integer NOT NULL DEFAULT 3600, -- from asking the provider to having the number
        ADD COLUMN channels_per_number integer,                       -- calls a number carries at once; null = any
        ADD COLUMN give_back_after_seconds integer,                   -- what is surplus for so long goes back; null = never
        ADD CONSTRAINT lead_time_is_not_negative CHECK (lead_time_seconds >= 0),
        ADD CONSTRAINT a_number_carries_at_least_one_call CHECK (channels_per_number >= 1),
        ADD CONSTRAINT nothing_is_given_back_within_a_day CHECK (give_back_after_seconds >= 86400)`);

    // Orders of a quarter hour, as the rollup reads them.
    await runner.query(`
      CREATE INDEX orders_by_activation ON orders (pool_id, active_at) WHERE active_at IS NOT NULL`);
    // Calls of a stretch of time. They are written in the order of time, so a summary of each few pages is enough.
    await runner.query(`CREATE INDEX interactions_by_time ON interactions USING brin (at) WITH (autosummarize = on)`);

    await runner.query(`
      CREATE TABLE pool_quarters (
        pool_id       uuid        NOT NULL,
        quarter       timestamptz NOT NULL, -- its first instant
        orders        integer     NOT NULL, -- that got their numbers in it
        call_seconds  integer,              -- talked by calls that began in it; null = not asked
        dialler_pairs integer,              -- of the 99.9th percentile dialler when it ended; null = nobody looked then

        CONSTRAINT a_quarter_is_counted_once PRIMARY KEY (pool_id, quarter),
        CONSTRAINT a_quarter_is_of_a_pool FOREIGN KEY (pool_id) REFERENCES pools (id),
        CONSTRAINT a_quarter_counts_from_nought
          CHECK (orders >= 0 AND call_seconds >= 0 AND dialler_pairs >= 0)
      )`);
    await runner.query(`
      CREATE TABLE pool_holdings (
        pool_id  uuid    NOT NULL,
        day      date    NOT NULL, -- of UTC, on which the orders got their numbers
        quarters integer NOT NULL, -- whole quarter hours for which they held them, to the end of their grace
        orders   integer NOT NULL,

        CONSTRAINT a_holding_time_is_counted_once PRIMARY KEY (pool_id, day, quarters),
        CONSTRAINT a_holding_time_is_of_a_pool FOREIGN KEY (pool_id) REFERENCES pools (id),
        CONSTRAINT a_holding_time_is_not_negative CHECK (quarters >= 0 AND orders >= 0)
      )`);
    await runner.query(`
      CREATE TABLE pool_rollups (
        pool_id       uuid        NOT NULL,
        orders_until  timestamptz NOT NULL, -- pool_quarters is complete before this
        holding_until timestamptz NOT NULL, -- pool_holdings has the orders that got their numbers before this

        CONSTRAINT a_pool_has_one_rollup PRIMARY KEY (pool_id),
        CONSTRAINT a_rollup_is_of_a_pool FOREIGN KEY (pool_id) REFERENCES pools (id),
        CONSTRAINT holding_is_known_later_than_orders CHECK (holding_until <= orders_until)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE pool_rollups, pool_holdings, pool_quarters');
    await runner.query('DROP INDEX orders_by_activation, interactions_by_time');
    await runner.query(`ALTER TABLE pools DROP COLUMN lead_time_seconds, DROP COLUMN channels_per_number,
                                          DROP COLUMN give_back_after_seconds`);
  }
}
