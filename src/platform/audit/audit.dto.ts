import { ApiProperty, IntersectionType } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';

import { IsInstant, readInstant } from '../http/instant.js';
import { PageQuery } from '../http/page.query.js';
import { AUDIT_RESULTS, type AuditEntry, type AuditFilter, type AuditResult } from './audit.queries.js';

const SHOWN_KEY_BYTES = 8;
const LONGEST = 200;

/** Which entries of the audit log are wanted. */
export class AuditFilterQuery {
  @ApiProperty({ required: false, example: 'key 3fa41c09', description: 'The principal' })
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST)
  who?: string;

  @ApiProperty({ required: false, example: 'pools.change', description: 'The kind of access or change' })
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST)
  what?: string;

  @ApiProperty({ required: false, example: 'default', description: 'What it was about, exactly' })
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST)
  about?: string;

  @ApiProperty({ required: false, enum: AUDIT_RESULTS })
  @IsOptional()
  @IsIn(AUDIT_RESULTS, { message: `result must be one of ${AUDIT_RESULTS.join(', ')}` })
  result?: AuditResult;

  @ApiProperty({ required: false, example: '2026-11-22T00:00:00Z', description: 'The first instant' })
  @IsOptional()
  @IsInstant()
  since?: string;

  @ApiProperty({ required: false, example: '2026-11-23T00:00:00Z', description: 'The first instant that is left out' })
  @IsOptional()
  @IsInstant()
  until?: string;
}

export class AuditQuery extends IntersectionType(PageQuery, AuditFilterQuery) {}

export function filterOf({ who, what, about, result, since, until }: AuditFilterQuery): AuditFilter {
  return {
    ...{ who, what, about, result },
    since: since === undefined ? undefined : readInstant(since)!,
    until: until === undefined ? undefined : readInstant(until)!,
  };
}

export class AuditEntryResponse {
  @ApiProperty({ example: '2026-11-22T06:00:00.000Z' }) at: Date;
  @ApiProperty({
    example: 'key 3fa41c09',
    description:
      'The principal: `key` and its id (of `API_KEY`, the beginning of its SHA-256), `provider` or `system` and a name, or `nobody`',
  })
  who: string;
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'support desk',
    description: 'The name of the key at that time',
  })
  name: string | null;
  @ApiProperty({ example: 'routing.explain', description: 'The kind of access or change' }) what: string;
  @ApiProperty({
    type: String,
    nullable: true,
    example: '+918047000001',
    description: 'The order, pool, number, key or call; of a refused request its method and path',
  })
  about: string | null;
  @ApiProperty({
    type: String,
    nullable: true,
    example: '9f86d081884c7d65',
    description:
      "First characters of the phone's keyed lookup: the same for the same phone, and it does not reveal the phone",
  })
  phone: string | null;
  @ApiProperty({ type: String, nullable: true, example: '203.0.113.7', description: 'The address of the client' })
  address: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'b1d2c3e1-91a5-4f0c-9e7a-9b3d4c2e8a6f' })
  requestId: string | null;
  @ApiProperty({ enum: AUDIT_RESULTS, example: 'done' }) result: AuditResult;
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    example: { before: { capacity: 40 }, after: { capacity: 60 } },
    description: 'What a change changed; how many `times` a request was refused in about a minute',
  })
  details: object | null;

  static from({ at, who, name, what, about, phoneKey, ...more }: AuditEntry): AuditEntryResponse {
    const { address, requestId, result, details } = more;
    const phone = phoneKey && phoneKey.subarray(0, SHOWN_KEY_BYTES).toString('hex');
    return { at, who, name, what, about, phone, address, requestId, result, details };
  }
}

export class AuditResponse {
  @ApiProperty({ type: [AuditEntryResponse] }) entries: AuditEntryResponse[];
  @ApiProperty({ type: String, nullable: true, example: null }) nextCursor: string | null;
}
