import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Calls that we order at a provider, each written down before it is, so that no phone rings twice for one wish. */
export class OutgoingCalls1795305600016 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE outgoing_calls (
        id               uuid        NOT NULL DEFAULT gen_random_uuid(),
        order_id         uuid        NOT NULL,
        idempotency_key  text        NOT NULL, -- the client's name for its wish
        caller_role      text        NOT NULL, -- who is rung first
        caller_id        uuid        NOT NULL,
        callee_id        uuid        NOT NULL,
        provider         text        NOT NULL,
        caller_dials     text        NOT NULL, -- the caller's number of ours, by which it reaches the callee
        shown_number     text        NOT NULL, -- the callee's, which both see
        ring_seconds     integer     NOT NULL,
        talk_seconds     integer     NOT NULL,
        record           boolean     NOT NULL,
        -- wanted -> ordered -> placed; wanted, ordered -> failed. Ordered means: the provider may or may not be placing it
        state            text        NOT NULL,
        provider_call_id text,
        reason           text,                 -- why it failed
        wanted_at        timestamptz NOT NULL,
        ordered_at       timestamptz,
        look_at          timestamptz,          -- when to look whether the provider placed it after all
        times_looked     integer     NOT NULL DEFAULT 0,

        CONSTRAINT outgoing_calls_pkey PRIMARY KEY (id),
        CONSTRAINT a_call_is_wanted_once UNIQUE (order_id, idempotency_key),
        CONSTRAINT a_call_is_for_an_order FOREIGN KEY (order_id) REFERENCES orders (id),
        CONSTRAINT a_wanted_call_is_of_customer_or_agent CHECK (caller_role IN ('customer', 'agent')),
        CONSTRAINT an_outgoing_call_has_a_known_state CHECK (state IN ('wanted', 'ordered', 'placed', 'failed')),
        CONSTRAINT a_placed_call_has_the_providers_id CHECK ((state = 'placed') = (provider_call_id IS NOT NULL)),
        CONSTRAINT a_failed_call_says_why CHECK ((state = 'failed') = (reason IS NOT NULL)),
        CONSTRAINT an_unsettled_call_is_looked_after CHECK ((state IN ('wanted', 'ordered')) = (look_at IS NOT NULL)),
        CONSTRAINT two_wishes_are_two_calls UNIQUE (provider, provider_call_id)
      )`);
    // Calls of which it is not known whether they were placed.
    await runner.query(`CREATE INDEX outgoing_calls_to_look_at ON outgoing_calls (look_at) WHERE look_at IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE outgoing_calls');
  }
}
