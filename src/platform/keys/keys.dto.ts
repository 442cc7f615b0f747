import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
} from 'class-validator';

import { SCOPES, type Scope } from '../http/authentication/scopes.js';
import { IsInstant } from '../http/instant.js';
import { statusOf, type KeyStatus, type ShownKey } from './keys.service.js';
import type { KeyRow } from './keys.queries.js';

const STATUSES = ['active', 'unconfirmed', 'expired', 'revoked'] as const satisfies readonly KeyStatus[];
const LONGEST_OVERLAP_SECONDS = 30 * 24 * 60 * 60;
const DEFAULT_OVERLAP_SECONDS = 60 * 60;
const AT = '2026-11-22T06:00:00.000Z';
const ID = 'bcdfghjkmnpq';

export class CreateKeyRequest {
  @ApiProperty({
    example: 'support desk',
    description: 'Who uses the key, for people who read the list or the audit log',
  })
  @IsString()
  @Length(1, 100, { message: 'name must be 1 to 100 characters' })
  name: string;

  @ApiProperty({ enum: SCOPES, isArray: true, example: ['orders:read', 'support'], description: 'What the key may do' })
  @IsArray()
  @ArrayNotEmpty({ message: 'scopes must name at least one scope' })
  @ArrayUnique({ message: 'scopes must name each scope once' })
  @IsIn(SCOPES, { each: true, message: `scopes must be some of ${SCOPES.join(', ')}` })
  scopes: Scope[];

  @ApiProperty({
    type: [String],
    required: false,
    nullable: true,
    example: null,
    description: 'Names of the pools that the key is limited to; they need not exist yet. Default: all pools',
  })
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty({ message: 'pools must name at least one pool; leave it out for all pools' })
  @ArrayUnique({ message: 'pools must name each pool once' })
  @Matches(/^[\w-]{1,64}$/, { each: true, message: 'pools must be names of pools: letters, digits, - or _' })
  pools?: string[] | null;

  @ApiProperty({
    type: String,
    required: false,
    nullable: true,
    example: '2027-11-22T06:00:00Z',
    description: 'Until when the key is accepted. Default: until it is revoked',
  })
  @IsOptional()
  @IsInstant()
  expiresAt?: string | null;
}

export class RotateKeyRequest {
  @ApiProperty({
    required: false,
    default: DEFAULT_OVERLAP_SECONDS,
    maximum: LONGEST_OVERLAP_SECONDS,
    description: 'For how long the key before is accepted, too; 0 = it ends at once',
  })
  @IsOptional()
  @IsInt()
  @Min(0, { message: 'overlapSeconds must not be negative' })
  @Max(LONGEST_OVERLAP_SECONDS, { message: `overlapSeconds must be ${LONGEST_OVERLAP_SECONDS} at most` })
  overlapSeconds: number = DEFAULT_OVERLAP_SECONDS;
}

export class KeyResponse {
  @ApiProperty({ example: ID, description: 'Part of the key, and its name in the audit log: `key bcdfghjkmnpq`' })
  id: string;
  @ApiProperty({ example: 'support desk' }) name: string;
  @ApiProperty({
    enum: STATUSES,
    example: 'active',
    description: 'unconfirmed: it may have been revoked or rotated since the backup that was restored, and is refused',
  })
  status: KeyStatus;
  @ApiProperty({ enum: SCOPES, isArray: true, example: ['orders:read', 'support'] }) scopes: readonly Scope[];
  @ApiProperty({ type: [String], nullable: true, example: null, description: 'null = all pools' })
  pools: readonly string[] | null;
  @ApiProperty({ example: AT }) createdAt: Date;
  @ApiProperty({ example: 'key 3fa41c09', description: 'The principal that created it' }) createdBy: string;
  @ApiProperty({ type: Date, nullable: true, example: null, description: 'null = it does not expire' })
  expiresAt: Date | null;
  @ApiProperty({ type: Date, nullable: true, example: AT, description: 'Within a minute; null = never' })
  lastUsedAt: Date | null;
  @ApiProperty({ type: Date, nullable: true, example: null, description: 'When it was last rotated' })
  rotatedAt: Date | null;
  @ApiProperty({ type: Date, nullable: true, example: null, description: 'Until when the key before is accepted, too' })
  previousUntil: Date | null;
  @ApiProperty({ type: Date, nullable: true, example: null }) revokedAt: Date | null;

  static from(row: KeyRow, now: Date): KeyResponse {
    const { id, name, scopes, pools, createdAt, createdBy } = row;
    const { expiresAt, lastUsedAt, rotatedAt, previousUntil, revokedAt } = row;
    return {
      ...{ id, name, status: statusOf(row, now), scopes, pools, createdAt, createdBy },
      ...{ expiresAt, lastUsedAt, rotatedAt, previousUntil, revokedAt },
    };
  }
}

export class NewKeyResponse extends KeyResponse {
  @ApiProperty({
    example: 'mk_bcdfghjkmnpq_<32 characters of the secret><6 of a checksum>',
    description: 'The key, which is shown only here: only its hash is stored',
  })
  key: string;

  static fromShown({ row, text }: ShownKey, now: Date): NewKeyResponse {
    return { ...KeyResponse.from(row, now), key: text };
  }
}

export class KeysResponse {
  @ApiProperty({ type: [KeyResponse] }) keys: KeyResponse[];
  @ApiProperty({ type: String, nullable: true, example: null }) nextCursor: string | null;
}
