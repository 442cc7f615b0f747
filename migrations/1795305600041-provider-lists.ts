import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A provider's list is read on a schedule and shared by all pools: docs/decisions/0077-a-purchase-is-settled-within-its-round.md. */
export class ProviderLists1795305600041 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE provider_lists (
        provider text        NOT NULL,
        read_at  timestamptz NOT NULL, -- when the reading began: what was bought later may be missing
        numbers  jsonb       NOT NULL, -- every number of the account, as the adapter reads it

        CONSTRAINT provider_lists_pkey PRIMARY KEY (provider)
      )`);
    await runner.query(`
      CREATE TABLE pool_inventories (
        pool_id     uuid        NOT NULL,
        provider    text        NOT NULL,
        compared_to timestamptz NOT NULL, -- read_at of the list with which the pool was last compared

        CONSTRAINT pool_inventories_pkey PRIMARY KEY (pool_id, provider),
        CONSTRAINT an_inventory_is_of_a_pool FOREIGN KEY (pool_id) REFERENCES pools (id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE pool_inventories, provider_lists');
  }
}
