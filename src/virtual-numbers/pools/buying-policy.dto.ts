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
import { PROVIDERS, type ProviderName } from '../provider-name.js';

const MOST_MONEY = 1_000_000_000;
const AMOUNT = { type: Number, required: false, nullable: true, default: null } as const;
const CENTS = { maxDecimalPlaces: 2 } as const;

/** What a request may say of buying; a limit that is null is none. */
export class BuyingPolicyFields {
  @ApiProperty({ enum: SWITCH, default: 'on', required: false, description: 'off = nothing is bought for this pool' })
  @IsOptional()
  @IsIn(SWITCH)
  buying?: Switch;

  @ApiProperty({
    ...AMOUNT,
    example: 5000,
    description: "A month's rents of the numbers bought in one day of UTC; null = no limit",
  })
  @IsOptional()
  @IsNumber(CENTS)
  @Min(0)
  @Max(MOST_MONEY)
  maxSpendPerDay?: number | null;

  @ApiProperty({ ...AMOUNT, example: 50_000, description: 'The same in one month of UTC' })
  @IsOptional()
  @IsNumber(CENTS)
  @Min(0)
  @Max(MOST_MONEY)
  maxSpendPerMonth?: number | null;

  @ApiProperty({
    ...AMOUNT,
    example: 600,
    description: "A month's rent of one number; one whose rent the provider does not say counts as this much",
  })
  @IsOptional()
  @IsNumber(CENTS)
  @Min(0)
  @Max(MOST_MONEY)
  maxRent?: number | null;

  @ApiProperty({
    example: 'INR',
    required: false,
    nullable: true,
    type: String,
    default: null,
    description: 'Of the amounts of money, ISO 4217',
  })
  @IsOptional()
  @Matches(/^[A-Z]{3}$/, { message: 'currency must be the three capital letters of ISO 4217, as in INR' })
  currency?: string | null;

  @ApiProperty({
    enum: NUMBER_TYPES,
    nullable: true,
    default: null,
    required: false,
    description: 'What kind of number to buy; null = whatever the provider has',
  })
  @IsOptional()
  @IsIn(NUMBER_TYPES)
  numberType?: NumberType | null;

  @ApiProperty({
    enum: UNKNOWN_NUMBERS,
    default: 'import',
    required: false,
    description: 'What becomes of numbers that the account owns, that fit, and that nothing uses',
  })
  @IsOptional()
  @IsIn(UNKNOWN_NUMBERS)
  unknownNumbers?: UnknownNumbers;

  @ApiProperty({
    enum: PROVIDERS,
    nullable: true,
    default: null,
    required: false,
    description:
      "Whom to buy from when the pool's own provider cannot sell, null = nobody; both must be allowed to show the other's numbers as caller ID",
  })
  @IsOptional()
  @IsIn(PROVIDERS)
  alternativeProvider?: ProviderName | null;
}

/** What a pool says of its buying. */
export class BuyingPolicyResponse {
  @ApiProperty({ enum: SWITCH }) buying: Switch;
  @ApiProperty({ example: null, type: Number, nullable: true }) maxSpendPerDay: number | null;
  @ApiProperty({ example: null, type: Number, nullable: true }) maxSpendPerMonth: number | null;
  @ApiProperty({ example: null, type: Number, nullable: true }) maxRent: number | null;
  @ApiProperty({ example: null, type: String, nullable: true }) currency: string | null;
  @ApiProperty({ enum: NUMBER_TYPES, nullable: true, example: null }) numberType: NumberType | null;
  @ApiProperty({ enum: UNKNOWN_NUMBERS }) unknownNumbers: UnknownNumbers;
  @ApiProperty({ enum: PROVIDERS, nullable: true, example: null }) alternativeProvider: ProviderName | null;

  static of(policy: Pool): BuyingPolicyResponse {
    const { buying, maxSpendPerDay, maxSpendPerMonth, maxRent, currency } = policy;
    const { numberType, unknownNumbers, alternativeProvider } = policy;
    return {
      ...{ buying, maxSpendPerDay, maxSpendPerMonth, maxRent, currency },
      ...{ numberType, unknownNumbers, alternativeProvider },
    };
  }
}
