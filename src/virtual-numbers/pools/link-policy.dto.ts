import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsOptional, ValidateBy } from 'class-validator';

import { ASSIGN_NUMBERS, readLinks, UnusableLink, type AssignNumbers, type Link } from '../link.js';
import { LinkResponse, LINKS_SCHEMA } from '../links.dto.js';
import { DEFAULT_POLICY, type Pool } from './pool.entity.js';

/** Reads links while the request is read; the failure is the validation's to tell. */
function linksOrFailure({ value }: { value: unknown }): readonly Link[] | null | undefined | UnusableLink {
  if (value === undefined) return value;
  try {
    return readLinks(value, 'links');
  } catch (failure) {
    if (failure instanceof UnusableLink) return failure;
    throw failure;
  }
}

const areLinks = () =>
  ValidateBy({
    name: 'areLinks',
    validator: {
      validate: (value) => !(value instanceof UnusableLink),
      defaultMessage: (of) => (of!.value as UnusableLink).message,
    },
  });

/** The part of a request about the links of orders. */
export class LinkPolicyFields {
  @ApiProperty({
    ...LINKS_SCHEMA,
    default: DEFAULT_POLICY.links,
    nullable: true,
    required: false,
    description:
      'Links of orders that name none. null = an agent, courier or driver with everybody else; without such a role everybody with everybody.',
  })
  @Transform(linksOrFailure)
  @IsOptional()
  @areLinks()
  links?: readonly Link[] | null;

  @ApiProperty({
    enum: ASSIGN_NUMBERS,
    default: DEFAULT_POLICY.assignNumbers,
    required: false,
    description:
      'When the participants of a link get their numbers: when both are known, or each as soon as they are known. Applies to orders placed from now on.',
  })
  @IsOptional()
  @IsIn(ASSIGN_NUMBERS)
  assignNumbers?: AssignNumbers;
}

/** The part of a pool's response about the links of orders. */
export class LinkPolicyResponse {
  @ApiProperty({ type: [LinkResponse], nullable: true, example: null }) links: LinkResponse[] | null;
  @ApiProperty({ enum: ASSIGN_NUMBERS }) assignNumbers: AssignNumbers;

  static of({ links, assignNumbers }: Pool): LinkPolicyResponse {
    return { links: links && links.map((link) => LinkResponse.from(link)), assignNumbers };
  }
}
