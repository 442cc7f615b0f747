import { Injectable } from '@nestjs/common';

import { BatchedStatement } from '../../platform/database/batched-statement.js';
import { CallConnections } from '../../platform/database/call-connections.js';
import { keyOfCall, recordDecisions, type Decided } from './interactions.queries.js';

/** Records decisions about calls. Those that are made at the same time share a statement and its commit. */
@Injectable()
export class DecisionRecords {
  private readonly decisions: BatchedStatement<Decided, boolean>;

  constructor(connections: CallConnections) {
    this.decisions = new BatchedStatement<Decided, boolean>(
      (decisions) => recordDecisions(connections, decisions),
      (decided) => [keyOfCall(decided)],
    );
  }

  /**
   * Records a decision, once for each call and step. It is committed when this resolves.
   *
   * @returns false, without a change, if the step was decided before or the call can no longer be decided
   */
  async record(decided: Decided): Promise<boolean> {
    return this.decisions.ask(decided);
  }
}
