import type { ClientConfig } from 'pg';

import { Connection, type ConnectionOptions } from './connection.js';
import { ConnectionLost, sqlStateOf } from './connection-lost.js';
import { parseDatabaseUrl, type DatabaseServer, type DatabaseUrl } from './database-url.js';
import { isDatabaseTrouble } from './database-trouble.js';
import { IS_READ_ONLY } from './read-only.js';

/** Of each server, while they are looked through; a decision has three seconds in all. */
const ANSWERS_WITHIN_MS = 500;
const CONNECTS_WITHIN_MS = 1_000;

/** Which of several servers accepts writes. */
export class PrimaryServer {
  private found: DatabaseServer | null = null;
  private searching: Promise<DatabaseServer> | null = null;

  constructor(private readonly url: DatabaseUrl) {}

  /** The server that was found last; searches if there is none. @throws ConnectionLost if no server accepts writes */
  async find(): Promise<DatabaseServer> {
    if (this.found) return this.found;
    this.searching ??= this.search().finally(() => (this.searching = null));
    return this.searching;
  }

  /** This server cannot be reached or accepts no writes, so the next connection searches again. */
  forget(server: DatabaseServer | null = this.found): void {
    if (this.found === server) this.found = null;
  }

  /** All are asked at once. The first in the order of the URL wins, so that processes agree if two accept writes. */
  private async search(): Promise<DatabaseServer> {
    const asked = this.url.servers.map((server) => this.whatIsWrong(server).catch((failure: unknown) => failure));
    const failures: unknown[] = [];
    for (const [index, answer] of asked.entries()) {
      const wrong = await answer;
      if (wrong === null) return (this.found = this.url.servers[index]!);
      failures.push(wrong);
    }
    const refusal = failures.find((failure) => sqlStateOf(failure) !== null && !isDatabaseTrouble(failure));
    if (refusal) throw refusal; // such as a wrong password
    const each = this.url.servers.map(({ host, port }, index) => `${host}:${port} ${reason(failures[index])}`);
    throw new ConnectionLost(`no server accepts writes: ${each.join(', ')}`, { cause: failures[0] });
  }

  private async whatIsWrong(server: DatabaseServer): Promise<'is read-only' | null> {
    const options = { ...this.url.login, ...server, answersWithinMs: ANSWERS_WITHIN_MS };
    const connection = new Connection({
      ...options,
      connectionTimeoutMillis: CONNECTS_WITHIN_MS,
    } as unknown as ConnectionOptions);
    try {
      await connection.connect();
      const { rows } = (await connection.query(`SELECT ${IS_READ_ONLY} AS "isReadOnly"`)) as {
        rows: { isReadOnly: boolean }[];
      };
      void connection.end();
      return rows[0]!.isReadOnly ? 'is read-only' : null;
    } catch (failure) {
      connection.discard();
      throw failure;
    }
  }
}

/** By URL. All pools of the process that have the same URL use the same server. */
const primaries = new Map<string, PrimaryServer>();

/** What pg needs to connect to the database at this URL. With several servers, `primary` chooses one at each connection. */
export function serverOptions(databaseUrl: string): ClientConfig & Pick<ConnectionOptions, 'primary' | 'hasSessions'> {
  const url = parseDatabaseUrl(databaseUrl);
  const primary = url.servers.length === 1 ? null : primaryOf(databaseUrl, url);
  const given = Object.entries(url.login).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), ...url.servers[0], primary, hasSessions: url.hasSessions };
}

function primaryOf(databaseUrl: string, url: DatabaseUrl): PrimaryServer {
  const primary = primaries.get(databaseUrl) ?? new PrimaryServer(url);
  primaries.set(databaseUrl, primary);
  return primary;
}

function reason(failure: unknown): string {
  return failure instanceof Error ? `(${failure.message})` : String(failure);
}
