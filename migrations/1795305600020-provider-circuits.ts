import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which provider is in trouble, and until when no process asks it. */
export class ProviderCircuits1795305600020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE provider_circuits (
        provider   text        NOT NULL,
        use        text        NOT NULL, -- inventory or purchase
        failures   integer     NOT NULL, -- in a row
        reason     text        NOT NULL, -- of the last one
        open_until timestamptz,          -- nobody asks before; null = closed, failures are being counted

        CONSTRAINT provider_circuits_pkey PRIMARY KEY (provider, use),
        CONSTRAINT a_circuit_is_of_inventory_or_purchase CHECK (use IN ('inventory', 'purchase')),
        CONSTRAINT a_circuit_counts_failures CHECK (failures > 0)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE provider_circuits');
  }
}
