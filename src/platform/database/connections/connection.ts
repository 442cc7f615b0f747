import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';

import { Client, type ClientBase, type PoolConfig, type QueryConfig } from 'pg';

import type { SpanOptions } from '../../observability/span.js';
import { kindOf, startSpan } from '../../observability/tracing.js';
import { currentWork } from '../../observability/work-context.js';
import { asConnectionLost, ConnectionLost, sqlStateOf } from './connection-lost.js';
import type { DatabaseServer } from './database-url.js';
import {
  FirstStatement,
  PooledStatement,
  settingLocally,
  type Peer,
  type SessionSettings,
} from './pooled-statement.js';
import { PrefixedStatement, TransactionsFirstStatement, type Callback } from './prefixed-statement.js';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const READ_ONLY_TRANSACTION = '25006';
/** Waiting for the server between statements, in no transaction. */
const IDLE = 'I';

/** Texts of one statement. */
const BEGIN = /^\s*(begin|start\s+transaction)\b[^;]*$/i;
const END = /^\s*(commit|rollback)\s*$/i;
const PLANNED_ONCE = { plan_cache_mode: 'force_generic_plan' };
/** pg's answer to a statement that was not sent, because it changes nothing yet. */
const NOTHING_YET = { command: '', rowCount: null, oid: null, rows: [], fields: [] };

/** Which of several servers to connect to. */
export interface ServerChoice {
  find(): Promise<DatabaseServer>;
  /** The server does not answer, or accepts no writes any more. Without an argument: the one that was found last. */
  forget(server?: DatabaseServer | null): void;
}

/** Options of a pool, which passes them to each of its connections. */
export interface ConnectionOptions extends Omit<PoolConfig, 'onConnect'> {
  /** Awaited before a new connection is used. pg's types leave it out. */
  readonly onConnect: (connection: ClientBase) => Promise<void>;
  /** A statement without an answer after this long has lost its connection. */
  readonly answersWithinMs: number;
  /** Null = there is one server only. */
  readonly primary?: ServerChoice | null;
  /** Whether each connection is known to have a session of its own, also if a pooler answers. */
  readonly hasSessions?: boolean;
}

/** The methods of pg's client that are overridden here. pg's own types have five signatures for each. */
const PgClient = Client as unknown as new (options: ConnectionOptions) => EventEmitter & {
  readonly connection: { readonly stream: Socket };
  readonly processID: number | null;
  host: string;
  port: number;
  getTransactionStatus(): string | null;
  end(): Promise<void>;
  connect(callback?: Callback): unknown;
  query(...args: unknown[]): unknown;
};

/**
 * A connection to PostgreSQL that is destroyed if a statement gets no answer in time. pg's own `query_timeout` rejects
 * the statement but keeps the connection, whose later statements then wait for the earlier answer.
 */
export class Connection extends PgClient {
  private readonly answersWithinMs: number;
  private readonly primary: ServerChoice | null;
  private readonly hasSessions: boolean;
  private server: DatabaseServer | null = null;
  private isBroken = false;
  /** Settings that go with each transaction; null = they were set for the session. */
  private settings: SessionSettings | null = null;
  /** The text that begins the transaction, which goes with its first statement; null = nothing is to be begun. */
  private unbegun: string | null = null;
  /** What a pooler does, if one answers and gives no sessions. */
  pooler: { readonly supportsNames: boolean } | null = null;

  constructor(options: ConnectionOptions) {
    super(options);
    this.answersWithinMs = options.answersWithinMs;
    this.primary = options.primary ?? null;
    this.hasSessions = options.hasSessions ?? false;
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
    if (this.primary === null) return this.open(callback);
    const chosen = this.primary.find().then((server) => {
      this.server = server;
      Object.assign(this, server);
    });
    if (!callback) return chosen.then(() => this.open());
    return void chosen.then(
      () => this.open(callback),
      (failure: unknown) => callback(asConnectionLost(failure)),
    );
  }

  private open(callback?: Callback): unknown {
    const failed = (failure: unknown) => {
      this.primary?.forget(this.server);
      return asConnectionLost(failure);
    };
    if (callback) return super.connect((failure, ...rest) => callback(failure && failed(failure), ...rest));
    return (super.connect() as Promise<unknown>).catch((failure: unknown) => {
      throw failed(failure);
    });
  }

  /**
   * Prepares a new connection for its statements.
   *
   * @throws SessionNeeded if they need a session, and a pooler answers that may give none
   */
  async begin(settings: SessionSettings, { needsSession }: { readonly needsSession: boolean }): Promise<void> {
    const { rows } = (await this.query(new FirstStatement(settings, this.processID, this.hasSessions))) as {
      rows: [Peer];
    };
    const { isPooled, isReadOnly, isByOurName } = rows[0];
    if (isReadOnly && this.primary) throw this.demoted();
    if (!isPooled || this.hasSessions) return;
    if (needsSession) throw new SessionNeeded();
    this.pooler = { supportsNames: !isByOurName };
    this.settings = settings;
  }

  /**
   * Runs a statement, as pg does. The one that begins a transaction is sent in one packet with the first statement of the
   * transaction, which saves a round trip; without such a statement, neither it nor the transaction's end is sent.
   */
  override query(...args: unknown[]): unknown {
    const callback = args.at(-1);
    const [asked, values] = typeof callback === 'function' ? args.slice(0, -1) : args;
    if (typeof asked !== 'string' || values !== undefined || !this.isSentLater(asked)) return this.send(args);
    if (typeof callback !== 'function') return Promise.resolve(NOTHING_YET);
    process.nextTick(callback as Callback, null, NOTHING_YET);
    return undefined;
  }

  private isSentLater(text: string): boolean {
    if (this.unbegun !== null && END.test(text)) {
      this.unbegun = null;
      return true;
    }
    if (this.settings !== null || this.unbegun !== null || !BEGIN.test(text)) return false;
    if (this.getTransactionStatus() !== IDLE) return false;
    this.unbegun = text;
    return true;
  }

  private send(args: unknown[]): unknown {
    // On a busy machine the answer may have come while this process did not run: it is read before the connection goes.
    let late: NodeJS.Immediate | undefined;
    const silent = () => {
      this.primary?.forget(this.server);
      this.discard(new ConnectionSilent(this.answersWithinMs));
    };
    const timer = setTimeout(() => (late = setImmediate(silent)), this.answersWithinMs);
    const span = currentWork()?.span ? startSpan(...spanOf(args[0])) : null;
    const settled = (failure?: unknown) => {
      if (failure) span?.fail(kindOf(failure));
      span?.end();
      clearTimeout(timer);
      clearImmediate(late);
    };
    const told = (callback: Callback) => (failure: unknown, result: unknown) => {
      settled(failure);
      callback(failure && this.explained(failure), result);
    };
    const callback = args.at(-1);
    if (typeof callback === 'function') {
      return super.query(...this.asSent(args.slice(0, -1)), told(callback as Callback));
    }
    const sent = this.asSent(args);
    if (isQuery(sent[0])) {
      return new Promise((resolve, reject) => {
        super.query(
          sent[0],
          told((failure, result) => (failure ? reject(failure as Error) : resolve(result))),
        );
      });
    }
    return (super.query(...sent) as Promise<unknown>).then(
      (result) => {
        settled();
        return result;
      },
      (failure: unknown) => {
        settled(failure);
        throw this.explained(failure);
      },
    );
  }

  /** Breaks the connection, and fails every statement of it. The pool opens another one. */
  discard(failure?: ConnectionLost): void {
    this.connection.stream.destroy(failure);
  }

  private asSent(args: unknown[]): unknown[] {
    const { settings, pooler, unbegun } = this;
    if (unbegun !== null) {
      this.unbegun = null;
      if (!isQuery(args[0])) return [new TransactionsFirstStatement(args, unbegun)];
      super.query(unbegun, () => undefined); // if it fails, so does the next
      return args;
    }
    if (isQuery(args[0])) return args;
    const isPlannedOnce = (args[0] as { plan?: 'once' } | undefined)?.plan === 'once';
    if (settings !== null && pooler !== null) {
      const all = isPlannedOnce ? { ...settings, ...PLANNED_ONCE } : settings;
      return [new PooledStatement(args, all, () => this.getTransactionStatus() === IDLE, pooler)];
    }
    if (!isPlannedOnce || this.getTransactionStatus() !== IDLE) return args;
    return [new PrefixedStatement(args, settingLocally(PLANNED_ONCE))];
  }

  /** A statement can also fail on its own, for example because of a value that cannot be sent. */
  private explained(failure: unknown): unknown {
    // The server ends the connection after this message. A proxy between us may keep its half open and silent.
    if ((failure as { severity?: unknown } | null)?.severity === 'FATAL') this.discard();
    if (this.primary && sqlStateOf(failure) === READ_ONLY_TRANSACTION) {
      const demoted = this.demoted(failure);
      this.discard(demoted);
      return demoted;
    }
    return this.isBroken || isTermination(failure) ? asConnectionLost(failure) : failure;
  }

  private demoted(cause?: unknown): ServerDemoted {
    this.primary?.forget(this.server);
    return new ServerDemoted(`${this.host}:${this.port} accepts no writes any more`, { cause });
  }
}

/** The server does not answer, but the connection is not closed: a firewall drops its packets, or the server hangs. */
export class ConnectionSilent extends ConnectionLost {
  constructor(afterMs: number) {
    super(`PostgreSQL did not answer within ${afterMs} ms`);
    this.name = 'ConnectionSilent';
  }
}

/** Of several servers, another one is the primary now. */
export class ServerDemoted extends ConnectionLost {}

/** A pooler answers, and may give each transaction another connection to PostgreSQL. */
export class SessionNeeded extends Error {
  constructor() {
    super(
      'a connection pooler answers, which may give no session: set DATABASE_DIRECT_URL to the PostgreSQL behind it',
    );
  }
}

/** pg and its extensions call this a submittable. */
function isQuery(config: unknown): boolean {
  return typeof (config as { submit?: unknown } | null)?.submit === 'function';
}

/**
 * Names a statement by its own name, or else by its first words. Never its parameters, and not its text, which is in
 * the source.
 */
function spanOf(asked: unknown): [name: string, options: SpanOptions] {
  const { name, text = '' } = typeof asked === 'string' ? { text: asked } : (asked as Partial<QueryConfig>);
  const [, operation = 'statement'] = /^\s*(\w+)/.exec(text) ?? [];
  const [, table] = /\b(?:FROM|INTO|UPDATE)\s+"?([a-z_]+)/.exec(text) ?? [];
  const summary = name ?? (table === undefined ? operation : `${operation} ${table}`);
  return [summary, { kind: 'client', attributes: { 'db.system.name': 'postgresql', 'db.query.summary': summary } }];
}

/** pg has no class for these errors. */
function isTermination(failure: unknown): boolean {
  return (
    failure instanceof Error && /^(Connection terminated|Client (was closed|has encountered))/.test(failure.message)
  );
}
