import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who may dial which number, whom that rings, and until when. The primary key is the rule of the house. */
export class Assignments1795305600003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE assignments (
        virtual_number    text        NOT NULL,
        dialler_key       bytea       NOT NULL, -- keyed lookup of the one who may dial
        order_id          uuid        NOT NULL,
        dialler_id        uuid        NOT NULL,
        dialler_role      text        NOT NULL,
        callee_id         uuid        NOT NULL,
        callee_phone      bytea       NOT NULL, -- sealed
        shown_number      text        NOT NULL, -- what the callee sees: the number which the callee dials back
        assigned_at       timestamptz NOT NULL,
        connects_until    timestamptz NOT NULL, -- the order's lifetime and grace; calls after it hear "ended"
        released_at       timestamptz,          -- the number's orders_held no longer counts this order
        quarantined_until timestamptz,          -- the pair is not lent again before this

        CONSTRAINT one_order_per_number_and_dialler PRIMARY KEY (virtual_number, dialler_key),
        CONSTRAINT an_assignment_lends_a_number_of_ours
          FOREIGN KEY (virtual_number) REFERENCES virtual_numbers (number),
        CONSTRAINT an_assignment_shows_a_number_of_ours
          FOREIGN KEY (shown_number) REFERENCES virtual_numbers (number),
        CONSTRAINT an_assignment_belongs_to_an_order FOREIGN KEY (order_id) REFERENCES orders (id),
        CONSTRAINT a_dialler_is_customer_or_agent CHECK (dialler_role IN ('customer', 'agent')),
        CONSTRAINT nobody_is_their_own_callee CHECK (dialler_id <> callee_id),
        CONSTRAINT quarantine_has_an_end CHECK (released_at IS NULL OR quarantined_until IS NOT NULL),
        CONSTRAINT quarantine_follows_grace CHECK (quarantined_until >= connects_until)
      )`);
    // All numbers one person may dial: who is calling, and the number that stands for the caller.
    await runner.query(`CREATE INDEX assignments_by_dialler ON assignments (dialler_key)`);
    await runner.query(`CREATE INDEX assignments_by_order ON assignments (order_id)`);
    // Quarantines that end.
    await runner.query(`
      CREATE INDEX assignments_to_archive ON assignments (quarantined_until) WHERE quarantined_until IS NOT NULL`);

    await runner.query(`
      CREATE TABLE assignment_history (
        virtual_number    text        NOT NULL,
        order_id          uuid        NOT NULL,
        dialler_id        uuid        NOT NULL,
        dialler_role      text        NOT NULL,
        callee_id         uuid        NOT NULL,
        shown_number      text        NOT NULL,
        assigned_at       timestamptz NOT NULL,
        connects_until    timestamptz NOT NULL,
        released_at       timestamptz NOT NULL,
        quarantined_until timestamptz NOT NULL,

        CONSTRAINT assignment_history_pkey PRIMARY KEY (virtual_number, dialler_id, assigned_at)
      )`);
    await runner.query(`CREATE INDEX assignment_history_by_order ON assignment_history (order_id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE assignment_history, assignments');
  }
}
