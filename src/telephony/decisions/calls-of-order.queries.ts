import type { Order } from '../../orders/order/order.entity.js';
import { addSeconds } from '../../platform/clock/clock.js';
import { monthBound, type Connections } from '../../platform/database/statement.js';
import { monthsBetween, type Months } from '../../platform/retention/months-back.js';
import type { ProviderName } from '../../virtual-numbers/provider-name.js';
import type { Interaction } from './interaction.entity.js';

/** The columns of a call or text. */
export const CALL = `
  call.provider, call.provider_call_id AS "providerCallId", call.ordinal, call.kind, call.at, call.order_id AS "orderId",
  call.caller_role AS "callerRole", call.virtual_number AS "virtualNumber", call.steps, call.decision, call.reason,
  call.outcome, call.talk_seconds AS "talkSeconds", call.ended_at AS "endedAt", call.progress, call.sequence,
  call.ring_seconds AS "ringSeconds", call.hung_up_by AS "hungUpBy", call.recording, call.ask_at AS "askAt",
  call.times_asked AS "timesAsked", call.is_genuine AS "isGenuine", call.segments, call.delivery`;

/** Jobs that stood still keep an order's assignments for longer than its quarantine, and calls by them are the order's. */
const LATE_SECONDS = 7 * 24 * 60 * 60;

/**
 * The months in which calls and texts of an order may be, from the end of its grace to that of its quarantine: then,
 * callers heard that it has ended. Null = it has not, and has none there.
 */
export function monthsOfCalls(order: Order): Months | null {
  const over = order.endOfGrace();
  return over && monthsBetween(over, addSeconds(over, order.quarantineSeconds + LATE_SECONDS));
}

/** Calls and texts of the order $1, also those that were moved to its months, which are $2 and $3. */
export function callsOfOrder(columns: string, condition: string, isEnded: boolean): string {
  const live = `SELECT ${columns} FROM interactions AS call WHERE call.order_id = $1 AND ${condition}`;
  if (!isEnded) return live;
  return `${live}
      UNION ALL
      SELECT ${columns} FROM ended_interactions AS call
      WHERE call.order_id = $1 AND ${condition}
        AND call.over_at >= ${monthBound('$2')} AND call.over_at < ${monthBound('$3')}`;
}

/** A call or text of an order, decided or not. */
export async function callOfOrder(
  connections: Connections,
  order: Order,
  { provider, providerCallId }: { readonly provider: ProviderName; readonly providerCallId: string },
): Promise<Interaction | null> {
  const months = monthsOfCalls(order);
  const [first, second] = months ? ['$4', '$5'] : ['$2', '$3'];
  const isIt = `call.provider = ${first} AND call.provider_call_id = ${second}`;
  const { rows } = await connections.query<Interaction>({
    name: `call-of-${months ? 'ended-' : ''}order`,
    plan: months ? 'once' : undefined,
    text: callsOfOrder(CALL, isIt, months !== null),
    values: [order.id, ...(months ? [months.from, months.until] : []), provider, providerCallId],
  });
  return rows[0] ?? null;
}
