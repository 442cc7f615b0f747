/** Quarter hours in a day and in a week. */
const DAY = 96;
const WEEK = 7 * DAY;

/** The number of past weeks that a quarter hour of the week is compared with. */
const WEEKS_COMPARED = 5;
/** While there is no whole week yet, the number of past days, of which the busiest counts. */
const DAYS_COMPARED = 7;
/** The trend is the median over this many days, each compared with the same weekday of the week before. */
const TREND_DAYS = { least: 7, most: 21 } as const;
/** Days with fewer orders are left out of the trend. */
const ORDERS_OF_A_DAY = 20;
/** Limits of the trend: orders of a week divided by those of the week before. */
const TREND = { least: 0.7, most: 1.5 } as const;
/** The last `quarters` quarter hours decide whether today is busier than usual, by a factor of `most` at most. */
const TODAY = { quarters: 12, most: 3 } as const;
/** Spread of overlapping orders relative to a Poisson distribution, until it is measured. */
const SPREAD_UNMEASURED = 2;
/** The 99.9 % quantile of the standard normal distribution: one quarter hour in a thousand may need more. */
const SAFETY = { share: 0.999, deviations: 3.09 } as const;
/** Margin for Δ, because a shared pool's need depends on the Δ of a single busy dialler. */
const ROOM_OF_DELTA = 1.3;
/** Numbers that an order needs. */
const NUMBERS_AN_ORDER = 2;

export const QUARTER_MS = 15 * 60_000;
/** The longest history and the longest look ahead, in quarter hours. */
export const LONGEST_HISTORY = 9 * WEEK;
export const LONGEST_HORIZON = 5 * WEEK;
/** The longest holding time, in quarter hours. Longer ones count as this. */
export const LONGEST_HOLDING = WEEK;

/** The measured demand of a pool. */
export interface Demand {
  /** The start of the current quarter hour, which is not measured yet. */
  readonly quarter: Date;
  /** Orders that got their numbers in each quarter hour before it, newest last. */
  readonly orders: readonly number[];
  /** Talk time of each of those quarter hours, in seconds; null = not measured. */
  readonly callSeconds: readonly (number | null)[];
  /** A histogram: index = whole quarter hours held, value = number of orders. */
  readonly holding: readonly number[];
  /**
   * Δ: the largest number of pairs of the dialler at the 99.9th percentile, at the end of any quarter hour of the last
   * week.
   */
  readonly diallerPairs: number;
}

export interface Supply {
  /** Orders that one number may serve at once. */
  readonly capacity: number;
  /** Calls that one number carries at once; null = unlimited. */
  readonly channelsPerNumber: number | null;
}

/** What a quarter hour needs, and why. */
export interface QuarterNeed {
  readonly quarter: Date;
  /** Orders expected to hold numbers at the same time, on average and with the safety margin. */
  readonly expectedOverlap: number;
  readonly overlap: number;
  /** Numbers for the overlap, numbers in quarantine for the busiest dialler, and numbers for simultaneous calls. */
  readonly forOrders: number;
  readonly forDiallers: number;
  readonly forCalls: number;
  /** Numbers in all. */
  readonly numbers: number;
}

/** What a forecast is based on. */
export interface Basis {
  /** week: the same quarter hour of past weeks; day: of past days; none: too little is measured. */
  readonly pattern: 'week' | 'day' | 'none';
  /** Quarter hours of history. */
  readonly history: number;
  /** Orders of a week, divided by those of the week before. */
  readonly trend: number;
  /** Orders of the last hours, divided by those of the pattern; deviations by chance are removed. */
  readonly today: number;
  /** Variance of overlapping orders, divided by that of a Poisson distribution. */
  readonly spread: number;
  /** The median and the 99th percentile of the holding time. */
  readonly holdingMinutes: { readonly median: number; readonly longest: number };
  readonly diallerPairs: number;
}

/**
 * Forecasts what a pool will need in each coming quarter hour, from its past demand. The formulas and the reasons are
 * in docs/decisions/0022-the-arithmetic-of-the-forecast.md.
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
      pattern,
      trend,
      history: orders.length,
      diallerPairs: demand.diallerPairs,
      today: todayBeside(orders, expected),
      spread: spreadOf(orders, expected, this.staying),
      holdingMinutes: { median: 15 * quantileBin(holding, 0.5), longest: 15 * quantileBin(holding, 0.99) },
    };
  }

  /**
   * The needs of the current quarter hour and of the following ones, `quarters` in all; empty while too little is
   * measured.
   *
   * @param ordersHeld number of orders that hold numbers now
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
      // Orders that hold numbers now will hold them for a while, even if the forecast expected fewer.
      const overlap = index === 0 ? Math.max(withSafety, ordersHeld) : withSafety;
      return this.need(index, expectedOverlap, overlap);
    });
  }

  /** The quarter hour that needs the most numbers; of several, the first. */
  static hardest(needs: readonly QuarterNeed[]): QuarterNeed | null {
    return needs.reduce<QuarterNeed | null>((most, one) => (most && most.numbers >= one.numbers ? most : one), null);
  }

  private need(index: number, expectedOverlap: number, overlap: number): QuarterNeed {
    const { channelsPerNumber } = this.supply;
    const trend = Math.max(1, this.basis.trend);
    const { forOrders, forDiallers } = numbersFor(overlap, trend * this.demand.diallerPairs, this.supply.capacity);
    const forCalls = channelsPerNumber === null ? 0 : Math.ceil(this.callsAtOnce(index) / channelsPerNumber);
    return {
      quarter: new Date(this.demand.quarter.getTime() + index * QUARTER_MS),
      expectedOverlap,
      overlap,
      forOrders,
      forDiallers,
      forCalls,
      numbers: Math.max(forOrders + forDiallers, forCalls),
    };
  }

  private callsAtOnce(index: number): number {
    const calls = (this.today(index) * this.expected(this.smoothCalls!, index)) / (QUARTER_MS / 1_000);
    return calls + SAFETY.deviations * Math.sqrt(this.basis.spread * calls);
  }

  /** A busy day counts until its end; the next day starts afresh. */
  private today(index: number): number {
    return index < DAY ? this.basis.today : 1;
  }

  /**
   * The expected value of a series at an index, by its pattern. Index 0 is the current quarter hour; the past is below
   * it. Takes the values of past weeks, extrapolates each by the trend, and returns their upper median, which no single
   * day can move.
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

  /** What the pattern would have predicted for the past four weeks; null where a quarter hour has no history. */
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

/**
 * Numbers for orders that hold numbers at the same time, and those that rest from the busiest dialler.
 *
 * @param diallerPairs Δ: pairs of the busiest dialler
 * @param capacity orders that one number may serve at once
 */
export function numbersFor(
  overlap: number,
  diallerPairs: number,
  capacity: number,
): { readonly forOrders: number; readonly forDiallers: number } {
  return {
    forOrders: Math.floor((NUMBERS_AN_ORDER * overlap) / capacity),
    forDiallers: Math.ceil((capacity > 1 ? ROOM_OF_DELTA : 1) * diallerPairs),
  };
}

/** The share of orders that still hold their numbers, by quarter hours since the one in which they got them. */
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

/** Orders that hold numbers at the end of each quarter hour. */
function overlapping(arriving: readonly number[], staying: readonly number[]): number[] {
  return arriving.map((_, at) => {
    let overlap = 0;
    for (let back = 0; back < staying.length && back <= at; back += 1) overlap += arriving[at - back]! * staying[back]!;
    return overlap;
  });
}

/** Averages each quarter hour with its two neighbours, to reduce noise. */
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

/** How much busier the last hours were than their pattern, after subtracting two standard deviations of chance. */
function todayBeside(orders: readonly number[], expected: readonly (number | null)[]): number {
  const pattern = expected.slice(-TODAY.quarters);
  if (pattern.length < TODAY.quarters || pattern.includes(null)) return 1;
  const [measured, usual] = [sum(orders.slice(-TODAY.quarters)), sum(pattern as number[])];
  const surely = measured - 2 * Math.sqrt(measured);
  return Math.min(TODAY.most, Math.max(1, surely / Math.max(usual, 1)));
}

/**
 * For busy quarter hours with more orders than expected: the squared difference, relative to a Poisson distribution.
 */
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
