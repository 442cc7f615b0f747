import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';

const MOST = 1_000;

/** The page of a list that a request asks for. */
export class PageQuery {
  @ApiProperty({ type: 'integer', required: false, default: 100, minimum: 1, maximum: MOST })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1, { message: 'limit must be at least 1' })
  @Max(MOST, { message: `limit must be ${MOST} at most` })
  limit: number = 100;

  @ApiProperty({ required: false, description: 'The `nextCursor` of the last page' })
  @IsOptional()
  @IsString()
  cursor?: string;
}
