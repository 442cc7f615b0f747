import { Query } from 'pg';

/** The methods of pg's connection and query that are used here. pg's types leave them out. */
export interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  readonly submittedNamedStatements: Record<string, string>;
  parse(statement: { name?: string; text: string }): void;
  bind(portal: { statement?: string; values?: unknown[] }): void;
  describe(what: { type: 'P'; name: string }): void;
  execute(portal: object): void;
  close(what: { type: 'S'; name: string }): void;
  sync(): void;
}
export type Callback = (failure: unknown, ...results: unknown[]) => void;
export const PgQuery = Query as unknown as new (
  config: unknown,
  values?: unknown,
  callback?: Callback,
) => {
  text: string;
  queryMode: string | undefined;
  requiresPreparation(): boolean;
  submit(wire: Wire): Error | null;
  prepare(wire: Wire): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, wire: Wire): void;
  handleError(failure: unknown, wire: Wire): void;
};

/**
 * A statement that is sent in one packet behind another one, whose answer is dropped. If that one fails, this one fails
 * with its error.
 */
export class PrefixedStatement extends PgQuery {
  declare private ownName: string | undefined;
  /** Whether the next answer is the prefix's. */
  declare protected isPrefix: boolean;

  /** @param args of pg's `query`, without a callback */
  constructor(
    args: readonly unknown[],
    protected readonly prefix: string,
  ) {
    super(args[0], args[1]);
  }

  /** pg reads it to learn which statement the server has parsed: none yet, while it answers the prefix. */
  get name(): string | undefined {
    return this.isPrefix ? undefined : this.ownName;
  }

  set name(name: string | undefined) {
    this.ownName = name;
  }

  override submit(wire: Wire): Error | null {
    wire.stream.cork();
    wire.parse({ text: this.prefix });
    wire.bind({});
    wire.execute({});
    this.queryMode = 'extended'; // the simple protocol would end the transaction first
    const failure = this.submitAlone(wire);
    this.isPrefix = true;
    wire.stream.uncork();
    return failure;
  }

  protected submitAlone(wire: Wire): Error | null {
    return super.submit(wire);
  }

  override handleDataRow(message: unknown): void {
    if (!this.isPrefix) super.handleDataRow(message);
  }

  override handleCommandComplete(message: unknown, wire: Wire): void {
    if (!this.isPrefix) return super.handleCommandComplete(message, wire);
    this.isPrefix = false;
  }

  override handleError(failure: unknown, wire: Wire): void {
    if (this.ownName) delete wire.submittedNamedStatements[this.ownName];
    super.handleError(failure, wire);
  }
}

/** The first statement of a transaction, with the one that begins it. */
export class TransactionsFirstStatement extends PrefixedStatement {
  override submit(wire: Wire): Error | null {
    if (this.requiresPreparation()) return super.submit(wire);
    this.text = `${this.prefix}; ${this.text}`; // may be several statements, which only the simple protocol takes
    this.isPrefix = true;
    return this.submitAlone(wire);
  }
}
