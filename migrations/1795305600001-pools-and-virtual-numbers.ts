import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Pools, their policy, and the numbers we rent. */
export class PoolsAndVirtualNumbers1795305600001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE pools (
        id                   uuid        NOT NULL DEFAULT gen_random_uuid(),
        name                 text        NOT NULL,
        country              text        NOT NULL, -- ISO 3166-1 alpha-2
        region               text,                 -- the provider's word for a region; null = anywhere in the country
        provider             text        NOT NULL,
        capacity             integer     NOT NULL, -- orders one number may serve at once; 1 = exclusive
        grace_seconds        integer     NOT NULL,
        cancel_grace_seconds integer     NOT NULL,
        quarantine_seconds   integer     NOT NULL,
        lifetime_seconds     integer     NOT NULL,
        low_water            integer     NOT NULL, -- buy when fewer numbers than this can be assigned
        target               integer     NOT NULL, -- buy until this many can be assigned
        max_numbers          integer     NOT NULL, -- never own more than this
        created_at           timestamptz NOT NULL,

        CONSTRAINT pools_pkey PRIMARY KEY (id),
        CONSTRAINT pool_name_is_unique UNIQUE (name),
        CONSTRAINT a_number_holds_at_least_one_order CHECK (capacity >= 1),
        CONSTRAINT grace_and_quarantine_are_not_negative
          CHECK (grace_seconds >= 0 AND cancel_grace_seconds >= 0 AND quarantine_seconds >= 0),
        CONSTRAINT an_order_lives_for_a_while CHECK (lifetime_seconds > 0),
        CONSTRAINT low_water_is_at_most_target CHECK (low_water >= 0 AND low_water <= target),
        CONSTRAINT max_numbers_is_not_negative CHECK (max_numbers >= 0)
      )`);

    await runner.query(`
      CREATE TABLE virtual_numbers (
        number           text        NOT NULL,
        pool_id          uuid        NOT NULL,
        provider         text        NOT NULL,
        provider_id      text,
        -- provisioning -> available <-> draining -> retired; resting and suspended serve what they hold, take nothing new
        status           text        NOT NULL,
        orders_held      integer     NOT NULL DEFAULT 0,
        capacity         integer     NOT NULL, -- the pool's, or more while a lowered pool still has orders to finish
        bucket           smallint    NOT NULL DEFAULT floor(random() * 64),
        last_assigned_at timestamptz,
        rent             numeric(12, 4),
        currency         text,
        created_at       timestamptz NOT NULL,

        CONSTRAINT a_number_is_ours_once PRIMARY KEY (number),
        CONSTRAINT a_number_is_in_a_pool FOREIGN KEY (pool_id) REFERENCES pools (id),
        CONSTRAINT a_number_is_e164 CHECK (number ~ '^\\+[1-9][0-9]{4,14}$'),
        CONSTRAINT a_number_has_a_known_status
          CHECK (status IN ('provisioning', 'available', 'draining', 'retired', 'resting', 'suspended')),
        CONSTRAINT orders_held_fit_the_capacity CHECK (orders_held BETWEEN 0 AND capacity),
        CONSTRAINT a_retired_number_holds_no_order CHECK (status <> 'retired' OR orders_held = 0),
        CONSTRAINT a_bucket_is_one_of_64 CHECK (bucket BETWEEN 0 AND 63)
      )`);

    // The pick: least recently assigned first inside one bucket, so that takers do not all walk the same dead entries.
    await runner.query(`
      CREATE INDEX virtual_numbers_to_assign
        ON virtual_numbers (pool_id, bucket, last_assigned_at NULLS FIRST, number)
        WHERE status = 'available' AND orders_held < capacity`);
    // The pool's level and the inventory pages.
    await runner.query(`CREATE INDEX virtual_numbers_by_pool ON virtual_numbers (pool_id, status, number)`);
    // Whether a phone is one of ours is asked by keyed lookup, so that no person's number reaches the database in clear.
    // A table of its own, because numbers are updated with every order and this never is.
    await runner.query(`
      CREATE TABLE virtual_number_keys (
        phone_key bytea NOT NULL,
        number    text  NOT NULL,

        CONSTRAINT virtual_number_keys_pkey PRIMARY KEY (phone_key),
        CONSTRAINT a_key_is_of_a_number_of_ours FOREIGN KEY (number) REFERENCES virtual_numbers (number)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE virtual_number_keys, virtual_numbers, pools');
  }
}
