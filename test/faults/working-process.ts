import { TestApp } from '../support/app.js';
import { LiveClock } from '../support/live-clock.js';

/** What a process says of its rounds: a line of its log. */
export interface SaidOfRounds {
  readonly msg: 'round begun' | 'round made' | 'pool replenished';
  readonly poolId: string;
  /** The job that made the round; that it has begun is said without. */
  readonly jobId?: string;
}

const OF_ROUNDS = new Set<string>(['round begun', 'round made', 'pool replenished'] satisfies SaidOfRounds['msg'][]);

/**
 * One process of an installation that works jobs off, to be killed: `node
 * dist/test/faults/working-process.js <database> <exchange> <Redis, or nothing>`. It says that it is ready, and then what its log says of rounds.
 */
const app = await TestApp.start({
  database: { url: process.argv[2]!, drop: async () => undefined },
  exchangeUrl: process.argv[3]!,
  redisUrl: process.argv[4] || null,
  clock: new LiveClock(),
  works: true,
  logTo: (line) => {
    const said = JSON.parse(line) as SaidOfRounds;
    if (OF_ROUNDS.has(said.msg) && process.connected) process.send!(said);
  },
});
process.once('disconnect', () => void app.stop());
process.send!('ready');
