import { randomUUID } from 'node:crypto';

import { PgQuery, PrefixedStatement, type Wire } from './prefixed-statement.js';
import { IS_READ_ONLY } from './read-only.js';

/** Settings of PostgreSQL by name. */
export type SessionSettings = Readonly<Record<string, string | number>>;

const BEGINS = /^\s*(begin|start\s+transaction)\b/i;

/**
 * A statement through a pooler that gives each transaction any of its connections, as PgBouncer does in transaction
 * mode. What a session sets there would be lost, or apply to others. So the settings go with each transaction: with its
 * first statement, or in the same packet as a statement that is a transaction of its own.
 */
export class PooledStatement extends PrefixedStatement {
  /** @param isIdle whether the connection is in no transaction at the time */
  constructor(
    args: readonly unknown[],
    private readonly settings: SessionSettings,
    private readonly isIdle: () => boolean,
    { supportsNames }: { readonly supportsNames: boolean },
  ) {
    super(args, settingLocally(settings));
    if (!supportsNames) this.name = undefined;
  }

  override submit(wire: Wire): Error | null {
    if (!this.isIdle()) return this.submitAlone(wire);
    if (!BEGINS.test(this.text)) return super.submit(wire);
    this.text = `${this.text}; ${setLocally(this.settings)}`;
    return this.submitAlone(wire);
  }
}

/**
 * Makes the settings for the session, and asks who answers; if a pooler does, the settings end with the statement.
 *
 * The statement has a name, and looks for it in PostgreSQL. Poolers that support named statements for each of their
 * clients replace the name, as PgBouncer does from version 1.21. The statement is closed in the same packet, so it stays
 * on no connection of the pooler.
 */
export class FirstStatement extends PgQuery {
  /**
   * @param pid the process that the other end says it is
   * @param hasSessions whether the settings hold, also if a pooler answers
   */
  constructor(settings: SessionSettings, pid: number | null, hasSessions: boolean) {
    const name = `maskline-${randomUUID()}`;
    const isPooled = `pg_backend_pid() <> ${pid ?? 0}`;
    const text = `SELECT ${isPooled} AS "isPooled", ${IS_READ_ONLY} AS "isReadOnly",
      EXISTS (SELECT FROM pg_prepared_statements WHERE name = '${name}') AS "isByOurName",
      ${setConfigs(settings, hasSessions ? 'false' : isPooled)}`;
    super({ name, text });
  }

  override prepare(wire: Wire): void {
    const { name, text } = this as unknown as { name: string; text: string };
    wire.parse({ name, text });
    wire.bind({ statement: name });
    wire.describe({ type: 'P', name: '' });
    wire.execute({});
    wire.close({ type: 'S', name });
    wire.sync();
  }
}

/** What stands at the other end of a connection. */
export interface Peer {
  /** A pooler tells its clients another process than the one of PostgreSQL that serves them. */
  readonly isPooled: boolean;
  readonly isReadOnly: boolean;
  /** Whether PostgreSQL knows named statements by the names that we give them. */
  readonly isByOurName: boolean;
}

/** In a transaction, before it has a snapshot: its isolation level can still be changed afterwards. */
function setLocally(settings: SessionSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => `SET LOCAL ${name} = '${value}'`)
    .join('; ');
}

/** A statement that makes settings for those that follow it in the same packet, or in the transaction. */
export function settingLocally(settings: SessionSettings): string {
  return `SELECT ${setConfigs(settings, 'true')}`;
}

/** Outside a transaction block, where SET LOCAL has no effect and writes a warning into the server's log. */
function setConfigs(settings: SessionSettings, isLocal: string): string {
  const each = Object.entries(settings).map(([name, value]) => `set_config('${name}', '${value}', ${isLocal})`);
  return each.join(', ');
}
