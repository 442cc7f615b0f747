import { ApiProperty } from '@nestjs/swagger';

import type { Pool } from '../../virtual-numbers/pools/pool.entity.js';
import type { Basis, QuarterNeed } from './forecast.js';
import type { PoolForecast } from './forecast.service.js';

const PATTERNS = ['week', 'day', 'none'] as const;

export class QuarterNeedResponse {
  @ApiProperty({ example: '2026-11-22T18:30:00.000Z', description: 'The first instant of a quarter of an hour' })
  quarter: Date;
  @ApiProperty({ example: 180.4, description: 'Orders expected to hold numbers at once, on average' })
  expectedOverlap: number;
  @ApiProperty({ example: 212, description: 'The same with safety: more in one quarter hour of a thousand' })
  overlap: number;
  @ApiProperty({ example: 424, description: 'Numbers for those orders' }) forOrders: number;
  @ApiProperty({ example: 12, description: 'Numbers that rest from the busiest dialler' }) forDiallers: number;
  @ApiProperty({ example: 0, description: 'Numbers for the calls at once; 0 where channelsPerNumber is null' })
  forCalls: number;
  @ApiProperty({ example: 436, description: 'forOrders and forDiallers, or forCalls if that is more' }) numbers: number;

  static from(need: QuarterNeed): QuarterNeedResponse {
    return { ...need, expectedOverlap: Math.round(10 * need.expectedOverlap) / 10 };
  }
}

export class ForecastBasisResponse {
  @ApiProperty({ enum: PATTERNS, description: 'Compared with: past weeks, past days, or nothing yet' })
  pattern: Basis['pattern'];
  @ApiProperty({ example: 35.5, description: 'Days of history it rests on' }) days: number;
  @ApiProperty({ example: 1.04, description: 'A week has so many times the orders of the one before' }) trend: number;
  @ApiProperty({ example: 1, description: 'The last three hours had so many times the usual orders, beyond chance' })
  today: number;
  @ApiProperty({ example: 1.6, description: "Variance of overlapping orders beside Poisson's law, in busy hours" })
  spread: number;
  @ApiProperty({ example: 75, description: 'Half of the orders hold their numbers no longer, grace included' })
  holdingMedianMinutes: number;
  @ApiProperty({ example: 135, description: '99 of 100 orders hold their numbers no longer, grace included' })
  holdingLongestMinutes: number;
  @ApiProperty({ example: 12, description: 'The most pairs the 99.9th percentile dialler had in a week' })
  diallerPairs: number;

  static from(basis: Basis): ForecastBasisResponse {
    const { pattern, history, trend, today, spread, holdingMinutes, diallerPairs } = basis;
    const rounded = (value: number) => Math.round(100 * value) / 100;
    return {
      ...{
        pattern,
        days: rounded(history / 96),
        trend: rounded(trend),
        today: rounded(today),
        spread: rounded(spread),
      },
      ...{ holdingMedianMinutes: holdingMinutes.median, holdingLongestMinutes: holdingMinutes.longest, diallerPairs },
    };
  }
}

export class ForecastResponse {
  @ApiProperty({ example: 'default' }) pool: string;
  @ApiProperty({
    example: '14 more by 18:30 UTC on 22 Nov: 212 orders expected to overlap, 2 each, 410 owned.',
    description: 'The reason in one sentence',
  })
  why: string;
  @ApiProperty({
    example: 14,
    description: 'Numbers to buy by the forecast alone; marks and waiting orders may ask for more',
  })
  missing: number;
  @ApiProperty({ example: 410, description: 'Numbers in service' }) owned: number;
  @ApiProperty({ example: 0, description: 'Numbers being bought or configured' }) coming: number;
  @ApiProperty({ example: 3660, description: 'The lead time of the pool, and what nine of ten purchases took' })
  leadSeconds: number;
  @ApiProperty({ type: ForecastBasisResponse, nullable: true, description: 'Null while nothing is measured' })
  basis: ForecastBasisResponse | null;
  @ApiProperty({ type: QuarterNeedResponse, nullable: true, description: 'The quarter hour that needs most' })
  hardest: QuarterNeedResponse | null;
  @ApiProperty({ type: [QuarterNeedResponse], description: 'Until numbers that are asked for now can be had' })
  quarters: QuarterNeedResponse[];

  static from(pool: Pool, forecast: PoolForecast): ForecastResponse {
    const { why, missing, owned, coming, leadSeconds, basis, hardest, needs } = forecast;
    return {
      ...{ pool: pool.name, why, missing, owned, coming, leadSeconds },
      basis: basis && ForecastBasisResponse.from(basis),
      hardest: hardest && QuarterNeedResponse.from(hardest),
      quarters: needs.map((need) => QuarterNeedResponse.from(need)),
    };
  }
}
