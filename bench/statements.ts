import { randomUUID } from 'node:crypto';

import type { QueryConfig } from 'pg';
import type { EntityManager } from 'typeorm';

import { lockOrder, moveOrder } from '../src/orders/order/orders.queries.js';
import type { Connections, Statement } from '../src/platform/database/statement.js';
import { assignLinks } from '../src/virtual-numbers/assignments/assignments.queries.js';
import { isNumberOfOurs } from '../src/virtual-numbers/numbers/number-keys.queries.js';

/**
 * Reads the statements of an assignment from the application's own functions, by running them on
 * connections that record the statement and return no rows. So the application exports nothing for the benchmark, which
 * has no copy of its SQL.
 */
async function statementOf(run: (on: Connections, tx: EntityManager) => Promise<unknown>): Promise<Statement> {
  const noted: Statement[] = [];
  const on = {
    query: async ({ name, text }: QueryConfig) => {
      noted.push({ name: name!, text });
      return { rows: [], rowCount: 0 };
    },
  };
  const tx = { queryRunner: { connect: async () => on } };
  await run(on as unknown as Connections, tx as unknown as EntityManager);
  const [statement] = noted; // others may follow if it finds nothing
  if (!statement) throw new Error('Expected a statement, and none was run.');
  return statement;
}

const [key, phone, now, id] = [Buffer.alloc(32), Buffer.alloc(48), new Date(), randomUUID()];
const agent = { participantId: id, role: 'agent', phone, phoneKey: key } as const;

export const lockByReference = await statementOf((_, tx) => lockOrder(tx, { reference: id }));
export const keyOfOurs = await statementOf((_, tx) => isNumberOfOurs(tx, key));
export const assignOneLink = await statementOf((_, tx) => {
  const link = { one: { ...agent, role: 'customer' }, other: agent, onlyFrom: null };
  return assignLinks(tx, { id, poolId: id }, [link], { assignedAt: now, connectsUntil: now, quarantineSeconds: 0 });
});
export const joinMoveAndRecord = await statementOf((_, tx) => {
  const joins = { ...agent, joinedAt: now };
  return moveOrder(tx, id, { status: 'active', dueAt: now, event: 'order.agent-assigned', joins }, now);
});
