import { EventEmitter } from 'node:events';

import type { Notification, Pool, PoolClient, QueryResult } from 'pg';

/** The part of BullMQ's connection to PostgreSQL that waits for jobs. */
export interface WaitingConnection {
  /** The client on which a worker listens. */
  getListenClient(): Promise<unknown>;
  /** Names that client after the worker. */
  setListenClientName(name: string): Promise<void>;
  /** Tells the worker that it has to listen again. */
  emit(event: 'listenerinvalidated'): boolean;
}

/**
 * One connection on which all workers of a process hear of new jobs. BullMQ would keep one for each worker. If it
 * breaks, the workers listen again on a new one.
 */
export class JobListener extends EventEmitter {
  private static readonly byPool = new WeakMap<Pool, JobListener>();
  private readonly waiting = new Set<WaitingConnection>();
  private connecting: Promise<PoolClient> | null = null;
  private listening: Promise<QueryResult> | null = null;

  private constructor(private readonly pool: Pool) {
    super();
    this.setMaxListeners(0); // one for each worker
  }

  /** The one that uses this pool. */
  static of(pool: Pool): JobListener {
    const listener = this.byPool.get(pool) ?? new JobListener(pool);
    this.byPool.set(pool, listener);
    return listener;
  }

  /** Lets a worker listen here. */
  serve(connection: WaitingConnection): void {
    this.waiting.add(connection);
    connection.getListenClient = async () => Promise.resolve(this);
    connection.setListenClientName = async () => undefined;
  }

  /** Called by each worker, to listen; all listen to the same. */
  async query(text: string): Promise<QueryResult> {
    this.connecting ??= this.connect();
    const client = await this.connecting;
    this.listening ??= client.query(text);
    return this.listening.catch((failure: unknown) => {
      this.listening = null;
      throw failure;
    });
  }

  /** Releases the connection. The workers must have closed. */
  async close(): Promise<void> {
    const client = await this.connecting?.catch(() => null);
    client?.removeAllListeners('end').release(true);
  }

  private async connect(): Promise<PoolClient> {
    try {
      const client = await this.pool.connect();
      const connecting = this.connecting;
      client.on('notification', (message: Notification) => this.emit('notification', message));
      client.once('end', () => {
        if (this.connecting === connecting) this.connecting = this.listening = null;
        client.release(true);
        for (const connection of this.waiting) connection.emit('listenerinvalidated');
      });
      return client;
    } catch (failure) {
      this.connecting = null;
      throw failure;
    }
  }
}
