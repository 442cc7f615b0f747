import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Events in an order that everybody who follows them may rely on. Ids are drawn before their transactions commit, so one
 * that is seen late may be lower than those read before; a position is given only to what has been committed.
 */
export class OrderEventFeed1795305600030 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE order_events
        ADD COLUMN position bigint, -- in the feed; null = not in it yet
        ADD CONSTRAINT an_event_has_a_place_of_its_own UNIQUE (position)`);
    await runner.query(`CREATE INDEX order_events_to_place ON order_events (id) WHERE position IS NULL`);
    // One row, whose lock makes those who give positions take turns.
    await runner.query(`
      CREATE TABLE order_event_feed (
        is_the_only_one boolean NOT NULL DEFAULT true,
        last_position   bigint  NOT NULL,

        CONSTRAINT there_is_one_feed PRIMARY KEY (is_the_only_one),
        CONSTRAINT there_is_no_other_feed CHECK (is_the_only_one)
      )`);
    await runner.query('INSERT INTO order_event_feed (last_position) VALUES (0)');
    // How far the order system has been told, by its URL: another URL begins with what happens from then on.
    await runner.query(`
      CREATE TABLE order_event_deliveries (
        url             text        NOT NULL,
        delivered_to    bigint      NOT NULL, -- the position of the last event it has acknowledged
        attempts        integer     NOT NULL DEFAULT 0, -- in vain, for what comes next
        next_attempt_at timestamptz NOT NULL,

        CONSTRAINT order_event_deliveries_pkey PRIMARY KEY (url),
        CONSTRAINT attempts_are_not_negative CHECK (attempts >= 0)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE order_event_deliveries, order_event_feed');
    await runner.query('ALTER TABLE order_events DROP COLUMN position');
  }
}
