import { ApiProperty } from '@nestjs/swagger';
import { IsString, Length, ValidateIf } from 'class-validator';

import { HasOneOf } from '../http/alternatives.js';
import type { KeyPrincipal } from '../http/authentication/principal.js';
import { SCOPES, type Scope } from '../http/authentication/scopes.js';

const LONGEST_KEY = 500;

@HasOneOf({ needs: ['key'] }, { needs: ['link'] })
export class SignInRequest {
  @ApiProperty({ required: false, example: 'mk_bcdfghjkmnpq_…', description: 'An API key' })
  @ValidateIf(({ key }: SignInRequest) => key !== undefined)
  @IsString({ message: 'key must be a text' })
  @Length(1, LONGEST_KEY, { message: `key must be 1 to ${LONGEST_KEY} characters` })
  key?: string;

  @ApiProperty({
    required: false,
    example: 'JxVU5sM2…',
    description: 'Instead of a key: the secret of the link that the start printed, which signs in once',
  })
  @ValidateIf(({ link }: SignInRequest) => link !== undefined)
  @IsString({ message: 'link must be a text' })
  @Length(1, LONGEST_KEY, { message: `link must be 1 to ${LONGEST_KEY} characters` })
  link?: string;
}

export class SessionResponse {
  @ApiProperty({ example: 'bcdfghjkmnpq', description: 'The key, as the audit log names it' }) keyId: string;
  @ApiProperty({ example: 'support desk', description: 'The name of the key' }) keyName: string;
  @ApiProperty({ enum: SCOPES, isArray: true, example: ['orders:read', 'support'], description: 'What it may do' })
  scopes: readonly Scope[];
  @ApiProperty({ type: [String], nullable: true, example: null, description: 'Its pools; null = all pools' })
  pools: readonly string[] | null;
  @ApiProperty({
    type: Date,
    nullable: true,
    example: '2026-11-22T18:00:00.000Z',
    description: 'When the session ends; null = the request has a key and no session',
  })
  expiresAt: Date | null;

  static from({ id, name, scopes, pools }: KeyPrincipal, expiresAt: Date | null): SessionResponse {
    return { keyId: id, keyName: name, scopes, pools, expiresAt };
  }
}
