import { Body, Controller, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';

import { AcceptsIdempotencyKey } from '../../platform/http/idempotency/accepts-idempotency-key.js';
import { answered } from '../../platform/http/idempotency/keyed-request.js';
import type { E164 } from '../../phone-number/e164.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import { RequestedBy, type Principal } from '../../platform/http/authentication/principal.js';
import { ForKeysOfPools, NeedsScope } from '../../platform/http/authentication/route-access.js';
import { InvalidRequest, MissingKey } from '../../platform/http/request.problems.js';
import { IMPORT_RESULTS, NumberImportService, type ImportedRow, type ImportResult } from './number-import.service.js';
import { MOST_ROWS, readNumbersCsv } from './numbers-csv.js';
import { PoolNotFound, UnreadableCsv } from '../pools/virtual-numbers.problems.js';

export const CSV = 'text/csv';

export class ImportNumbersQuery {
  @ApiProperty({
    type: Boolean,
    required: false,
    default: false,
    description: 'Whether only to report what an import would do, and store nothing',
  })
  @IsOptional()
  @IsIn(['true', 'false'], { message: 'dryRun must be true or false' })
  dryRun: 'true' | 'false' = 'false';
}

export class ImportedRowResponse {
  @ApiProperty({ example: 2, description: 'The line of the row in the file; the first line is 1' }) line: number;
  @ApiProperty({ enum: IMPORT_RESULTS }) result: ImportResult;
  @ApiProperty({ type: String, nullable: true, example: '+918047000001', description: 'null if the row was refused' })
  number: E164 | null;
  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Why the row was refused, in words; null if it was not',
  })
  reason: string | null;
}

export class ImportReportResponse {
  @ApiProperty({ example: 'default' }) pool: string;
  @ApiProperty({ example: false, description: 'Whether nothing was stored: the report says what an import would do' })
  dryRun: boolean;
  @ApiProperty({ example: 2 }) imported: number;
  @ApiProperty({ example: 0, description: 'Numbers that are already in a pool; they stay unchanged' })
  alreadyThere: number;
  @ApiProperty({ example: 0 }) refused: number;
  @ApiProperty({ type: [ImportedRowResponse], description: 'In the order of the file' }) rows: ImportedRowResponse[];

  static from(pool: string, dryRun: boolean, rows: readonly ImportedRow[]): ImportReportResponse {
    const count = (result: ImportResult) => rows.filter((row) => row.result === result).length;
    const counts = { imported: count('imported'), alreadyThere: count('already-there'), refused: count('refused') };
    return {
      pool,
      dryRun,
      ...counts,
      rows: rows.map(({ line, result, number, reason }) => ({ line, result, number, reason })),
    };
  }
}

@ApiTags('numbers')
@ApiProblem(MissingKey)
@Controller('v1/pools/:name/numbers')
export class NumberImportController {
  constructor(private readonly imports: NumberImportService) {}

  @Post('import')
  @AcceptsIdempotencyKey()
  @NeedsScope('operate')
  @ForKeysOfPools()
  @HttpCode(200)
  @ApiOperation({
    operationId: 'importNumbersFromCsv',
    summary: 'Import numbers you already own from a CSV file',
    description: `Their call flow must already point to Maskline. The first line names the columns, in any order: \`number\` (E.164), and optionally \`providerId\` (the provider's id of the number; default: the number itself) and \`provider\` (the pool's provider or its alternative one; default: the pool's). UTF-8, with commas; at most ${MOST_ROWS} rows and 1 MiB. Each row is imported on its own: the response reports the result of each line. With \`dryRun=true\` nothing is stored, and the response reports what an import would do.`,
  })
  @ApiConsumes(CSV)
  @ApiBody({
    schema: { type: 'string', example: 'number,providerId\r\n+918047000001,a1b2c3\r\n+918047000002,d4e5f6\r\n' },
  })
  @ApiOkResponse({ type: ImportReportResponse })
  @ApiProblem(InvalidRequest, UnreadableCsv, PoolNotFound)
  async import(
    @RequestedBy() by: Principal,
    @Param('name') name: string,
    @Query() { dryRun }: ImportNumbersQuery,
    @Body() file: unknown,
  ): Promise<ImportReportResponse> {
    const isDryRun = dryRun === 'true';
    const rows = readNumbersCsv(file);
    return answered(
      async () => this.imports.importRows(name, rows, by, { isDryRun }),
      (imported) => ImportReportResponse.from(name, isDryRun, imported),
    );
  }
}
