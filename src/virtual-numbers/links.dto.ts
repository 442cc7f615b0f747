import { ApiProperty } from '@nestjs/swagger';

import { MOST_LINKS, type Link } from './link.js';
import type { Role } from './role.js';

const PAIR = {
  type: 'array',
  minItems: 2,
  maxItems: 2,
  items: { type: 'string' },
  example: ['courier', 'sender'],
};

/** A list of links in a request: pairs of roles, or objects with a direction. */
export const LINKS_SCHEMA = {
  type: 'array' as const,
  maxItems: MOST_LINKS,
  items: {
    oneOf: [
      PAIR,
      {
        type: 'object',
        required: ['between'],
        properties: {
          between: PAIR,
          onlyFrom: { type: 'string', nullable: true, description: 'The only one of the two who may call and text' },
        },
      },
    ],
  },
  example: [
    ['courier', 'sender'],
    ['courier', 'recipient'],
  ],
};

/** A link of a pool's policy. */
export class LinkResponse {
  @ApiProperty({ type: [String], minItems: 2, maxItems: 2, example: ['courier', 'sender'] }) between: Role[];
  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description:
      'The only one of the two who may call and text the other; null = both, unless `direction` says otherwise',
  })
  onlyFrom: Role | null;

  static from({ roles, onlyFrom }: Link): LinkResponse {
    return { between: [...roles], onlyFrom };
  }
}
