import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';

import { Expensive } from '../http/expensive.js';
import { ApiProblem } from '../http/api-problem.js';
import { NeedsScope } from '../http/authentication/route-access.js';
import { PageQuery } from '../http/page.query.js';
import { InvalidRequest, MissingKey } from '../http/request.problems.js';
import { AuditService, type AuditEntry } from './audit.service.js';

const SHOWN_KEY_BYTES = 8;

export class AuditEntryResponse {
  @ApiProperty({ example: '2026-11-22T06:00:00.000Z' }) at: Date;
  @ApiProperty({
    example: 'key 3fa41c09',
    description: 'The principal: `key` and the beginning of its SHA-256, or `provider` or `system` and a name',
  })
  who: string;
  @ApiProperty({ example: 'routing.explain' }) what: string;
  @ApiProperty({ type: String, nullable: true, example: '+918047000001', description: 'The order, number or call' })
  about: string | null;
  @ApiProperty({
    type: String,
    nullable: true,
    example: '9f86d081884c7d65',
    description:
      "First characters of the phone's keyed lookup: the same for the same phone, and it does not reveal the phone",
  })
  phone: string | null;

  static from({ at, who, what, about, phoneKey }: AuditEntry): AuditEntryResponse {
    return { at, who, what, about, phone: phoneKey && phoneKey.subarray(0, SHOWN_KEY_BYTES).toString('hex') };
  }
}

export class AuditResponse {
  @ApiProperty({ type: [AuditEntryResponse] }) entries: AuditEntryResponse[];
  @ApiProperty({ type: String, nullable: true, example: null }) nextCursor: string | null;
}

@ApiTags('support')
@ApiProblem(MissingKey)
@Controller('v1/audit')
export class AuditController {
  constructor(private readonly audit: AuditService) {}

  @Get()
  @NeedsScope('audit')
  @Expensive()
  @ApiOperation({ operationId: 'listAuditEntries', summary: 'Audit log of access to personal data, newest first' })
  @ApiOkResponse({ type: AuditResponse })
  @ApiProblem(InvalidRequest)
  async list(@Query() { limit, cursor }: PageQuery): Promise<AuditResponse> {
    const { entries, nextCursor } = await this.audit.list(limit, cursor);
    return { entries: entries.map((entry) => AuditEntryResponse.from(entry)), nextCursor };
  }
}
