import type { EntityManager } from 'typeorm';

/** Which of the orders have a participant in doubt since a restore. */
export async function unconfirmedAmong(manager: EntityManager, orderIds: readonly string[]): Promise<Set<string>> {
  const rows = await manager.sql<{ id: string }[]>`
    SELECT DISTINCT one.order_id AS id FROM unconfirmed_participants AS one WHERE one.order_id = ANY(${orderIds}::uuid[])`;
  return new Set(rows.map(({ id }) => id));
}
