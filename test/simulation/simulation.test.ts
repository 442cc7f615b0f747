import { GroundTruth, type CityOrder } from '../../simulation/ground-truth.js';
import { cityDays } from '../../simulation/city-days.js';
import { Demand } from '../../simulation/demand.js';
import { MEAL, PARCEL, type Kind } from '../../simulation/kinds.js';
import { OptionsError, PARCELS, readOptions, VILLAGE } from '../../simulation/options.js';
import { isSound } from '../../simulation/outcome.js';
import { draw } from '../../simulation/picture.js';
import { Random } from '../../simulation/random.js';
import { asTable, exclusiveNeed, ratioOf } from '../../simulation/report.js';
import { freshDatabase, type FreshDatabase } from '../support/database.js';

function anOrder(reference: string, kind: Kind, people: CityOrder['people']): CityOrder {
  return { reference, kind, people, carrierWanted: null, placedAt: 0, state: 'placed', dials: {} };
}

describe('a day of a village with parcels', () => {
  const databases: FreshDatabase[] = [];
  afterAll(async () => {
    for (const database of databases) await database.drop();
  });

  it('rings nobody but the right person, refuses nobody wrongly, and needs no more numbers than Delta', async () => {
    const outcomes = await cityDays(
      { ...VILLAGE, parcels: PARCELS },
      {
        mode: 'both',
        concurrency: 16,
        progress: () => undefined,
        database: async () => {
          databases.push(await freshDatabase({ lockTimeoutMs: 10_000 }));
          return databases.at(-1)!.url;
        },
      },
    );
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
    // Calls reached the right person on every link, in both directions.
    for (const side of [...MEAL.sides, ...PARCEL.sides]) expect(shared.connected[side]).toBeGreaterThan(0);
    expect(shared.parcels).toBeGreaterThan(shared.orders / 20);
    expect(ratioOf(shared)).toBeLessThanOrEqual(1);
    // Two for each link held; the table is only looked at every quarter of an hour, so it may miss the very peak.
    for (const { held, numbersHeld } of exclusive.samples) expect(numbersHeld).toBe(2 * held);
    expect(exclusive.peakNumbersHeld).toBeLessThanOrEqual(exclusiveNeed(exclusive));
    const table = asTable({ command: 'npm run simulate', ...outcomes });
    expect(table).toContain('shared / Delta');
    expect(table).toContain('from courier to recipient');
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
    const mine = { 'customer to agent': 7, 'agent to customer': 8 };
    expect(truth.assigned(anOrder('first', MEAL, { customer: 1 }), 2, mine)).toEqual([]);
    expect(truth.expect(1, 7, 0)).toEqual({ rings: 2, shows: 8, side: 'customer to agent' });
    expect(truth.assigned(anOrder('second', MEAL, { customer: 1 }), 3, mine)).toEqual([
      'second: its customer got the pair of first',
    ]);
  });

  it('knows for each link of a parcel who dials which number, and finds fault with one number for two links', () => {
    const truth = new GroundTruth(10);
    const parcel = anOrder('parcel', PARCEL, { sender: 1, recipient: 2 });
    const sender = { 'sender to courier': 4, 'courier to sender': 5 };
    const recipient = { 'recipient to courier': 4, 'courier to recipient': 6 };
    expect(truth.assigned(parcel, 3, { ...sender, ...recipient })).toEqual([]);
    expect(truth.expect(3, 5, 0)).toEqual({ rings: 1, shows: 4, side: 'courier to sender' });
    expect(truth.expect(3, 6, 0)).toEqual({ rings: 2, shows: 4, side: 'courier to recipient' });
    expect(truth.expect(2, 4, 0)).toEqual({ rings: 3, shows: 6, side: 'recipient to courier' });
    expect([truth.expect(1, 5, 0), truth.delta]).toEqual(['nothing', 2]);

    const { ended, unsound } = truth.replaced(
      parcel,
      8,
      { ...sender, ...recipient, 'sender to courier': 9, 'courier to recipient': 5 },
      10,
    );
    expect(unsound).toEqual([
      "parcel: the sender's number changed under way",
      'parcel: its courier got the pair of parcel',
    ]);
    expect([ended.length, truth.expect(3, 5, 10), truth.expect(3, 6, 10)]).toEqual([2, 'ended', 'ended']);
    expect(truth.expect(2, 4, 10)).toMatchObject({ rings: 8 });
  });

  it('counts the most links of one person, until their quarantine is over', () => {
    const truth = new GroundTruth(10);
    const [first, second] = [anOrder('first', MEAL, { customer: 1 }), anOrder('second', MEAL, { customer: 1 })];
    truth.assigned(first, 2, { 'customer to agent': 0, 'agent to customer': 1 });
    truth.assigned(second, 3, { 'customer to agent': 1, 'agent to customer': 0 });
    expect(truth.delta).toBe(2);
    const ended = truth.closed(first, 60);
    expect([truth.expect(1, 0, 59), truth.expect(1, 0, 60)]).toEqual([
      { rings: 2, shows: 1, side: 'customer to agent' },
      'ended',
    ]);
    expect(truth.delta).toBe(2);
    ended.forEach((pair) => truth.rested(pair));
    expect([truth.delta, truth.expect(1, 0, 61)]).toEqual([1, 'nothing']);
  });

  it('says which option it cannot read', () => {
    expect(() => readOptions(['--agents', 'many'])).toThrow(OptionsError);
    expect(() => readOptions(['--mode', 'some'])).toThrow(OptionsError);
    expect(() => readOptions(['--agnets', '5'])).toThrow(OptionsError);
    expect(readOptions(['--small'])).toMatchObject({ city: { ...VILLAGE }, mode: 'both' });
    expect(readOptions(['--small', '--parcels'])).toMatchObject({ city: { ...VILLAGE, parcels: PARCELS } });
  });

  it('does not call a run sound in which anything went wrong', () => {
    const sound = { misroutes: 0, wrongRefusals: 0, wrongReasons: 0, otherFaults: 0 };
    expect(isSound(sound)).toBe(true);
    for (const fault of Object.keys(sound)) expect(isSound({ ...sound, [fault]: 1 })).toBe(false);
  });
});
