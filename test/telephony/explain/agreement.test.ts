import fc from 'fast-check';

import type { ReferenceModel } from '../../model/reference-model.js';
import { ReferenceModel as Model } from '../../model/reference-model.js';
import { anyCommand, anyPolicy, someNumbers } from '../../model/commands.js';
import { NUMBERS, PHONES, STRANGER, World } from '../../model/world.js';

/**
 * Lets random worlds live, dials at random after everything that happens, and compares every answer of the router with its
 * explanation: at once, and again when the whole sequence is over and the rows have moved on.
 */
const SEQUENCES = Number(process.env['EXPLAIN_RUNS'] ?? 8);
const CALLS_A_COMMAND = 3;
/** What the phones that are forgotten by now, or a number that was retired since, may hide: never a connected call. */
const NOT_TOLD_APART = new Set(['UNKNOWN_VN', 'UNKNOWN_CALLER', 'NO_SESSION', 'SELF_CALL', 'LOOP']);

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.stop());

type Command = fc.AsyncCommand<ReferenceModel, World, true>;

/** A second before each command, so that no two things happen at one instant, and calls a moment after it. */
class Dialled implements Command {
  constructor(
    private readonly command: Command,
    private readonly calls: readonly (readonly [string, string])[],
  ) {}

  check = (model: Readonly<ReferenceModel>) => this.command.check(model);

  async run(model: ReferenceModel, real: World): Promise<void> {
    push(model, real);
    await this.command.run(model, real);
    push(model, real);
    for (const [from, to] of this.calls) {
      const answer = await real.call(from, to);
      const now = await real.explain(from, to, null);
      expect([from, to, now.decision, now.reason]).toEqual([from, to, answer.decision, answer.reason]);
      if (answer.decision === 'connect') expect(now.shownNumber).toBe(answer.shownNumber);
      const isLate = await real.isLateFor(to, model.policy.quarantineSeconds);
      answered.push({ from, to, at: real.now, answer, isLate });
    }
  }

  toString = () => `${String(this.command)} then ${JSON.stringify(this.calls)}`;
}

/** What the router said; late, where it went by a pair that rested no more and was not archived yet. */
interface Answered {
  readonly from: string;
  readonly to: string;
  readonly at: number;
  readonly answer: Awaited<ReturnType<World['call']>>;
  readonly isLate: boolean;
}

let answered: Answered[] = [];

function push(model: ReferenceModel, real: World): void {
  real.pushClock(1);
  model.push(1000);
}

const someCalls = fc.array(fc.tuple(fc.constantFrom(...PHONES, STRANGER), fc.constantFrom(...NUMBERS)), {
  minLength: CALLS_A_COMMAND,
  maxLength: CALLS_A_COMMAND,
});

it(
  'explains every call as it was answered, at the time and ever after',
  async () => {
    let explained = 0;
    let forgotten = 0;
    const commands = fc.tuple(anyCommand, someCalls).map(([command, calls]) => new Dialled(command as Command, calls));
    await fc.assert(
      fc.asyncProperty(
        anyPolicy,
        someNumbers,
        fc.commands([commands], { maxCommands: 40, size: 'max' }),
        async (policy, numbers, sequence) => {
          await world.begin(policy, numbers);
          answered = [];
          await fc.asyncModelRun(() => {
            const model = new Model(policy, world.now);
            for (const number of numbers) model.numbers.set(number, 'available');
            return { model, real: world };
          }, sequence);
          world.pushClock(1);
          for (const { from, to, at, answer, isLate } of answered) {
            const then = await world.explain(from, to, new Date(at));
            explained += 1;
            if (then.decision === 'unknown') {
              forgotten += 1;
              expect(then.forgotten.length).toBeGreaterThan(0);
              continue;
            }
            const about = { from, to, at: new Date(at).toISOString() };
            expect({ ...about, decision: then.decision }).toEqual({ ...about, decision: answer.decision });
            if (answer.decision === 'connect') {
              expect({ ...about, shown: then.shownNumber }).toEqual({ ...about, shown: answer.shownNumber });
              // Between a lifetime's end and the moment it is acted on, both words are right.
              expect(then.reason).toMatch(/^CONNECTED/);
            } else if (isLate && answer.reason === 'ORDER_ENDED') {
              // Nor does history know when a pair was archived; its rest was over.
              expect(['ORDER_ENDED', ...NOT_TOLD_APART]).toContain(then.reason);
            } else if (!(NOT_TOLD_APART.has(answer.reason) && NOT_TOLD_APART.has(then.reason))) {
              expect({ ...about, reason: then.reason }).toEqual({ ...about, reason: answer.reason });
            }
          }
        },
      ),
      {
        numRuns: SEQUENCES,
        endOnFailure: process.env['EXPLAIN_SHRINK'] === 'no',
        // Looking for a shorter sequence ends in time to print the one there is.
        interruptAfterTimeLimit: 30_000 + SEQUENCES * 10_000,
        markInterruptAsFailure: true,
      },
    );
    process.stdout.write(`${explained} calls explained afterwards, ${forgotten} of them forgotten\n`);
    expect(explained).toBeGreaterThan(SEQUENCES);
  },
  60_000 + SEQUENCES * 10_000,
);
