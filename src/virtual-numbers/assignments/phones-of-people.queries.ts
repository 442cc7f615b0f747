import type { EntityManager } from 'typeorm';

/**
 * Which of these keyed lookups (in hex) belong to people who are on an order, or were until recently, so that their
 * phones are still stored.
 */
export async function phonesOfPeople(tx: EntityManager, phoneKeys: readonly Buffer[]): Promise<Set<string>> {
  const rows = await tx.sql<{ key: Buffer }[]>`
    SELECT incoming.key FROM unnest(${phoneKeys}::bytea[]) AS incoming (key)
    WHERE EXISTS (SELECT FROM participants AS one WHERE one.phone_key = incoming.key)
       OR EXISTS (SELECT FROM participant_phones AS other WHERE other.phone_key = incoming.key)
       OR EXISTS (SELECT FROM assignments AS pair WHERE pair.dialler_key = incoming.key)`;
  return new Set(rows.map(({ key }) => key.toString('hex')));
}
