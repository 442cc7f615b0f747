import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Expand: sessions of the web console. A session is an API key that was sent once, so it can do what the key can. */
export class ConsoleSessions1795305600120 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE console_sessions (
        token_hash bytea       NOT NULL, -- SHA-256 of the cookie's value, of which 256 bits are random
        key_id     text        NOT NULL, -- of api_keys, or of a key of API_KEY
        key_hash   bytea       NOT NULL, -- SHA-256 of the key; the session ends when this key is accepted no more
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,

        CONSTRAINT console_sessions_pkey PRIMARY KEY (token_hash),
        CONSTRAINT a_session_is_stored_as_hashes
          CHECK (octet_length(token_hash) = 32 AND octet_length(key_hash) = 32)
      )`);
    // Deleting the sessions that have expired.
    await runner.query('CREATE INDEX console_sessions_by_end ON console_sessions (expires_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE console_sessions');
  }
}
