import type { MigrationInterface, QueryRunner } from 'typeorm';

import { changeTables, createIndex } from '../src/platform/database/table-changes.js';

/**
 * Expand: the audit log also says who changed the configuration, how, from where, and what was refused; and nothing in it
 * can be changed any more, but that phones and old entries are deleted. The previous version writes entries without the
 * new columns, and deletes only entries that are old enough. Safe to run again from the beginning.
 */
export class AuditOfChanges1795305600102 implements MigrationInterface {
  /** No statement keeps a lock while the next one waits or works. */
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    // Retention keeps whole months, so it never deletes an entry that is younger than 28 days.
    await runner.query(`
      CREATE OR REPLACE FUNCTION keep_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP = 'DELETE' AND OLD.at < now() - interval '27 days' THEN
          RETURN OLD;
        END IF;
        IF TG_OP = 'UPDATE' AND NEW.phone_key IS NULL
           AND to_jsonb(NEW) - 'phone_key' = to_jsonb(OLD) - 'phone_key' THEN
          RETURN NEW;
        END IF;
        RAISE EXCEPTION 'The audit log is append-only: % is refused.', TG_OP USING ERRCODE = 'insufficient_privilege';
      END $$`);
    await changeTables(runner, ['audit_log'], async () => {
      await runner.query(`
        ALTER TABLE audit_log
          ADD COLUMN IF NOT EXISTS name       text,  -- of the key, at that time
          ADD COLUMN IF NOT EXISTS address    text,  -- of the client
          ADD COLUMN IF NOT EXISTS request_id text,
          ADD COLUMN IF NOT EXISTS result     text NOT NULL DEFAULT 'done',
          ADD COLUMN IF NOT EXISTS details    jsonb, -- what it changed, as {before, after}
          DROP CONSTRAINT IF EXISTS an_entry_is_done_or_refused`);
      await runner.query(`
        ALTER TABLE audit_log
          ADD CONSTRAINT an_entry_is_done_or_refused CHECK (result IN ('done', 'refused')) NOT VALID`);
      await runner.query('DROP TRIGGER IF EXISTS an_entry_stays_as_it_is ON audit_log');
      await runner.query(`
        CREATE TRIGGER an_entry_stays_as_it_is BEFORE UPDATE OR DELETE ON audit_log
        FOR EACH ROW EXECUTE FUNCTION keep_audit_entry()`);
      await runner.query('DROP TRIGGER IF EXISTS all_entries_stay ON audit_log');
      await runner.query(`
        CREATE TRIGGER all_entries_stay BEFORE TRUNCATE ON audit_log
        FOR EACH STATEMENT EXECUTE FUNCTION keep_audit_entry()`);
    });
    await runner.query('ALTER TABLE audit_log VALIDATE CONSTRAINT an_entry_is_done_or_refused');
    await createIndex(runner, 'audit_log_by_who', 'ON audit_log (who, id)');
    await createIndex(runner, 'audit_log_by_target', 'ON audit_log (about, id)');
    await createIndex(runner, 'audit_log_by_time', 'ON audit_log (at)'); // also for the deletion of old entries
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX IF EXISTS audit_log_by_who, audit_log_by_target, audit_log_by_time');
    await runner.query('DROP TRIGGER IF EXISTS all_entries_stay ON audit_log');
    await runner.query('DROP TRIGGER IF EXISTS an_entry_stays_as_it_is ON audit_log');
    await runner.query('DROP FUNCTION IF EXISTS keep_audit_entry');
    await runner.query(`
      ALTER TABLE audit_log
        DROP COLUMN IF EXISTS name, DROP COLUMN IF EXISTS address, DROP COLUMN IF EXISTS request_id,
        DROP COLUMN IF EXISTS result, DROP COLUMN IF EXISTS details`);
  }
}
