import type { EntityManager } from 'typeorm';

import type { Connect } from '../calls/call-decision.js';

/** How many calls of a participant to another one were connected between two instants. */
export async function countConnected(
  tx: EntityManager,
  { orderId, callerRole, calleeId }: Pick<Connect, 'orderId' | 'callerRole' | 'calleeId'>,
  since: Date,
  until: Date,
): Promise<number> {
  const [counted] = await tx.sql<[{ calls: number }]>`
    SELECT count(*)::integer AS calls
    FROM interactions AS call
    WHERE call.order_id = ${orderId} AND call.caller_role = ${callerRole}
      AND call.kind = 'call' AND call.decision = 'connect' AND call.at > ${since} AND call.at < ${until}
      AND jsonb_path_exists(call.steps, '$.*.calleeId ? (@ == $callee)', jsonb_build_object('callee', ${calleeId}::text))`;
  return counted.calls;
}
