import { ApiProperty } from '@nestjs/swagger';

import type { Pool } from '../../virtual-numbers/pools/pool.entity.js';
import type { Basis, QuarterNeed } from './forecast.js';
import type { PoolForecast } from './forecast.service.js';

const PATTERNS = ['week', 'day', 'none'] as const;

export class QuarterNeedResponse {
  @ApiProperty({ example: '2026-11-22T18:30:00.000Z', description: 'Start of a quarter hour' })
  quarter: Date;
  @ApiProperty({
    example: 180.4,
    description: 'Expected number of orders that hold numbers at the same time, on average',
  })
  expectedOverlap: number;
  @ApiProperty({
    example: 212,
    description: 'The same with a safety margin: exceeded in one quarter hour of a thousand',
  })
  overlap: number;
  @ApiProperty({ example: 424, description: 'Numbers needed for those orders' }) forOrders: number;
  @ApiProperty({
    example: 12,
    description: 'Additional numbers, because numbers in quarantine cannot serve the same dialler again',
  })
  forDiallers: number;
  @ApiProperty({ example: 0, description: 'Numbers needed for simultaneous calls; 0 if channelsPerNumber is null' })
  forCalls: number;
  @ApiProperty({
    example: 436,
    description: 'Numbers needed in all: forOrders + forDiallers, or forCalls if that is more',
  })
  numbers: number;

  static from(need: QuarterNeed): QuarterNeedResponse {
    return { ...need, expectedOverlap: Math.round(10 * need.expectedOverlap) / 10 };
  }
}

export class ForecastBasisResponse {
  @ApiProperty({
    enum: PATTERNS,
    description: 'What the forecast compares with: past weeks, past days, or nothing yet',
  })
  pattern: Basis['pattern'];
  @ApiProperty({ example: 35.5, description: 'Days of history that the forecast uses' }) days: number;
  @ApiProperty({ example: 1.04, description: 'Orders of a week, divided by those of the week before' }) trend: number;
  @ApiProperty({
    example: 1,
    description: 'Orders of the last three hours, divided by the usual ones; deviations by chance are removed',
  })
  today: number;
  @ApiProperty({
    example: 1.6,
    description: 'Variance of overlapping orders in busy hours, divided by that of a Poisson distribution',
  })
  spread: number;
  @ApiProperty({ example: 75, description: 'Median time for which an order holds its numbers, including grace' })
  holdingMedianMinutes: number;
  @ApiProperty({
    example: 135,
    description: '99th percentile of the time for which an order holds its numbers, including grace',
  })
  holdingLongestMinutes: number;
  @ApiProperty({
    example: 12,
    description: 'Largest number of pairs in a week of the dialler at the 99.9th percentile',
  })
  diallerPairs: number;

  static from(basis: Basis): ForecastBasisResponse {
    const { pattern, history, trend, today, spread, holdingMinutes, diallerPairs } = basis;
    const rounded = (value: number) => Math.round(100 * value) / 100;
    return {
      pattern,
      days: rounded(history / 96),
      trend: rounded(trend),
      today: rounded(today),
      spread: rounded(spread),
      holdingMedianMinutes: holdingMinutes.median,
      holdingLongestMinutes: holdingMinutes.longest,
      diallerPairs,
    };
  }
}

export class ForecastResponse {
  @ApiProperty({ example: 'default' }) pool: string;
  @ApiProperty({
    example: '14 more by 18:30 UTC on 22 Nov: 212 orders expected to overlap, 2 each, 410 owned.',
    description: 'The reason, in one sentence',
  })
  why: string;
  @ApiProperty({
    example: 14,
    description: 'Numbers to buy by the forecast alone; the low-water mark and waiting orders may require more',
  })
  missing: number;
  @ApiProperty({ example: 410, description: 'Numbers in service' }) owned: number;
  @ApiProperty({ example: 0, description: 'Numbers being bought or configured' }) coming: number;
  @ApiProperty({
    example: 3660,
    description:
      "Seconds from requesting a number to having it: the pool's lead time, or what nine of ten purchases took if that is longer",
  })
  leadSeconds: number;
  @ApiProperty({
    type: ForecastBasisResponse,
    nullable: true,
    description: 'What the forecast uses; null while too little is measured',
  })
  basis: ForecastBasisResponse | null;
  @ApiProperty({
    type: QuarterNeedResponse,
    nullable: true,
    description: 'The quarter hour that needs the most numbers',
  })
  hardest: QuarterNeedResponse | null;
  @ApiProperty({ type: [QuarterNeedResponse], description: 'Each quarter hour of the lead time' })
  quarters: QuarterNeedResponse[];

  static from(pool: Pool, forecast: PoolForecast): ForecastResponse {
    const { why, missing, owned, coming, leadSeconds, basis, hardest, needs } = forecast;
    return {
      pool: pool.name,
      why,
      missing,
      owned,
      coming,
      leadSeconds,
      basis: basis && ForecastBasisResponse.from(basis),
      hardest: hardest && QuarterNeedResponse.from(hardest),
      quarters: needs.map((need) => QuarterNeedResponse.from(need)),
    };
  }
}
