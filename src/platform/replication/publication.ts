import type { ClientBase } from 'pg';

import { sqlStateOf } from '../database/connections/connection-lost.js';

/** The tables whose changes are streamed, under a name that all processes share. */
export interface Publication {
  readonly name: string;
  readonly tables: readonly string[];
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const DUPLICATE_OBJECT = '42710';
const UNIQUE_VIOLATION = '23505';
const CONCURRENT_UPDATE = 'XX000';

const MOST_TRIES = 3;

/**
 * Creates the publication, or adds to it what it lacks. Another version may need more tables, so additional ones stay.
 * Safe when several processes do this at once.
 */
export async function ensurePublication(client: ClientBase, publication: Publication): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const state = await stateOf(client, publication);
    if (state === 'complete') return;
    try {
      for (const statement of statementsFor(state, publication)) await client.query(statement);
      return;
    } catch (failure) {
      const lostRace = [DUPLICATE_OBJECT, UNIQUE_VIOLATION, CONCURRENT_UPDATE].includes(sqlStateOf(failure) ?? '');
      if (!lostRace || tries === MOST_TRIES) throw failure;
    }
  }
}

type State = 'missing' | 'incomplete' | 'complete';

async function stateOf(client: ClientBase, { name, tables }: Publication): Promise<State> {
  const { rows } = await client.query<{ complete: boolean }>(
    `SELECT published.pubinsert AND published.pubupdate AND published.pubdelete AND published.pubtruncate
            AND (published.puballtables
                 OR (SELECT count(*) FROM pg_publication_rel AS part
                     WHERE part.prpubid = published.oid AND part.prrelid = ANY($2::text[]::regclass[])
                       AND part.prqual IS NULL AND part.prattrs IS NULL) = $3) AS complete
     FROM pg_publication AS published WHERE published.pubname = $1`,
    [name, tables, tables.length],
  );
  if (!rows[0]) return 'missing';
  return rows[0].complete ? 'complete' : 'incomplete';
}

function statementsFor(state: State, { name, tables }: Publication): string[] {
  const list = tables.join(', ');
  if (state === 'missing') return [`CREATE PUBLICATION ${name} FOR TABLE ${list}`];
  return [
    `ALTER PUBLICATION ${name} SET TABLE ${list}`,
    `ALTER PUBLICATION ${name} SET (publish = 'insert, update, delete, truncate')`,
  ];
}
