import { setTimeout as sleep } from 'node:timers/promises';

import { Client } from 'pg';
import { CalmTime } from '../support/calm-time.js';

const LOCK = 47_110;

/**
 * Holds rows just before a step of theirs is written, so that the process that writes it can be killed right there: a
 * trigger of the test's database waits for a lock that the test holds.
 */
export class HeldStep<Step extends string> {
  private constructor(private readonly client: Client) {}

  /** @param column which of a table's columns tells the step */
  static async in<Step extends string>(databaseUrl: string, table: string, column: string): Promise<HeldStep<Step>> {
    const client = new Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query(`
      CREATE TABLE held_steps (step text);
      CREATE FUNCTION hold_step() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF EXISTS (SELECT FROM held_steps AS held WHERE held.step = NEW.${column}) THEN
          PERFORM pg_advisory_xact_lock_shared(${LOCK});
        END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER held BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION hold_step()`);
    return new HeldStep(client);
  }

  async hold(step: Step): Promise<void> {
    await this.client.query(`SELECT pg_advisory_lock(${LOCK})`);
    await this.client.query(`INSERT INTO held_steps VALUES ($1)`, [step]);
  }

  /** Waits until so many stand there. */
  async held(count: number): Promise<void> {
    await until(async () => (await this.waiting()).length === count);
  }

  /** Those who waited are gone, as PostgreSQL ends the statement of a client that has died. */
  async drop(): Promise<void> {
    for (const pid of await this.waiting()) await this.client.query(`SELECT pg_terminate_backend($1, 5000)`, [pid]);
    await this.client.query(`DELETE FROM held_steps`);
    await this.client.query(`SELECT pg_advisory_unlock_all()`);
  }

  async close(): Promise<void> {
    await this.client.end();
  }

  /** Before the step, or for the lock of a number's bucket that another transaction before the step has (migration 46). */
  private async waiting(): Promise<number[]> {
    const { rows } = await this.client.query<{ pid: number }>(
      `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    return rows.map(({ pid }) => pid);
  }
}

/** Looks again and again, for far longer than it takes. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const waited = new CalmTime(); waited.ms < 60_000; await sleep(20)) if (await isSo()) return;
  throw new Error('It did not come within 60 s.');
}
