import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsTimeZone,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';

import {
  DEFAULT_POLICY,
  DIRECTIONS,
  PIN_POLICIES,
  TEXT_POLICIES,
  type Direction,
  type PinPolicy,
  type Pool,
  type QuietHours,
  type TextPolicy,
} from './pool.entity.js';
import type { TextUse } from './text-capability.js';

const LONGEST_CALL_SECONDS = 4 * 60 * 60;
const LONGEST_RING_SECONDS = 600;
const YEAR_SECONDS = 366 * 24 * 60 * 60;
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

/** How calls and texts of a pool's numbers are treated. */
export class CallPolicyFields {
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

/** What a pool says of its calls and texts. */
export class CallPolicyResponse {
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

  static of(pool: Pool, texts: TextUse): CallPolicyResponse {
    const { pin, direction, maxCallSeconds, maxRingSeconds, maxCallsPerHour, quietHours } = pool;
    const { claimByPin, recordCalls, textsKeptSeconds, language } = pool;
    return {
      ...{ texts, pin, direction, maxCallSeconds, maxRingSeconds, maxCallsPerHour, quietHours },
      ...{ claimByPin, recordCalls, textsKeptSeconds, language },
    };
  }
}
