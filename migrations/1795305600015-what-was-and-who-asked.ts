import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which policy a pool had when, and who was told something of a person. */
export class WhatWasAndWhoAsked1795305600015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE pool_policy_changes (
        id      bigint      GENERATED ALWAYS AS IDENTITY,
        pool_id uuid        NOT NULL,
        at      timestamptz NOT NULL, -- from when on it holds
        policy  jsonb       NOT NULL, -- whole, as the API shows it

        CONSTRAINT pool_policy_changes_pkey PRIMARY KEY (id),
        CONSTRAINT a_policy_is_of_a_pool FOREIGN KEY (pool_id) REFERENCES pools (id)
      )`);
    // Which one held at an instant.
    await runner.query(`CREATE INDEX pool_policy_changes_by_pool ON pool_policy_changes (pool_id, at)`);
    // What held before this is not on record, so it is not said to have held any earlier.
    await runner.query(`
      INSERT INTO pool_policy_changes (pool_id, at, policy)
      SELECT pool.id, now(), jsonb_build_object(
        'name', pool.name, 'country', pool.country, 'region', pool.region, 'provider', pool.provider,
        'capacity', pool.capacity, 'graceSeconds', pool.grace_seconds, 'cancelGraceSeconds', pool.cancel_grace_seconds,
        'quarantineSeconds', pool.quarantine_seconds, 'lifetimeSeconds', pool.lifetime_seconds, 'texts', pool.texts,
        'pin', pool.pin, 'direction', pool.direction, 'maxCallSeconds', pool.max_call_seconds,
        'maxRingSeconds', pool.max_ring_seconds, 'maxCallsPerHour', pool.max_calls_per_hour,
        'quietHours', pool.quiet_hours, 'claimByPin', pool.claim_by_pin, 'recordCalls', pool.record_calls,
        'textsKeptSeconds', pool.texts_kept_seconds)
      FROM pools AS pool`);

    await runner.query(`
      CREATE TABLE audit_log (
        id        bigint      GENERATED ALWAYS AS IDENTITY,
        at        timestamptz NOT NULL,
        who       text        NOT NULL, -- the fingerprint of the API key
        what      text        NOT NULL, -- the kind of question, as in routing.explain
        about     text,                 -- what of ours it was about: an order, a number, a call
        phone_key bytea,                -- keyed lookup of the person's phone that was asked about

        CONSTRAINT audit_log_pkey PRIMARY KEY (id)
      )`);
    // Whether anybody asked about one phone.
    await runner.query(`CREATE INDEX audit_log_by_phone ON audit_log (phone_key, id) WHERE phone_key IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_log, pool_policy_changes');
  }
}
