import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Expand: requests with an Idempotency-Key and their answers, for 24 h. The previous version ignores the header but for
 * ordered calls, which keep the key with the call.
 */
export class IdempotentRequests1795305600103 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE idempotent_requests (
        id            bytea       NOT NULL, -- keyed hash of the principal and the Idempotency-Key
        fingerprint   bytea       NOT NULL, -- keyed hash of the method, the path and the body
        claim         uuid        NOT NULL, -- of the process's try that works on the request, or has answered it
        claimed_until timestamptz NOT NULL, -- after that another try may take an unanswered request over
        answer        bytea,                -- sealed: status, headers and body; null = not answered yet
        expires_at    timestamptz NOT NULL,

        CONSTRAINT idempotent_requests_pkey PRIMARY KEY (id),
        CONSTRAINT a_keyed_request_is_stored_as_hashes
          CHECK (octet_length(id) = 32 AND octet_length(fingerprint) = 32)
      )`);
    // Deleting the requests that have expired.
    await runner.query('CREATE INDEX idempotent_requests_by_end ON idempotent_requests (expires_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE idempotent_requests');
  }
}
