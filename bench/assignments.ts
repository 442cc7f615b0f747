import { Client } from 'pg';

import type { Assigned, Assigning } from './assigning-process.js';
import type { Figures } from './latencies.js';
import type { Results } from './report.js';
import { assignments as assignmentsScript } from './scripts.js';
import type { Stage } from './stage.js';
import { countAssigned, undoAssignments, type PoolKind } from './world.js';

const WRITERS = [8, 16, 32];
const EXPECTED = 0.6;
/** An order of three, which has two links, costs at most 1.8 orders of two. */
const EXPECTED_OF_THREE = 1 / 1.8;
const WRITERS_OF_THREE = 16;
/** pgbench never retries. If others have locked the numbers it looks at, which is rare, an order gets none. */
const PGBENCH_MAY_MISS = 0.01;
export const POOLS: Readonly<Record<PoolKind, string>> = {
  exclusive: 'an exclusive pool',
  shared: 'a shared pool',
};

/**
 * Measures the assignment of agents: the service, and pgbench with the service's statements. Then compares orders of
 * three people, whose courier gets numbers for two links, with orders of two.
 */
export async function assignments(stage: Stage): Promise<Pick<Results, 'contests'>> {
  const { databaseUrl, plan } = stage;
  const orders = plan.ordersATurn;
  const [service] = await stage.start<object, Assigning, Assigned>(
    './assigning-process.js',
    stage.appEnvironment('assignments'),
  );
  const alike = (who: string, measure: () => Promise<Figures>, links = 1, mayMiss = 0) =>
    beginningAlike(databaseUrl, who, measure, { orders, links, mayMiss });
  const inPgbench = (measure: () => Promise<Figures>) => alike('pgbench', measure, 1, orders * PGBENCH_MAY_MISS);
  const inService =
    (pool: PoolKind, inFlight: number, parcels = false) =>
    () =>
      alike('the service', () => service.ask({ size: plan.size, pool, parcels, orders, inFlight }), parcels ? 2 : 1);

  stage.progress.say('warming up');
  for (const pool of ['exclusive', 'shared'] as const) {
    await inService(pool, WRITERS[0]!)();
    await inService(pool, WRITERS[0]!, true)();
  }
  const contests = await Promise.all(
    (['exclusive', 'shared'] as const).flatMap((pool) =>
      WRITERS.map(async (writers) => {
        const script = await assignmentsScript(databaseUrl, { size: plan.size, pool, orders, clients: writers });
        return {
          work: `Agents assigned, ${POOLS[pool]}, ${writers} writers`,
          expected: EXPECTED,
          contestants: {
            'the service, an agent': inService(pool, writers),
            ...stage.inPgbench(script, inPgbench),
          },
        };
      }),
    ),
  );
  const ofThree = (['exclusive', 'shared'] as const).map((pool) => ({
    work: `Orders of three, ${POOLS[pool]}, ${WRITERS_OF_THREE} writers`,
    expected: EXPECTED_OF_THREE,
    contestants: {
      'the service, a courier with two links': inService(pool, WRITERS_OF_THREE, true),
      'the service, an agent with one link': inService(pool, WRITERS_OF_THREE),
    },
  }));
  const measured = await stage.contests([...contests, ...ofThree]);
  await service.stop();
  return { contests: measured };
}

/** Runs one contestant, checks that it assigned all orders, or all but those it may miss, and undoes it. */
async function beginningAlike(
  databaseUrl: string,
  who: string,
  measure: () => Promise<Figures>,
  { orders, links, mayMiss }: { orders: number; links: number; mayMiss: number },
): Promise<Figures> {
  const figures = await measure();
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const assigned = await countAssigned(client, links);
    if (assigned > orders || assigned < orders - mayMiss)
      throw new Error(`${assigned} orders were assigned by ${who} instead of ${orders}.`);
    await undoAssignments(client);
  } finally {
    await client.end();
  }
  return figures;
}
