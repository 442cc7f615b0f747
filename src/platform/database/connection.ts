import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';

import { Client, type ClientBase, type PoolConfig } from 'pg';

import { asConnectionLost, ConnectionLost } from './connection-lost.js';

/** Options of a pool, which passes them to each of its connections. */
export interface ConnectionOptions extends Omit<PoolConfig, 'onConnect'> {
  /** Awaited before a new connection is used. pg's types leave it out. */
  readonly onConnect: (connection: ClientBase) => Promise<void>;
  /** A statement without an answer after this long has lost its connection. */
  readonly answersWithinMs: number;
}

type Callback = (failure: unknown, ...results: unknown[]) => void;

/** The methods of pg's client that are overridden here. pg's own types have five signatures for each. */
const PgClient = Client as unknown as new (options: ConnectionOptions) => EventEmitter & {
  readonly connection: { readonly stream: Socket };
  connect(callback?: Callback): unknown;
  query(...args: unknown[]): unknown;
};

/**
 * A connection to PostgreSQL that is destroyed if a statement gets no answer in time. pg's own `query_timeout` rejects
 * the statement but keeps the connection, whose later statements then wait for the earlier answer.
 */
export class Connection extends PgClient {
  private readonly answersWithinMs: number;
  private isBroken = false;

  constructor(options: ConnectionOptions) {
    super(options);
    this.answersWithinMs = options.answersWithinMs;
    // Pools and their users listen only while they hold a connection. An `error` event without a listener ends the
    // process.
    this.on('error', () => {
      this.isBroken = true;
    });
  }

  /** Pools report this event's error instead of the statement's. */
  override emit(event: string | symbol, ...rest: unknown[]): boolean {
    return event === 'error' ? super.emit(event, asConnectionLost(rest[0])) : super.emit(event, ...rest);
  }

  override connect(callback?: Callback): unknown {
    if (callback) return super.connect((failure, ...rest) => callback(failure && asConnectionLost(failure), ...rest));
    return (super.connect() as Promise<unknown>).catch((failure: unknown) => {
      throw asConnectionLost(failure);
    });
  }

  override query(...args: unknown[]): unknown {
    // On a busy machine the answer may have come while this process did not run: it is read before the connection goes.
    let late: NodeJS.Immediate | undefined;
    const timer = setTimeout(() => (late = setImmediate(() => this.discard())), this.answersWithinMs);
    const settled = () => {
      clearTimeout(timer);
      clearImmediate(late);
    };
    const callback = args.at(-1);
    if (typeof callback === 'function') {
      return super.query(...args.slice(0, -1), (failure: unknown, ...results: unknown[]) => {
        settled();
        (callback as Callback)(failure && this.explained(failure), ...results);
      });
    }
    return (super.query(...args) as Promise<unknown>).then(
      (result) => {
        settled();
        return result;
      },
      (failure: unknown) => {
        settled();
        throw this.explained(failure);
      },
    );
  }

  /** Fails every statement of the connection. The pool opens another one. */
  private discard(): void {
    this.connection.stream.destroy(new ConnectionSilent(this.answersWithinMs));
  }

  /** A statement can also fail on its own, for example because of a value that cannot be sent. */
  private explained(failure: unknown): unknown {
    // The server ends the connection after this message. A proxy between us may keep its half open and silent.
    if ((failure as { severity?: unknown } | null)?.severity === 'FATAL') this.connection.stream.destroy();
    return this.isBroken || isTermination(failure) ? asConnectionLost(failure) : failure;
  }
}

/** The server does not answer, but the connection is not closed: a firewall drops its packets, or the server hangs. */
export class ConnectionSilent extends ConnectionLost {
  constructor(afterMs: number) {
    super(`PostgreSQL did not answer within ${afterMs} ms`);
    this.name = 'ConnectionSilent';
  }
}

/** pg has no class for these errors. */
function isTermination(failure: unknown): boolean {
  return (
    failure instanceof Error && /^(Connection terminated|Client (was closed|has encountered))/.test(failure.message)
  );
}
