import { Client } from 'pg';

import type { Assigned, Assigning } from './assigning-process.js';
import type { Figures } from './latencies.js';
import type { Results } from './report.js';
import { assignments as assignmentsScript } from './scripts.js';
import type { Stage } from './stage.js';
import { countAssigned, undoAssignments, type PoolKind } from './world.js';

const WRITERS = [8, 16, 32];
const EXPECTED = 0.6;
export const POOLS: Readonly<Record<PoolKind, string>> = {
  exclusive: 'an exclusive pool',
  shared: 'a shared pool',
};

/** Measures the assignment of agents: the service, and pgbench with the service's statements. */
export async function assignments(stage: Stage): Promise<Pick<Results, 'contests'>> {
  const { databaseUrl, plan } = stage;
  const orders = plan.ordersATurn;
  const [service] = await stage.start<object, Assigning, Assigned>(
    './assigning-process.js',
    stage.appEnvironment('assignments'),
  );
  const alike = (measure: () => Promise<Figures>) => beginningAlike(databaseUrl, measure, orders);
  const inService = (pool: PoolKind, inFlight: number) => () =>
    alike(() => service.ask({ size: plan.size, pool, orders, inFlight }));

  stage.progress.say('warming up');
  for (const pool of ['exclusive', 'shared'] as const) await inService(pool, WRITERS[0]!)();
  const contests = await Promise.all(
    (['exclusive', 'shared'] as const).flatMap((pool) =>
      WRITERS.map(async (writers) => {
        const script = await assignmentsScript(databaseUrl, { size: plan.size, pool, orders, clients: writers });
        return {
          work: `Agents assigned, ${POOLS[pool]}, ${writers} writers`,
          expected: EXPECTED,
          contestants: { 'the service, assignAgent': inService(pool, writers), ...stage.inPgbench(script, alike) },
        };
      }),
    ),
  );
  const measured = await stage.contests(contests);
  await service.stop();
  return { contests: measured };
}

/** Runs one contestant, checks that it assigned all orders, and undoes it. */
async function beginningAlike(databaseUrl: string, measure: () => Promise<Figures>, orders: number): Promise<Figures> {
  const figures = await measure();
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const assigned = await countAssigned(client);
    if (assigned !== orders) throw new Error(`${assigned} orders were assigned instead of ${orders}.`);
    await undoAssignments(client);
  } finally {
    await client.end();
  }
  return figures;
}
