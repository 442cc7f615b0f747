import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Why people may call each other, who they are, and what happened. */
export class OrdersAndParticipants1795305600002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE orders (
        id               uuid        NOT NULL DEFAULT gen_random_uuid(),
        reference        text        NOT NULL,
        pool_id          uuid        NOT NULL,
        -- placed -> active -> closing -> ended; awaiting-numbers stands between placed and active while the pool is dry
        status           text        NOT NULL,
        -- the pool's policy when it was placed: what the participants were promised
        lifetime_seconds     integer NOT NULL,
        grace_seconds        integer NOT NULL,
        cancel_grace_seconds integer NOT NULL,
        quarantine_seconds   integer NOT NULL,
        placed_at        timestamptz NOT NULL,
        active_at        timestamptz,
        closed_at        timestamptz,
        connects_until   timestamptz,
        ended_because    text,
        due_at           timestamptz, -- when its lifetime or its grace is over; null = nothing left to do

        CONSTRAINT orders_pkey PRIMARY KEY (id),
        CONSTRAINT order_reference_is_unique UNIQUE (reference),
        CONSTRAINT an_order_has_a_pool FOREIGN KEY (pool_id) REFERENCES pools (id),
        CONSTRAINT an_order_has_a_known_status
          CHECK (status IN ('placed', 'awaiting-numbers', 'active', 'closing', 'ended')),
        CONSTRAINT an_active_order_says_until_when
          CHECK (status NOT IN ('active', 'closing') OR connects_until IS NOT NULL),
        CONSTRAINT a_closed_order_says_when_and_why
          CHECK (status NOT IN ('closing', 'ended') OR (closed_at IS NOT NULL AND ended_because IS NOT NULL)),
        CONSTRAINT an_order_ends_for_a_known_reason
          CHECK (ended_because IN ('completed', 'cancelled', 'expired')),
        CONSTRAINT an_order_that_has_not_ended_is_due_some_day CHECK (status = 'ended' OR due_at IS NOT NULL)
      )`);
    // What the clock has to do next.
    await runner.query(`CREATE INDEX orders_due ON orders (due_at) WHERE due_at IS NOT NULL`);
    // Orders that wait for numbers, oldest first.
    await runner.query(`CREATE INDEX orders_awaiting ON orders (pool_id, placed_at) WHERE status = 'awaiting-numbers'`);
    // The list of orders, newest first.
    await runner.query(`CREATE INDEX orders_by_age ON orders (placed_at, id)`);

    await runner.query(`
      CREATE TABLE participants (
        id        uuid        NOT NULL DEFAULT gen_random_uuid(),
        order_id  uuid        NOT NULL,
        role      text        NOT NULL,
        phone     bytea, -- sealed; stripped when the last pair of this participant leaves quarantine
        phone_key bytea, -- keyed lookup; stripped with it
        joined_at timestamptz NOT NULL,
        left_at   timestamptz,

        CONSTRAINT participants_pkey PRIMARY KEY (id),
        CONSTRAINT a_participant_is_on_an_order FOREIGN KEY (order_id) REFERENCES orders (id),
        CONSTRAINT a_participant_is_customer_or_agent CHECK (role IN ('customer', 'agent')),
        CONSTRAINT phone_and_lookup_go_together CHECK ((phone IS NULL) = (phone_key IS NULL))
      )`);
    await runner.query(`
      CREATE UNIQUE INDEX one_participant_in_a_role ON participants (order_id, role) WHERE left_at IS NULL`);
    await runner.query(`
      CREATE UNIQUE INDEX customer_and_agent_are_two_phones ON participants (order_id, phone_key) WHERE left_at IS NULL`);

    await runner.query(`
      CREATE TABLE order_events (
        id       bigint      GENERATED ALWAYS AS IDENTITY,
        order_id uuid        NOT NULL,
        kind     text        NOT NULL,
        at       timestamptz NOT NULL,

        CONSTRAINT order_events_pkey PRIMARY KEY (id),
        CONSTRAINT an_event_belongs_to_an_order FOREIGN KEY (order_id) REFERENCES orders (id)
      )`);
    await runner.query(`CREATE INDEX order_events_by_order ON order_events (order_id, id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE order_events, participants, orders');
  }
}
