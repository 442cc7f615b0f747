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
 * <exchange>`. It says that it is ready, makes the rounds it is told to, and says when they are over.
 */
const clock = new PushableClock();
const app = await TestApp.start({
  database: { url: process.argv[2]!, drop: async () => undefined },
  exchangeUrl: process.argv[3]!,
  clock,
});
process.on('message', ({ pools, at }: Rounds) => {
  clock.push({ seconds: (Date.parse(at) - clock.now().getTime()) / 1000 });
  const rounds = pools.map(async (name) =>
    app.get(ReplenishmentService).replenish((await app.get(PoolsService).byName(name)).id),
  );
  void Promise.allSettled(rounds).then(() => process.send!('over'));
});
process.once('disconnect', () => void app.stop());
process.send!('ready');
