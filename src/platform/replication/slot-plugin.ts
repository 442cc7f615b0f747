import type { Socket } from 'node:net';

import { PgoutputPlugin, type Pgoutput } from 'pg-logical-replication';
import type { Client } from 'pg';

import { parseLsn, type Lsn } from './lsn.js';
import { asReplicationTrouble } from './replication-trouble.js';

/** A slot of this connection, and a snapshot of the instant at which it begins. */
export interface NewSlot {
  /** To be used while this connection does nothing else. */
  readonly snapshot: string;
  /** The position at which the stream begins. */
  readonly begins: Lsn;
  /** The start of the server process, which tells this server from another one behind the same address. */
  readonly serverStart: string;
}

/** A client that falls silent, because its process hangs or its host is gone, loses its slot after this time. */
const SLOT_KEPT_SECONDS = 10;
/** For copying the tables. Until then PostgreSQL keeps all that is written, and cannot clean up behind the snapshot. */
const COPIED_WITHIN_MINUTES = 15;

/**
 * Settings are made after connecting, because poolers refuse most of them as start-up parameters. Creating a slot
 * waits for the transactions that run at that time, whatever the database's time limits are.
 */
const SESSION = [
  `SET DateStyle = 'ISO, YMD'`,
  `SET TimeZone = 'UTC'`,
  `SET IntervalStyle = 'postgres'`,
  `SET statement_timeout = 0`,
  `SET lock_timeout = 0`,
  `SET idle_in_transaction_session_timeout = '${COPIED_WITHIN_MINUTES}min'`,
  `SET wal_sender_timeout = '${SLOT_KEPT_SECONDS}s'`,
].join('; ');

/** Streams from a temporary slot, which it creates on the same connection and which ends with it. */
export class SlotPlugin extends PgoutputPlugin {
  /**
   * @param opened called with the connection as soon as it is open
   * @param created called with the new slot; the stream begins when it has resolved
   * @param failed called with failures of reading a message, which nobody else would catch
   */
  constructor(
    publication: string,
    private readonly opened: (socket: Socket) => void,
    private readonly created: (slot: NewSlot) => Promise<void>,
    private readonly failed: (failure: unknown) => void,
  ) {
    super({ protoVersion: 1, publicationNames: [publication] });
  }

  override async start(client: Client, slot: string, lastLsn: string): Promise<unknown> {
    this.opened((client as unknown as { connection: { stream: Socket } }).connection.stream);
    await this.created(await createSlot(client, slot));
    return super.start(client, slot, lastLsn) as Promise<unknown>;
  }

  override parse(buffer: Buffer): Pgoutput.Message {
    try {
      return super.parse(buffer);
    } catch (failure) {
      this.failed(failure);
      return { tag: 'origin', originLsn: null, originName: '' }; // without content
    }
  }
}

async function createSlot(client: Client, slot: string): Promise<NewSlot> {
  try {
    await client.query(SESSION);
    const { rows: servers } = await client.query<{ start: string }>(SERVER_START);
    const create = `CREATE_REPLICATION_SLOT "${slot}" TEMPORARY LOGICAL pgoutput (SNAPSHOT 'export')`;
    const { rows: slots } = await client.query<{ snapshot_name: string; consistent_point: string }>(create);
    const { snapshot_name: snapshot, consistent_point: begins } = slots[0]!;
    return { snapshot, begins: parseLsn(begins), serverStart: servers[0]!.start };
  } catch (failure) {
    throw asReplicationTrouble(failure);
  }
}

const SERVER_START = `SELECT pg_postmaster_start_time()::text AS start`;
