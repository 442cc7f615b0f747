import { ApiProperty, IntersectionType, OmitType, PartialType } from '@nestjs/swagger';
import { IsInt, IsISO31661Alpha2, IsOptional, IsString, Matches, Max, Min } from 'class-validator';

import { BuyingPolicyFields, BuyingPolicyResponse } from './buying-policy.dto.js';
import { CallPolicyFields, CallPolicyResponse } from './call-policy.dto.js';
import { LinkPolicyFields, LinkPolicyResponse } from './link-policy.dto.js';
import { DEFAULT_POLICY } from './pool.entity.js';
import { PROVIDER_FORMAT, PROVIDER_NAME, type ProviderName } from '../provider-name.js';
import type { PoolWithLevel } from './pools.service.js';

const DAY_SECONDS = 24 * 60 * 60;
/** The longest time that the forecast can look ahead. */
const LONGEST_LEAD_SECONDS = 35 * DAY_SECONDS;
const YEAR_SECONDS = 366 * 24 * 60 * 60;
const COUNTRY = 'country must be the two capital letters of ISO 3166-1, as in IN';
const MOST_NUMBERS = 1_000_000;

export class OpenPoolRequest extends IntersectionType(BuyingPolicyFields, CallPolicyFields, LinkPolicyFields) {
  @ApiProperty({ example: 'bengaluru', description: 'Letters, digits, - and _, at most 64' })
  @Matches(/^[\w-]{1,64}$/, { message: 'name must be 1 to 64 letters, digits, - or _' })
  name: string;

  @ApiProperty({ example: 'IN', description: 'ISO 3166-1 alpha-2' })
  @Matches(/^[A-Z]{2}$/, { message: COUNTRY }) // the next rule accepts lower-case letters too
  @IsISO31661Alpha2({ message: COUNTRY })
  country: string;

  @ApiProperty({
    example: 'KA',
    required: false,
    nullable: true,
    type: String,
    description: "The provider's code of a region; null = anywhere in the country",
  })
  @IsOptional()
  @IsString()
  @Matches(/^[A-Z]{2,3}$/, { message: "region must be the provider's code in capital letters, as in KA" })
  region?: string | null;

  @ApiProperty({
    format: PROVIDER_FORMAT,
    required: false,
    description: 'Provider of its numbers. Default: the first provider that is set up.',
  })
  @IsOptional()
  @Matches(PROVIDER_NAME, { message: '$property must be the name of a provider' })
  provider?: ProviderName;

  @ApiProperty({
    default: DEFAULT_POLICY.capacity,
    required: false,
    description:
      'Orders that one number may serve at once; 1 = exclusive. docs/sizing.md says how many numbers a pool then needs',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100_000)
  capacity?: number;

  @ApiProperty({
    default: DEFAULT_POLICY.graceSeconds,
    required: false,
    description: 'Seconds for which calls keep connecting after an order is completed or expires',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(YEAR_SECONDS)
  graceSeconds?: number;

  @ApiProperty({
    default: DEFAULT_POLICY.cancelGraceSeconds,
    required: false,
    description: 'Seconds for which calls keep connecting after an order is cancelled',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(YEAR_SECONDS)
  cancelGraceSeconds?: number;

  @ApiProperty({
    default: DEFAULT_POLICY.quarantineSeconds,
    required: false,
    description:
      'Seconds after grace in which the number serves no other order of the same dialler, who hears that the order has ended',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(YEAR_SECONDS)
  quarantineSeconds?: number;

  @ApiProperty({
    default: DEFAULT_POLICY.lifetimeSeconds,
    required: false,
    description: 'Seconds after which an order ends that nobody closes',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(YEAR_SECONDS)
  lifetimeSeconds?: number;

  @ApiProperty({
    default: DEFAULT_POLICY.decideWithoutDatabaseSeconds,
    required: false,
    description:
      'Seconds for which calls are decided from a local copy while the database does not answer; 0 = never. At most quarantineSeconds. Meanwhile, a participant who was replaced or blocked, or whose order ended, may still be connected within the same order',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(YEAR_SECONDS)
  decideWithoutDatabaseSeconds?: number;

  @ApiProperty({
    default: DEFAULT_POLICY.lowWater,
    required: false,
    description: 'Low-water mark: buy if fewer numbers than this can be assigned',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MOST_NUMBERS)
  lowWater?: number;

  @ApiProperty({
    default: DEFAULT_POLICY.target,
    required: false,
    description: 'Target: buy until this many numbers can be assigned',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MOST_NUMBERS)
  target?: number;

  @ApiProperty({ default: DEFAULT_POLICY.maxNumbers, required: false, description: 'Never own more numbers than this' })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MOST_NUMBERS)
  maxNumbers?: number;

  @ApiProperty({
    default: DEFAULT_POLICY.leadTimeSeconds,
    required: false,
    description:
      'Seconds from requesting a number from the provider to having it; the forecast looks at least this far ahead',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(LONGEST_LEAD_SECONDS)
  leadTimeSeconds?: number;

  @ApiProperty({
    type: Number,
    example: 30,
    default: null,
    nullable: true,
    required: false,
    description: 'Calls that one number carries at once; null = unlimited',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100_000)
  channelsPerNumber?: number | null;

  @ApiProperty({
    type: Number,
    example: 7 * DAY_SECONDS,
    default: null,
    nullable: true,
    required: false,
    description:
      'Numbers that are not needed for this many seconds (at least a day) are given back to the provider; null = never',
  })
  @IsOptional()
  @IsInt()
  @Min(DAY_SECONDS)
  @Max(LONGEST_LEAD_SECONDS)
  giveBackAfterSeconds?: number | null;
}

/** The fields that identify a pool cannot be changed. */
export class ChangePolicyRequest extends PartialType(
  OmitType(OpenPoolRequest, ['name', 'country', 'region', 'provider'] as const),
) {}

export class NumbersByStatus {
  @ApiProperty({ example: 0 }) provisioning: number;
  @ApiProperty({ example: 20 }) available: number;
  @ApiProperty({ example: 0 }) draining: number;
  @ApiProperty({ example: 0 }) retired: number;
  @ApiProperty({ example: 0 }) resting: number;
  @ApiProperty({ example: 0 }) suspended: number;
}

export class PoolLevelResponse {
  @ApiProperty({ example: 18, description: 'Numbers that can take one more order' }) assignable: number;
  @ApiProperty({ type: NumbersByStatus, description: 'Numbers by status' }) numbers: NumbersByStatus;
  @ApiProperty({
    example: 2,
    description: 'Orders that the numbers serve; an order counts once for each of its numbers',
  })
  ordersHeld: number;
}

export class PoolResponse extends IntersectionType(BuyingPolicyResponse, CallPolicyResponse, LinkPolicyResponse) {
  @ApiProperty({ example: 'default' }) name: string;
  @ApiProperty({ example: 'IN' }) country: string;
  @ApiProperty({ example: null, type: String, nullable: true }) region: string | null;
  @ApiProperty({ format: PROVIDER_FORMAT }) provider: ProviderName;
  @ApiProperty({ example: DEFAULT_POLICY.capacity }) capacity: number;
  @ApiProperty({ example: DEFAULT_POLICY.graceSeconds }) graceSeconds: number;
  @ApiProperty({ example: DEFAULT_POLICY.cancelGraceSeconds }) cancelGraceSeconds: number;
  @ApiProperty({ example: DEFAULT_POLICY.quarantineSeconds }) quarantineSeconds: number;
  @ApiProperty({ example: DEFAULT_POLICY.lifetimeSeconds }) lifetimeSeconds: number;
  @ApiProperty({ example: DEFAULT_POLICY.decideWithoutDatabaseSeconds }) decideWithoutDatabaseSeconds: number;
  @ApiProperty({ example: DEFAULT_POLICY.lowWater }) lowWater: number;
  @ApiProperty({ example: DEFAULT_POLICY.target }) target: number;
  @ApiProperty({ example: DEFAULT_POLICY.maxNumbers }) maxNumbers: number;
  @ApiProperty({ example: DEFAULT_POLICY.leadTimeSeconds }) leadTimeSeconds: number;
  @ApiProperty({ example: null, type: Number, nullable: true }) channelsPerNumber: number | null;
  @ApiProperty({ example: null, type: Number, nullable: true }) giveBackAfterSeconds: number | null;
  @ApiProperty({ type: PoolLevelResponse }) level: PoolLevelResponse;

  static from({ pool, level, texts }: PoolWithLevel): PoolResponse {
    const { name, country, region, provider, capacity, graceSeconds, cancelGraceSeconds } = pool;
    const { quarantineSeconds, lifetimeSeconds, decideWithoutDatabaseSeconds, lowWater, target, maxNumbers } = pool;
    const { leadTimeSeconds, channelsPerNumber, giveBackAfterSeconds } = pool;
    const { assignable, numbers, ordersHeld } = level;
    return {
      name,
      country,
      region,
      provider,
      capacity,
      graceSeconds,
      cancelGraceSeconds,
      quarantineSeconds,
      lifetimeSeconds,
      decideWithoutDatabaseSeconds,
      lowWater,
      target,
      maxNumbers,
      leadTimeSeconds,
      channelsPerNumber,
      giveBackAfterSeconds,
      ...CallPolicyResponse.of(pool, texts),
      ...LinkPolicyResponse.of(pool),
      ...BuyingPolicyResponse.of(pool),
      level: { assignable, numbers, ordersHeld },
    };
  }
}

export class PoolsResponse {
  @ApiProperty({ type: [PoolResponse] }) pools: PoolResponse[];
}
