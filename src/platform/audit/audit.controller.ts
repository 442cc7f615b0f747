import { Readable } from 'node:stream';

import { Controller, Get, Query, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';

import { Expensive } from '../http/expensive.js';
import { ApiProblem } from '../http/api-problem.js';
import { RequestedBy, type KeyPrincipal } from '../http/authentication/principal.js';
import { NeedsScope } from '../http/authentication/route-access.js';
import { InvalidRequest, MissingKey } from '../http/request.problems.js';
import { AuditEntryResponse, AuditFilterQuery, AuditQuery, AuditResponse, filterOf } from './audit.dto.js';
import type { AuditEntry } from './audit.queries.js';
import { AuditService } from './audit.service.js';

const JSON_LINES = 'application/x-ndjson';

@ApiTags('audit')
@ApiProblem(MissingKey)
@Controller('v1/audit')
export class AuditController {
  constructor(private readonly audit: AuditService) {}

  @Get()
  @NeedsScope('audit')
  @Expensive()
  @ApiOperation({
    operationId: 'listAuditEntries',
    summary: 'List the audit log, newest first',
    description: 'Who read something about a person, who changed the configuration, and which requests were refused.',
  })
  @ApiOkResponse({ type: AuditResponse })
  @ApiProblem(InvalidRequest)
  async list(@Query() { limit, cursor, ...filter }: AuditQuery): Promise<AuditResponse> {
    const { entries, nextCursor } = await this.audit.list(filterOf(filter), limit, cursor);
    return { entries: entries.map((entry) => AuditEntryResponse.from(entry)), nextCursor };
  }

  @Get('export')
  @NeedsScope('audit')
  @Expensive()
  @ApiOperation({
    operationId: 'exportAuditEntries',
    summary: 'Export the audit log as JSON lines, oldest first; audited',
    description:
      'One entry a line, in the form of the list. If the answer breaks off, repeat it `since` the last line.',
  })
  @ApiProduces(JSON_LINES)
  @ApiOkResponse({ schema: { type: 'string', example: '{"at":"2026-11-22T06:00:00.000Z","who":"key 3fa41c09"}\n' } })
  @ApiProblem(InvalidRequest)
  async export(@RequestedBy() by: KeyPrincipal, @Query() query: AuditFilterQuery): Promise<StreamableFile> {
    await this.audit.record(by, { what: 'audit.export' });
    const lines = Readable.from(linesOf(this.audit.every(filterOf(query))));
    return new StreamableFile(lines, { type: JSON_LINES });
  }
}

async function* linesOf(entries: AsyncIterable<AuditEntry>): AsyncGenerator<string> {
  for await (const entry of entries) yield `${JSON.stringify(AuditEntryResponse.from(entry))}\n`;
}
