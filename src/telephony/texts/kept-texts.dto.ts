import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';

import { PageQuery } from '../../platform/http/page.query.js';
import { ROLE, ROLE_FORM, type Role } from '../../virtual-numbers/role.js';
import { PROVIDER_FORMAT, type ProviderName } from '../../virtual-numbers/provider-name.js';
import { DELIVERIES, type Delivery } from '../providers/delivery-report.js';
import type { KeptTextsPage, ReadableText, TextParticipant } from './kept-texts.service.js';

export class KeptTextsQuery extends PageQuery {
  @ApiProperty({
    type: String,
    required: false,
    example: 'courier',
    description: 'Only texts to the participant in this role',
  })
  @IsOptional()
  @Matches(ROLE, { message: `to must be a role: ${ROLE_FORM}` })
  to?: Role;
}

export class WriterResponse implements TextParticipant {
  @ApiProperty({ type: String, example: 'customer' }) role: Role;
  @ApiProperty({
    type: String,
    nullable: true,
    example: '+91••••••••01',
    description: 'Masked; null once it is deleted after the quarantine',
  })
  phone: string | null;
}

export class KeptTextResponse {
  @ApiProperty({ format: PROVIDER_FORMAT, example: 'twilio' }) provider: ProviderName;
  @ApiProperty({
    example: 'SM5f0c1e7a9b3d4c2e8a6f7b1d2c3e191a',
    description: 'Its providerCallId in the interactions of the order',
  })
  providerMessageId: string;
  @ApiProperty({ example: '2026-11-22T06:00:02.000Z' }) at: Date;
  @ApiProperty({ type: WriterResponse }) from: WriterResponse;
  @ApiProperty({ type: WriterResponse }) to: WriterResponse;
  @ApiProperty({
    example: 'Gate code 4411, or call [number removed]',
    description: 'Without phone numbers, links and addresses, even if the pool forwards them',
  })
  words: string;
  @ApiProperty({ example: 1, description: 'Number of spans that were removed from the words' }) removed: number;
  @ApiProperty({
    enum: DELIVERIES,
    nullable: true,
    example: 'delivered',
    description: 'Delivery state, as far as the provider reported it',
  })
  delivery: Delivery | null;
  @ApiProperty({ example: '2026-11-29T06:00:02.000Z', description: 'When the words are deleted' }) keptUntil: Date;

  static from({ keepUntil, ...text }: ReadableText): KeptTextResponse {
    return { ...text, keptUntil: keepUntil };
  }
}

export class KeptTextsResponse {
  @ApiProperty({ type: [KeptTextResponse] }) texts: KeptTextResponse[];
  @ApiProperty({ type: String, nullable: true, example: null }) nextCursor: string | null;

  static from({ texts, nextCursor }: KeptTextsPage): KeptTextsResponse {
    return { texts: texts.map((text) => KeptTextResponse.from(text)), nextCursor };
  }
}
