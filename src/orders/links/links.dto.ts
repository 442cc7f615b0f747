import { ApiProperty } from '@nestjs/swagger';
import { IsArray, IsOptional, IsString, Matches } from 'class-validator';

import { ROLE, ROLE_FORM, type Role } from '../../virtual-numbers/role.js';

export class OpenLinkRequest {
  @ApiProperty({ type: [String], minItems: 2, maxItems: 2, example: ['courier', 'recipient'] })
  @IsArray()
  between: unknown[];

  @ApiProperty({
    type: String,
    nullable: true,
    required: false,
    default: null,
    example: null,
    description: "The only one of the two who may call and text the other; null = as the pool's `direction` says",
  })
  @IsOptional()
  @IsString()
  onlyFrom?: Role | null;
}

export class CloseLinkQuery {
  @ApiProperty({ example: 'courier,recipient', description: 'The two roles, with a comma between them' })
  @Matches(/^[^,]+,[^,]+$/, { message: 'between must be two roles with a comma between them, as in courier,recipient' })
  between: string;
}

/** Which link of a participant a request means. */
export class LinkQuery {
  @ApiProperty({
    type: String,
    required: false,
    example: 'sender',
    description: 'The role of the other participant. Required only if this one has several links.',
  })
  @IsOptional()
  @Matches(ROLE, { message: `to must be a role: ${ROLE_FORM}` })
  to?: Role;
}
