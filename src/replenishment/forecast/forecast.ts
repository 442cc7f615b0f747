/** Quarters of an hour in a day and in a week. */
const DAY = 96;
const WEEK = 7 * DAY;

/** Weeks back that a quarter of the week is compared with. */
const WEEKS_COMPARED = 5;
/** As many days, of which it takes the busiest, where there is no whole week yet. */
const DAYS_COMPARED = 7;
/** A trend is the median of at least so many days, each beside the same weekday a week before, and of three weeks at most. */
const TREND_DAYS = { least: 7, most: 21 } as const;
/** A day with fewer orders says nothing of a trend. */
const ORDERS_OF_A_DAY = 20;
/** No week is expected to have more or less than so many times the orders of the one before. */
const TREND = { least: 0.7, most: 1.5 } as const;
/** The last hours beside the pattern tell whether today is busier, and up to how much that is believed. */
const TODAY = { quarters: 12, most: 3 } as const;
/** Orders overlapping in busy hours are spread about their expectation so many times as wide as Poisson's law has it, until measured. */
const SPREAD_UNMEASURED = 2;
/** Of the standard normal law, 99.9 %: one quarter hour in a thousand may need more. */
const SAFETY = { share: 0.999, deviations: 3.09 } as const;
/** What a shared pool needs is the Δ of one busy dialler, so that one has this much room to grow. */
const ROOM_OF_DELTA = 1.3;
/** Numbers an order needs. */
const NUMBERS_AN_ORDER = 2;

export const QUARTER_MS = 15 * 60_000;
/** Quarters of an hour that a forecast looks back and ahead at most. */
export const LONGEST_HISTORY = 9 * WEEK;
export const LONGEST_HORIZON = 5 * WEEK;
/** Longer holding times count as this. */
export const LONGEST_HOLDING = WEEK;

/** What was measured of a pool. */
export interface Demand {
  /** The first instant of the quarter hour that has begun and is not measured yet. */
  readonly quarter: Date;
  /** Orders that got their numbers in each quarter hour before it, the newest last. */
  readonly orders: readonly number[];
  /** Seconds talked by the calls of each of those; null where nobody asked. */
  readonly callSeconds: readonly (number | null)[];
  /** How many orders held their numbers for so many whole quarter hours, by that figure. */
  readonly holding: readonly number[];
  /** Δ: the most pairs that the 99.9th percentile dialler had at the end of any quarter hour of the last week. */
  readonly diallerPairs: number;
}

export interface Supply {
  /** Orders one number may serve at once. */
  readonly capacity: number;
  /** Calls it carries at once; null = as many as come. */
  readonly channelsPerNumber: number | null;
}

/** What a quarter hour needs, and why. */
export interface QuarterNeed {
  readonly quarter: Date;
  /** Orders expected to hold numbers at once, on average and with safety. */
  readonly expectedOverlap: number;
  readonly overlap: number;
  /** Numbers for the overlap, numbers that rest from the busiest dialler, and numbers for the calls at once. */
  readonly forOrders: number;
  readonly forDiallers: number;
  readonly forCalls: number;
  /** Numbers in all. */
  readonly numbers: number;
}

/** What a forecast rests on. */
export interface Basis {
  /** Week: the same quarter of past weeks; day: of past days; none: too little was measured. */
  readonly pattern: 'week' | 'day' | 'none';
  /** Quarter hours of history. */
  readonly history: number;
  /** A week has so many times the orders of the one before. */
  readonly trend: number;
  /** The last hours had so many times the orders that their pattern has, as far as chance does not explain it. */
  readonly today: number;
  /** How much wider orders are spread about their expectation than by Poisson's law. */
  readonly spread: number;
  /** Half of the orders hold their numbers no longer than this, 99 of 100 no longer than that. */
  readonly holdingMinutes: { readonly median: number; readonly longest: number };
  readonly diallerPairs: number;
}

/**
 * What a pool will need in each quarter hour to come, by plain statistics of what it needed so far.
 * docs/decisions/0022-the-arithmetic-of-the-forecast.md has the formulas and the reasons.
 */
export class Forecast {
  readonly basis: Basis;
  private readonly staying: number[];
  private readonly smooth: number[];
  private readonly smoothCalls: number[] | null;

  constructor(
    private readonly demand: Demand,
    private readonly supply: Supply,
  ) {
    const { orders, holding } = demand;
    this.staying = stayingShares(holding);
    this.smooth = smoothed(orders);
    this.smoothCalls = supply.channelsPerNumber === null ? null : smoothed(demand.callSeconds.map((one) => one ?? 0));
    const known = this.staying.length > 0;
    const pattern = !known || orders.length < DAY ? 'none' : orders.length < WEEK ? 'day' : 'week';
    const trend = trendOf(orders);
    const expected = this.expectedPast(pattern, trend);
    this.basis = {
      ...{ pattern, trend, history: orders.length, diallerPairs: demand.diallerPairs },
      today: todayBeside(orders, expected),
      spread: spreadOf(orders, expected, this.staying),
      holdingMinutes: { median: 15 * quantileBin(holding, 0.5), longest: 15 * quantileBin(holding, 0.99) },
    };
  }

  /**
   * The needs of the quarter hour that has begun and of those after it, `quarters` in all; none where too little was
   * measured.
   *
   * @param ordersHeld how many orders hold numbers now
   */
  ahead(quarters: number, ordersHeld: number): QuarterNeed[] {
    const { basis, demand, staying } = this;
    if (basis.pattern === 'none') return [];
    const past = demand.orders.slice(-staying.length);
    const arriving = Array.from(
      { length: quarters },
      (_, index) => this.today(index) * this.expected(this.smooth, index),
    );
    const overlaps = overlapping([...past, ...arriving], staying).slice(past.length);
    return overlaps.map((expectedOverlap, index) => {
      const withSafety = Math.ceil(expectedOverlap + SAFETY.deviations * Math.sqrt(basis.spread * expectedOverlap));
      // What holds numbers now does so for a while, whatever was to be expected.
      const overlap = index === 0 ? Math.max(withSafety, ordersHeld) : withSafety;
      return this.need(index, expectedOverlap, overlap);
    });
  }

  /** The hardest quarter hour of these: the one that needs most numbers, the first of several. */
  static hardest(needs: readonly QuarterNeed[]): QuarterNeed | null {
    return needs.reduce<QuarterNeed | null>((most, one) => (most && most.numbers >= one.numbers ? most : one), null);
  }

  private need(index: number, expectedOverlap: number, overlap: number): QuarterNeed {
    const { capacity, channelsPerNumber } = this.supply;
    const forOrders = Math.floor((NUMBERS_AN_ORDER * overlap) / capacity);
    const growth = Math.max(1, this.basis.trend) * (capacity > 1 ? ROOM_OF_DELTA : 1);
    const forDiallers = Math.ceil(growth * this.demand.diallerPairs);
    const forCalls = channelsPerNumber === null ? 0 : Math.ceil(this.callsAtOnce(index) / channelsPerNumber);
    return {
      quarter: new Date(this.demand.quarter.getTime() + index * QUARTER_MS),
      ...{ expectedOverlap, overlap, forOrders, forDiallers, forCalls },
      numbers: Math.max(forOrders + forDiallers, forCalls),
    };
  }

  private callsAtOnce(index: number): number {
    const calls = (this.today(index) * this.expected(this.smoothCalls!, index)) / (QUARTER_MS / 1_000);
    return calls + SAFETY.deviations * Math.sqrt(this.basis.spread * calls);
  }

  /** A busy day is busy to its end; what comes after it is another day. */
  private today(index: number): number {
    return index < DAY ? this.basis.today : 1;
  }

  /**
   * What a series has at an index by its pattern; 0 is the quarter that has begun, below it lies the past. Each past
   * week's figure is carried forward by the trend, and the upper median of them taken, which no single day moves.
   */
  private expected(series: readonly number[], index: number, { pattern, trend } = this.basis): number {
    const period = pattern === 'week' ? WEEK : DAY;
    const compared: number[] = [];
    const most = pattern === 'week' ? WEEKS_COMPARED : DAYS_COMPARED;
    for (let back = Math.max(1, Math.ceil((index + 1) / period)); compared.length < most; back += 1) {
      const at = series.length + index - back * period;
      if (at < 0) break;
      compared.push(series[at]! * (pattern === 'week' ? trend ** back : 1));
    }
    return pattern === 'week' ? upperMedian(compared) : Math.max(0, ...compared);
  }

  /** What the pattern would have said of the past four weeks; null for quarters with nothing before them to go by. */
  private expectedPast(pattern: Basis['pattern'], trend: number): (number | null)[] {
    if (pattern === 'none') return this.demand.orders.map(() => null);
    const period = pattern === 'week' ? WEEK : DAY;
    const { length } = this.smooth;
    return this.smooth.map((_, at) =>
      at < period || at < length - 4 * WEEK
        ? null
        : this.expected(this.smooth, at - length, { pattern, trend } as Basis),
    );
  }
}

/** The share of orders that still hold their numbers so many quarter hours after the one in which they got them, on average over it. */
function stayingShares(holding: readonly number[]): number[] {
  const all = sum(holding);
  if (all === 0) return [];
  const longerThan: number[] = [];
  for (let quarters = 0, left = all; quarters < holding.length; quarters += 1) {
    longerThan.push(left / all);
    left -= holding[quarters]!;
  }
  return longerThan.map((share, quarters) => (share + (longerThan[quarters + 1] ?? 0)) / 2);
}

/** Orders that hold numbers at the end of each quarter, from those that got some in it and before. */
function overlapping(arriving: readonly number[], staying: readonly number[]): number[] {
  return arriving.map((_, at) => {
    let overlap = 0;
    for (let back = 0; back < staying.length && back <= at; back += 1) overlap += arriving[at - back]! * staying[back]!;
    return overlap;
  });
}

/** Each quarter with its two neighbours, so that chance tells less. */
function smoothed(series: readonly number[]): number[] {
  return series.map((one, at) => (one + (series[at - 1] ?? one) + (series[at + 1] ?? one)) / 3);
}

function trendOf(orders: readonly number[]): number {
  const ratios: number[] = [];
  for (let day = 0; day < TREND_DAYS.most; day += 1) {
    const end = orders.length - day * DAY;
    if (end - WEEK - DAY < 0) break;
    const [now, before] = [sum(orders.slice(end - DAY, end)), sum(orders.slice(end - WEEK - DAY, end - WEEK))];
    if (Math.min(now, before) >= ORDERS_OF_A_DAY) ratios.push(now / before);
  }
  if (ratios.length < TREND_DAYS.least) return 1;
  return Math.min(TREND.most, Math.max(TREND.least, median(ratios)));
}

/** How much busier the last hours were than their pattern, by the least that two standard deviations of chance leave of it. */
function todayBeside(orders: readonly number[], expected: readonly (number | null)[]): number {
  const pattern = expected.slice(-TODAY.quarters);
  if (pattern.length < TODAY.quarters || pattern.includes(null)) return 1;
  const [measured, usual] = [sum(orders.slice(-TODAY.quarters)), sum(pattern as number[])];
  const surely = measured - 2 * Math.sqrt(measured);
  return Math.min(TODAY.most, Math.max(1, surely / Math.max(usual, 1)));
}

/** In the busy quarters that had more than expected: how much more, squared, beside what Poisson's law has. */
function spreadOf(orders: readonly number[], expected: readonly (number | null)[], staying: readonly number[]): number {
  const from = expected.findIndex((one) => one !== null) + staying.length;
  if (from < staying.length || from + DAY > orders.length) return SPREAD_UNMEASURED;
  const usual = overlapping(
    expected.map((one) => one ?? 0),
    staying,
  ).slice(from);
  const measured = overlapping(orders, staying).slice(from);
  const busy = Math.max(...usual) / 2;
  let [squares, sizes] = [0, 0];
  for (const [at, size] of usual.entries()) {
    const beyond = measured[at]! - size;
    if (size < Math.max(1, busy) || beyond <= 0) continue;
    squares += beyond ** 2;
    sizes += size;
  }
  return sizes === 0 ? 1 : Math.max(1, squares / sizes);
}

function quantileBin(histogram: readonly number[], share: number): number {
  const wanted = share * sum(histogram);
  let seen = 0;
  const bin = histogram.findIndex((count) => (seen += count) >= wanted && seen > 0);
  return bin < 0 ? 0 : bin + 1;
}

function upperMedian(values: readonly number[]): number {
  return values.toSorted((a, b) => b - a)[Math.floor((values.length - 1) / 2)] ?? 0;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, one) => total + one, 0);
}
