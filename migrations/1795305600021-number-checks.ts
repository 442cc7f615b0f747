import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a provider has said of each of our numbers. A table of its own: numbers are updated with every order, this is not. */
export class NumberChecks1795305600021 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE number_checks (
        number     text        NOT NULL,
        listed_at  timestamptz NOT NULL, -- when the provider's list first had it; till then there is only our own word for it
        checked_at timestamptz,          -- when we last asked where its calls go
        lost_at    timestamptz,          -- since when the provider, asked for it by itself, does not know it

        CONSTRAINT number_checks_pkey PRIMARY KEY (number),
        CONSTRAINT a_check_is_of_a_number_of_ours FOREIGN KEY (number) REFERENCES virtual_numbers (number)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE number_checks');
  }
}
