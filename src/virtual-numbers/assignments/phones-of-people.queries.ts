import type { EntityManager } from 'typeorm';

/** Those of these keyed lookups, in hex, that are of people who are on an order or were until lately: their phones are still kept. */
export async function phonesOfPeople(tx: EntityManager, phoneKeys: readonly Buffer[]): Promise<Set<string>> {
  const rows = await tx.sql<{ key: Buffer }[]>`
    SELECT incoming.key FROM unnest(${phoneKeys}::bytea[]) AS incoming (key)
    WHERE EXISTS (SELECT FROM participants AS one WHERE one.phone_key = incoming.key)
       OR EXISTS (SELECT FROM participant_phones AS other WHERE other.phone_key = incoming.key)
       OR EXISTS (SELECT FROM assignments AS pair WHERE pair.dialler_key = incoming.key)`;
  return new Set(rows.map(({ key }) => key.toString('hex')));
}
