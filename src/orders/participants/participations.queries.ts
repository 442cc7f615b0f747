import type { EntityManager } from 'typeorm';

import type { Role } from '../../virtual-numbers/role.js';
import type { OrderStatus } from '../order/order.entity.js';

/** A place on an order for which a phone is stored. */
export interface Participation {
  readonly participantId: string;
  readonly orderId: string;
  readonly reference: string;
  readonly status: OrderStatus;
  readonly role: Role;
  /** registered = the participant's phone; declared, pin = another phone of the participant, and how it became known */
  readonly known: 'registered' | 'declared' | 'pin';
  readonly joinedAt: Date;
  readonly leftAt: Date | null;
}

/**
 * Where phones are stored (keyed lookups). Orders whose quarantine is over contain no phone.
 *
 * @param orderIds null = on all orders
 */
export async function participationsOf(
  tx: EntityManager,
  phoneKeys: readonly Buffer[],
  orderIds: readonly string[] | null = null,
): Promise<Participation[]> {
  return tx.sql<Participation[]>`
    SELECT one.id AS "participantId", orders.id AS "orderId", orders.reference, orders.status, one.role, one.known,
           one.joined_at AS "joinedAt", one.left_at AS "leftAt"
    FROM (SELECT participant.id, participant.order_id, participant.role, 'registered' AS known, participant.joined_at,
                 participant.left_at
          FROM participants AS participant WHERE participant.phone_key = ANY(${[...phoneKeys]}::bytea[])
          UNION ALL
          SELECT participant.id, participant.order_id, participant.role, other.how_known, other.added_at,
                 participant.left_at
          FROM participant_phones AS other JOIN participants AS participant ON participant.id = other.participant_id
          WHERE other.phone_key = ANY(${[...phoneKeys]}::bytea[])) AS one
    JOIN orders ON orders.id = one.order_id
    WHERE ${orderIds}::uuid[] IS NULL OR orders.id = ANY(${orderIds}::uuid[])
    ORDER BY one.joined_at, one.id`;
}

/** Which of these participants still have a phone stored. */
export async function participantsWithPhones(tx: EntityManager, participantIds: readonly string[]): Promise<string[]> {
  const rows = await tx.sql<{ id: string }[]>`
    SELECT participant.id FROM participants AS participant
    WHERE participant.id = ANY(${[...participantIds]}::uuid[]) AND participant.phone_key IS NOT NULL
    UNION
    SELECT other.participant_id FROM participant_phones AS other
    WHERE other.participant_id = ANY(${[...participantIds]}::uuid[])`;
  return rows.map(({ id }) => id);
}
