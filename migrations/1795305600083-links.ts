import type { MigrationInterface, QueryRunner } from 'typeorm';

import { changeTables } from '../src/platform/database/table-changes.js';

const ROLE = `'^[a-z][a-z0-9-]{0,31}$'`;

const CHANGED = ['orders', 'participants', 'assignments', 'assignment_history', 'outgoing_calls', 'pools'];

/**
 * An order has two to ten participants in roles of any name, and links between them. Every assignment belongs to a link,
 * which its two roles name. The previous version runs beside this one during an update, so what it writes stays valid.
 */
export class Links1795305600083 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await changeTables(runner, CHANGED, async () => {
      await runner.query(`
        ALTER TABLE participants
          DROP CONSTRAINT a_participant_is_customer_or_agent,
          ADD CONSTRAINT a_role_is_a_short_name CHECK (role ~ ${ROLE}) NOT VALID`);
      await runner.query(
        'ALTER INDEX customer_and_agent_are_two_phones RENAME TO an_orders_participants_have_different_phones',
      );
      await runner.query(`
        ALTER TABLE orders
          ADD COLUMN links jsonb, -- [{"roles": [...], "onlyFrom": ...}]; null = those that follow from the roles
          ADD COLUMN assign_numbers text NOT NULL DEFAULT 'when-both-known', -- the pool's policy when it was placed
          ADD COLUMN link_count integer NOT NULL DEFAULT 1, -- links that have numbers or wait for them, for the forecast
          ADD CONSTRAINT an_order_counts_one_link_at_least CHECK (link_count >= 1) NOT VALID,
          ADD CONSTRAINT an_orders_links_are_a_list CHECK (jsonb_typeof(links) = 'array') NOT VALID,
          ADD CONSTRAINT an_order_gets_its_numbers_early_or_late
            CHECK (assign_numbers IN ('when-both-known', 'when-one-known')) NOT VALID`);
      await runner.query(`
        ALTER TABLE pools
          ADD COLUMN links jsonb, -- of orders that name none
          ADD COLUMN assign_numbers text NOT NULL DEFAULT 'when-both-known',
          ADD CONSTRAINT a_pools_links_are_a_list CHECK (jsonb_typeof(links) = 'array'),
          ADD CONSTRAINT numbers_are_assigned_early_or_late
            CHECK (assign_numbers IN ('when-both-known', 'when-one-known'))`);
      await runner.query(`
        ALTER TABLE assignments
          ADD COLUMN callee_role text,    -- with dialler_role, the link; the callee of a half-open link is not known yet
          ADD COLUMN may_dial    boolean, -- whether the link's direction lets the dialler call; null = as the pool's does
          ALTER COLUMN callee_id DROP NOT NULL,
          ALTER COLUMN callee_phone DROP NOT NULL,
          ALTER COLUMN shown_number DROP NOT NULL,
          DROP CONSTRAINT a_dialler_is_customer_or_agent,
          ADD CONSTRAINT a_dialler_has_a_role CHECK (dialler_role ~ ${ROLE}) NOT VALID,
          ADD CONSTRAINT a_callee_has_a_role CHECK (callee_role ~ ${ROLE}) NOT VALID,
          ADD CONSTRAINT a_link_joins_two_roles CHECK (callee_role <> dialler_role) NOT VALID,
          ADD CONSTRAINT a_callee_is_known_as_a_whole_or_not_at_all
            CHECK ((callee_id IS NULL) = (callee_phone IS NULL) AND (callee_id IS NULL) = (shown_number IS NULL)) NOT VALID`);
      await runner.query(`
        ALTER TABLE assignment_history
          ADD COLUMN callee_role text, -- null = the other one of customer and agent, in rows of earlier versions
          ALTER COLUMN callee_id DROP NOT NULL,
          ALTER COLUMN shown_number DROP NOT NULL`);
      await runner.query(`
        ALTER TABLE outgoing_calls
          DROP CONSTRAINT a_wanted_call_is_of_customer_or_agent,
          ADD CONSTRAINT a_wanted_call_is_of_a_role CHECK (caller_role ~ ${ROLE}) NOT VALID`);
      // For rows of the previous version, whose orders have a customer and an agent. A later version drops it.
      await runner.query(`
        CREATE FUNCTION other_role_of_two() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          NEW.callee_role := CASE NEW.dialler_role WHEN 'customer' THEN 'agent' ELSE 'customer' END;
          RETURN NEW;
        END $$`);
      await runner.query(`
        CREATE TRIGGER callee_role_of_previous_version BEFORE INSERT ON assignments
        FOR EACH ROW WHEN (NEW.callee_role IS NULL) EXECUTE FUNCTION other_role_of_two()`);
    });
  }

  /** Only while every order has a customer and an agent. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER callee_role_of_previous_version ON assignments');
    await runner.query('DROP FUNCTION other_role_of_two');
    await runner.query(`
      ALTER TABLE outgoing_calls
        DROP CONSTRAINT a_wanted_call_is_of_a_role,
        ADD CONSTRAINT a_wanted_call_is_of_customer_or_agent CHECK (caller_role IN ('customer', 'agent'))`);
    await runner.query(`
      ALTER TABLE assignment_history
        DROP COLUMN callee_role, ALTER COLUMN callee_id SET NOT NULL, ALTER COLUMN shown_number SET NOT NULL`);
    await runner.query(`
      ALTER TABLE assignments
        DROP CONSTRAINT a_callee_is_known_as_a_whole_or_not_at_all, DROP CONSTRAINT a_dialler_has_a_role,
        DROP COLUMN callee_role, DROP COLUMN may_dial,
        ALTER COLUMN callee_id SET NOT NULL, ALTER COLUMN callee_phone SET NOT NULL,
        ALTER COLUMN shown_number SET NOT NULL,
        ADD CONSTRAINT a_dialler_is_customer_or_agent CHECK (dialler_role IN ('customer', 'agent'))`);
    await runner.query('ALTER TABLE pools DROP COLUMN links, DROP COLUMN assign_numbers');
    await runner.query('ALTER TABLE orders DROP COLUMN links, DROP COLUMN assign_numbers, DROP COLUMN link_count');
    await runner.query(
      'ALTER INDEX an_orders_participants_have_different_phones RENAME TO customer_and_agent_are_two_phones',
    );
    await runner.query(`
      ALTER TABLE participants
        DROP CONSTRAINT a_role_is_a_short_name,
        ADD CONSTRAINT a_participant_is_customer_or_agent CHECK (role IN ('customer', 'agent'))`);
  }
}
