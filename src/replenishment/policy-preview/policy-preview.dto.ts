import { ApiProperty } from '@nestjs/swagger';

import type { Outlook } from './policy-effects.js';
import type { PolicyPreview } from './policy-preview.service.js';

export class OutlookResponse {
  @ApiProperty({ example: 14, description: 'Numbers that orders need, with a safety margin' }) needed: number;
  @ApiProperty({
    type: Date,
    nullable: true,
    example: '2026-11-22T18:30:00.000Z',
    description:
      'The quarter hour within the lead time that needs the most numbers; null = too little is measured for a forecast, and the orders of now count',
  })
  neededAt: Date | null;
  @ApiProperty({ example: 212, description: 'Numbers that the pool has, in any state but retired' }) owned: number;
  @ApiProperty({ example: 200, description: 'Numbers that can take one more order' }) assignable: number;
  @ApiProperty({
    example: 0,
    description: 'Numbers that Maskline would buy now. Budgets and what the provider offers may allow fewer',
  })
  toBuy: number;
  @ApiProperty({
    example: '200 can be assigned and 0 are coming: enough.',
    description: 'The reason for what it would buy, in one sentence',
  })
  why: string;

  static from({ needed, neededAt, owned, assignable, toBuy, why }: Outlook): OutlookResponse {
    return { needed, neededAt, owned, assignable, toBuy, why };
  }
}

export class PolicyEffectResponse {
  @ApiProperty({ example: 'capacity' }) field: string;
  @ApiProperty({
    example:
      'With 100 orders a number, the expected orders need about 14 numbers instead of 212. Running orders keep their numbers.',
    description: 'What the change does, in words',
  })
  effect: string;
}

export class PolicyPreviewResponse {
  @ApiProperty({ example: 'default' }) pool: string;
  @ApiProperty({ type: OutlookResponse, description: 'With the present policy' }) now: OutlookResponse;
  @ApiProperty({ type: OutlookResponse, description: 'With the change' }) then: OutlookResponse;
  @ApiProperty({
    type: [PolicyEffectResponse],
    description: 'For each field that changes, also for those that follow from others',
  })
  effects: PolicyEffectResponse[];

  static from(pool: string, { now, then, effects }: PolicyPreview): PolicyPreviewResponse {
    return {
      pool,
      now: OutlookResponse.from(now),
      then: OutlookResponse.from(then),
      effects: effects.map(({ field, effect }) => ({ field, effect })),
    };
  }
}
