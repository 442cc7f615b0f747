import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiTags,
} from '@nestjs/swagger';

import type { E164 } from '../../phone-number/e164.js';
import { ApiProblem } from '../../platform/http/api-problem.js';
import { MissingKey } from '../../platform/http/request.problems.js';
import { IMPORT_RESULTS, NumberImportService, type ImportedRow, type ImportResult } from './number-import.service.js';
import { MOST_ROWS, readNumbersCsv } from './numbers-csv.js';
import { PoolNotFound, UnreadableCsv } from '../pools/virtual-numbers.problems.js';

export const CSV = 'text/csv';

export class ImportedRowResponse {
  @ApiProperty({ example: 2, description: 'Where the row stands in the file; the first line is 1' }) line: number;
  @ApiProperty({ enum: IMPORT_RESULTS }) result: ImportResult;
  @ApiProperty({ type: String, nullable: true, example: '+918047000001', description: 'null where it was refused' })
  number: E164 | null;
  @ApiProperty({ type: String, nullable: true, example: null, description: 'In words' }) reason: string | null;
}

export class ImportReportResponse {
  @ApiProperty({ example: 'default' }) pool: string;
  @ApiProperty({ example: 2 }) imported: number;
  @ApiProperty({ example: 0, description: 'They stay as they are, in whichever pool' }) alreadyThere: number;
  @ApiProperty({ example: 0 }) refused: number;
  @ApiProperty({ type: [ImportedRowResponse], description: 'In the order of the file' }) rows: ImportedRowResponse[];

  static from(pool: string, rows: readonly ImportedRow[]): ImportReportResponse {
    const count = (result: ImportResult) => rows.filter((row) => row.result === result).length;
    const counts = { imported: count('imported'), alreadyThere: count('already-there'), refused: count('refused') };
    return {
      pool,
      ...counts,
      rows: rows.map(({ line, result, number, reason }) => ({ line, result, number, reason })),
    };
  }
}

@ApiTags('numbers')
@ApiBearerAuth()
@ApiProblem(MissingKey)
@Controller('v1/pools/:name/numbers')
export class NumberImportController {
  constructor(private readonly imports: NumberImportService) {}

  @Post('import')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Put numbers that the account already owns into a pool, from a CSV file; their flow must ask us',
    description: `The first line names the columns, in any order: \`number\` (E.164), and where wanted \`providerId\` (the provider's id of it; the number itself if none) and \`provider\` (the pool's own, or its alternative one). In UTF-8, with commas; at most ${MOST_ROWS} rows and 1 MiB. Each row is for itself: the report says line by line what became of it.`,
  })
  @ApiConsumes(CSV)
  @ApiBody({
    schema: { type: 'string', example: 'number,providerId\r\n+918047000001,a1b2c3\r\n+918047000002,d4e5f6\r\n' },
  })
  @ApiOkResponse({ type: ImportReportResponse })
  @ApiProblem(UnreadableCsv, PoolNotFound)
  async import(@Param('name') name: string, @Body() file: unknown): Promise<ImportReportResponse> {
    return ImportReportResponse.from(name, await this.imports.importRows(name, readNumbersCsv(file)));
  }
}
