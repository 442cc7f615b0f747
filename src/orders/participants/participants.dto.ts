import { ApiProperty } from '@nestjs/swagger';

import type { E164 } from '../../phone-number/e164.js';
import type { ParticipantPin } from '../../virtual-numbers/assignments/pins.service.js';
import type { KnownPhone } from '../alternate-phones/alternate-phones.service.js';

const HOW_KNOWN = ['registered', 'declared', 'pin'] as const;

export class KnownPhoneResponse {
  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    example: '7a1c3b52-4f0e-4c7a-9d2e-5b8f6a1c0d3e',
    description: 'Names it for DELETE; null = the registered phone, which is the one that rings',
  })
  id: string | null;
  @ApiProperty({ example: '+91••••••••03', description: 'The phone with only its country code and last two digits' })
  phone: string;
  @ApiProperty({ enum: HOW_KNOWN, description: 'declared: added by POST; pin: claimed with the right PIN' })
  known: (typeof HOW_KNOWN)[number];
  @ApiProperty({ example: '2026-11-22T06:05:00.000Z' }) since: Date;
}

export class KnownPhonesResponse {
  @ApiProperty({ type: [KnownPhoneResponse] }) phones: KnownPhoneResponse[];

  static from(phones: readonly KnownPhone[]): KnownPhonesResponse {
    return { phones: phones.map(({ id, phone, known, since }) => ({ id, phone, known, since })) };
  }
}

export class PinResponse {
  @ApiProperty({ example: '0482135519', description: 'The PIN. Show it to this participant only.' }) pin: string;
  @ApiProperty({ type: String, example: '+918047000001', description: 'The number on which the PIN is entered' })
  dials: E164;

  static from({ pin, dials }: ParticipantPin): PinResponse {
    return { pin, dials };
  }
}

export class BlockResponse {
  @ApiProperty({ example: true, description: 'Whether calls and texts to this participant are blocked' })
  blocked: boolean;
}
