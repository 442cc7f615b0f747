import { PoolsService } from '../../src/virtual-numbers/pools/pools.service.js';
import { ReplenishmentService } from '../../src/replenishment/round/replenishment.service.js';
import { TestApp } from '../support/app.js';
import { PushableClock } from '../support/pushable-clock.js';

/** What the process is to do: one round of each pool, all at once, at this instant. */
export interface Rounds {
  readonly pools: readonly string[];
  readonly at: string;
}

/**
 * One process of an installation that buys, to be killed: `node dist/test/faults/buying-process.js <database>
 * <exchange> <applications>`. Each of its applications has connections of its own, and its share of the rounds. It says that it is ready, makes the rounds it is told to, and says when they are over.
 */
const clock = new PushableClock();
const apps: TestApp[] = [];
for (let count = Number(process.argv[4]); count > 0; count -= 1) {
  const database = { url: process.argv[2]!, drop: async () => undefined };
  apps.push(await TestApp.start({ database, exchangeUrl: process.argv[3]!, clock }));
}
process.on('message', ({ pools, at }: Rounds) => {
  clock.push({ seconds: (Date.parse(at) - clock.now().getTime()) / 1000 });
  const rounds = pools.map(async (name, index) => {
    const app = apps[index % apps.length]!;
    return app.get(ReplenishmentService).replenish((await app.get(PoolsService).byName(name)).id);
  });
  void Promise.allSettled(rounds).then(() => process.send!('over'));
});
process.once('disconnect', () => void Promise.all(apps.map((app) => app.stop())));
process.send!('ready');
