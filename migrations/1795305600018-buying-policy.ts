import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a pool may buy, from whom, and for how much. */
export class BuyingPolicy1795305600018 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE pools
        ADD COLUMN buying               text NOT NULL DEFAULT 'on',
        ADD COLUMN max_spend_per_day    numeric(12, 2), -- rents of the numbers bought in a day of UTC; null = no limit
        ADD COLUMN max_spend_per_month  numeric(12, 2),
        ADD COLUMN max_rent             numeric(12, 2), -- of one number
        ADD COLUMN currency             text,           -- of all three, ISO 4217
        ADD COLUMN number_type          text,           -- null = whatever the provider has
        ADD COLUMN unknown_numbers      text NOT NULL DEFAULT 'import',
        ADD COLUMN alternative_provider text,           -- asked when the first cannot sell

        ADD CONSTRAINT buying_is_on_or_off CHECK (buying IN ('on', 'off')),
        ADD CONSTRAINT spending_limits_are_not_negative
          CHECK (max_spend_per_day >= 0 AND max_spend_per_month >= 0 AND max_rent >= 0),
        ADD CONSTRAINT a_limit_of_money_has_a_currency
          CHECK (currency IS NOT NULL OR COALESCE(max_spend_per_day, max_spend_per_month, max_rent) IS NULL),
        ADD CONSTRAINT a_currency_is_three_letters CHECK (currency ~ '^[A-Z]{3}$'),
        ADD CONSTRAINT a_number_type_is_known CHECK (number_type IN ('landline', 'mobile')),
        ADD CONSTRAINT unknown_numbers_are_imported_or_reported CHECK (unknown_numbers IN ('import', 'report')),
        ADD CONSTRAINT an_alternative_provider_is_another CHECK (alternative_provider <> provider)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE pools
        DROP COLUMN buying, DROP COLUMN max_spend_per_day, DROP COLUMN max_spend_per_month, DROP COLUMN max_rent,
        DROP COLUMN currency, DROP COLUMN number_type, DROP COLUMN unknown_numbers, DROP COLUMN alternative_provider`);
  }
}
