import fc from 'fast-check';

import { anyCommand, anyPolicy, someNumbers } from './commands.js';
import { ReferenceModel } from './reference-model.js';
import { World } from './world.js';

/**
 * Draws sequences of what can happen, carries each out on the real services and on a reference model, and compares the
 * two after every command.
 *
 * Longer: `MODEL_RUNS=200000 npm test -- test/model` carries out that many commands at least, from a new seed.
 * A failure again: `MODEL_SEED`, `MODEL_PATH` and `MODEL_REPLAY` take what fast-check printed as `seed`, `path` and
 * `replayPath`. `MODEL_SHRINK=no` stops at the first failure, without looking for a shorter one.
 */
const { MODEL_RUNS, MODEL_SEED, MODEL_PATH, MODEL_REPLAY, MODEL_SHRINK } = process.env;
const COMMANDS = Number(MODEL_RUNS ?? 10_000);
const SEQUENCES_A_ROUND = 20;
const LONGEST_SEQUENCE = 100;

/** Each with a database and a clock of its own. While one waits for the database, the other has the processor. */
let worlds: readonly [World, World];
beforeAll(async () => {
  worlds = await Promise.all([World.start(), World.start()]);
}, 120_000);
afterAll(() => Promise.all(worlds?.map((world) => world.stop()) ?? []));

const whateverHappensIn = (world: World) =>
  fc.asyncProperty(
    anyPolicy,
    someNumbers,
    fc.commands([anyCommand], { maxCommands: LONGEST_SEQUENCE, size: 'max', replayPath: MODEL_REPLAY }),
    async (policy, numbers, commands) => {
      await world.begin(policy, numbers);
      await fc.asyncModelRun(() => {
        const model = new ReferenceModel(policy, world.now);
        for (const number of numbers) model.numbers.set(number, 'available');
        return { model, real: world };
      }, commands);
    },
  );

it(
  'whatever happens, in whichever order, Maskline does as the model does',
  async () => {
    if (MODEL_PATH) {
      await fc.assert(whateverHappensIn(worlds[0]), { seed: Number(MODEL_SEED), path: MODEL_PATH, endOnFailure: true });
      return;
    }
    const began = performance.now();
    const first = MODEL_SEED ? Number(MODEL_SEED) : Date.now() % 0x7fffffff;
    let seed = first;
    const carriedOut = () => worlds[0].ran + worlds[1].ran;
    await Promise.all(
      worlds.map(async (world) => {
        while (carriedOut() < COMMANDS) {
          await fc.assert(whateverHappensIn(world), {
            seed: seed++,
            numRuns: SEQUENCES_A_ROUND,
            endOnFailure: MODEL_SHRINK === 'no',
          });
        }
      }),
    );
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    process.stdout.write(`${carriedOut()} commands in ${seconds} s from seed ${first}: ${kindsOf(worlds)}\n`);
  },
  120_000 + COMMANDS * 60,
);

function kindsOf(worlds: readonly World[]): string {
  const times = new Map<string, number>();
  for (const [kind, more] of worlds.flatMap(({ ranByKind }) => [...ranByKind])) {
    times.set(kind, (times.get(kind) ?? 0) + more);
  }
  const mostFirst = [...times].sort(([, one], [, other]) => other - one);
  return mostFirst.map(([kind, count]) => `${kind} ${count}`).join(', ');
}
