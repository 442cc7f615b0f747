import { GroundTruth } from '../../simulation/ground-truth.js';
import { cityDays } from '../../simulation/city-days.js';
import { Demand } from '../../simulation/demand.js';
import { OptionsError, readOptions, VILLAGE } from '../../simulation/options.js';
import { isSound } from '../../simulation/outcome.js';
import { draw } from '../../simulation/picture.js';
import { Random } from '../../simulation/random.js';
import { asTable, exclusiveNeed, ratioOf } from '../../simulation/report.js';
import { freshDatabase, type FreshDatabase } from '../support/database.js';

describe('a day of a village', () => {
  const databases: FreshDatabase[] = [];
  afterAll(async () => {
    for (const database of databases) await database.drop();
  });

  it('rings nobody but the right person, refuses nobody wrongly, and needs no more numbers than Delta', async () => {
    const outcomes = await cityDays(VILLAGE, {
      mode: 'both',
      concurrency: 16,
      progress: () => undefined,
      database: async () => {
        databases.push(await freshDatabase({ lockTimeoutMs: 10_000 }));
        return databases.at(-1)!.url;
      },
    });
    const shared = outcomes.shared!;
    const exclusive = outcomes.exclusive!;

    for (const outcome of [shared, exclusive]) {
      expect(outcome.faults).toEqual([]);
      expect(outcome).toMatchObject({ misroutes: 0, wrongRefusals: 0, wrongReasons: 0, otherFaults: 0 });
      expect(outcome.decisions).toMatchObject({
        CONNECTED: expect.any(Number),
        CONNECTED_IN_GRACE: expect.any(Number),
        ORDER_ENDED: expect.any(Number),
        UNKNOWN_CALLER: expect.any(Number),
      });
    }
    expect(ratioOf(shared)).toBeLessThanOrEqual(1);
    // Two for each order held; the table is only looked at every quarter of an hour, so it may miss the very peak.
    for (const { held, numbersHeld } of exclusive.samples) expect(numbersHeld).toBe(2 * held);
    expect(exclusive.peakNumbersHeld).toBeLessThanOrEqual(exclusiveNeed(exclusive));
    expect(asTable({ command: 'npm run simulate', ...outcomes })).toContain('shared / Delta');
    expect(draw(shared)).toContain('</svg>');
  }, 300_000);
});

describe('the simulation', () => {
  it('draws the same day for the same seed, and another for another', () => {
    const day = (seed: number) => {
      const random = new Random(seed);
      const demand = new Demand(10_000);
      return Array.from({ length: 2_880 }, (_, step) => demand.arrivals(step, random));
    };
    expect(day(1)).toEqual(day(1));
    expect(day(1)).not.toEqual(day(2));
    const orders = day(1).reduce((sum, count) => sum + count, 0);
    expect(Math.abs(orders - 10_000)).toBeLessThan(400); // four standard deviations
  });

  it('finds fault with a pair that is lent twice', () => {
    const truth = new GroundTruth(10);
    const order = (reference: string) => ({
      reference,
      customer: 1,
      agent: null,
      agentWanted: null,
      placedAt: 0,
      state: 'placed' as const,
      dials: { customer: null, agent: null },
    });
    expect(truth.assigned(order('first'), 2, { customer: 7, agent: 8 })).toEqual([]);
    expect(truth.expect(1, 7, 0)).toEqual({ rings: 2, shows: 8 });
    expect(truth.assigned(order('second'), 3, { customer: 7, agent: 8 })).toEqual([
      'second: its customer got the pair of first',
    ]);
  });

  it('counts the most pairs that one person holds, until they have rested', () => {
    const truth = new GroundTruth(10);
    const order = (reference: string) => ({
      reference,
      customer: 1,
      agent: null,
      agentWanted: null,
      placedAt: 0,
      state: 'placed' as const,
      dials: { customer: null, agent: null },
    });
    const [first, second] = [order('first'), order('second')];
    truth.assigned(first, 2, { customer: 0, agent: 1 });
    truth.assigned(second, 3, { customer: 1, agent: 0 });
    expect(truth.delta).toBe(2);
    const ended = truth.closed(first, 60);
    expect([truth.expect(1, 0, 59), truth.expect(1, 0, 60)]).toEqual([{ rings: 2, shows: 1 }, 'ended']);
    expect(truth.delta).toBe(2);
    ended.forEach((pair) => truth.rested(pair));
    expect([truth.delta, truth.expect(1, 0, 61)]).toEqual([1, 'nothing']);
  });

  it('says which option it cannot read', () => {
    expect(() => readOptions(['--agents', 'many'])).toThrow(OptionsError);
    expect(() => readOptions(['--mode', 'some'])).toThrow(OptionsError);
    expect(() => readOptions(['--agnets', '5'])).toThrow(OptionsError);
    expect(readOptions(['--small'])).toMatchObject({ city: { ...VILLAGE }, mode: 'both' });
  });

  it('does not call a run sound in which anything went wrong', () => {
    const sound = { misroutes: 0, wrongRefusals: 0, wrongReasons: 0, otherFaults: 0 };
    expect(isSound(sound)).toBe(true);
    for (const fault of Object.keys(sound)) expect(isSound({ ...sound, [fault]: 1 })).toBe(false);
  });
});
