import { Connection } from '../../src/platform/database/connections/connection.js';

/** A statement as pg gets it. */
export interface Sent {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** The statements that this process sends to PostgreSQL, until `vi.restoreAllMocks()`. */
export class SentStatements {
  all: readonly Sent[] = [];

  constructor() {
    const query = Connection.prototype.query;
    const add = (one: Sent) => (this.all = [...this.all, one]);
    vi.spyOn(Connection.prototype, 'query').mockImplementation(function (this: Connection, ...args: unknown[]) {
      const [statement, values] = args;
      add(typeof statement === 'string' ? { text: statement, values: values as unknown[] } : (statement as Sent));
      return query.apply(this, args);
    });
  }

  forget(): void {
    this.all = [];
  }
}
