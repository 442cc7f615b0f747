import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Expand: API keys beside the one of the environment, which the previous version goes on using alone. */
export class ApiKeys1795305600101 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE api_keys (
        id             text        NOT NULL, -- part of the key; no secret
        name           text        NOT NULL,
        secret_hash    bytea       NOT NULL, -- SHA-256 of the whole key, of which 190 bits are random
        previous_hash  bytea,                -- of the key before its last rotation
        previous_until timestamptz,          -- until when that one is accepted, too
        scopes         text[]      NOT NULL,
        pools          text[],               -- names; null = all pools
        created_at     timestamptz NOT NULL,
        created_by     text        NOT NULL, -- the principal
        rotated_at     timestamptz,
        expires_at     timestamptz,          -- null = never
        last_used_at   timestamptz,          -- within a minute
        revoked_at     timestamptz,

        CONSTRAINT api_keys_pkey PRIMARY KEY (id),
        CONSTRAINT a_key_is_stored_as_a_hash
          CHECK (octet_length(secret_hash) = 32 AND octet_length(previous_hash) = 32),
        CONSTRAINT a_previous_key_has_an_end CHECK ((previous_hash IS NULL) = (previous_until IS NULL)),
        CONSTRAINT a_key_may_do_something CHECK (cardinality(scopes) > 0),
        CONSTRAINT a_limited_key_has_pools CHECK (cardinality(pools) > 0)
      )`);
    // The list, newest first.
    await runner.query('CREATE INDEX api_keys_by_age ON api_keys (created_at, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE api_keys');
  }
}
