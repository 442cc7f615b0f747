import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  MaxLength,
  ValidateNested,
  Matches,
} from 'class-validator';

import type { E164 } from '../../phone-number/e164.js';
import { PageQuery } from '../../platform/http/page.query.js';
import { PROVIDER_FORMAT, PROVIDER_NAME, type ProviderName } from '../provider-name.js';
import type { VirtualNumber } from '../pools/virtual-number.entity.js';
import { NUMBER_STATUSES, type NumberStatus } from '../number-status.js';

export class ListNumbersQuery extends PageQuery {
  @ApiProperty({ required: false, example: 'default' })
  @IsOptional()
  @IsString()
  pool?: string;

  @ApiProperty({ required: false, enum: NUMBER_STATUSES })
  @IsOptional()
  @IsIn(NUMBER_STATUSES)
  status?: NumberStatus;
}

export class NumberToImportRequest {
  @ApiProperty({ example: '+918047000001', description: 'E.164' })
  @IsString()
  number: string;

  @ApiProperty({
    required: false,
    example: '08047000001',
    description: "The provider's id of the number; default: the number itself",
  })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  providerId?: string;

  @ApiProperty({
    required: false,
    format: PROVIDER_FORMAT,
    description: "The pool's provider (the default) or its alternative one",
  })
  @IsOptional()
  @Matches(PROVIDER_NAME, { message: '$property must be the name of a provider' })
  provider?: ProviderName;
}

export class ImportNumbersRequest {
  @ApiProperty({ example: 'default' })
  @IsString()
  pool: string;

  @ApiProperty({ type: [NumberToImportRequest] })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1000)
  @IsObject({ each: true, message: 'each of numbers must be an object with a number' })
  @ValidateNested({ each: true })
  @Type(() => NumberToImportRequest)
  numbers: NumberToImportRequest[];
}

export class NumberResponse {
  @ApiProperty({ type: String, example: '+918047000001' }) number: E164;
  @ApiProperty({ enum: NUMBER_STATUSES }) status: NumberStatus;
  @ApiProperty({ example: 'default' }) pool: string;
  @ApiProperty({ format: PROVIDER_FORMAT }) provider: ProviderName;
  @ApiProperty({ example: 1 }) ordersHeld: number;
  @ApiProperty({ example: 1 }) capacity: number;
  @ApiProperty({
    type: Date,
    nullable: true,
    example: null,
    description:
      'The number takes no orders until then, because the database was restored and it is not known who may dial the number; null = it is not withheld',
  })
  withheldUntil: Date | null;

  static from(row: VirtualNumber, pool: string): NumberResponse {
    const { number, status, provider, ordersHeld, capacity, withheldUntil } = row;
    return { number, status, pool, provider, ordersHeld, capacity, withheldUntil };
  }
}

export class NumbersResponse {
  @ApiProperty({ type: [NumberResponse] }) numbers: NumberResponse[];
  @ApiProperty({ type: String, nullable: true, example: null }) nextCursor: string | null;
}
