import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Events of the order system, stored before they are answered and worked off afterwards. */
export class IncomingEvents1795305600006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE incoming_events (
        id          bigint      GENERATED ALWAYS AS IDENTITY,
        source      text        NOT NULL,
        event_id    text        NOT NULL,
        type        text,
        reference   text,                 -- the order it is about
        happened_at timestamptz NOT NULL, -- by the order system's clock, else when it came
        data        bytea,                -- sealed, because phones are in it; forgotten once settled
        -- stored -> applied; stored -> rejected, and the reason says why
        status      text        NOT NULL,
        reason      text,
        tries       integer     NOT NULL DEFAULT 0,
        received_at timestamptz NOT NULL,
        next_try_at timestamptz,
        claimed_until timestamptz,        -- somebody is applying it; should they die over it, until then
        settled_at  timestamptz,

        CONSTRAINT incoming_events_pkey PRIMARY KEY (id),
        CONSTRAINT an_event_is_stored_once UNIQUE (source, event_id),
        CONSTRAINT an_event_has_a_known_status CHECK (status IN ('stored', 'applied', 'rejected')),
        CONSTRAINT a_rejected_event_says_why CHECK (status <> 'rejected' OR reason IS NOT NULL),
        CONSTRAINT a_settled_event_holds_no_phone CHECK (status = 'stored' OR data IS NULL),
        CONSTRAINT a_stored_event_is_tried_some_day
          CHECK (status <> 'stored' OR (data IS NOT NULL AND next_try_at IS NOT NULL))
      )`);
    // What is to be applied next.
    await runner.query(
      `CREATE INDEX incoming_events_to_try ON incoming_events (next_try_at, id) WHERE status = 'stored'`,
    );
    // What waits for the same order.
    await runner.query(`CREATE INDEX incoming_events_of_order ON incoming_events (reference) WHERE status = 'stored'`);
    // What was set aside, newest first.
    await runner.query(`CREATE INDEX incoming_events_rejected ON incoming_events (id) WHERE status = 'rejected'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE incoming_events');
  }
}
