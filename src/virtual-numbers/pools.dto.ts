import { ApiProperty, OmitType, PartialType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsISO31661Alpha2,
  IsObject,
  IsOptional,
  IsString,
  IsTimeZone,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';

import { BuyingPolicyFields, BuyingPolicyResponse } from './buying-policy.dto.js';
import {
  DEFAULT_POLICY,
  DIRECTIONS,
  PIN_POLICIES,
  PROVIDERS,
  TEXT_POLICIES,
  type Direction,
  type PinPolicy,
  type ProviderName,
  type QuietHours,
  type TextPolicy,
} from './pool.entity.js';
import type { PoolWithLevel } from './pools.service.js';
import type { TextUse } from './text-capability.js';

const DAY_SECONDS = 24 * 60 * 60;
/** As far ahead as the forecast looks. */
const LONGEST_LEAD_SECONDS = 35 * DAY_SECONDS;
const YEAR_SECONDS = 366 * 24 * 60 * 60;
const COUNTRY = 'country must be the two capital letters of ISO 3166-1, as in IN';
const MOST_NUMBERS = 1_000_000;
const LONGEST_CALL_SECONDS = 4 * 60 * 60;
const LONGEST_RING_SECONDS = 600;
const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d$/;

export class QuietHoursFields implements QuietHours {
  @ApiProperty({ example: '22:00', description: 'hh:mm, the first minute that is quiet' })
  @Matches(TIME_OF_DAY, { message: 'from must be a time of day, as in 22:00' })
  from: string;

  @ApiProperty({ example: '07:00', description: 'hh:mm, the first minute that is quiet no more' })
  @Matches(TIME_OF_DAY, { message: 'until must be a time of day, as in 07:00' })
  until: string;

  @ApiProperty({ example: 'Asia/Kolkata', description: "A time zone of the IANA's list" })
  @IsTimeZone({ message: "timeZone must be one of the IANA's list, as in Asia/Kolkata" })
  timeZone: string;
}

export class OpenPoolRequest extends BuyingPolicyFields {
  @ApiProperty({ example: 'bengaluru', description: 'Letters, digits, - and _, at most 64' })
  @Matches(/^[\w-]{1,64}$/, { message: 'name must be 1 to 64 letters, digits, - or _' })
  name: string;

  @ApiProperty({ example: 'IN', description: 'ISO 3166-1 alpha-2' })
  @Matches(/^[A-Z]{2}$/, { message: COUNTRY }) // the next rule takes small letters too
  @IsISO31661Alpha2({ message: COUNTRY })
  country: string;

  @ApiProperty({
    example: 'KA',
    required: false,
    nullable: true,
    type: String,
    description: "The provider's code of a region; none = anywhere in the country",
  })
  @IsOptional()
  @IsString()
  @Matches(/^[A-Z]{2,3}$/, { message: "region must be the provider's code in capital letters, as in KA" })
  region?: string | null;

  @ApiProperty({
    enum: PROVIDERS,
    required: false,
    description: 'Whose numbers it holds; none = Exotel, or Twilio where only that is set up',
  })
  @IsOptional()
  @IsIn(PROVIDERS)
  provider?: ProviderName;

  @ApiProperty({
    default: DEFAULT_POLICY.capacity,
    required: false,
    description: 'Orders one number may serve at once; 1 = exclusive',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100_000)
  capacity?: number;

  @ApiProperty({
    default: DEFAULT_POLICY.graceSeconds,
    required: false,
    description: 'Calls still connect for so long after completion or expiry',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(YEAR_SECONDS)
  graceSeconds?: number;

  @ApiProperty({
    default: DEFAULT_POLICY.cancelGraceSeconds,
    required: false,
    description: 'The same after cancelling',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(YEAR_SECONDS)
  cancelGraceSeconds?: number;

  @ApiProperty({
    default: DEFAULT_POLICY.quarantineSeconds,
    required: false,
    description: 'After grace, a person hears "ended" on their number for so long, whoever it serves meanwhile',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(YEAR_SECONDS)
  quarantineSeconds?: number;

  @ApiProperty({
    default: DEFAULT_POLICY.lifetimeSeconds,
    required: false,
    description: 'An order that nobody closes ends after so long',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(YEAR_SECONDS)
  lifetimeSeconds?: number;

  @ApiProperty({
    default: DEFAULT_POLICY.lowWater,
    required: false,
    description: 'Buy when fewer numbers than this can be assigned',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MOST_NUMBERS)
  lowWater?: number;

  @ApiProperty({ default: DEFAULT_POLICY.target, required: false, description: 'Buy until so many can be assigned' })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MOST_NUMBERS)
  target?: number;

  @ApiProperty({ default: DEFAULT_POLICY.maxNumbers, required: false, description: 'Never own more than this' })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MOST_NUMBERS)
  maxNumbers?: number;

  @ApiProperty({
    default: DEFAULT_POLICY.leadTimeSeconds,
    required: false,
    description: 'From asking the provider for a number to having it: the forecast looks at least so far ahead',
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
    description: 'Calls that one number carries at once; null = as many as come',
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
    description: 'Numbers that nobody will need for so long, a day at least, go back to the provider; null = none does',
  })
  @IsOptional()
  @IsInt()
  @Min(DAY_SECONDS)
  @Max(LONGEST_LEAD_SECONDS)
  giveBackAfterSeconds?: number | null;

  @ApiProperty({
    enum: TEXT_POLICIES,
    default: DEFAULT_POLICY.texts,
    required: false,
    description: 'Whether texts are passed on; redacted = without the phone numbers and links in them',
  })
  @IsOptional()
  @IsIn(TEXT_POLICIES)
  texts?: TextPolicy;

  @ApiProperty({
    enum: PIN_POLICIES,
    default: DEFAULT_POLICY.pin,
    required: false,
    description: "Who is asked for the order's PIN; always = callers whom we know, too",
  })
  @IsOptional()
  @IsIn(PIN_POLICIES)
  pin?: PinPolicy;

  @ApiProperty({
    enum: DIRECTIONS,
    default: DEFAULT_POLICY.direction,
    required: false,
    description: 'Which side of an order may call and text the other',
  })
  @IsOptional()
  @IsIn(DIRECTIONS)
  direction?: Direction;

  @ApiProperty({
    default: DEFAULT_POLICY.maxCallSeconds,
    required: false,
    description: 'Calls are cut after so long, or earlier where the provider allows less',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(LONGEST_CALL_SECONDS)
  maxCallSeconds?: number;

  @ApiProperty({
    default: DEFAULT_POLICY.maxRingSeconds,
    required: false,
    description: 'A phone rings so long, or less where the provider allows less',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(LONGEST_RING_SECONDS)
  maxRingSeconds?: number;

  @ApiProperty({
    type: Number,
    example: 10,
    default: null,
    nullable: true,
    required: false,
    description: 'Calls of one caller to one other person of an order within an hour; null = as many as they like',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000)
  maxCallsPerHour?: number | null;

  @ApiProperty({
    type: QuietHoursFields,
    default: null,
    nullable: true,
    required: false,
    description: 'A time of every day in which nobody is called or texted; null = none',
  })
  @IsOptional()
  @IsObject({ message: 'quietHours must be an object with from, until and timeZone' })
  @ValidateNested()
  @Type(() => QuietHoursFields)
  quietHours?: QuietHoursFields | null;

  @ApiProperty({
    default: DEFAULT_POLICY.claimByPin,
    required: false,
    description: "A right PIN makes the caller's phone one of the participant's, for this order",
  })
  @IsOptional()
  @IsBoolean()
  claimByPin?: boolean;

  @ApiProperty({
    default: DEFAULT_POLICY.recordCalls,
    required: false,
    description: 'Whether the provider records calls: only with consent, by the law of both countries',
  })
  @IsOptional()
  @IsBoolean()
  recordCalls?: boolean;

  @ApiProperty({
    default: DEFAULT_POLICY.textsKeptSeconds,
    required: false,
    description: 'How long the words of a text are kept, sealed; 0 = never stored',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(YEAR_SECONDS)
  textsKeptSeconds?: number;

  @ApiProperty({
    example: 'hi',
    default: DEFAULT_POLICY.language,
    required: false,
    description: 'In which language callers hear why nobody is rung, ISO 639; what it lacks is said in English',
  })
  @IsOptional()
  @Matches(/^[a-z]{2,3}$/, { message: 'language must be two or three small letters of ISO 639, as in hi' })
  language?: string;
}

/** What makes a pool the pool it is does not change. */
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
  @ApiProperty({ example: 18, description: 'Numbers that can take an order more' }) assignable: number;
  @ApiProperty({ type: NumbersByStatus, description: 'Numbers by status' }) numbers: NumbersByStatus;
  @ApiProperty({ example: 2, description: 'Orders that the numbers hold, counted once a number' }) ordersHeld: number;
}

export class PoolResponse extends BuyingPolicyResponse {
  @ApiProperty({ example: 'default' }) name: string;
  @ApiProperty({ example: 'IN' }) country: string;
  @ApiProperty({ example: null, type: String, nullable: true }) region: string | null;
  @ApiProperty({ enum: PROVIDERS }) provider: ProviderName;
  @ApiProperty({ example: DEFAULT_POLICY.capacity }) capacity: number;
  @ApiProperty({ example: DEFAULT_POLICY.graceSeconds }) graceSeconds: number;
  @ApiProperty({ example: DEFAULT_POLICY.cancelGraceSeconds }) cancelGraceSeconds: number;
  @ApiProperty({ example: DEFAULT_POLICY.quarantineSeconds }) quarantineSeconds: number;
  @ApiProperty({ example: DEFAULT_POLICY.lifetimeSeconds }) lifetimeSeconds: number;
  @ApiProperty({ example: DEFAULT_POLICY.lowWater }) lowWater: number;
  @ApiProperty({ example: DEFAULT_POLICY.target }) target: number;
  @ApiProperty({ example: DEFAULT_POLICY.maxNumbers }) maxNumbers: number;
  @ApiProperty({ example: DEFAULT_POLICY.leadTimeSeconds }) leadTimeSeconds: number;
  @ApiProperty({ example: null, type: Number, nullable: true }) channelsPerNumber: number | null;
  @ApiProperty({ example: null, type: Number, nullable: true }) giveBackAfterSeconds: number | null;
  @ApiProperty({
    enum: [...TEXT_POLICIES, 'unavailable'],
    description: 'What becomes of texts; unavailable = the provider passes none on in this country',
  })
  texts: TextUse;
  @ApiProperty({ enum: PIN_POLICIES }) pin: PinPolicy;
  @ApiProperty({ enum: DIRECTIONS }) direction: Direction;
  @ApiProperty({ example: DEFAULT_POLICY.maxCallSeconds }) maxCallSeconds: number;
  @ApiProperty({ example: DEFAULT_POLICY.maxRingSeconds }) maxRingSeconds: number;
  @ApiProperty({ example: null, type: Number, nullable: true }) maxCallsPerHour: number | null;
  @ApiProperty({ type: QuietHoursFields, nullable: true }) quietHours: QuietHours | null;
  @ApiProperty({ example: DEFAULT_POLICY.claimByPin }) claimByPin: boolean;
  @ApiProperty({ example: DEFAULT_POLICY.recordCalls }) recordCalls: boolean;
  @ApiProperty({ example: DEFAULT_POLICY.textsKeptSeconds }) textsKeptSeconds: number;
  @ApiProperty({ example: DEFAULT_POLICY.language }) language: string;
  @ApiProperty({ type: PoolLevelResponse }) level: PoolLevelResponse;

  static from({ pool, level, texts }: PoolWithLevel): PoolResponse {
    const { name, country, region, provider, capacity, graceSeconds, cancelGraceSeconds } = pool;
    const { quarantineSeconds, lifetimeSeconds, lowWater, target, maxNumbers } = pool;
    const { leadTimeSeconds, channelsPerNumber, giveBackAfterSeconds } = pool;
    const { pin, direction, maxCallSeconds, maxRingSeconds, maxCallsPerHour, quietHours } = pool;
    const { claimByPin, recordCalls, textsKeptSeconds, language } = pool;
    const { assignable, numbers, ordersHeld } = level;
    return {
      ...{ name, country, region, provider, capacity, graceSeconds, cancelGraceSeconds },
      ...{ quarantineSeconds, lifetimeSeconds, lowWater, target, maxNumbers },
      ...{ leadTimeSeconds, channelsPerNumber, giveBackAfterSeconds },
      ...{ texts, pin, direction, maxCallSeconds, maxRingSeconds, maxCallsPerHour, quietHours },
      ...{ claimByPin, recordCalls, textsKeptSeconds, language },
      ...BuyingPolicyResponse.of(pool),
      level: { assignable, numbers, ordersHeld },
    };
  }
}

export class PoolsResponse {
  @ApiProperty({ type: [PoolResponse] }) pools: PoolResponse[];
}
