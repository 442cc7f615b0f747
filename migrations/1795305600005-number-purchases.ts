import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Every attempt to buy a number, written before the provider is asked, so that nothing is bought twice. */
export class NumberPurchases1795305600005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE number_purchases (
        id         uuid        NOT NULL DEFAULT gen_random_uuid(),
        pool_id    uuid        NOT NULL,
        provider   text        NOT NULL,
        number     text        NOT NULL,
        -- ordered -> owned -> configured; ordered -> failed. Ordered means: the provider may or may not have sold it
        state      text        NOT NULL,
        reason     text,
        rent       numeric(12, 4),
        currency   text,
        ordered_at timestamptz NOT NULL,
        settled_at timestamptz,

        CONSTRAINT number_purchases_pkey PRIMARY KEY (id),
        CONSTRAINT a_purchase_is_for_a_pool FOREIGN KEY (pool_id) REFERENCES pools (id),
        CONSTRAINT a_purchase_has_a_known_state CHECK (state IN ('ordered', 'owned', 'configured', 'failed')),
        CONSTRAINT a_failed_purchase_says_why CHECK (state <> 'failed' OR reason IS NOT NULL)
      )`);
    await runner.query(`
      CREATE UNIQUE INDEX a_number_is_ordered_once ON number_purchases (number) WHERE state = 'ordered'`);
    await runner.query(`CREATE INDEX number_purchases_by_pool ON number_purchases (pool_id, ordered_at)`);

    // The provider's rate, shared by every process (rate-limiter-flexible's table, its columns are the library's).
    await runner.query(`
      CREATE TABLE provider_rate_limits (
        key    varchar(255) PRIMARY KEY,
        points integer NOT NULL DEFAULT 0,
        expire bigint
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE provider_rate_limits, number_purchases');
  }
}
