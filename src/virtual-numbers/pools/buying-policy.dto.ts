import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsNumber, IsOptional, Matches, Max, Min } from 'class-validator';

import {
  NUMBER_TYPES,
  SWITCH,
  UNKNOWN_NUMBERS,
  type NumberType,
  type Switch,
  type UnknownNumbers,
} from './buying-policy.js';
import type { Pool } from './pool.entity.js';
import { PROVIDER_FORMAT, PROVIDER_NAME, type ProviderName } from '../provider-name.js';

const MOST_MONEY = 1_000_000_000;
const AMOUNT = { type: Number, required: false, nullable: true, default: null } as const;
const CENTS = { maxDecimalPlaces: 2 } as const;

/** The part of a request about buying. A limit of null means no limit. */
export class BuyingPolicyFields {
  @ApiProperty({ enum: SWITCH, default: 'on', required: false, description: 'off = buy nothing for this pool' })
  @IsOptional()
  @IsIn(SWITCH)
  buying?: Switch;

  @ApiProperty({
    ...AMOUNT,
    example: 5000,
    description: 'Limit for the monthly rents of the numbers bought in one UTC day; null = no limit',
  })
  @IsOptional()
  @IsNumber(CENTS, { message: '$property must have two decimals at most' })
  @Min(0)
  @Max(MOST_MONEY)
  maxSpendPerDay?: number | null;

  @ApiProperty({
    ...AMOUNT,
    example: 50_000,
    description: 'Limit for the monthly rents of the numbers bought in one UTC month; null = no limit',
  })
  @IsOptional()
  @IsNumber(CENTS, { message: '$property must have two decimals at most' })
  @Min(0)
  @Max(MOST_MONEY)
  maxSpendPerMonth?: number | null;

  @ApiProperty({
    ...AMOUNT,
    example: 600,
    description:
      'Highest monthly rent of one number; null = no limit. A rent that the provider does not state counts as this amount.',
  })
  @IsOptional()
  @IsNumber(CENTS, { message: '$property must have two decimals at most' })
  @Min(0)
  @Max(MOST_MONEY)
  maxRent?: number | null;

  @ApiProperty({
    example: 'INR',
    required: false,
    nullable: true,
    type: String,
    default: null,
    description: 'Currency of these amounts, ISO 4217',
  })
  @IsOptional()
  @Matches(/^[A-Z]{3}$/, { message: 'currency must be the three capital letters of ISO 4217, as in INR' })
  currency?: string | null;

  @ApiProperty({
    enum: NUMBER_TYPES,
    nullable: true,
    default: null,
    required: false,
    description: 'Type of numbers to buy; null = any',
  })
  @IsOptional()
  @IsIn(NUMBER_TYPES)
  numberType?: NumberType | null;

  @ApiProperty({
    enum: UNKNOWN_NUMBERS,
    default: 'import',
    required: false,
    description:
      'What to do with numbers of the account that fit the pool and serve nothing: import them, or only report them',
  })
  @IsOptional()
  @IsIn(UNKNOWN_NUMBERS)
  unknownNumbers?: UnknownNumbers;

  @ApiProperty({
    type: String,
    format: PROVIDER_FORMAT,
    nullable: true,
    default: null,
    required: false,
    description:
      "Provider to buy from when the pool's provider cannot sell; null = none. Both providers must be allowed to show the other's numbers as caller ID.",
  })
  @IsOptional()
  @Matches(PROVIDER_NAME, { message: '$property must be the name of a provider' })
  alternativeProvider?: ProviderName | null;
}

/** The part of a pool's response about buying. */
export class BuyingPolicyResponse {
  @ApiProperty({ enum: SWITCH }) buying: Switch;
  @ApiProperty({ example: null, type: Number, nullable: true }) maxSpendPerDay: number | null;
  @ApiProperty({ example: null, type: Number, nullable: true }) maxSpendPerMonth: number | null;
  @ApiProperty({ example: null, type: Number, nullable: true }) maxRent: number | null;
  @ApiProperty({ example: null, type: String, nullable: true }) currency: string | null;
  @ApiProperty({ enum: NUMBER_TYPES, nullable: true, example: null }) numberType: NumberType | null;
  @ApiProperty({ enum: UNKNOWN_NUMBERS }) unknownNumbers: UnknownNumbers;
  @ApiProperty({ type: String, format: PROVIDER_FORMAT, nullable: true, example: null })
  alternativeProvider: ProviderName | null;

  static of(policy: Pool): BuyingPolicyResponse {
    const { buying, maxSpendPerDay, maxSpendPerMonth, maxRent, currency } = policy;
    const { numberType, unknownNumbers, alternativeProvider } = policy;
    return {
      buying,
      maxSpendPerDay,
      maxSpendPerMonth,
      maxRent,
      currency,
      numberType,
      unknownNumbers,
      alternativeProvider,
    };
  }
}
