import fc from 'fast-check';

import { Random } from '../../../simulation/random.js';
import { Forecast, type Demand } from '../../../src/replenishment/forecast/forecast.js';

const DAY = 96;
const WEEK = 7 * DAY;
const NOW = new Date('2026-11-23T00:00:00.000Z');
const EXCLUSIVE = { capacity: 1, channelsPerNumber: null };
/** Every order holds its numbers for four to five quarters of an hour: four and a half on average. */
const HOLDING = [0, 0, 0, 0, 1_000];

function demand(orders: readonly number[], but: Partial<Demand> = {}): Demand {
  const callSeconds = orders.map(() => null);
  return { quarter: NOW, orders, callSeconds, holding: HOLDING, diallerPairs: 0, ...but };
}

const flat = (quarters: number, orders = 8) => Array<number>(quarters).fill(orders);
const hardest = (forecast: Forecast, quarters = WEEK) => Forecast.hardest(forecast.ahead(quarters, 0))!;

describe('the expectation', () => {
  it('of orders that overlap is those that arrive, times how long they hold their numbers', () => {
    const [need] = new Forecast(demand(flat(3 * WEEK)), EXCLUSIVE).ahead(1, 0);
    expect(need!.expectedOverlap).toBeCloseTo(8 * 4.5);
    expect(need!.overlap).toBe(Math.ceil(36 + 3.09 * Math.sqrt(36)));
    expect(need!.numbers).toBe(2 * need!.overlap);
  });

  it('follows the week: what Friday evening had, the next has, and Thursday has not', () => {
    const evening = (at: number) => Math.floor(at / DAY) % 7 === 4 && at % DAY >= 76 && at % DAY < 84;
    const orders = Array.from({ length: 3 * WEEK }, (_, at) => (evening(at) ? 40 : 4));
    const needs = new Forecast(demand(orders), EXCLUSIVE).ahead(WEEK, 0);
    const at = (day: number, quarter: number) => needs[day * DAY + quarter]!.expectedOverlap;
    expect(at(4, 82)).toBeGreaterThan(150);
    expect(at(3, 82)).toBeCloseTo(18);
    expect(Forecast.hardest(needs)!.quarter.getUTCHours()).toBeGreaterThanOrEqual(19);
  });

  it('follows the day where there is no week yet, and then the busiest day there was', () => {
    const orders = [...flat(DAY, 4), ...flat(DAY, 12), ...flat(DAY, 4)];
    const forecast = new Forecast(demand(orders), EXCLUSIVE);
    expect(forecast.basis.pattern).toBe('day');
    expect(forecast.ahead(50, 0)[40]!.expectedOverlap).toBeCloseTo(12 * 4.5);
  });

  it('grows with the trend, and on into the weeks ahead', () => {
    const orders = Array.from({ length: 5 * WEEK }, (_, at) => 20 * 1.1 ** (at / WEEK));
    const forecast = new Forecast(demand(orders), EXCLUSIVE);
    expect(forecast.basis.trend).toBeCloseTo(1.1);
    const needs = forecast.ahead(2 * WEEK, 0);
    const atTheEnd = 20 * 1.1 ** 7 * 4.5;
    expect(needs.at(-1)!.expectedOverlap / atTheEnd).toBeCloseTo(1, 1);
  });

  it('is not moved by one day of strike, neither the week after it nor by its trend', () => {
    const usual = flat(4 * WEEK);
    const strike = usual.map((orders, at) => (at >= 3 * WEEK && at < 3 * WEEK + DAY ? 0 : orders));
    const [withIt, without] = [strike, usual].map((orders) => new Forecast(demand(orders), EXCLUSIVE));
    expect(withIt!.basis).toMatchObject({ trend: 1, spread: 1 });
    expect(hardest(withIt!).numbers).toBe(hardest(without!).numbers);
    const next = withIt!.ahead(DAY, 0)[50]!;
    expect(next.expectedOverlap).toBeCloseTo(without!.ahead(DAY, 0)[50]!.expectedOverlap);
  });

  it('rises at once on a day that is busier than chance explains, until that day is over', () => {
    const orders = [...flat(3 * WEEK - 12), ...flat(12, 16)];
    const forecast = new Forecast(demand(orders), EXCLUSIVE);
    expect(forecast.basis.today).toBeGreaterThan(1.6);
    const needs = forecast.ahead(2 * DAY, 0);
    expect(needs[50]!.expectedOverlap).toBeGreaterThan(1.6 * 36);
    expect(needs[DAY + 50]!.expectedOverlap).toBeLessThan(40);
    const unmoved = new Forecast(demand([...flat(3 * WEEK - 12), ...flat(12, 9)]), EXCLUSIVE);
    expect(unmoved.basis.today).toBe(1);
  });

  it('is none before a day was measured, and before an order was over', () => {
    expect(new Forecast(demand(flat(DAY - 1)), EXCLUSIVE).ahead(10, 0)).toEqual([]);
    expect(new Forecast(demand(flat(WEEK), { holding: [] }), EXCLUSIVE).ahead(10, 0)).toEqual([]);
    expect(new Forecast(demand(flat(DAY)), EXCLUSIVE).ahead(10, 0)).toHaveLength(10);
  });

  it('is never below the orders that hold numbers now', () => {
    const forecast = new Forecast(demand(flat(2 * WEEK)), EXCLUSIVE);
    expect(forecast.ahead(2, 500).map(({ overlap }) => overlap)).toEqual([500, expect.any(Number)]);
    expect(forecast.ahead(2, 500)[1]!.overlap).toBeLessThan(500);
  });
});

describe('the safety', () => {
  it('lets about one quarter hour of a thousand need more, be orders spread as chance has it or wider', () => {
    for (const wider of [0, 0.15]) {
      const random = new Random(7);
      let beyond = 0;
      let forecasts = 0;
      const day = (at: number) => 12 + 10 * Math.sin((2 * Math.PI * at) / DAY);
      const orders: number[] = [];
      let mood = 1;
      for (let at = 0; at < 6 * WEEK; at += 1) {
        if (at % DAY === 0) mood = 1 + wider * (2 * random.fraction() - 1);
        orders.push(random.poisson(day(at) * mood));
      }
      for (let from = 4 * WEEK; from < 6 * WEEK - 8; from += 8) {
        const needs = new Forecast(demand(orders.slice(0, from)), EXCLUSIVE).ahead(8, 0);
        for (const [index, { overlap }] of needs.entries()) {
          const arrived = (back: number) => orders[from + index - back]!;
          const measured = arrived(0) + arrived(1) + arrived(2) + arrived(3) + arrived(4) / 2;
          forecasts += 1;
          if (measured > overlap) beyond += 1;
        }
      }
      expect(beyond / forecasts).toBeLessThan(0.005);
    }
  });

  it('is as wide as the busy hours were above their pattern', () => {
    const random = new Random(3);
    const orders = (spread: number) =>
      flat(4 * WEEK).map((mean) => Math.max(0, mean + spread * (random.fraction() - 0.5)));
    const [narrow, wide] = [4, 30].map((spread) => new Forecast(demand(orders(spread)), EXCLUSIVE).basis.spread);
    expect(narrow).toBe(1);
    expect(wide).toBeGreaterThan(2);
  });
});

describe('numbers', () => {
  it('of an exclusive pool are two an order, and those that rest from the busiest dialler besides', () => {
    const need = hardest(new Forecast(demand(flat(2 * WEEK), { diallerPairs: 14 }), EXCLUSIVE), 4);
    expect(need).toMatchObject({ forOrders: 2 * need.overlap, forDiallers: 14, numbers: 2 * need.overlap + 14 });
  });

  it('of a shared pool are as many as one dialler must not be lent again, with room, while its capacity holds', () => {
    const shared = { capacity: 1_000, channelsPerNumber: null };
    expect(hardest(new Forecast(demand(flat(2 * WEEK), { diallerPairs: 30 }), shared), 4)).toMatchObject({
      forOrders: 0,
      forDiallers: 39,
      numbers: 39,
    });
    const full = hardest(new Forecast(demand(flat(2 * WEEK)), { capacity: 10, channelsPerNumber: null }), 4);
    expect(full.forOrders).toBe(Math.floor((2 * full.overlap) / 10));
  });

  it('are more where the calls at once fill their channels', () => {
    const calls = { callSeconds: flat(2 * WEEK, 90_000) }; // a hundred at once
    const shared = { capacity: 1_000, channelsPerNumber: 2 };
    const need = hardest(new Forecast(demand(flat(2 * WEEK), { ...calls, diallerPairs: 10 }), shared), 4);
    expect(need.forCalls).toBe(Math.ceil((100 + 3.09 * 10) / 2));
    expect(need.numbers).toBe(need.forCalls);
  });

  it('are never fewer for more orders', () => {
    const series = fc.array(fc.nat(30), { minLength: DAY, maxLength: 10 * DAY });
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 40 }), (orders, more) => {
        const busier = orders.map((count) => count * (1 + more));
        const [one, other] = [orders, busier].map(
          (each) => hardest(new Forecast(demand(each), EXCLUSIVE), DAY).numbers,
        );
        expect(other!).toBeGreaterThanOrEqual(one!);
      }),
      { numRuns: 30 },
    );
  });
});
