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
import type { TextUse } from './provider-accounts.js';

const LONGEST_CALL_SECONDS = 4 * 60 * 60;
const LONGEST_RING_SECONDS = 600;
const YEAR_SECONDS = 366 * 24 * 60 * 60;
const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d$/;

export class QuietHoursFields implements QuietHours {
  @ApiProperty({ example: '22:00', description: 'First quiet minute, hh:mm' })
  @Matches(TIME_OF_DAY, { message: 'from must be a time of day, as in 22:00' })
  from: string;

  @ApiProperty({ example: '07:00', description: 'First minute that is no longer quiet, hh:mm' })
  @Matches(TIME_OF_DAY, { message: 'until must be a time of day, as in 07:00' })
  until: string;

  @ApiProperty({ example: 'Asia/Kolkata', description: 'IANA time zone' })
  @IsTimeZone({ message: 'timeZone must be an IANA time zone, as in Asia/Kolkata' })
  timeZone: string;
}

/** The part of a request about calls and texts. */
export class CallPolicyFields {
  @ApiProperty({
    enum: TEXT_POLICIES,
    default: DEFAULT_POLICY.texts,
    required: false,
    description: 'Whether texts are forwarded; redacted = without phone numbers and links',
  })
  @IsOptional()
  @IsIn(TEXT_POLICIES)
  texts?: TextPolicy;

  @ApiProperty({
    enum: PIN_POLICIES,
    default: DEFAULT_POLICY.pin,
    required: false,
    description: "Who must enter the order's PIN; always = known callers, too",
  })
  @IsOptional()
  @IsIn(PIN_POLICIES)
  pin?: PinPolicy;

  @ApiProperty({
    enum: DIRECTIONS,
    default: DEFAULT_POLICY.direction,
    required: false,
    description: 'Which participant may call and text the other',
  })
  @IsOptional()
  @IsIn(DIRECTIONS)
  direction?: Direction;

  @ApiProperty({
    default: DEFAULT_POLICY.maxCallSeconds,
    required: false,
    description: "Longest call, in seconds; the provider's own limit may be lower",
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(LONGEST_CALL_SECONDS)
  maxCallSeconds?: number;

  @ApiProperty({
    default: DEFAULT_POLICY.maxRingSeconds,
    required: false,
    description: "Longest ringing, in seconds; the provider's own limit may be lower",
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
    description: 'How often one person may call another person of the order within an hour; null = no limit',
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
    description: 'Time of day in which nobody is called or texted; null = none',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => QuietHoursFields)
  quietHours?: QuietHoursFields | null;

  @ApiProperty({
    default: DEFAULT_POLICY.claimByPin,
    required: false,
    description: "After a right PIN, the caller's phone becomes an alternate phone of the participant, for this order",
  })
  @IsOptional()
  @IsBoolean()
  claimByPin?: boolean;

  @ApiProperty({
    default: DEFAULT_POLICY.recordCalls,
    required: false,
    description: 'Whether the provider records calls. Participants must consent as the law of both countries requires.',
  })
  @IsOptional()
  @IsBoolean()
  recordCalls?: boolean;

  @ApiProperty({
    default: DEFAULT_POLICY.textsKeptSeconds,
    required: false,
    description: 'Seconds for which the words of a text are stored, encrypted; 0 = never stored',
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
    description: 'Language of what callers hear, ISO 639. Messages missing in this language are in English.',
  })
  @IsOptional()
  @Matches(/^[a-z]{2,3}$/, { message: 'language must be two or three lower-case letters of ISO 639, as in hi' })
  language?: string;
}

/** The part of a pool's response about calls and texts. */
export class CallPolicyResponse {
  @ApiProperty({
    enum: [...TEXT_POLICIES, 'unavailable'],
    description: 'What happens to texts; unavailable = the provider forwards no texts in this country',
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
      texts,
      pin,
      direction,
      maxCallSeconds,
      maxRingSeconds,
      maxCallsPerHour,
      quietHours,
      claimByPin,
      recordCalls,
      textsKeptSeconds,
      language,
    };
  }
}
